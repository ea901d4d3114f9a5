/** The board and the pages of orders, as both stores answer them: what they count, find and read. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { Kysely, PostgresDialect, type CompiledQuery } from 'kysely';
import pg from 'pg';
import { calendarNamed, loadCalendars } from '../runtime/calendar/calendar.ts';
import { envelope } from '../runtime/envelope/envelope.ts';
import { dialect } from '../runtime/journal/dialect.ts';
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import { letterId, type Journal } from '../runtime/journal/journal.ts';
import { postgresJournal } from '../runtime/journal/postgres.ts';
import type { Tables, ProcessRow } from '../runtime/journal/tables.ts';
import { loadProcesses } from '../runtime/process/definition.ts';
import { applied } from '../runtime/process/instance.ts';
import { rowOf } from '../runtime/process/engine/row.ts';
import { newInstance, type Instance } from '../runtime/process/state.ts';
import { storeKeys } from '../runtime/seal/keys.ts';
import { sealing } from '../runtime/seal/plugin.ts';
import { openStore } from '../runtime/sqlite/store.ts';
import { board } from '../runtime/tower/board/board.ts';
import { orders, type OrderFilter } from '../runtime/tower/board/orders.ts';
import { noProcess, orderMessages, orderPage } from '../runtime/tower/order/order.ts';
import { coded } from './conformance/kit.ts';
import { letter, step, untold } from './conformance/rows.ts';
import { describeReal } from './real.ts';

const process = 'order-to-cash';
const processes = loadProcesses('definitions');
const definition = processes.get(process)!;
const calendars = loadCalendars('definitions');
const calendar = calendarNamed(calendars);
const steps = Object.keys(definition.steps);
/** A Thursday, noon in Los Angeles. */
const now = new Date('2026-12-10T20:00:00.000Z');

interface TestStore {
  journal: Journal;
  db: Kysely<Tables>;
  /** What was read whole, or sorted without being few, since it was opened. */
  end(): Promise<void>;
}

function row(key: string, more: Partial<ProcessRow> = {}): Omit<ProcessRow, 'revision'> {
  const instance: Instance = { ...newInstance(definition, key), number: `N${key}`, ...bodyOf(more) };
  const base = {
    process,
    key,
    number: `N${key}`,
    state: 'running' as const,
    due: null,
    attention: 0 as const,
  };
  return { ...base, ...untold, step: 'shipment', body: JSON.stringify(instance), ...more };
}

function bodyOf({ number }: Partial<ProcessRow>): Partial<Instance> {
  return number === undefined ? {} : { number };
}

function answers(open: () => Promise<TestStore>): void {
  let place: TestStore;
  beforeEach(async () => (place = await open()));
  afterEach(() => place.end());
  const add = async (...rows: Omit<ProcessRow, 'revision'>[]) => {
    for (const one of rows) assert.ok(await place.journal.processes.add(one));
  };
  const boardOf = (filter = {}) => board(place.db, steps, calendar, { process, ...filter }, now);
  const list = (filter: Omit<OrderFilter, 'process'> = {}, after?: string, limit?: number) =>
    orders(place.db, calendar, { process, ...filter }, now, after, limit);
  const keys = async (filter: Omit<OrderFilter, 'process'>) =>
    (await list(filter)).rows.map(({ key }) => key);
  const page = (called: string, of = process) =>
    orderPage({ db: place.db, processes, calendars, odooUrl: 'https://odoo.example.com' }, of, called, now);

  describe('the board', () => {
    it('has a column for each step, also where nothing stands', async () => {
      const { steps: columns, all, partners } = await boardOf();
      assert.deepEqual(
        columns.map(({ step, count }) => [step, count]),
        steps.map((name) => [name, 0]),
      );
      assert.deepEqual([all.count, all.values, partners], [0, [], []]);
    });

    it('counts what is under way, adds its value to the last digit, and knows the oldest', async () => {
      await add(
        row('a', { amount: '0.10', currency: 'USD', started: '2026-12-02T00:00:00.000Z' }),
        row('b', { amount: '0.2', currency: 'USD', started: '2026-12-01T00:00:00.000Z', attention: 1 }),
        row('c', { amount: '99999999999.99', currency: 'EUR' }),
        row('d'),
        row('e', { step: 'payment', amount: '5.125', currency: 'KWD' }),
        row('f', { step: null, state: 'done', amount: '1000.00', currency: 'USD' }),
        { ...row('g', { amount: '7.00' }), process: 'procure-to-pay' },
      );
      const { steps: columns, all } = await boardOf();
      const { ages, ...shipment } = columns.find(({ step }) => step === 'shipment')!;
      assert.deepEqual(shipment, {
        step: 'shipment',
        count: 4,
        late: 0,
        attention: 1,
        oldest: '2026-12-01T00:00:00.000Z',
        values: [
          { currency: 'EUR', value: '99999999999.99' },
          { currency: 'USD', value: '0.30' },
        ],
        unvalued: 1,
      });
      assert.equal(ages.none, 4);
      assert.deepEqual([all.count, all.values.length], [5, 3]);
      assert.equal(columns.find(({ step }) => step === 'payment')!.values[0]?.value, '5.125');
    });

    it('adds the largest amounts that a process keeps, and what is larger is of no known value', async () => {
      const kept = async (key: string, gross: string) => {
        const data = { source: 'shopify', id: key, number: key, currency: 'IDR', totals: { gross } };
        const event = { id: key, type: 'order.received.v1', data };
        return rowOf(await applied(definition, newInstance(definition, key), event, now), definition);
      };
      await add(
        await kept('a', '999999999999.99'),
        await kept('b', '999999999999'),
        await kept('c', '999999999999999'),
        await kept('d', '999999999999998'),
      );
      const { all } = await boardOf();
      assert.deepEqual([all.values, all.unvalued], [[{ currency: 'IDR', value: '1999999999998.99' }], 2]);
    });

    it('tells in business days how late they are', async () => {
      const planned = {
        due: '2026-12-10T20:00:00.000Z',
        '0-1': '2026-12-10T19:59:59.999Z',
        '1-3': '2026-12-09T19:59:59.999Z',
        // Monday noon is three working days before Thursday noon, the Friday before it four.
        '3-7': '2026-12-04T20:00:00.000Z',
        '7-14': '2026-12-01T19:59:59.999Z',
        '14+': '2026-11-01T00:00:00.000Z',
      };
      await add(...Object.entries(planned).map(([age, at]) => row(age, { planned: at })), row('none'));
      const { all } = await boardOf();
      assert.deepEqual(all.ages, { none: 1, due: 1, '0-1': 1, '1-3': 1, '3-7': 1, '7-14': 1, '14+': 1 });
      assert.equal(all.late, 5);
      for (const age of Object.keys(all.ages) as (keyof typeof all.ages)[])
        assert.deepEqual(await keys({ age }), [age]);
      assert.deepEqual(await keys({ age: 'late' }), ['14+', '7-14', '3-7', '1-3', '0-1']);
      assert.deepEqual(
        (await list({ age: '3-7' })).rows.map(({ late }) => late),
        [4],
      );
    });

    it('goes by partner and warehouse, and shows the others to choose from', async () => {
      await add(
        row('a', { partner: 'shopify', warehouse: 'east' }),
        row('b', { partner: 'shopify' }),
        row('c', { partner: 'acme', warehouse: 'east' }),
        row('d'),
      );
      const names = (all: { name: string; count: number }[]) => all.map(({ name, count }) => [name, count]);
      const whole = await boardOf();
      assert.deepEqual(names(whole.partners), [
        ['shopify', 2],
        ['-', 1],
        ['acme', 1],
      ]);
      const east = await boardOf({ warehouse: 'east' });
      assert.equal(east.all.count, 2);
      assert.deepEqual(names(east.partners), [
        ['acme', 1],
        ['shopify', 1],
      ]);
      assert.deepEqual(names(east.warehouses), [
        ['-', 2],
        ['east', 2],
      ]);
      assert.equal((await boardOf({ warehouse: 'east', partner: 'acme' })).all.count, 1);
      assert.deepEqual(
        [await keys({ warehouse: '-' }), await keys({ partner: 'acme' })],
        [['b', 'd'], ['c']],
      );
      assert.deepEqual(await keys({ partner: '-', warehouse: '-' }), ['d']);
    });
  });

  describe('the list of orders', () => {
    it('comes in pages, planned earliest first, each once', async () => {
      const planned = (n: number) => (n % 3 === 0 ? null : `2026-12-${String(10 + (n % 5))}T00:00:00.000Z`);
      await add(...Array.from({ length: 23 }, (_, n) => row(`k${n}`, { planned: planned(n) })));
      const found: string[] = [];
      for (let after: string | undefined, pages = 0; pages < 10; pages += 1) {
        const { rows, next } = await list({}, after, 5);
        found.push(...rows.map(({ planned = '9', key }) => `${planned} ${key}`));
        if (!(after = next)) break;
      }
      assert.equal(new Set(found).size, 23);
      assert.deepEqual(found, found.toSorted());
    });

    it('gives what is known of each, and of what is asked for only', async () => {
      await add(
        row('a', { step: 'payment', attention: 1, partner: 'acme', team: 'finance' }),
        row('b'),
        row('c', { step: null }),
      );
      assert.deepEqual((await list({ step: 'payment' })).rows, [
        {
          process,
          key: 'a',
          number: 'Na',
          state: 'running',
          step: 'payment',
          attention: true,
          partner: 'acme',
          team: 'finance',
        },
      ]);
      assert.deepEqual(await keys({ attention: true }), ['a']);
      assert.deepEqual(await keys({}), ['a', 'b']);
      for (const place of ['x', '{}', '["a"]', '[1,2]'])
        await assert.rejects(list({}, place), coded('REQUEST_INVALID'));
    });
  });

  describe('the page of an order', () => {
    const c1 = step({ correlationId: 'c1', businessKey: 'N1', outcome: 'published', reference: 'e1' });
    const message = envelope({
      id: 'm1',
      type: 'order.received.v1',
      source: 'shopify',
      subject: 'N1',
      correlationid: 'c1',
      flow: 'f',
      flowversion: '1',
      data: { street: 'Privet Drive 4' },
    });

    it('is found by key and by number', async () => {
      await add(row('shopify/1', { number: 'N1', partner: 'shopify', amount: '5.00', currency: 'USD' }));
      const { number, key, partner, money } = await page('N1');
      assert.deepEqual([number, key, partner], ['N1', 'shopify/1', 'shopify']);
      assert.deepEqual(money?.ordered, { value: '5.00', currency: 'USD' });
      assert.equal((await page('shopify/1')).number, 'N1');
    });

    it('has the exceptions that its steps failed with, though they name it otherwise', async () => {
      const shipment = { ...message, type: 'shipment.received.v1', id: 's1', correlationid: 'c9' };
      const id = letterId('q', shipment);
      const failed = '2026-03-02T10:00:00.000Z';
      const applied = ['m1', `shipment/${id}/${failed}`];
      const body = JSON.stringify({ ...newInstance(definition, 'shopify/1'), number: 'N1', applied });
      await add(row('shopify/1', { number: 'N1', body }));
      await place.journal.append([
        step({ correlationId: 'c9', businessKey: '1', outcome: 'exception', code: 'QUANTITY_EXCEEDED' }),
      ]);
      await place.journal.saveDeadLetter(letter({ id, message: shipment, lastFailed: failed }));
      const { exceptions, timeline } = await page('N1');
      assert.deepEqual(
        exceptions.map((one) => [one.id, one.event]),
        [[id, 'shipment.received.v1']],
      );
      assert.ok(timeline.some(({ made }) => made?.code === 'QUANTITY_EXCEEDED'));
    });

    it('has its exceptions and messages, by its transactions', async () => {
      const id = letterId('q', message);
      await add(row('shopify/1', { number: 'N1' }));
      await place.journal.append([{ ...c1, message }, step({ correlationId: 'other', businessKey: 'N2' })]);
      await place.journal.saveDeadLetter(letter({ id, message, firstFailed: '2026-03-01T10:00:05.000Z' }));
      await place.journal.saveDeadLetter(letter());
      const { exceptions, timeline } = await page('N1');
      assert.deepEqual(
        exceptions.map((one) => [one.id, one.state, one.event]),
        [[id, 'open', 'order.received.v1']],
      );
      assert.equal(timeline.length, 1);
      assert.ok(!JSON.stringify(await page('N1')).includes('Privet'));
      const raw = await orderMessages(place, process, 'N1');
      assert.deepEqual(
        raw.map(({ from, message: { id } }) => [from, id]),
        [
          ['webhook', 'm1'],
          ['exception', 'm1'],
        ],
      );
    });

    it('is not mixed with that of another partner with the same number', async () => {
      const of = (key: string, event: string) => {
        const one = row(key, { number: 'N1' });
        return { ...one, body: JSON.stringify({ ...(JSON.parse(one.body) as Instance), applied: [event] }) };
      };
      await add(of('shopify/1', 'e1'), of('acme/1', 'e2'));
      await place.journal.append([c1, step({ correlationId: 'c2', businessKey: 'N1', reference: 'e2' })]);
      const transactions = async (key: string) =>
        (await page(key)).timeline.map(({ made }) => made?.correlation);
      assert.deepEqual(await transactions('shopify/1'), ['c1']);
      assert.deepEqual(await transactions('acme/1'), ['c2']);
    });

    it('with the same number has what failed before either counted it', async () => {
      const of = (key: string, event: string) => {
        const one = row(key, { number: 'N1' });
        return { ...one, body: JSON.stringify({ ...(JSON.parse(one.body) as Instance), applied: [event] }) };
      };
      await add(of('shopify/1', 'e1'), of('acme/1', 'e2'));
      await place.journal.append([
        c1,
        step({ correlationId: 'c3', businessKey: 'N1', outcome: 'exception' }),
      ]);
      const failed = { ...message, id: 'm3', correlationid: 'c3' };
      await place.journal.saveDeadLetter(letter({ id: 'q/m3', message: failed }));
      await place.journal.saveDeadLetter(letter({ id: 'q/m1', message }));
      const shown = async (key: string) => (await page(key)).exceptions.map(({ id }) => id).toSorted();
      assert.deepEqual(await shown('shopify/1'), ['q/m1', 'q/m3']);
      assert.deepEqual(await shown('acme/1'), ['q/m3']);
    });

    it('with more than can be told still shows what waits', async () => {
      await add(row('shopify/1', { number: 'N1' }));
      const at = (n: number) => new Date(Date.parse('2026-03-02T00:00:00Z') + n * 1000).toISOString();
      const many = Array.from({ length: 650 }, (_, n) =>
        step({ correlationId: 'c2', businessKey: 'N1', time: at(n) }),
      );
      await place.journal.append([{ ...c1, time: '2026-03-01T00:00:00.000Z' }, ...many]);
      await place.journal.saveDeadLetter(
        letter({ id: 'q/old', message, lastFailed: '2026-03-01T00:00:00.000Z' }),
      );
      for (let n = 0; n < 55; n += 1) {
        const id = `q/${n}`;
        const one = { ...message, id: `x${n}`, correlationid: 'c2' };
        await place.journal.saveDeadLetter(letter({ id, message: one, lastFailed: at(n) }));
        await place.journal.move(id, ['open'], 'discarded');
      }
      const { exceptions, cut } = await page('N1');
      assert.deepEqual([exceptions[0]?.id, exceptions[0]?.state, cut], ['q/old', 'open', true]);
    });

    it('is there for what only left a trace, by number or transaction', async () => {
      const landed = { outcome: 'landed' as const, reference: 'sale.order/42', detail: 'S00042 sale' };
      await place.journal.append([c1, step({ correlationId: 'c1', businessKey: 'N1', ...landed })]);
      for (const called of ['N1', 'c1']) {
        const found = await page(called, noProcess);
        assert.deepEqual([found.process, found.money, found.rail.length], [undefined, undefined, 0]);
        assert.deepEqual(
          found.documents.map(({ name, link }) => [name, link]),
          [['S00042', 'https://odoo.example.com/web#id=42&model=sale.order&view_type=form']],
        );
        assert.equal(found.timeline.length, 2);
      }
      assert.equal((await page('N1')).process, undefined);
    });

    it('says what to do where nothing is called so', async () => {
      for (const where of [process, noProcess, 'nothing'])
        await assert.rejects(page('N404', where), (error: Error) => {
          assert.match(error.message, /N404.*[Ss]earch for another/);
          return coded('PROCESS_UNKNOWN')(error);
        });
      await assert.rejects(page('', noProcess), coded('PROCESS_UNKNOWN'));
    });

    it('goes by the version that the order began with', async () => {
      const one = row('shopify/1', { number: 'N1' });
      const instance = { ...(JSON.parse(one.body) as Instance), version: '0.1' };
      instance.steps = { packing: { state: 'doing', begun: 1, done: [] } };
      const file = { ...definition, version: '0.1', steps: { packing: { on: 'a.v1', awaits: 'b.v1' } } };
      await place.journal.documents.put('process', `${process}@0.1`, JSON.stringify(file));
      await add({ ...one, body: JSON.stringify(instance) });
      assert.deepEqual(
        (await page('N1')).rail.map(({ step, state }) => [step, state]),
        [['packing', 'doing']],
      );
    });
  });
}

describe('orders in the embedded store', () => {
  answers(async () => {
    const dir = mkdtempSync(join(tmpdir(), 'crossdock-board-'));
    const store = openStore(join(dir, 'crossdock.db'));
    const journal = embeddedJournal(store);
    const reading = new DatabaseSync(join(dir, 'crossdock.db'), { readOnly: true });
    const all = async <R>({ sql, parameters }: CompiledQuery) => ({
      rows: reading.prepare(sql).all(...(parameters as SQLInputValue[])) as R[],
    });
    return {
      journal,
      db: new Kysely<Tables>({ dialect: dialect('sqlite', all), ...sealing(storeKeys(), 'sqlite') }),
      async end() {
        reading.close();
        await journal.close();
        store.close();
        rmSync(dir, { recursive: true });
      },
    };
  });
});

describeReal(['postgres'], 'orders in PostgreSQL', ({ postgres }) => {
  const { url } = postgres!;
  answers(async () => {
    const schema = `test_${randomUUID().slice(0, 8)}`;
    const journal = await postgresJournal({ url, schema });
    const pool = new pg.Pool({ connectionString: url, options: `-c search_path=${schema}`, max: 2 });
    return {
      journal,
      db: new Kysely<Tables>({ dialect: new PostgresDialect({ pool }), ...sealing(storeKeys(), 'postgres') }),
      async end() {
        await pool.query(`DROP SCHEMA ${schema} CASCADE`);
        await pool.end();
        await journal.close();
      },
    };
  });
});
