/** Odoo's upsert in groups: which records share a call, and what becomes of them when Odoo refuses one. */
import assert from 'node:assert/strict';
import { CodedError } from '../runtime/errors/coded-error.ts';
import type { Code } from '../runtime/errors/codes.ts';
import { ensure, load, loadNew, plain, type LoadRecord } from '../runtime/odoo/load.ts';
import type { CallArgs } from '../runtime/odoo/protocol/protocol.ts';
import { fakeOdoo } from './odoo-fake.ts';

interface Sent {
  model: string;
  fields: string[];
  data: string[][];
  context: unknown;
}
type Messages = { message?: string; field?: string; rows?: { from: number; to: number } }[];

/** An Odoo that gives the ids 1, 2 … to the rows with an id, unless `refuse` says another. `has`: what it knows before. */
function odooThat(
  refuse: (sent: Sent) => Messages | undefined = () => undefined,
  has: () => Record<string, number> = () => ({}),
) {
  const sent: Sent[] = [];
  const odoo = fakeOdoo(19, (model, method, args: CallArgs) => {
    if (model === 'ir.model.data') {
      const domain = args['domain'] as [string, string, string[]][];
      const [modules, names] = [domain[1]![2], domain[2]![2]];
      return Object.entries(has())
        .map(([id, res_id]) => ({ module: id.split('.')[0]!, name: id.split('.')[1]!, res_id }))
        .filter(({ module, name }) => modules.includes(module) && names.includes(name));
    }
    assert.equal(method, 'load');
    const one = { model, ...args } as unknown as Sent;
    sent.push(one);
    const messages = refuse(one);
    const column = one.fields.indexOf('id');
    const ids = one.data.filter((row) => row[column] !== '').map((row) => Number(row[column]!.slice(3)));
    return messages ? { ids: false, messages } : { ids, messages: [] };
  });
  return { odoo, sent };
}

/** Odoo gives it the id in its name. */
const record = (
  n: number,
  more: Record<string, string> = {},
  rows: Record<string, string>[] = [],
): LoadRecord => ({
  externalId: `a.b${n}`,
  rows: [{ id: `a.b${n}`, name: `n${n}`, ...more }, ...rows],
});
const told = (outcomes: PromiseSettledResult<number>[]) =>
  outcomes.map((one) => {
    if (one.status === 'fulfilled') return one.value;
    const { code, message, facts } = one.reason as CodedError;
    return { code, message, facts };
  });
const about = (sent: Sent, name: string) => {
  const at = sent.data.findIndex((row) => row.includes(name));
  return at < 0 ? undefined : { from: at, to: at };
};

describe('records that are loaded into Odoo', () => {
  it('share a call with those of the same columns, and come back in their own order', async () => {
    const { odoo, sent } = odooThat();
    const records = [record(1), record(2, { ref: 'r' }), record(3)];
    assert.deepEqual(told(await load(odoo, 'res.partner', records)), [1, 2, 3]);
    assert.deepEqual(
      sent.map(({ model, fields, data, context }) => [model, fields, data, context]),
      [
        ['res.partner', ['id', 'name'], [['a.b1', 'n1'], ['a.b3', 'n3']], plain],
        ['res.partner', ['id', 'name', 'ref'], [['a.b2', 'n2', 'r']], plain],
      ],
    ); // prettier-ignore
  });

  it('are read plainly, and stay ours when an app is upgraded', () =>
    assert.deepEqual(plain, { lang: 'en_US', tz: 'UTC', noupdate: true, tracking_disable: true }));

  it('have an empty cell where a line of theirs has no such column', async () => {
    const { odoo, sent } = odooThat();
    await load(odoo, 'sale.order', [record(1, { line: 'x' }, [{ id: '', line: 'y' }])]);
    assert.deepEqual(sent[0]!.data, [
      ['a.b1', 'n1', 'x'],
      ['', '', 'y'],
    ]);
  });

  it('land without the one that Odoo names, by the lines it speaks of', async () => {
    for (const bad of [1, 2, 3]) {
      const records = [1, 2, 3].map((n) => record(n, {}, [{ id: '', name: `line ${n}` }]));
      // once by its first line, once by its last
      for (const name of [`n${bad}`, `line ${bad}`]) {
        const { odoo, sent } = odooThat((one) => {
          const rows = about(one, name);
          return rows && [{ message: 'No such tax', field: 'tax', rows }];
        });
        const expected = [1, 2, 3].map((n) =>
          n === bad
            ? { code: 'ODOO_REFUSED', message: 'No such tax', facts: { externalId: `a.b${n}`, field: 'tax' } }
            : n,
        );
        assert.deepEqual(told(await load(odoo, 'sale.order', records)), expected);
        assert.equal(sent.length, 2);
      }
    }
  });

  it('are tried each for itself where Odoo names none, or answers of another number', async () => {
    const { odoo, sent } = odooThat((one) =>
      one.data.length > 1 || about(one, 'n2') ? [{ message: 'No' }] : undefined,
    );
    const refused = { code: 'ODOO_REFUSED', message: 'No', facts: { externalId: 'a.b2', field: undefined } };
    assert.deepEqual(told(await load(odoo, 'x', [record(1), record(2), record(3)])), [1, refused, 3]);
    assert.deepEqual(
      sent.map(({ data }) => data.length),
      [3, 1, 1, 1],
    );

    let calls = 0;
    const short = fakeOdoo(19, () => ({ ids: (calls += 1) === 1 ? [7] : [calls], messages: [] }));
    assert.deepEqual(told(await load(short, 'x', [record(1), record(2)])), [2, 3]);
  });

  it('are tried each for itself where the data fails the whole call', async () => {
    for (const code of ['ODOO_REFUSED', 'ODOO_FAILED'] as const) {
      const { odoo, sent } = odooThat((one) => {
        if (one.data.length > 1) throw new CodedError(code, 'x');
        return undefined;
      });
      assert.deepEqual(told(await load(odoo, 'x', [record(1), record(2)])), [1, 2]);
      assert.deepEqual(
        sent.map(({ data }) => data.length),
        [2, 1, 1],
      );
    }
  });

  it('throw what failed a single one, or what is not of the data', async () => {
    const failing = (error: unknown) => odooThat(() => { throw error; }).odoo; // prettier-ignore
    const of = (code: Code) => failing(new CodedError(code, 'x'));
    await assert.rejects(load(of('ODOO_FAILED'), 'x', [record(1)]), { code: 'ODOO_FAILED' });
    const { odoo, sent } = odooThat(() => {
      throw new CodedError('ODOO_TIMEOUT', 'x');
    });
    await assert.rejects(load(odoo, 'x', [record(1), record(2)]), { code: 'ODOO_TIMEOUT' });
    assert.equal(sent.length, 1);
    await assert.rejects(load(failing(new Error('own')), 'x', [record(1), record(2)]), /own/);
  });

  it('are busy where another transaction held them, and refused in words for people', async () => {
    const refusedWith = async (message: string) => {
      const [outcome] = told(
        await load(odooThat(() => [{ message, rows: { from: 0, to: 0 } }]).odoo, 'x', [record(1)]),
      );
      return outcome;
    };
    assert.deepEqual(await refusedWith('could not serialize access'), {
      code: 'ODOO_BUSY',
      message: 'Another transaction in Odoo holds this record',
      facts: { externalId: 'a.b1' },
    });
    const { message } = (await refusedWith('column "x" does not exist')) as { message: string };
    assert.equal(message, 'Odoo refused the record without a reason for people');
    const silent = odooThat(() => []).odoo;
    assert.deepEqual(told(await load(silent, 'x', [record(1)])), [
      { code: 'ODOO_REFUSED', message, facts: { externalId: 'a.b1', field: undefined } },
    ]);
  });

  it('make no call where there are none', async () => {
    const { odoo, sent } = odooThat();
    assert.deepEqual(await load(odoo, 'x', []), []);
    assert.deepEqual(await ensure(odoo, 'x', []), []);
    assert.equal(sent.length, 0);
  });
});

describe('records that are made once in Odoo', () => {
  it('are loaded where they are missing, one time each', async () => {
    const { odoo, sent } = odooThat(undefined, () => ({ 'a.b2': 20 }));
    const records = [record(1), record(2), record(1), record(3)];
    assert.deepEqual(told(await ensure(odoo, 'x', records)), [1, 20, 1, 3]);
    assert.deepEqual(
      sent.map(({ data }) => data.map(([id]) => id)),
      [['a.b1', 'a.b3']],
    );
    sent.length = 0;
    assert.deepEqual(told(await ensure(odoo, 'x', [record(2)])), [20]);
    assert.equal(sent.length, 0);
  });

  it('count as made where another made them meanwhile', async () => {
    const { odoo } = odooThat(
      (one) => {
        const rows = about(one, 'n1') ?? about(one, 'n2');
        return rows && [{ message: 'Taken', rows }];
      },
      () => ({ 'a.b1': 10, 'a.b3': 30 }),
    );
    const made = await loadNew(odoo, 'x', [record(1), record(2), record(3)]);
    const refused = {
      code: 'ODOO_REFUSED',
      message: 'Taken',
      facts: { externalId: 'a.b2', field: undefined },
    };
    assert.deepEqual(told([...made.values()]), [10, refused, 3]);
  });
});
