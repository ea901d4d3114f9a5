/** What a webhook costs in the embedded profile: commits, counted in the store's write-ahead log; and that it is all or nothing. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import helper from 'node-red-node-test-helper';
import { partnerOrder, signed, type Sample } from '../cli/samples.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import type { Hub } from '../runtime/hub/hub.ts';
import type { NodeFactory } from '../runtime/node-red/define-node.ts';
import { post, secrets } from './e2e/hub-process.ts';
import { nodesOf, openHubInHelper, type HubInHelper } from './hub-in-helper.ts';

const types = [
  'broker',
  'store',
  'webhook-in',
  'webhook-verify',
  'idempotency-guard',
  'event-publish',
  'drop',
];
const palette = await nodesOf(types);
const coreCatch = createRequire(createRequire(import.meta.url).resolve('node-red'))(
  '@node-red/nodes/core/common/25-catch.js',
) as NodeFactory;

const event = 'partner.order.created.v1';
const at = { z: 'tab', x: 1, y: 1 };
const flow = [
  { id: 'tab', type: 'tab', label: 'test-flow', env: [] },
  { id: 'the-broker', type: 'broker' },
  { id: 'the-store', type: 'store' },
  { ...at, id: 'hook', type: 'webhook-in', path: '/partners/orders', wires: [['verify']] },
  { ...at, id: 'verify', type: 'webhook-verify', secrets: secrets.partner, wires: [['once'], []] },
  { ...at, id: 'once', type: 'idempotency-guard', store: 'the-store', wires: [['publish'], []] },
];
const publish = { ...at, id: 'publish', name: 'stage', type: 'event-publish', broker: 'the-broker', event };
const last = { ...publish, wires: [[]] };
const wired = [
  { ...publish, wires: [['end']] },
  { ...at, id: 'end', type: 'drop', reason: 'Enough', wires: [] },
];

describe('commits of a webhook, embedded', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-commits-'));
  let opened: HubInHelper;
  let hub: Hub;
  let url: string;

  before(async () => {
    opened = await openHubInHelper({ dataDir });
    ({ hub, url } = opened);
    await hub.broker.declare('staged', [event]);
  });
  after(async () => {
    await opened.close();
    rmSync(dataDir, { recursive: true });
  });
  afterEach(async () => {
    await hub.pause();
    await helper.unload();
  });

  async function run(...nodes: object[]): Promise<void> {
    await helper.load([...palette, coreCatch] as never, [...flow, ...nodes] as never);
    await hub.resume();
  }
  const waiting = async () => (await hub.broker.depth('staged')).ready;
  const commits = () => commitsIn(readFileSync(join(dataDir, 'crossdock.db-wal')));
  /** What the sender hears, and the commits that took. */
  async function costOf(sample: Sample) {
    const before = { commits: commits(), waiting: await waiting() };
    const { status, body } = await post(url, sample);
    return {
      said: [status, body.code],
      commits: commits() - before.commits,
      staged: (await waiting()) - before.waiting,
      trace: (await hub.journal.trace({ correlationId: String(body.id) })).map(({ outcome }) => outcome),
    };
  }

  it('one, where the event ends the flow: event, journal and claim; and one for a repetition', async () => {
    await run(last);
    const sample = orderOf('C-1');
    const first = await costOf(sample);
    assert.deepEqual(first, {
      said: [202, 'ACCEPTED'],
      commits: 1,
      staged: 1,
      trace: ['published', 'accepted'],
    });
    const again = await costOf(sample);
    assert.deepEqual([again.said, again.staged, again.commits], [[202, 'ACCEPTED'], 0, 1]);
  });

  it('one, with the names of the event: search finds the order as soon as the sender is answered', async () => {
    await hub.broker.declare('received', ['order.received.v1']);
    const named = { ...last, event: 'order.received.v1' };
    for (const [nodes, number, commits] of [
      [[named], 'N-1', 1],
      [[{ ...named, wires: [['end']] }, wired[1]!], 'N-2', 2],
    ] as const) {
      await run(...nodes);
      assert.equal((await costOf(orderOf(number))).commits, commits);
      await hub.pause();
      await helper.unload();
      const db = new DatabaseSync(join(dataDir, 'crossdock.db'), { readOnly: true });
      const names = db
        .prepare('SELECT kind, value, leads, process FROM alias WHERE folded = ?')
        .all(number.toLowerCase())
        .map((row) => ({ ...row }));
      db.close();
      const leads = { leads: 'process', process: 'order-to-cash' };
      assert.deepEqual(names, [{ kind: 'order', value: number, ...leads }]);
    }
  });

  it('two, where the flow goes on when the event is stored', async () => {
    await run(...wired);
    const { said, commits, staged } = await costOf(orderOf('C-2'));
    assert.deepEqual([said, commits, staged], [[202, 'ACCEPTED'], 2, 1]);
  });

  it('two, where a catch node looks at the flow, and it hears of an event that could not be stored', async () => {
    await run(
      last,
      { ...at, id: 'catch', type: 'catch', scope: null, wires: [['end']] },
      { ...at, id: 'end', type: 'drop', reason: 'Caught', wires: [] },
    );
    assert.equal((await costOf(orderOf('C-3'))).commits, 2);
    const restore = broken(hub.broker, 'publish');
    const { trace, staged } = await costOf(orderOf('C-4'));
    restore();
    assert.deepEqual([trace, staged], [['dropped', 'refused'], 0]);
  });

  for (const part of ['broker', 'journal', 'guard'] as const)
    it(`stores nothing when the ${part} fails, and counts the next try`, async () => {
      await run(last);
      const sample = orderOf(`C-${part}`);
      const restore = broken(
        hub[part],
        { broker: 'publish', journal: 'append', guard: 'commit' }[part] as never,
      );
      const { said, staged } = await costOf(sample);
      assert.deepEqual([said, staged], [[503, 'STORE_UNAVAILABLE'], 0]);
      restore();
      const next = await costOf(sample);
      assert.deepEqual([next.said, next.staged], [[202, 'ACCEPTED'], 1]);
    });

  it('knows the bytes of an earlier version again, which kept their digest in base64', async () => {
    await run(last);
    const sample = orderOf('C-6');
    const fingerprint = createHash('sha256').update(sample.body).digest('base64');
    const key = `test-flow/${(JSON.parse(String(sample.body)) as { id: string }).id}`;
    assert.equal((await hub.guard.claim({ key, fingerprint, leaseMs: 60_000 })).state, 'new');
    assert.deepEqual((await costOf(sample)).said, [409, 'CLAIM_IN_FLIGHT']);
  });

  it('says at which node it failed', async () => {
    await run({ ...last, event: 'order.received.v1' });
    const restore = broken(hub.broker, 'publish');
    const { body } = await post(url, orderOf('C-5'));
    restore();
    const steps = await hub.journal.trace({ correlationId: String(body.id) });
    assert.deepEqual(
      steps.map(({ step, outcome, code }) => [step, outcome, code]),
      [['stage', 'refused', 'STORE_UNAVAILABLE']],
    );
  });
});

/** Fails until it is restored. */
function broken<T extends object>(target: T, method: keyof T): () => void {
  const whole = target[method];
  target[method] = (async () => {
    throw new CodedError('STORE_UNAVAILABLE', 'Away');
  }) as never;
  return () => (target[method] = whole);
}

function orderOf(number: string): Sample {
  const items = [{ sku: 'A', name: 'A', price: '1.00', quantity: 1 }];
  const order = partnerOrder('acme', number, items, new Date('2026-11-02T10:00:00Z'));
  return signed({ kind: 'valid', partner: 'partner', number }, order, secrets);
}

/** https://www.sqlite.org/fileformat2.html#the_write_ahead_log: the last frame of a commit holds the size of the file. */
function commitsIn(log: Buffer): number {
  const frame = 24 + log.readUInt32BE(8);
  let found = 0;
  for (let at = 32; at + frame <= log.length; at += frame)
    if (log.readUInt32BE(at + 4) > 0 && log.readBigUInt64BE(at + 8) === log.readBigUInt64BE(16)) found += 1;
  return found;
}
