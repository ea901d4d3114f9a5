import assert from 'node:assert/strict';
import { CodedError } from '../runtime/errors/coded-error.ts';
import type { Code } from '../runtime/errors/codes.ts';
import { accepted } from '../runtime/intake/answer.ts';
import { trustProxies } from '../runtime/intake/client-address.ts';
import type { Handler, IntakeRequest } from '../runtime/intake/route.ts';
import type { IntakeOptions } from '../runtime/intake/routes.ts';
import { shares } from '../runtime/limits/shares.ts';
import { serve, taken, until, type Served, type Told } from './intake/serve.ts';

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A handler that waits, and the way to let it go on. */
function held() {
  const gate = Promise.withResolvers<void>();
  const handler: Handler = async ({ id }) => {
    await gate.promise;
    return accepted(id);
  };
  return { handler, release: gate.resolve, fail: gate.reject };
}

describe('intake', () => {
  let served: Served;
  afterEach(() => {
    trustProxies();
    return served.close();
  });

  function refusedWith(told: Told, status: number, code: string): void {
    assert.deepEqual([told.status, told.json.code], [status, code]);
    assert.deepEqual(Object.keys(told.json), ['code', 'message', 'id']);
    assert.match(String(told.json.id), uuid);
    assert.ok(String(told.json.message).length > 0);
    assert.equal(told.headers.get('cache-control'), 'no-store');
    const noted = served.refusals.at(-1)!;
    assert.deepEqual([noted.id, noted.error.code, noted.answer.status], [told.json.id, code, status]);
  }
  async function open(options: IntakeOptions = {}, handler: Handler = taken): Promise<Served> {
    served = await serve(options);
    served.intake.add({ path: '/hooks/a', handler });
    return served;
  }

  describe('routes', () => {
    it('202 with the id the handler saw; the handler gets bytes, headers, parameters, query', async () => {
      served = await serve();
      const seen: IntakeRequest[] = [];
      served.intake.add({
        path: '/hooks/:partner/:shop',
        async handler(request) {
          seen.push(request);
          return accepted(request.id, {
            headers: { 'x-more': '1' },
            extra: { partner: request.params.partner },
          });
        },
      });
      const bytes = Buffer.from([0, 255, 254, 0x7b]);
      const since = Date.now();
      const told = await served.ask('/hooks/acme%2Feu/caf%C3%A9/?a=1&a=2&b=%20', {
        body: bytes,
        headers: { 'x-sig': 'abc' },
      });
      assert.equal(told.status, 202);
      const { id, params, query, method, ip, unverified } = seen[0]!;
      assert.match(id, uuid);
      assert.deepEqual(told.json, {
        partner: 'acme/eu',
        code: 'ACCEPTED',
        message: 'The message is stored and will be worked on.',
        id,
      });
      assert.equal(told.headers.get('x-more'), '1');
      assert.deepEqual(params, { partner: 'acme/eu', shop: 'café' });
      assert.deepEqual(query, { a: '2', b: ' ' });
      assert.deepEqual([method, ip], ['POST', '127.0.0.1']);
      assert.deepEqual(unverified.rawBody, bytes);
      assert.equal(unverified.headers['x-sig'], 'abc');
      assert.equal(unverified.method, 'POST');
      assert.equal(unverified.url, '/hooks/acme%2Feu/caf%C3%A9/?a=1&a=2&b=%20');
      assert.ok(unverified.receivedAt >= since && unverified.receivedAt <= Date.now());
      assert.deepEqual(served.refusals, []);
    });
    it('takes an empty body, and gives each request an id of its own', async () => {
      await open();
      const ids = await Promise.all(
        [1, 2, 3].map(async () => (await served.ask('/hooks/a', { body: '' })).json.id),
      );
      assert.equal(new Set(ids).size, 3);
    });
    it('404 in JSON for every unknown path below the base', async () => {
      await open();
      for (const path of [
        '/hooks',
        '/hooks/',
        '/hooks/b',
        '/hooks/a/b',
        '/hooks//a',
        '/hooks/A',
        '/hooks/%zz',
      ])
        refusedWith(await served.ask(path), 404, 'ROUTE_UNKNOWN');
      refusedWith(await served.ask('/hooks/b', { method: 'GET', body: null }), 404, 'ROUTE_UNKNOWN');
      assert.equal(served.refusals.at(-1)!.route, undefined);
    });
    it('leaves every other path to the app', async () => {
      await open();
      for (const path of ['/', '/hooksa', '/other/hooks/a'])
        assert.equal((await served.ask(path)).status, 418);
    });
    it('405 names in Allow what the path takes', async () => {
      await open();
      served.intake.add({ path: '/hooks/:any', methods: ['put', 'POST'], handler: taken });
      const told = await served.ask('/hooks/a', { method: 'GET', body: null });
      refusedWith(told, 405, 'METHOD_UNSUPPORTED');
      assert.equal(told.headers.get('allow'), 'POST, PUT');
      assert.equal((await served.ask('/hooks/a', { method: 'PUT' })).status, 202);
    });
    it('literal segments win over parameters, in any order of adding', async () => {
      served = await serve();
      const says =
        (word: string): Handler =>
        async ({ id }) =>
          accepted(id, { message: word });
      for (const path of ['/hooks/:a/:b', '/hooks/:a/y', '/hooks/x/:b', '/hooks/x/y'])
        served.intake.add({ path, handler: says(path) });
      const message = async (path: string) => (await served.ask(path)).json.message;
      assert.equal(await message('/hooks/x/y'), '/hooks/x/y');
      assert.equal(await message('/hooks/x/z'), '/hooks/x/:b');
      assert.equal(await message('/hooks/z/y'), '/hooks/:a/y');
      assert.equal(await message('/hooks/z/z'), '/hooks/:a/:b');
    });
    it('a removed route is gone, and its path is free for another', async () => {
      served = await serve();
      const first = served.intake.add({ path: '/hooks/a', handler: taken });
      const again = {
        path: '/hooks/a/',
        handler: (async ({ id }) => accepted(id, { status: 200 })) as Handler,
      };
      assert.throws(() => served.intake.add(again), { code: 'CONFIG_INVALID' });
      first();
      refusedWith(await served.ask('/hooks/a'), 404, 'ROUTE_UNKNOWN');
      served.intake.add(again);
      first(); // a second time does not touch the new route
      assert.equal((await served.ask('/hooks/a')).status, 200);
    });
    it('a request at work keeps the route it came by', async () => {
      const gate = held();
      served = await serve();
      const remove = served.intake.add({ path: '/hooks/a', handler: gate.handler });
      const asked = served.ask('/hooks/a');
      await until(() => served.intake.inFlight() === 1);
      remove();
      gate.release();
      assert.equal((await asked).status, 202);
    });
    it('CONFIG_INVALID for routes that cannot be', async () => {
      served = await serve();
      served.intake.add({ path: '/hooks/:partner', handler: taken });
      const odd = [
        '',
        '/',
        '/hooks',
        '/other/a',
        'hooks/a',
        '/hooks/a b',
        '/hooks/a//b',
        '/hooks/:',
        '/hooks/:1',
      ];
      for (const path of [...odd, '/hooks/a*', '/hooks/:a/:a', '/hooks/:shop'])
        assert.throws(() => served.intake.add({ path, handler: taken }), { code: 'CONFIG_INVALID' }, path);
      for (const more of [
        { maxBytes: 0 },
        { rate: { points: 0, perS: 1 } },
        { rate: { points: 1, perS: Number.NaN } },
      ])
        assert.throws(() => served.intake.add({ path: '/hooks/b', handler: taken, ...more }), {
          code: 'CONFIG_INVALID',
        });
    });
  });

  describe('limits', () => {
    it('429 with Retry-After when the budget of the route is spent', async () => {
      served = await serve();
      served.intake.add({ path: '/hooks/:p', rate: { points: 2, perS: 30 }, handler: taken });
      assert.equal((await served.ask('/hooks/a')).status, 202);
      assert.equal((await served.ask('/hooks/b')).status, 202);
      const told = await served.ask('/hooks/c');
      refusedWith(told, 429, 'RATE_LIMITED');
      const seconds = told.headers.get('retry-after')!;
      assert.match(seconds, /^\d+$/);
      assert.ok(Number(seconds) > 25 && Number(seconds) <= 30, seconds);
      assert.equal(served.refusals[0]!.route, '/hooks/:p');
    });
    it('by address, each client has a budget of its own', async () => {
      trustProxies('127.0.0.1');
      served = await serve();
      served.intake.add({ path: '/hooks/a', rate: { points: 1, perS: 30, by: 'ip' }, handler: taken });
      const from = async (ip: string) =>
        (await served.ask('/hooks/a', { headers: { 'x-forwarded-for': ip } })).status;
      assert.deepEqual(
        [await from('10.0.0.1'), await from('10.0.0.2'), await from('10.0.0.1')],
        [202, 202, 429],
      );
    });
    it('503 when the store of the limits fails, without its words', async () => {
      served = await serve({
        limiter: () => ({ consume: () => Promise.reject(new Error('redis://secret')) }),
      });
      served.intake.add({ path: '/hooks/a', rate: { points: 1, perS: 1 }, handler: taken });
      const told = await served.ask('/hooks/a');
      refusedWith(told, 503, 'STORE_UNAVAILABLE');
      assert.equal(told.headers.get('retry-after'), '5');
      assert.doesNotMatch(told.text, /secret/);
    });
    it('503 HUB_BUSY beyond the requests at work at once', async () => {
      const gate = held();
      await open({ requests: shares(2) }, gate.handler);
      const both = [served.ask('/hooks/a'), served.ask('/hooks/a')];
      await until(() => served.intake.inFlight() === 2);
      const told = await served.ask('/hooks/a');
      refusedWith(told, 503, 'HUB_BUSY');
      assert.equal(told.headers.get('retry-after'), '1');
      gate.release();
      assert.deepEqual(
        (await Promise.all(both)).map(({ status }) => status),
        [202, 202],
      );
      assert.equal(served.intake.inFlight(), 0);
      assert.equal((await served.ask('/hooks/a')).status, 202);
    });
    it('503 DELIVERY_TIMEOUT when the handler is late; its later failure hurts nobody', async () => {
      const gate = held();
      await open({ answerTimeoutMs: 30 }, gate.handler);
      const told = await served.ask('/hooks/a');
      refusedWith(told, 503, 'DELIVERY_TIMEOUT');
      assert.ok(told.headers.has('retry-after'));
      assert.equal(served.intake.inFlight(), 0);
      gate.fail(new Error('late')); // an unhandled rejection would fail the run
    });
  });

  describe('draining', () => {
    it('refuses what is new, waits for what is at work, and goes on', async () => {
      const gate = held();
      await open({}, gate.handler);
      const asked = served.ask('/hooks/a');
      await until(() => served.intake.inFlight() === 1);
      let drained = false;
      const pausing = served.intake.pause().then(() => {
        drained = true;
      });
      for (const path of ['/hooks/a', '/hooks/not-deployed-yet']) {
        const told = await served.ask(path);
        refusedWith(told, 503, 'HUB_DRAINING');
        assert.equal(told.headers.get('retry-after'), '5');
        assert.equal(told.headers.get('connection'), 'close');
      }
      assert.equal(drained, false);
      gate.release();
      assert.equal((await asked).status, 202);
      await pausing;
      served.intake.resume();
      assert.equal((await served.ask('/hooks/a')).status, 202);
    });
    it('is immediate without work, and can be asked for twice', async () => {
      await open();
      await Promise.all([served.intake.pause(), served.intake.pause()]);
    });
  });

  describe('what the sender learns', () => {
    const leaks = /secret|at .*\.ts|Error:/i;
    const failing: [string, Handler][] = [
      ['a rejection', () => Promise.reject(new Error('secret'))],
      [
        'a throw before any promise',
        () => {
          throw new TypeError('secret');
        },
      ],
      ['a rejection with no error', () => Promise.reject(undefined)],
      ['no answer at all', () => Promise.resolve(undefined as never)],
      ['a header that cannot be', async ({ id }) => accepted(id, { headers: { 'x-a': 'secret\n' } })],
      ['a status that cannot be', async ({ id }) => accepted(id, { status: 42, message: 'secret' })],
      ['a body that is no JSON', async ({ id }) => accepted(id, { extra: { secret: 1n } })],
    ];
    for (const [title, handler] of failing)
      it(`INTERNAL and no more: ${title}`, async () => {
        await open({}, handler);
        const told = await served.ask('/hooks/a');
        refusedWith(told, 500, 'INTERNAL');
        assert.doesNotMatch(told.text, leaks);
        assert.ok('cause' in served.refusals[0]!.error);
      });
    it('its own mistakes in full; those of others by their meaning only', async () => {
      const throwing =
        (code: Code): Handler =>
        () =>
          Promise.reject(new CodedError(code, 'own words', { fact: 'secret' }));
      await open({}, throwing('BODY_NOT_JSON'));
      served.intake.add({ path: '/hooks/b', handler: throwing('ODOO_AUTH') });
      const own = await served.ask('/hooks/a');
      refusedWith(own, 400, 'BODY_NOT_JSON');
      assert.equal(own.json.message, 'own words');
      const other = await served.ask('/hooks/b');
      refusedWith(other, 502, 'ODOO_AUTH');
      assert.doesNotMatch(own.text + other.text, /secret/);
      assert.doesNotMatch(other.text, /own words/);
    });
    it('Retry-After says what the error knows, in whole seconds rounded up', async () => {
      await open({}, () =>
        Promise.reject(new CodedError('CLAIM_IN_FLIGHT', 'At work', { retryAfterMs: 1200 })),
      );
      const told = await served.ask('/hooks/a');
      refusedWith(told, 409, 'CLAIM_IN_FLIGHT');
      assert.equal(told.headers.get('retry-after'), '2');
    });
    it('nothing of a failure to note the refusal', async () => {
      const warnings: string[] = [];
      const note = ({ message }: Error) => warnings.push(message);
      process.on('warning', note);
      await open({
        onRefused() {
          throw new Error('secret of the journal');
        },
      });
      const told = await served.ask('/hooks/b');
      assert.deepEqual([told.status, told.json.code], [404, 'ROUTE_UNKNOWN']);
      assert.doesNotMatch(told.text, leaks);
      await until(() => warnings.includes('secret of the journal'));
      process.off('warning', note);
    });
  });
});
