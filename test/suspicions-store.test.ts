/** What is unusual, from a real store to a person's verdict: on both stores, by one hub of all. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { pino } from 'pino';
import { embeddedGuard } from '../runtime/guard/embedded.ts';
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import type { Journal } from '../runtime/journal/journal.ts';
import type { Step } from '../runtime/journal/step.ts';
import { postgresJournal } from '../runtime/journal/postgres.ts';
import type { CanonicalOrder } from '../runtime/odoo/canonical-order.ts';
import { markKey } from '../runtime/odoo/order/print.ts';
import { keptOrders } from '../runtime/odoo/order/kept.ts';
import type { OrderWriter } from '../runtime/odoo/order/order.ts';
import type { Tables } from '../runtime/journal/tables.ts';
import { storeKeys } from '../runtime/seal/keys.ts';
import { sealing } from '../runtime/seal/plugin.ts';
import { openStore, type Store } from '../runtime/sqlite/store.ts';
import { detect } from '../runtime/suspicions/detect.ts';
import type { Finding } from '../runtime/suspicions/finding.ts';
import { detectors, judge, keepFound, keptSuspicions, unmute } from '../runtime/suspicions/kept.ts';
import { readBasis } from '../runtime/suspicions/read.ts';
import { detectedAside } from '../runtime/suspicions/thread.ts';
import { watchSuspicions } from '../runtime/suspicions/watch.ts';
import { openReader, type Reader } from '../runtime/reader/reader.ts';
import { order as envelopeOf } from './conformance/kit.ts';
import { letter, step } from './conformance/rows.ts';
import { describeReal } from './real.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Hours are looked at when they are folded; and what was kept of orders is of before. */
let hour: number;
let now: number;
const setClock = (): void => {
  hour = Math.floor(Date.now() / HOUR) * HOUR;
  now = hour + HOUR + 900_000;
};
const iso = (ms: number) => new Date(ms).toISOString();

const canonical = (id: string): CanonicalOrder => ({
  source: 'acme',
  id,
  number: `N${id}`,
  placedAt: iso(hour),
  currency: 'EUR',
  customer: { id: 'c1', name: 'Ann Smith' },
  shipTo: { name: 'Ann Smith', street: 'High Street 1', city: 'Leeds', country: 'GB' },
  pricesIncludeTax: false,
  lines: [{ id: '1', sku: 'A', name: 'Lamp', quantity: '2', unitPrice: '10.00', taxes: [] }],
  totals: { net: '20.00', tax: '0', gross: '20.00' },
});
const writer = {
  write: async () => ({ id: 1, name: 'S1', repeated: false, externalId: 'x', transfers: 0, state: 'sale' }),
} as unknown as OrderWriter;

/** Six weeks with three webhooks an hour, of which the last six hours are silent; a new error code; an order twice. */
async function seed(journal: Journal): Promise<void> {
  const steps: Step[] = [];
  for (let at = hour - 42 * DAY; at <= hour - 6 * HOUR; at += HOUR)
    for (let n = 0; n < 3; n += 1)
      steps.push(step({ time: iso(at + n), outcome: 'accepted', partner: 'acme', step: 'in', names: [] }));
  for (let at = 0; at < steps.length; at += 500) await journal.append(steps.slice(at, at + 500));
  await journal.rollups.fold(new Date(hour));
  const message = (subject: string) => ({
    ...envelopeOf('order.received.v1', subject),
    source: 'acme',
    data: { source: 'acme' },
  });
  const failed = (code: string, time: number, n: number) =>
    letter({
      id: `${code}-${n}`,
      message: message(`SO-${code}-${n}`),
      code,
      firstCode: code,
      firstFailed: iso(time),
      lastFailed: iso(time),
    });
  for (let n = 0; n < 40; n += 1)
    await journal.saveDeadLetter(failed('ODOO_REFUSED', hour - (2 + (n % 20)) * DAY, n));
  for (let n = 0; n < 6; n += 1) await journal.saveDeadLetter(failed('SCHEMA_INVALID', hour - n * HOUR, n));
  const kept = keptOrders(journal.documents, writer, async () => markKey('secret'));
  for (const id of ['1', '2'])
    await kept.write(canonical(id), { confirm: true, limit: '', tier: 'standard' });
}

function found(open: () => { journal: Journal; reader: Pick<Reader, 'db'> }): void {
  it('is read and found with its numbers, and keeps no address', async () => {
    const { journal, reader } = open();
    await seed(journal);
    const findings = detect(await readBasis(reader.db, new Date(now)), now);
    assert.deepEqual(
      findings.map(({ kind, partner, subject, orders }) => [
        kind,
        partner,
        subject,
        orders.map(({ number }) => number).length,
      ]),
      [
        ['silence', 'acme', '', 0],
        ['error-share', 'acme', 'SCHEMA_INVALID', 6],
        ['duplicate-order', 'acme', '', 2],
      ],
    );
    const [silence] = findings as [Finding];
    assert.equal(silence.since, hour - 5 * HOUR);
    assert.equal(silence.expected, 18);
    const [kept] = await journal.documents.list('order-kept');
    assert.ok(kept!.body.includes('print'));
    assert.doesNotMatch(kept!.body, /ann|smith|street|leeds/i);
  });

  it('is kept once by two who look at once, and goes on as one', async () => {
    const { documents } = open().journal;
    const finding = one('received/x/less', 'x');
    await Promise.all([keepFound(documents, [finding], now), keepFound(documents, [finding], now)]);
    await keepFound(documents, [{ ...finding, observed: 2 }], now + HOUR);
    const kept = (await keptSuspicions(documents)).filter(({ partner }) => partner === 'x');
    assert.deepEqual(
      kept.map(({ observed, ended }) => [observed, ended]),
      [[2, undefined]],
    );
    await keepFound(documents, [], now + 4 * HOUR);
    const over = (await keptSuspicions(documents)).find(({ partner }) => partner === 'x');
    assert.equal(over!.ended, iso(now + 4 * HOUR));
  });

  it('mutes its detector when less than 30 % of ten were useful, says so, and is unmuted by a person', async () => {
    const { documents } = open().journal;
    const raise = async (n: number) => {
      await keepFound(documents, [one(`quantity/${n}`, 'shop', 'quantity')], now + n * DAY);
      return (await keptSuspicions(documents)).find(({ cause }) => cause === `quantity/${n}`);
    };
    for (let n = 0; n < 10; n += 1) {
      assert.deepEqual(muted(await detectors(documents)), [], `after ${n}`);
      const { id } = (await raise(n))!;
      const judged = await judge(documents, id, { useful: n < 2, by: 'olga' }, new Date(now + n));
      assert.deepEqual(judged.history.at(-1), {
        at: iso(now + n),
        by: 'olga',
        what: n < 2 ? 'useful' : 'useless',
      });
    }
    const [detector, ...more] = (await detectors(documents)).filter((some) => some.muted);
    assert.deepEqual(more, []);
    assert.deepEqual(
      [detector!.kind, detector!.partner, detector!.judged, detector!.useful],
      ['quantity', 'shop', 10, 2],
    );
    assert.equal(await raise(20), undefined);
    await keepFound(documents, [one('quantity/21', 'other', 'quantity')], now + 21 * DAY);
    assert.ok((await keptSuspicions(documents)).some(({ partner }) => partner === 'other'));
    await unmute(documents, { kind: 'quantity', partner: 'shop', by: 'olga' }, new Date(now + DAY));
    assert.ok(await raise(22));
    const again = (await detectors(documents)).find(({ partner }) => partner === 'shop');
    assert.deepEqual(
      again!.history.map(({ what, by }) => [what, by]),
      [
        ['muted', ''],
        ['unmuted', 'olga'],
      ],
    );
    await assert.rejects(unmute(documents, { kind: 'quantity', partner: 'shop', by: 'olga' }, new Date()), {
      code: 'SUSPICION_UNKNOWN',
    });
    await assert.rejects(judge(documents, 'nothing', { useful: true, by: 'olga' }, new Date()), {
      code: 'SUSPICION_UNKNOWN',
    });
  });

  it('three useful ones of ten keep it', async () => {
    const { documents } = open().journal;
    for (let n = 0; n < 10; n += 1) {
      await keepFound(documents, [one(`price/${n}`, 'kept', 'price')], now + n * DAY);
      const { id } = (await keptSuspicions(documents)).find(({ cause }) => cause === `price/${n}`)!;
      await judge(documents, id, { useful: n < 3, by: 'olga' }, new Date(now + n));
    }
    const own = (await detectors(documents)).filter(({ partner }) => partner === 'kept');
    assert.deepEqual(
      own.map(({ judged, useful, muted: since }) => [judged, useful, since]),
      [[10, 3, undefined]],
    );
  });
}

const muted = (all: Awaited<ReturnType<typeof detectors>>) =>
  all.filter((some) => some.muted).map(({ kind, partner }) => `${kind} ${partner}`);

function one(cause: string, partner: string, kind: Finding['kind'] = 'volume'): Finding {
  return {
    kind,
    metric: 'received',
    partner,
    cause,
    direction: 'less',
    subject: '',
    observed: 1,
    expected: 50,
    score: -5,
    points: 8,
    since: now - HOUR,
    orders: [],
  };
}

describe('what is unusual: embedded', () => {
  let dir: string;
  let store: Store;
  let journal: Journal;
  let reader: Reader;
  before(async () => {
    setClock();
    dir = mkdtempSync(join(tmpdir(), 'crossdock-suspicions-'));
    store = openStore(join(dir, 'crossdock.db'));
    journal = embeddedJournal(store);
    reader = await openReader({ profile: 'embedded', dataDir: dir, env: {} });
  });
  after(async () => {
    await reader.close();
    await journal.close();
    store.close();
    rmSync(dir, { recursive: true });
  });
  found(() => ({ journal, reader }));

  it('is looked for in a thread of its own', async () => {
    const findings = await detectedAside({ profile: 'embedded', dataDir: dir, now, zone: 'UTC' });
    assert.deepEqual(
      findings.map(({ kind }) => kind),
      ['silence', 'error-share', 'duplicate-order'],
    );
    const nowhere = detectedAside({ profile: 'embedded', dataDir: join(dir, 'nowhere'), now, zone: 'UTC' });
    await assert.rejects(nowhere);
  });

  it('is looked for each quarter of an hour by one hub of two; what fails is tried again', async () => {
    const looks: number[] = [];
    let at = now;
    let fails = true;
    const hub = { journal, guard: embeddedGuard(store), log: pino({ enabled: false }) };
    const watching = () =>
      watchSuspicions({
        hub,
        clock: () => new Date(at),
        async detect(time) {
          if (fails) throw new Error('away');
          looks.push(time);
          return [];
        },
      });
    const [first, second] = [watching(), watching()];
    await assert.rejects(first.poll());
    fails = false;
    for (const minutes of [0, 1, 16]) {
      at = now + minutes * 60_000;
      await Promise.all([first.poll(), second.poll()]);
    }
    await Promise.all([first.end(), second.end()]);
    assert.deepEqual(looks, [now, now + 16 * 60_000]);
  });
});

describeReal(['postgres'], 'what is unusual: PostgreSQL', ({ postgres }) => {
  const { url } = postgres!;
  const schema = `test_${randomUUID().slice(0, 8)}`;
  let journal: Journal;
  let pool: pg.Pool;
  let db: Kysely<Tables>;
  before(async () => {
    setClock();
    journal = await postgresJournal({ url, schema });
    pool = new pg.Pool({ connectionString: url, options: `-c search_path=${schema}`, max: 2 });
    db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }), ...sealing(storeKeys(), 'postgres') });
  });
  after(async () => {
    await journal.close();
    await pool.query(`DROP SCHEMA ${schema} CASCADE`);
    await db.destroy();
  });
  found(() => ({ journal, reader: { db } }));
});
