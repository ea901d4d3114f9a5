/** What is done has its row in the audit first, and is not done without one. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { request, type ClientRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import type { AuditEntry } from '../runtime/audit/acts.ts';
import { digestOf } from '../runtime/signature/signature.ts';
import { audited } from '../runtime/audit/audited.ts';
import { actingFrom, fromHere } from '../runtime/audit/from.ts';
import { sealing } from '../runtime/audit/trail/seal.ts';
import { cutting, sending } from '../runtime/authoring/audited.ts';
import { discard } from '../runtime/dead/discard.ts';
import { replay, replayOne } from '../runtime/dead/replay.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { setCurrentHub } from '../runtime/hub/current.ts';
import type { Hub } from '../runtime/hub/hub.ts';
import { openStores } from '../runtime/stores/profile.ts';
import type { Stores } from '../runtime/stores/stores.ts';
import { actingInEditor } from '../runtime/node-red/audit-act.ts';
import { readingData } from '../runtime/node-red/audit-read.ts';
import { openUsers } from '../runtime/node-red/users.ts';
import type { Bundle } from '../runtime/release/bundle.ts';
import { coded } from './conformance/kit.ts';
import { letter } from './conformance/rows.ts';

/** Rows in their order. */
function keeping() {
  const rows: AuditEntry[] = [];
  return { rows, append: async (row: AuditEntry) => void rows.push(row) };
}

const full = {
  append: () => Promise.reject(new CodedError('STORE_FULL', 'The embedded store has no room')),
};

it('the steps of an hour are looked at once, and again where that failed', async () => {
  const asked: string[] = [];
  const audit = { ...keeping(), newest: async () => [] };
  const sealed = sealing(audit, async (span) => {
    asked.push(span.to);
    if (asked.length === 1) throw new CodedError('STORE_UNAVAILABLE', 'The steps cannot be read');
    return { ...span, count: 0, steps: '', references: '' };
  });
  const at = (time: string) => sealed(new Date(`2026-03-01T${time}:00Z`));
  await assert.rejects(at('10:20'), coded('STORE_UNAVAILABLE'));
  for (const time of ['10:25', '10:30', '11:10', '11:15', '11:20']) await at(time);
  const [ten, eleven] = ['2026-03-01T10:00:00.000Z', '2026-03-01T11:00:00.000Z'];
  assert.deepEqual(asked, [ten, ten, eleven]);
});

describe('an act', () => {
  const said = { who: 'olga', act: 'data.erase', object: 'erasure/1' } as const;

  it('has its row before it is done, and another where it fails', async () => {
    const audit = keeping();
    const seen = await audited(audit, { ...said, after: digestOf(1) }, async () => audit.rows.length);
    assert.equal(seen, 1);
    const failing = () => Promise.reject(new CodedError('FOUR_EYES', 'not twice'));
    const work = audited(audit, { ...said, after: digestOf(1) }, failing, () => ({}));
    await assert.rejects(work, coded('FOUR_EYES'));
    assert.deepEqual(audit.rows, [
      { ...said, after: digestOf(1), from: 'hub', outcome: 'begun' },
      { ...said, after: digestOf(1), from: 'hub', outcome: 'begun' },
      { ...said, from: 'hub', outcome: 'failed', reason: 'FOUR_EYES' },
    ]);
  });

  it('is done where only what followed it failed', async () => {
    const audit = keeping();
    const work = audited(audit, { ...said, after: digestOf(1) }, async (did) => {
      did();
      throw new CodedError('STORE_FULL', 'no room');
    });
    await assert.rejects(work, coded('STORE_FULL'));
    assert.deepEqual(audit.rows[1], {
      ...said,
      after: digestOf(1),
      from: 'hub',
      outcome: 'done',
      reason: 'STORE_FULL',
    });
  });

  it('is not done where its row cannot be written', async () => {
    let done = false;
    const work = audited(full, said, async () => (done = true));
    await assert.rejects(work, coded('STORE_FULL'));
    assert.equal(done, false);
  });

  it('says from where, also after waiting, and no other act does', async () => {
    const later = async () => (await new Promise((turn) => setImmediate(turn)), fromHere('olga'));
    const [one, other] = await Promise.all([actingFrom({ place: 'command dead' }, later), later()]);
    assert.deepEqual([one, other], ['command dead', 'hub']);
  });

  it('says who is logged in where that is somebody else', async () => {
    const audit = keeping();
    const places = [
      { place: 'http 10.0.0.7', actor: 'token:dev-hub', call: 'POST /crossdock/releases/promotions' },
      { place: 'http 10.0.0.7', actor: 'olga', call: 'POST /crossdock/releases/promotions' },
      { place: 'command erase', actor: 'root' },
      { place: 'command erase', actor: 'olga' },
    ];
    for (const place of places) await actingFrom(place, () => audited(audit, said, async () => {}));
    assert.deepEqual(
      audit.rows.map(({ who, from }) => `${who} ${from}`),
      [
        'olga http 10.0.0.7 token:dev-hub POST /crossdock/releases/promotions',
        'olga http 10.0.0.7 POST /crossdock/releases/promotions',
        'olga command erase as root',
        'olga command erase',
      ],
    );
  });

  it('of a release says its version and digest once they are known', async () => {
    const audit = keeping();
    const bundle = { manifest: { version: '1.3.0' }, digest: digestOf('x') } as Bundle;
    await cutting(audit, { cut: async () => bundle }, { by: 'anna', note: 'for Monday' });
    const refused = async () => Promise.reject(new CodedError('FROZEN', 'until Monday'));
    const sent = sending(
      audit,
      { send: refused },
      { version: '1.3.0', to: 'prod', by: 'anna', overrideReason: 'now' },
    );
    await assert.rejects(sent, coded('FROZEN'));
    assert.deepEqual(
      audit.rows.map(({ act, object, outcome, after, reason }) => [act, object, outcome, after, reason]),
      [
        ['release.cut', 'release', 'begun', undefined, digestOf('for Monday')],
        ['release.cut', 'release/1.3.0', 'done', digestOf('x'), digestOf('for Monday')],
        ['release.send', 'release/1.3.0 to prod', 'begun', undefined, digestOf('now')],
        ['release.send', 'release/1.3.0 to prod', 'failed', undefined, 'FROZEN'],
      ],
    );
  });
});

describe('the audit of exceptions', () => {
  let dataDir: string;
  let stores: Stores;
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'crossdock-acts-'));
    stores = await openStores({ profile: 'embedded', dataDir, env: {} });
    await stores.broker.declare('orders', ['order.received.v1']);
  });
  afterEach(async () => {
    await stores.close();
    rmSync(dataDir, { recursive: true });
  });

  it('has who sent again, edited and gave up which, with hashes and no data', async () => {
    const { journal } = stores;
    const [one, two, three] = [letter({ id: 'one' }), letter({ id: 'two' }), letter({ id: 'three' })];
    for (const dead of [one, two, three]) await journal.saveDeadLetter(dead);
    await replay(stores, ['one'], { by: 'olga' });
    const edit = { data: { order: 'other' }, changed: ['order'] };
    await replayOne(stores, two, { by: 'olga', edit });
    await discard(stores, ['three'], { by: 'finn', reason: 'Robin called' });
    await assert.rejects(
      replayOne(stores, { ...two, state: 'replayed' }, { by: 'olga' }),
      coded('LETTER_NOT_OPEN'),
    );
    const rows = await journal.audit.after(0);
    assert.deepEqual(
      rows.map(({ who, act, object, outcome, before, after, reason }) => [
        [who, act, object, outcome].join(' '),
        before,
        after,
        reason,
      ]),
      [
        ['olga letter.replay letter/one begun', digestOf(one.message.data), undefined, undefined],
        ['olga letter.edit letter/two begun', digestOf(two.message.data), digestOf(edit.data), undefined],
        [
          'finn letter.discard letter/three begun',
          digestOf(three.message.data),
          undefined,
          digestOf('Robin called'),
        ],
        ['olga letter.replay letter/two begun', digestOf(two.message.data), undefined, undefined],
        ['olga letter.replay letter/two failed', digestOf(two.message.data), undefined, 'LETTER_NOT_OPEN'],
      ],
    );
    assert.doesNotMatch(JSON.stringify(rows), /Robin/);
  });

  it('says that it was sent where only the journal failed', async () => {
    const dead = letter({ id: 'one' });
    await stores.journal.saveDeadLetter(dead);
    const move = () => Promise.reject(new CodedError('STORE_FULL', 'no room'));
    const broken = { ...stores, journal: { ...stores.journal, move } };
    await assert.rejects(replayOne(broken, dead, { by: 'olga' }), coded('STORE_FULL'));
    assert.equal((await stores.broker.depth('orders')).ready, 1);
    const row = (await stores.journal.audit.after(0)).at(-1)!;
    assert.deepEqual([row.outcome, row.reason], ['done', 'STORE_FULL']);
  });

  it('lets nothing be sent without a row', async () => {
    const dead = letter({ id: 'one' });
    await stores.journal.saveDeadLetter(dead);
    const journal = { ...stores.journal, audit: { ...stores.journal.audit, ...full } };
    await assert.rejects(replayOne({ ...stores, journal }, dead, { by: 'olga' }), coded('STORE_FULL'));
    assert.equal((await stores.journal.letters({ ids: ['one'] }))[0]?.state, 'open');
    assert.equal((await stores.broker.depth('orders')).ready, 0);
  });
});

describe('the audit of who reads', () => {
  const objectOf = async (method: string, query: object, body?: object) => {
    const audit = keeping();
    setCurrentHub({ journal: { audit } } as unknown as Hub);
    try {
      const request = {
        method,
        query,
        body,
        baseUrl: '/crossdock/dead',
        path: '/data',
        socket: {},
        headers: {},
      };
      await new Promise((next) => void readingData(request as never, {} as never, next as never));
    } finally {
      setCurrentHub(undefined);
    }
    return audit.rows.map(({ object }) => object);
  };

  it('names what the route reads: of the address for GET, else of the body', async () => {
    const [mine, other] = [{ id: 'mine' }, { id: 'other' }];
    assert.deepEqual(await objectOf('GET', mine), ['/crossdock/dead/data mine']);
    assert.deepEqual(await objectOf('GET', {}, other), ['/crossdock/dead/data']);
    assert.deepEqual(await objectOf('GET', mine, { letter: 'other', ...other }), [
      '/crossdock/dead/data mine',
    ]);
    assert.deepEqual(await objectOf('POST', other, mine), ['/crossdock/dead/data mine']);
    assert.deepEqual(await objectOf('POST', other, {}), []);
  });
});

describe('a call of the editor', () => {
  /** Its rows, and whether a route of the editor took it. */
  async function called(method: string, path: string): Promise<[string[], boolean]> {
    const audit = keeping();
    let taken = false;
    const editor = express.Router().all(['/inject/:id', '/flows/state', '/nodes'], (_request, response) => {
      taken = true;
      response.end();
    });
    const app = express().use(
      actingInEditor(audit, async () => 'olga'),
      editor,
    );
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const headers = { authorization: 'Bearer x' };
    const { path: sent } = await new Promise<ClientRequest>((resolve, reject) => {
      // As it is written: fetch would tidy it up.
      const asked = request({ port, method, path, headers }, (answer) =>
        answer.resume().on('end', () => resolve(asked)),
      );
      asked.on('error', reject).end();
    });
    assert.equal(sent, path);
    server.close();
    return [audit.rows.map(({ who, act, object }) => `${who} ${act} ${object}`), taken];
  }

  it('has a row, however its address is written', async () => {
    for (const path of [
      '/inject/x',
      '/Inject/x',
      '/inject/x/',
      '/FLOWS/state',
      '/flows/STATE/?a=b',
      '/Nodes',
    ]) {
      const [rows, taken] = await called('POST', path);
      assert.ok(taken, path);
      const [bare = ''] = path.split(/[/]?[?]/);
      assert.equal(rows[0]?.toLowerCase(), `olga editor.act post ${bare.toLowerCase()}`);
    }
  });

  it('has none where the editor would not take it, or nothing changes by it', async () => {
    for (const [method, path] of [
      ['GET', '/inject/x'],
      ['POST', '/flows'],
      ['POST', '/injected'],
      ['POST', '/inj%65ct/x'],
      ['POST', '//inject/x'],
    ] as const) {
      const [rows, taken] = await called(method, path);
      assert.deepEqual([rows, taken], [[], method === 'GET'], path);
    }
  });
});

describe('the audit of users', () => {
  const password = 'twelve characters';
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'crossdock-acts-'))));
  afterEach(() => rmSync(dir, { recursive: true }));

  it('has who was made and changed, and who logged in and failed to', async () => {
    const audit = keeping();
    const users = await openUsers(dir, () => {}, { audit });
    await users.set('olga', password, 'operations');
    await users.change('olga', { role: 'viewer' });
    await users.check('olga', password);
    await users.check('olga', 'another password');
    await users.check(password, 'olga');
    assert.deepEqual(
      audit.rows.map(({ act, object, outcome, reason = '' }) => `${act} ${object} ${outcome} ${reason}`),
      [
        'user.add user/admin begun ',
        'user.add user/olga begun ',
        'user.change user/olga begun ',
        'login user/olga done ',
        'login user/olga failed LOGIN_MISSING',
        'login user/unknown failed LOGIN_MISSING',
      ],
    );
    const [, added, changed] = audit.rows;
    assert.deepEqual([added!.before, changed!.before], [undefined, added!.after]);
    assert.notEqual(changed!.after, changed!.before);
    const text = JSON.stringify(audit.rows);
    assert.ok(!text.includes(password) && !text.includes('$2'), text);
  });

  it('lets nobody be made, and nobody in, without a row', async () => {
    await assert.rejects(
      openUsers(dir, () => {}, { audit: full }),
      coded('STORE_FULL'),
    );
    await (await openUsers(dir, () => {})).set('olga', password, 'operations');
    const before = readFileSync(join(dir, 'users.json'), 'utf8');
    const users = await openUsers(dir, () => {}, { audit: full });
    await assert.rejects(users.check('olga', password), coded('STORE_FULL'));
    await assert.rejects(users.change('olga', { role: 'admin' }), coded('STORE_FULL'));
    assert.equal(readFileSync(join(dir, 'users.json'), 'utf8'), before);
  });
});
