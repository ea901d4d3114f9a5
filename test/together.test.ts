/** What many messages ask of Odoo at the same moment is one call, and each has its own answer. */
import assert from 'node:assert/strict';
import { CodedError } from '../runtime/errors/coded-error.ts';
import type { Odoo } from '../runtime/odoo/client.ts';
import type { CallArgs } from '../runtime/odoo/protocol/protocol.ts';
import { load } from '../runtime/odoo/load.ts';
import { oneByOne } from '../runtime/odoo/together/one-by-one.ts';
import { together } from '../runtime/odoo/together/together.ts';
import { fakeOdoo } from './odoo-fake.ts';

type Answer = (args: CallArgs, model: string, method: string) => unknown;

/** The calls that reach it, as `model/method` and arguments. */
function odooOf(answer: Answer) {
  const calls: [string, CallArgs][] = [];
  const odoo = fakeOdoo(19, async (model, method, args) => {
    calls.push([`${model}/${method}`, args]);
    await new Promise((resolve) => setImmediate(resolve));
    return answer(args, model, method);
  });
  return { shared: together(odoo), calls };
}

const refused = () => {
  throw new CodedError('ODOO_REFUSED', 'No', {});
};

const pickings = [
  { id: 1, name: 'A', sale_id: [7, 'S7'], tags: [1, 2], state: 'done' },
  { id: 2, name: 'B', sale_id: [8, 'S8'], tags: [], state: 'draft' },
  { id: 3, name: 'C', sale_id: [7, 'S7'], tags: [2, 3], state: 'draft' },
];

/** As Odoo would, for conditions `in` and `=`. */
const table: Answer = ({ domain, limit }) =>
  pickings
    .filter((row) =>
      (domain as [keyof (typeof pickings)[0], string, unknown][]).every(([field, , wanted]) => {
        const value = row[field];
        const own = field === 'sale_id' ? [(value as unknown[])[0]] : [value].flat();
        return own.some((one) => [wanted].flat().includes(one));
      }),
    )
    .slice(0, (limit as number | undefined) ?? 99);

describe('together', () => {
  const read = (odoo: Odoo, domain: unknown[], more: CallArgs = {}) =>
    odoo.call<{ id: number }[]>('stock.picking', 'search_read', { domain, fields: ['name'], ...more });

  it('searches by other values are one call; each gets its own rows, in order, without more fields than asked', async () => {
    const { shared, calls } = odooOf(table);
    const found = await Promise.all([
      read(shared, [['sale_id', '=', 7]]),
      read(shared, [['sale_id', 'in', [8, 9]]]),
      read(shared, [['sale_id', '=', 7]], { limit: 1 }),
      read(shared, [['sale_id', '=', 10]]),
    ]);
    assert.deepEqual(
      found.map((rows) => rows.map(({ id }) => id)),
      [[1, 3], [2], [1], []],
    );
    assert.deepEqual(calls, [
      [
        'stock.picking/search_read',
        { domain: [['sale_id', 'in', [7, 8, 9, 10]]], fields: ['name', 'sale_id'] },
      ],
    ]);
    assert.deepEqual(
      (await read(shared, [['sale_id', '=', 8]])).map((row) => Object.keys(row).includes('sale_id')),
      [true],
      'one alone is asked as it is',
    );
    assert.deepEqual(Object.keys(found[0]![0]!), ['id', 'name']);
  });

  it('values of two fields, and of lists, fall to those who asked for both', async () => {
    const { shared, calls } = odooOf(table);
    const ask = (tag: number, state: string) =>
      read(shared, [
        ['tags', 'in', [tag]],
        ['state', '=', state],
      ]);
    const found = await Promise.all([ask(1, 'done'), ask(3, 'draft'), ask(1, 'draft')]);
    assert.deepEqual([found.map((rows) => rows.map(({ id }) => id)), calls.length], [[[1], [3], []], 1]);
  });

  it('the same question is asked once; what cannot be told apart by the rows is asked for itself', async () => {
    for (const [domain, other, count] of [
      [[['name', 'like', 'A']], [['name', 'like', 'A']], 1],
      [[['name', 'like', 'A']], [['name', 'like', 'B']], 2],
      [[['sale_id.name', '=', 'A']], [['sale_id.name', '=', 'B']], 2],
      [['|', ['id', '=', 1], ['id', '=', 2]], ['|', ['id', '=', 1], ['id', '=', 3]], 2],
      [[['name', '=', '']], [['name', '=', 'A']], 2],
      [[['id', '=', 1]], [['name', '=', 'A']], 2],
    ] as const) {
      const { shared, calls } = odooOf(() => []);
      await Promise.all([read(shared, [...domain]), read(shared, [...other])]);
      assert.equal(calls.length, count, JSON.stringify(domain));
    }
    const { shared, calls } = odooOf(() => []);
    await Promise.all([
      read(shared, [['id', '=', 1]], { context: { lang: 'de_DE' } }),
      read(shared, [['id', '=', 2]], { context: { lang: 'en_US' } }),
      read(shared, [['id', '=', 3]], { order: 'name' }),
    ]);
    assert.equal(calls.length, 3);
  });

  it('methods on records are one call where all else is the same', async () => {
    const { shared, calls } = odooOf(() => true);
    const on = (method: string, id: number, more: CallArgs = {}) =>
      shared.call('stock.picking', method, { ids: [id], ...more });
    const answers = await Promise.all([
      on('button_validate', 1, { context: { skip_sms: true } }),
      on('button_validate', 2, { context: { skip_sms: true } }),
      on('button_validate', 2, { context: { skip_sms: true } }),
      on('button_validate', 3),
      on('write', 4, { vals: { note: 'x' } }),
      on('write', 5, { vals: { note: 'y' } }),
      on('open_wizard', 6),
      on('open_wizard', 7),
    ]);
    assert.deepEqual(
      answers,
      Array.from({ length: 8 }, () => true),
    );
    assert.deepEqual(
      calls.map(([, { ids }]) => ids),
      [[1, 2], [3], [4], [5], [6], [7]],
    );
  });

  it('records are made in one call, and each has its own ids', async () => {
    let next = 10;
    const { shared, calls } = odooOf(({ vals_list: list, data }) => {
      const ids = ((list ?? data) as unknown[]).map(() => next++);
      return list ? ids : { ids, messages: [] };
    });
    const make = (count: number) =>
      shared.call('a', 'create', { vals_list: Array.from({ length: count }, () => ({})) });
    const row = (id: string) => load(shared, 'b', [{ externalId: id, rows: [{ id, name: id }] }]);
    const made = await Promise.all([make(1), make(2), row('x.1'), row('x.2')]);
    const done = (value: number) => [{ status: 'fulfilled', value }];
    assert.deepEqual(made, [[10], [11, 12], done(13), done(14)]);
    assert.deepEqual(calls.length, 2);
  });

  it('what Odoo refuses for one record is refused for that one alone', async () => {
    const bad = new Set([3, 17]);
    const { shared, calls } = odooOf(({ ids, data }) => {
      const wrong = ids?.some((id) => bad.has(id)) ?? (data as string[][]).some(([name]) => name === 'x.bad');
      if (!wrong) return data ? { ids: (data as unknown[]).map((_, at) => at + 1), messages: [] } : true;
      return data ? { ids: false, messages: [{ message: 'No name', rows: { from: 0, to: 0 } }] } : refused();
    });
    const posted = await Promise.allSettled(
      Array.from({ length: 20 }, (_, id) => shared.call('account.move', 'action_post', { ids: [id] })),
    );
    assert.deepEqual(
      posted.flatMap(({ status }, id) => (status === 'rejected' ? [id] : [])),
      [...bad],
    );
    assert.ok(calls.length < 20, `${calls.length} calls`);
    const row = (id: string) => load(shared, 'b', [{ externalId: id, rows: [{ id }] }]);
    const loaded = await Promise.all(['x.1', 'x.bad', 'x.2'].map(row));
    assert.deepEqual(
      loaded.map(([one]) => one!.status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.match(String((loaded[1]![0] as PromiseRejectedResult).reason), /No name/);
  });

  it('a fault of the connection is that of everybody in the call, and of nobody else', async () => {
    const { shared, calls } = odooOf((_args, model) => {
      if (model === 'lost') throw new CodedError('ODOO_ANSWER_LOST', 'Lost', {});
      return true;
    });
    const act = (model: string, id: number) => shared.call(model, 'action_post', { ids: [id] });
    const outcomes = await Promise.allSettled([act('lost', 1), act('lost', 2), act('kept', 3)]);
    assert.deepEqual(
      [outcomes.map(({ status }) => status), calls.length],
      [['rejected', 'rejected', 'fulfilled'], 2],
    );
  });

  it('messages that began together stay in step, and one that is behind catches up before a write', async () => {
    const { shared, calls } = odooOf((_args, _model, method) => (method === 'search_read' ? [] : true));
    async function message(id: number, reads: number): Promise<void> {
      for (let at = 0; at < reads; at++) await read(shared, [['id', '=', id * 10 + at]], { order: `${at}` });
      await shared.call('stock.picking', 'button_validate', { ids: [id] });
    }
    await Promise.all([message(1, 1), message(2, 3), message(3, 0), message(4, 2)]);
    assert.deepEqual(
      calls.map(([name]) => name.split('/')[1]),
      ['search_read', 'search_read', 'search_read', 'button_validate'],
    );
  });

  it('what is asked as one goes to one run, whose outcomes are those of each', async () => {
    const { shared } = odooOf(() => true);
    const runs: number[][] = [];
    const half = (n: number, key = 'half') =>
      shared.asOne(key, n, async (all) => {
        runs.push(all);
        return all.map((one) =>
          one % 2 === 0
            ? { status: 'fulfilled', value: one / 2 }
            : { status: 'rejected', reason: new CodedError('ODOO_REFUSED', `${one}`, {}) },
        );
      });
    const outcomes = await Promise.allSettled([half(2), half(3), half(4), half(8, 'other')]);
    assert.deepEqual(
      outcomes.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.message)),
      [1, '3', 2, 4],
    );
    assert.deepEqual(runs, [[2, 3, 4], [8]]);
  });
});

describe('one by one', () => {
  it('work of one key waits for what came before it, also where that failed', async () => {
    const turn = oneByOne();
    const said: string[] = [];
    const work =
      (name: string, fails = false) =>
      async () => {
        said.push(`${name} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        said.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      };
    const outcomes = await Promise.allSettled([
      turn('S1', work('a', true)),
      turn('S1', work('b')),
      turn('S2', work('c')),
    ]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['rejected', 'fulfilled', 'fulfilled'],
    );
    assert.deepEqual(said, ['a begins', 'c begins', 'a ends', 'b begins', 'c ends', 'b ends']);
  });
});
