/** Which invoice a credit note is for, and how much of its lines is credited: never more than was invoiced and is left. */
import assert from 'node:assert/strict';
import { adjust, creditable, type CreditLine } from '../runtime/odoo/money/credit-lines.ts';
import type { CallArgs } from '../runtime/odoo/protocol/protocol.ts';
import { fakeOdoo } from './odoo-fake.ts';

type Goods = readonly [id: number, product: number | false, quantity: number];

/** Lines by their invoice or credit note, and credit notes by their invoice. */
function odooOf(moves: Record<number, readonly Goods[]>, notes: Record<number, readonly number[]> = {}) {
  const asked: [model: string, method: string, args: CallArgs][] = [];
  const odoo = fakeOdoo(19, (model, method, args) => {
    asked.push([model, method, args]);
    const [[, , of] = []] = (args['domain'] ?? []) as [string, string, unknown][];
    if (method === 'write') return true;
    if (model === 'account.move') return (notes[of as number] ?? []).map((id) => ({ id }));
    return (of as number[]).flatMap((move) =>
      (moves[move] ?? []).map(([id, product, quantity]) => ({
        id,
        move_id: [move, 'x'],
        product_id: product && [product, 'x'],
        quantity,
      })),
    );
  });
  return { odoo, asked };
}
const credit = (...lines: [product: number, quantity: string][]): CreditLine[] =>
  lines.map(([product, quantity]) => ({ product, quantity }));
const invoices = [{ id: 1 }, { id: 2 }];

describe('the invoice of a credit note', () => {
  const moves = {
    1: [
      [11, 7, 2],
      [12, 8, 1],
      [13, 7, 1],
      [14, false, 9],
    ],
    2: [[21, 7, 5]],
    5: [[51, 7, 2]],
    6: [[61, 7, 0.5]],
  } as const;
  const found = async (
    lines: CreditLine[] | undefined,
    notes: Record<number, readonly number[]> = {},
  ): Promise<number | undefined> => creditable(odooOf(moves, notes).odoo, invoices, lines);

  it('is the first that has all of its lines left', async () => {
    assert.equal(await found(credit([7, '3'], [8, '1'])), 1);
    assert.equal(await found(credit([7, '3.01'])), 2);
    assert.equal(await found(credit([7, '2'], [7, '2'])), 2, 'two lines of one article together');
    assert.equal(await found(credit([7, '3'], [8, '1.5'])), undefined);
    assert.equal(await found(credit([9, '1'])), undefined);
    assert.equal(await found([]), 1);
  });

  it('has what other credit notes left of it', async () => {
    assert.equal(await found(credit([7, '1']), { 1: [5] }), 1);
    assert.equal(await found(credit([7, '1']), { 1: [5, 6] }), 2);
    assert.equal(await found(credit([7, '0.5']), { 1: [5, 6] }), 1);
    assert.equal(await found(credit([7, '5']), { 2: [6] }), undefined);
  });

  it('is, without lines, the first that has no credit note', async () => {
    assert.equal(await found(undefined), 1);
    assert.equal(await found(undefined, { 1: [5] }), 2);
    assert.equal(await found(undefined, { 1: [5], 2: [6] }), undefined);
  });

  it('is looked for among notes that are not cancelled and lines of goods', async () => {
    const { odoo, asked } = odooOf(moves, { 1: [5, 6] });
    await creditable(odoo, [{ id: 1 }], credit([7, '0.5']));
    const { goods } = await odoo.dialect();
    const fields = ['move_id', 'product_id', 'quantity'];
    const lines = (ids: number[]) => ({ domain: [['move_id', 'in', ids], ...goods], fields, order: 'id' });
    assert.deepEqual(asked, [
      [
        'account.move',
        'search_read',
        {
          domain: [
            ['reversed_entry_id', '=', 1],
            ['state', '!=', 'cancel'],
          ],
          fields: ['id'],
        },
      ],
      ['account.move.line', 'search_read', lines([1])],
      ['account.move.line', 'search_read', lines([5, 6])],
    ]);
  });
});

describe('a draft of a credit note', () => {
  const written = async (lines: readonly Goods[], wanted: CreditLine[]): Promise<unknown> => {
    const { odoo, asked } = odooOf({ 9: lines });
    await adjust(odoo, 9, wanted);
    const [model, method, { ids, vals, context }] = asked.at(-1)!;
    assert.deepEqual([model, method, ids], ['account.move', 'write', [9]]);
    assert.deepEqual(context, { lang: 'en_US', tz: 'UTC', noupdate: true, tracking_disable: true });
    return (vals as { invoice_line_ids: unknown }).invoice_line_ids;
  };
  const keep = (id: number, quantity: number) => [1, id, { quantity }];
  const remove = (id: number) => [2, id];

  it('keeps of each line what is credited, and loses the lines that are not named', async () => {
    const lines = [
      [1, 7, 2],
      [2, 8, 1],
      [3, false, 1],
    ] as const;
    assert.deepEqual(await written(lines, credit([7, '1.5'])), [keep(1, 1.5), remove(2), remove(3)]);
    assert.deepEqual(await written(lines, credit([7, '2'], [8, '1'])), [keep(1, 2), keep(2, 1), remove(3)]);
    assert.deepEqual(await written(lines, []), [remove(1), remove(2), remove(3)]);
    assert.deepEqual(await written([[3, false, 1]], credit([1, '1'])), [remove(3)], 'a line of no article');
  });

  it('spreads what is credited of an article over its lines, each no more than it has', async () => {
    const lines = [
      [1, 7, 2],
      [2, 7, 3],
      [3, 7, 4],
    ] as const;
    assert.deepEqual(await written(lines, credit([7, '1'], [7, '2.5'])), [
      keep(1, 2),
      keep(2, 1.5),
      remove(3),
    ]);
    assert.deepEqual(await written(lines, credit([7, '100'])), [keep(1, 2), keep(2, 3), keep(3, 4)]);
  });
});
