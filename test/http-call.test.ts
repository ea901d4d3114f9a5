/** Calls to partners' HTTP APIs: what goes along, and what becomes of every kind of answer. */
import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Documents } from '../runtime/journal/documents.ts';
import { asCoded, CodedError } from '../runtime/errors/coded-error.ts';
import { openPartner, type PartnerOptions } from '../runtime/http/partner.ts';
import { recover } from '../runtime/recovery/recover.ts';

describe("calls to a partner's HTTP API", () => {
  let server: Server;
  let url: string;
  let seen: { method?: string; url?: string; headers: IncomingHttpHeaders; body: string }[];
  let answer: { status: number; headers?: Record<string, string>; body?: string } | 'cut' | 'silent';

  before(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const { method, url: path, headers } = request;
        seen.push({ method: method!, url: path!, headers, body });
        if (answer === 'cut') request.socket.destroy();
        else if (answer !== 'silent') response.writeHead(answer.status, answer.headers).end(answer.body);
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`;
  });
  beforeEach(() => {
    seen = [];
    answer = { status: 200, body: '{"id":12345678901234567890}' };
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const open = (options: Partial<PartnerOptions> = {}) =>
    openPartner({ url, authentication: 'bearer', secret: 'the-key', timeoutMs: 2000, ...options });
  const call = (options?: Partial<PartnerOptions>) =>
    open(options).call({ method: 'POST', path: '/orders?a=1', body: { n: '1' }, key: 'evt-1/send' });
  const failure = (options?: Partial<PartnerOptions>): Promise<CodedError> =>
    call(options).then(() => assert.fail('it succeeded'), asCoded);

  it('sends JSON with the key and an Idempotency-Key, and keeps long numbers', async () => {
    assert.deepEqual(await call(), { status: 200, body: { id: '12345678901234567890' } });
    const [{ method, url: path, headers, body } = assert.fail()] = seen;
    assert.deepEqual([method, path, body], ['POST', '/api/orders?a=1', '{"n":"1"}']);
    assert.equal(headers.authorization, 'Bearer the-key');
    assert.equal(headers['idempotency-key'], 'evt-1/send');
    assert.equal(headers['content-type'], 'application/json');
  });

  it('sends a text as it is, and takes an answer that is no JSON', async () => {
    answer = { status: 202, body: 'thanks' };
    const given = {
      method: 'POST',
      path: '/edi',
      body: 'ISA*00',
      contentType: 'application/edi-x12',
      key: '1',
    };
    assert.deepEqual(await open().call(given), { status: 202, body: 'thanks' });
    assert.deepEqual([seen[0]?.body, seen[0]?.headers['content-type']], ['ISA*00', 'application/edi-x12']);
  });

  it('knows other ways for the key to go along', async () => {
    await call({ authentication: 'basic', secret: 'ann:pw' });
    await call({ authentication: 'header', header: 'X-Shopify-Access-Token', secret: 'shpat' });
    await call({ authentication: 'none' });
    assert.deepEqual(
      seen.map(({ headers }) => [headers.authorization, headers['x-shopify-access-token']]),
      [
        [`Basic ${Buffer.from('ann:pw').toString('base64')}`, undefined],
        [undefined, 'shpat'],
        [undefined, undefined],
      ],
    );
  });

  /** A token endpoint that answers so; with what it was asked. */
  async function tokenServer(given: (asked: URLSearchParams) => [number, object]) {
    const asked: URLSearchParams[] = [];
    const tokens = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        asked.push(new URLSearchParams(body));
        const [status, said] = given(asked.at(-1)!);
        response.writeHead(status).end(JSON.stringify(said));
      });
    });
    await new Promise<void>((listening) => tokens.listen(0, '127.0.0.1', listening));
    const tokenUrl = `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/token`;
    return { asked, tokenUrl, [Symbol.asyncDispose]: async () => void tokens.close() };
  }
  const oauth = (tokenUrl: string, secret: string, more: Partial<PartnerOptions> = {}) => {
    const partner = open({ authentication: 'oauth2', secret, tokenUrl, ...more });
    return () => partner.call({ method: 'GET', path: '/', key: '1' });
  };

  it('a token that lasts a minute or less is used for half of its time, not asked for each call', async () => {
    for (const expires_in of [60, 30, '45']) {
      await using tokens = await tokenServer(() => [200, { access_token: 't', expires_in }]);
      const get = oauth(tokens.tokenUrl, 'me:pw');
      await get();
      await get();
      assert.equal(tokens.asked.length, 1, String(expires_in));
    }
  });

  it('an id or secret that holds a colon is given as JSON', async () => {
    await using tokens = await tokenServer(() => [200, { access_token: 't', expires_in: 600 }]);
    await oauth(tokens.tokenUrl, '{"client_id":"a:b","client_secret":"p:w:1"}')();
    const [{ client_id, client_secret, grant_type } = assert.fail()] = tokens.asked.map((one) =>
      Object.fromEntries(one),
    );
    assert.deepEqual([client_id, client_secret, grant_type], ['a:b', 'p:w:1', 'client_credentials']);
    for (const secret of ['{"client_id":"a"}', '{"client_id":1,"client_secret":"b"}', '{', '{}'])
      assert.throws(() => oauth(tokens.tokenUrl, secret), { code: 'CONFIG_INVALID' });
  });

  /** Documents in memory, which can fail. */
  const memory = () => {
    const kept = new Map<string, string>();
    const state = { fails: false };
    const put = async (kind: string, id: string, body: string) => {
      if (state.fails) throw new CodedError('STORE_UNAVAILABLE', 'away');
      kept.set(`${kind}/${id}`, body);
    };
    const get = async (kind: string, id: string) => kept.get(`${kind}/${id}`);
    return { kept, state, documents: { get, put } as unknown as Documents };
  };
  /** Each refresh token is good once. */
  const rotating = () => {
    let good = 'refresh-0';
    return tokenServer((asked) => {
      if (asked.get('refresh_token') !== good) return [400, { error: 'invalid_grant' }];
      const next = `refresh-${Number(good.slice('refresh-'.length)) + 1}`;
      good = next;
      return [200, { access_token: `t${next}`, expires_in: 3600, refresh_token: next }];
    });
  };

  it('a refresh token given in place of the last is used, outlasts a restart and is not readable in the store', async () => {
    const { documents, kept } = memory();
    await using tokens = await rotating();
    const again = async (): Promise<void> => {
      await oauth(tokens.tokenUrl, 'me:pw:refresh-0', { documents })();
    };
    await again();
    await again();
    answer = { status: 401 };
    await assert.rejects(again(), { code: 'PARTNER_AUTH' });
    assert.deepEqual(
      tokens.asked.map((one) => one.get('refresh_token')),
      ['refresh-0', 'refresh-1', 'refresh-2', 'refresh-3'],
    );
    assert.equal(kept.size, 1);
    assert.doesNotMatch(JSON.stringify([...kept]), /refresh-\d|"me"|:pw/);
    const early = tokens.asked.length;
    await assert.rejects(oauth(tokens.tokenUrl, 'me:pw:refresh-9', { documents })());
    assert.equal(tokens.asked[early]!.get('refresh_token'), 'refresh-9', 'a new one of a person goes before');
  });

  it('of two workers that refresh at once the second takes what the first was given', async () => {
    const { documents } = memory();
    await using tokens = await rotating();
    const [one, two] = [0, 1].map(() => oauth(tokens.tokenUrl, 'me:pw:refresh-0', { documents }));
    await Promise.all([one!(), two!()]);
    assert.equal(seen.length, 2);
  });

  it('nothing is called until the new refresh token is kept', async () => {
    const { documents, state } = memory();
    await using tokens = await rotating();
    const get = oauth(tokens.tokenUrl, 'me:pw:refresh-0', { documents });
    state.fails = true;
    await assert.rejects(get(), { code: 'STORE_UNAVAILABLE' });
    await assert.rejects(get(), { code: 'STORE_UNAVAILABLE' });
    assert.equal(seen.length, 0);
    state.fails = false;
    await get();
    assert.deepEqual([seen.length, tokens.asked.length], [1, 1]);
    await oauth(tokens.tokenUrl, 'me:pw:refresh-0', { documents })();
    assert.equal(tokens.asked[1]!.get('refresh_token'), 'refresh-1');
  });

  it('an answer without an end is not read to its end', async () => {
    answer = { status: 200, body: 'x'.repeat(33 * 1024 * 1024) };
    assert.equal((await failure({ timeoutMs: 20_000 })).code, 'PARTNER_ANSWER_LARGE');
  });

  it('asks for an OAuth token once, and anew when it is refused', async () => {
    const asked: string[] = [];
    let refuse = false;
    const tokens = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        asked.push(body);
        const given = { access_token: `t${asked.length}`, expires_in: 3600 };
        response
          .writeHead(refuse ? 400 : 200)
          .end(JSON.stringify(refuse ? { error: 'invalid_grant' } : given));
      });
    });
    await new Promise<void>((listening) => tokens.listen(0, '127.0.0.1', listening));
    const tokenUrl = `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/token`;
    try {
      const partner = open({
        authentication: 'oauth2',
        secret: 'me:pw:Atzr|r:1',
        header: 'x-amz-access-token',
        tokenUrl,
      });
      const get = () => partner.call({ method: 'GET', path: '/orders', key: '1' });
      await Promise.all([get(), get()]);
      await get();
      assert.deepEqual(
        seen.map(({ headers }) => headers['x-amz-access-token']),
        ['t1', 't1', 't1'],
      );
      assert.deepEqual(
        asked.map((body) => Object.fromEntries(new URLSearchParams(body))),
        [{ grant_type: 'refresh_token', refresh_token: 'Atzr|r:1', client_id: 'me', client_secret: 'pw' }],
      );
      answer = { status: 403 };
      assert.equal(((await get().catch(asCoded)) as CodedError).code, 'PARTNER_REFUSED');
      assert.deepEqual(
        seen.slice(3).map(({ headers }) => headers['x-amz-access-token']),
        ['t1', 't2'],
      );
      refuse = true;
      const other = open({ authentication: 'oauth2', secret: 'me:pw', tokenUrl });
      const refused = await other.call({ method: 'GET', path: '/', key: '1' }).catch(asCoded);
      assert.equal((refused as CodedError).code, 'PARTNER_AUTH');
      assert.match(asked.at(-1)!, /^grant_type=client_credentials/);
      assert.equal(seen.length, 5);
    } finally {
      tokens.close();
    }
    assert.throws(() => open({ authentication: 'oauth2', secret: 'me', tokenUrl }), {
      code: 'CONFIG_INVALID',
    });
    assert.throws(() => open({ authentication: 'oauth2', secret: 'me:pw' }), { code: 'CONFIG_INVALID' });
  });

  for (const [status, code] of [
    [301, 'PARTNER_ADDRESS_WRONG'],
    [400, 'PARTNER_REFUSED'],
    [401, 'PARTNER_AUTH'],
    [404, 'PARTNER_REFUSED'],
    [422, 'PARTNER_REFUSED'],
    [429, 'PARTNER_BUSY'],
    [500, 'PARTNER_FAILED'],
    [503, 'PARTNER_BUSY'],
    [504, 'PARTNER_FAILED'],
  ] as const)
    it(`${status} is ${code}`, async () => {
      answer = { status, headers: { location: 'http://elsewhere.example' }, body: '{"message":"the-key"}' };
      const { code: found, facts, message } = await failure();
      assert.deepEqual([found, facts['status'], facts['call']], [code, status, 'POST /orders']);
      if (code !== 'PARTNER_REFUSED') assert.doesNotMatch(message, /the-key/);
    });

  it('says why in the words of the partner', async () => {
    for (const [body, said] of [
      ['{"errors":{"sku":["is unknown"]}}', 'sku: is unknown'],
      ['{"errors":[{"message":"Not found","extensions":{}}]}', 'Not found'],
      ['{"error":{"detail":"No such location"}}', 'No such location'],
      ['<h1>Traceback</h1>', undefined],
      ['{"message":"Traceback (most recent call last)"}', undefined],
    ] as const) {
      answer = { status: 422, body };
      const { message } = await failure();
      assert.equal(message.split(' answers 422')[1], said ? `: ${said}` : '');
    }
  });

  it('a partner that names a time is not asked before', async () => {
    answer = { status: 429, headers: { 'retry-after': '30' } };
    const error = await failure();
    const policy = { immediate: 1, delays: [], jitter: 0, outage: [] };
    const again = recover(policy as never, { error, failed: 0, inARow: 0, chance: 0 }, new Date());
    assert.deepEqual(again, { do: 'retry', afterMs: 30_000 });
  });

  it('nor before the date it names', async () => {
    answer = { status: 503, headers: { 'retry-after': new Date(Date.now() + 40_000).toUTCString() } };
    const wait = Number((await failure()).facts['retryAfterMs']);
    assert.ok(wait > 30_000 && wait <= 40_000, String(wait));
    for (const said of [new Date(Date.now() - 40_000).toUTCString(), 'soon', '-5', '0']) {
      answer = { status: 503, headers: { 'retry-after': said } };
      assert.equal((await failure()).facts['retryAfterMs'], undefined, said);
    }
    answer = { status: 503, headers: { 'retry-after': new Date(Date.now() + 9e8).toUTCString() } };
    assert.equal((await failure()).facts['retryAfterMs'], 3_600_000);
  });

  it('an answer that does not come, is cut off, or nobody there', async () => {
    answer = 'silent';
    assert.equal((await failure({ timeoutMs: 100 })).code, 'PARTNER_TIMEOUT');
    answer = 'cut';
    assert.equal((await failure()).code, 'PARTNER_ANSWER_LOST');
    assert.equal((await failure({ url: 'http://nobody.invalid' })).code, 'PARTNER_UNREACHABLE');
  });

  it('refuses settings that cannot work', () => {
    for (const wrong of [
      { url: 'shop.example' },
      { url: 'http://a:b@shop.example' },
      { secret: '' },
      { authentication: 'header' as const },
    ])
      assert.throws(() => open(wrong), { code: 'CONFIG_INVALID' });
  });
});
