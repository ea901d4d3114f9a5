/** Gaps of value maps and decisions about exceptions by the tower's API: at once where flows are made, by a release elsewhere, and nothing half done. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { partnerOrder } from '../cli/samples.ts';
import { openStores } from '../runtime/stores/profile.ts';
import { letterId, type DeadLetter } from '../runtime/journal/journal.ts';
import type { ProposalRow } from '../runtime/journal/tables.ts';
import { makeToken } from '../runtime/node-red/tokens.ts';
import type { Role } from '../runtime/node-red/roles.ts';
import { openUsers } from '../runtime/node-red/users.ts';
import { bundleText } from '../runtime/release/bundle.ts';
import { cutRelease } from '../runtime/authoring/cut.ts';
import { publicPem, trust } from '../runtime/signature/keys.ts';
import type { Promotion } from '../runtime/promotion/promotion.ts';
import type { Candidates } from '../runtime/tower/candidates.ts';
import type { OfEnvironment } from '../runtime/tower/elsewhere.ts';
import type { GapView } from '../runtime/tower/gap.ts';
import type { Checked, LetterData, LetterView } from '../runtime/tower/letters.ts';
import type { Mended } from '../runtime/tower/mend.ts';
import { order, until } from './conformance/kit.ts';
import { letter as letterLike } from './conformance/rows.ts';
import { editFile, startHubProcess, type HubProcess } from './e2e/hub-process.ts';
import { login, withToken, type Admin } from './e2e/traffic.ts';
import { outputsOf, project, types } from './lint/project.ts';

const { privateKey: key } = generateKeyPairSync('ed25519');
const password = 'twelve characters';
const noOdoo = { ODOO_URL: 'http://127.0.0.1:9', ODOO_DATABASE: 'none', ODOO_API_KEY: 'none' };
const secret = 'Privet Drive 4';

interface Answer<Body> {
  status: number;
  body: Body & { code?: string; message?: string };
}

class TestHub {
  readonly dir = mkdtempSync(join(tmpdir(), 'crossdock-mend-'));
  hub?: HubProcess;
  admins = new Map<string, Admin>();

  at(path: string): string {
    return join(this.dir, path);
  }
  mapText(map = 'tax'): string {
    return readFileSync(this.at(`definitions/values/${map}.yaml`), 'utf8');
  }
  async prepare(): Promise<void> {
    for (const part of ['flows', 'definitions']) cpSync(part, this.at(part), { recursive: true });
    const users = await openUsers(this.dir, () => {});
    for (const [name, role] of Object.entries({
      anna: 'operations',
      bert: 'analyst',
      carla: 'approver',
      victor: 'viewer',
    }))
      await users.set(name, password, role as Role);
  }
  async start(env: Record<string, string>): Promise<void> {
    const of = { CROSSDOCK_DEFINITIONS: this.at('definitions'), CROSSDOCK_RELEASES: this.at('releases') };
    const all = { ...noOdoo, ...of, ...env };
    this.hub = await startHubProcess(all, this.dir);
    for (const name of ['anna', 'bert', 'victor'])
      this.admins.set(name, await login(this.hub.url, password, name));
  }
  async ask<Body>(user: string, method: string, path: string, body?: object): Promise<Answer<Body>> {
    const answer = await this.admins.get(user)!(method, `/tower/api${path}`, body);
    return { status: answer.status, body: (await answer.json()) as Answer<Body>['body'] };
  }
  async saveLetter(key: string, more: Partial<DeadLetter>): Promise<DeadLetter> {
    const stores = await openStores({ profile: 'embedded', dataDir: this.dir, env: {} });
    const data = JSON.parse(
      partnerOrder('shop', key, [{ sku: 'A', name: 'A', price: '1.00', quantity: 1 }]),
    ) as Record<string, unknown>;
    const message = { ...order('order.received.v1', key), data: { ...data, note: secret } };
    const id = letterId('order-to-odoo', message);
    const one = letterLike({ id, queue: 'order-to-odoo', flow: 'order-to-odoo', message, ...more });
    await stores.journal.saveDeadLetter(one);
    await stores.close();
    return one;
  }
  async stop(): Promise<void> {
    await this.hub?.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

const gapOf = (value: string): Partial<DeadLetter> => ({
  code: 'VALUE_UNMAPPED',
  reason: `The value map tax has no entry for '${value}'`,
  facts: { map: 'tax', value },
});
const entry = (value: string, to = '15%', more: object = {}): object => ({
  map: 'tax',
  value,
  source: '',
  article: '',
  to,
  ...more,
});
const query = ({ id }: Pick<DeadLetter, 'id'>): string => `id=${encodeURIComponent(id)}`;

describe('repairs by the API of the tower', function () {
  this.timeout(360_000);
  const prod = new TestHub();
  const dev = new TestHub();

  let token = '';
  const release = () =>
    cutRelease({
      flowsDir: dev.at('flows'),
      definitionsDir: dev.at('definitions'),
      releasesDir: dev.at('releases'),
      facts: { outputsOf, writesOf: (type) => types.paletteType(type)?.writes },
      project: project({}, dev.at('definitions')),
      key,
      by: 'bert',
      now: new Date(),
      test: async () => ({ passed: 1, failed: 0 }),
    });

  before(async () => {
    await Promise.all([prod.prepare(), dev.prepare()]);
    // A release is cut here, and its flow tests run elsewhere.
    for (const file of globSync('flows/**/*.test.yaml', { cwd: dev.dir })) rmSync(dev.at(file));
    await trust(prod.dir, publicPem(key));
    token = await makeToken(prod.dir, 'dev-hub', 'promote');
    await prod.start({ CROSSDOCK_ENVIRONMENT: 'prod' });
    editFile(dev.at('definitions/environments/prod.yaml'), 'http://127.0.0.1:1882', prod.hub!.url);
    await dev.start({ CROSSDOCK_PROD_TOKEN: token });
  });
  after(async () => {
    await Promise.all([prod.stop(), dev.stop()]);
  });

  it('a release that a token cuts has a person as its author; a token that promotes cuts none', async () => {
    const cut = async (made: string) => {
      const answer = await withToken(dev.hub!.url, made)('POST', '/crossdock/author/releases', {});
      return { status: answer.status, ...((await answer.json()) as { author?: string; code?: string }) };
    };
    const refused = await cut(await makeToken(dev.dir, 'other-hub', 'promote'));
    assert.deepEqual([refused.status, refused.code], [403, 'PERMISSION_MISSING']);
    assert.equal((await cut(await makeToken(dev.dir, 'pipeline', 'cut', 'bert'))).author, 'bert');
  });

  describe('where a release decides what runs', () => {
    let one: DeadLetter;
    before(async () => {
      one = await prod.saveLetter('SO-1', gapOf('GST 19%'));
    });

    it('an entry is proposed, listed, and waits; nothing is written', async () => {
      const text = prod.mapText();
      const gap = await prod.ask<GapView>('victor', 'GET', `/mend/gap?${query(one)}`);
      const { map, value, model, waiting, atOnce, words } = gap.body;
      assert.deepEqual(
        [map, value, model, waiting, atOnce, words[0]],
        ['tax', 'GST 19%', 'account.tax', 1, false, '15%'],
      );
      const wanted = entry('GST 19%', '15%', { letter: one.id });
      const { status, body } = await prod.ask<Mended>('anna', 'POST', '/mend/proposals', wanted);
      assert.deepEqual(
        [status, body.proposal.state, body.proposal.made_by, body.goOn],
        [200, 'waiting', 'anna', 0],
      );
      const { rows } = (await prod.ask<{ rows: ProposalRow[] }>('victor', 'GET', '/mend/proposals')).body;
      assert.deepEqual(
        rows.map((row) => [row.value, row.target, row.letter]),
        [['GST 19%', '15%', one.id]],
      );
      assert.equal(prod.mapText(), text);
    });

    it('the second person is shown what the first has proposed, and may withdraw it once', async () => {
      const second = await prod.ask('bert', 'POST', '/mend/proposals', entry('GST 19%', '0% Exports'));
      assert.deepEqual([second.status, second.body.code], [409, 'ENTRY_EXISTS']);
      assert.match(second.body.message ?? '', /anna has proposed 'GST 19%' to be 15%/);
      const gap = await prod.ask<GapView>('bert', 'GET', `/mend/gap?${query(one)}`);
      const id = gap.body.proposal?.id;
      const both = await Promise.all([0, 1].map(() => prod.ask('bert', 'POST', '/mend/withdraw', { id })));
      assert.deepEqual(both.map(({ status }) => status).toSorted(), [200, 404]);
      assert.match(
        both.find(({ status }) => status === 404)?.body.message ?? '',
        /withdrawn since .* by bert/,
      );
      const again = await Promise.all(
        ['anna', 'bert'].map((user) => prod.ask(user, 'POST', '/mend/proposals', entry('GST 19%'))),
      );
      assert.deepEqual(again.map(({ status }) => status).toSorted(), [200, 409]);
    });

    it('where flows are made it is listed, and taken over into the file; once', async () => {
      const { rows } = (await dev.ask<{ rows: OfEnvironment[] }>('victor', 'GET', '/mend/elsewhere')).body;
      const of = rows.find(({ environment }) => environment === 'prod');
      assert.deepEqual(
        of?.proposals.map(({ value, target }) => [value, target]),
        [['GST 19%', '15%']],
      );
      const before = dev.mapText();
      const taken = { environment: 'prod', id: of?.proposals[0]?.id };
      assert.equal((await prod.ask('anna', 'POST', '/mend/take', taken)).body.code, 'RELEASE_RUNNING');
      const { status, body } = await dev.ask<Mended>('bert', 'POST', '/mend/take', taken);
      assert.deepEqual([status, body.proposal?.state], [200, 'live'], JSON.stringify(body));
      assert.equal(dev.mapText(), `${before}  - from: GST 19%\n    to: 15%\n`);
      assert.equal((await dev.ask('anna', 'POST', '/mend/take', taken)).body.code, 'ENTRY_EXISTS');
    });

    it('a release brings it back when a second person has approved it; then what waited goes by itself', async () => {
      const bundle = bundleText(await release());
      const sent = withToken(prod.hub!.url, token);
      const promoted = await sent('POST', '/crossdock/releases/promotions', { bundle, by: 'bert' });
      const { id, state } = (await promoted.json()) as Promotion;
      assert.equal(state, 'waiting');
      const view = () => prod.ask<LetterView>('victor', 'GET', `/letters/letter?${query(one)}`);
      assert.equal((await view()).body.letter.state, 'open');
      const carla = await login(prod.hub!.url, password, 'carla');
      const approved = await carla('POST', '/crossdock/releases/approvals', { id });
      assert.equal(((await approved.json()) as Promotion).state, 'running');
      const listed = (of: string) =>
        prod.ask<{ rows: ProposalRow[] }>('victor', 'GET', `/mend/proposals?state=${of}`);
      assert.deepEqual((await listed('waiting')).body.rows, []);
      assert.deepEqual(
        (await listed('live')).body.rows.map(({ value, ended_by: by }) => [value, by]),
        [['GST 19%', 'crossdock']],
      );
      await until('sent again', async () => (await view()).body.letter.state === 'replayed', 40_000);
      const { decision } = (await view()).body.letter;
      assert.deepEqual([decision?.by, decision?.reason], ['crossdock', 'The value map tax has GST 19% now']);
    });
  });

  describe('where flows are made', () => {
    it('what cannot be is refused and nothing is written', async () => {
      const text = dev.mapText();
      const refused: [object, string, RegExp][] = [
        [entry('X', '15%', { map: 'colour' }), 'REQUEST_INVALID', /no value map colour/],
        [
          entry('X', '15%', { factor: 'many' }),
          'REQUEST_INVALID',
          /^The value map tax:\d+: entries\/\d+\/factor/,
        ],
        [entry('X', ''), 'REQUEST_INVALID', /to/],
        [entry('X', 'two\nlines'), 'REQUEST_INVALID', /to/],
        [entry('15%', '0% Exports'), 'ENTRY_EXISTS', /has '15%' by now: it is 15%/],
      ];
      for (const [wanted, code, message] of refused) {
        const { body } = await dev.ask('anna', 'POST', '/mend/proposals', wanted);
        assert.equal(body.code, code, JSON.stringify(body));
        assert.match(body.message ?? '', message);
      }
      assert.equal(dev.mapText(), text);
    });

    it('two who map the same at once: one does, the other is shown it; what waited goes on', async () => {
      const one = await dev.saveLetter('SO-2', gapOf('GST 7%'));
      const both = await Promise.all(
        ['anna', 'bert'].map((user) => dev.ask<Mended>(user, 'POST', '/mend/proposals', entry('GST 7%'))),
      );
      assert.deepEqual(both.map(({ status }) => status).toSorted(), [200, 409], JSON.stringify(both));
      assert.equal(both.find(({ status }) => status === 200)?.body.goOn, 1);
      assert.match(both.find(({ status }) => status === 409)?.body.message ?? '', /has 'GST 7%' by now/);
      assert.equal(dev.mapText().match(/GST 7%/g)?.length, 1);
      const { body } = await dev.ask<LetterView>('victor', 'GET', `/letters/letter?${query(one)}`);
      assert.equal(body.letter.decision?.reason, 'The value map tax has GST 7% now');
    });

    it('an entry that cannot run leaves the file as it was', async () => {
      const text = dev.mapText();
      const file = dev.at('definitions/partners/acme.yaml');
      const partner = readFileSync(file, 'utf8');
      writeFileSync(file, 'partner: [broken\n');
      const { body } = await dev.ask('anna', 'POST', '/mend/proposals', entry('GST 8%'));
      assert.equal(body.code, 'CONFIG_INVALID');
      assert.equal(dev.mapText(), text);
      writeFileSync(file, partner);
    });

    it('Odoo that is away is a sentence', async () => {
      const { status, body } = await dev.ask<Candidates>(
        'anna',
        'GET',
        '/mend/candidates?map=tax&q=GST&q=goods',
      );
      assert.deepEqual([status, body.rows], [200, []]);
      assert.match(body.away ?? '', /Odoo/);
    });
  });

  describe('of an exception', () => {
    let one: DeadLetter;
    let seen: object;
    before(async () => {
      one = await dev.saveLetter('SO-3', { code: 'SCHEMA_INVALID', facts: { path: 'currency' } });
      seen = { id: one.id, lastFailed: one.lastFailed };
    });

    it('a viewer gets what happened and no data', async () => {
      const view = await dev.ask<LetterView>('victor', 'GET', `/letters/letter?${query(one)}`);
      assert.deepEqual([view.status, view.body.open, view.body.gap], [200, true, false]);
      assert.doesNotMatch(JSON.stringify(view.body), new RegExp(secret));
      const closed: [string, string, object?][] = [
        ['GET', `/letters/data?${query(one)}`],
        ['GET', `/mend/context?${query(one)}`],
        ['GET', '/mend/candidates?map=tax&q=x'],
        ['POST', '/letters/check', { ...seen, data: {} }],
        ['POST', '/letters/edit', { ...seen, data: {} }],
        ['POST', '/letters/replay', seen],
        ['POST', '/letters/discard', { ...seen, reason: 'x' }],
        ['POST', '/mend/proposals', entry('X')],
      ];
      for (const [method, path, body] of closed) {
        const answer = await dev.ask('victor', method, path, body);
        assert.deepEqual([answer.status, answer.body.code], [403, 'PERMISSION_MISSING'], path);
      }
    });

    it('the data has its form and the field that is wrong, and a change is shown before it is sent', async () => {
      const { body } = await dev.ask<LetterData>('anna', 'GET', `/letters/data?${query(one)}`);
      assert.equal(body.form?.kind, 'group');
      const data = body.data as Record<string, unknown>;
      const wrong = { ...data, currency: 'dollars' };
      const checked = await dev.ask<Checked>('anna', 'POST', '/letters/check', { ...seen, data: wrong });
      assert.deepEqual(checked.body.changes, [
        { path: 'currency', before: data['currency'], after: 'dollars' },
      ]);
      assert.equal(checked.body.wrong?.path, 'currency');
      const sent = await dev.ask('anna', 'POST', '/letters/edit', { ...seen, data: wrong });
      assert.deepEqual([sent.status, sent.body.code], [422, 'SCHEMA_INVALID']);
      const same = await dev.ask('anna', 'POST', '/letters/edit', { ...seen, data });
      assert.deepEqual([same.status, same.body.code], [400, 'REQUEST_INVALID']);
    });

    it('who has not seen its last failure decides nothing; a decision is made once', async () => {
      const stale = { id: one.id, lastFailed: '2020-01-01T00:00:00.000Z' };
      for (const path of ['/letters/replay', '/letters/edit', '/letters/discard']) {
        const more = path.endsWith('edit') ? { data: {} } : path.endsWith('discard') ? { reason: 'x' } : {};
        const { body } = await dev.ask('anna', 'POST', path, { ...stale, ...more });
        assert.equal(body.code, 'LETTER_CHANGED', path);
      }
      const blank = await dev.ask('anna', 'POST', '/letters/discard', { ...seen, reason: ' ' });
      assert.equal(blank.body.code, 'REQUEST_INVALID');
      const done = await dev.ask('anna', 'POST', '/letters/discard', { ...seen, reason: 'a test order' });
      assert.equal(done.status, 200);
      const late = await dev.ask('bert', 'POST', '/letters/replay', seen);
      assert.deepEqual([late.status, late.body.code], [409, 'LETTER_NOT_OPEN']);
      const unknown = await dev.ask('victor', 'GET', '/letters/letter?id=nothing');
      assert.deepEqual([unknown.status, unknown.body.code], [404, 'LETTER_UNKNOWN']);
    });

    it('the page of its code says who did what about it and why', async () => {
      const { body } = await dev.ask<{ helped: object[]; steps: string[] }>(
        'victor',
        'GET',
        '/codes/SCHEMA_INVALID',
      );
      const [{ time: _time, ...helped }] = body.helped as [{ time: string }];
      assert.deepEqual(helped, {
        by: 'anna',
        what: 'discarded',
        reason: 'a test order',
        letters: 1,
        landed: 0,
        looked: 0,
      });
      assert.deepEqual(body.steps, ['Correct the mapping or ask the sender.', 'Then replay the message.']);
      const none = await dev.ask('victor', 'GET', '/codes/NOTHING_SUCH');
      assert.equal(none.body.code, 'REQUEST_INVALID');
    });
  });
});
