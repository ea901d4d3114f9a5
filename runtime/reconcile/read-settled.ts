/** What was set against invoices and credit notes: money, credit notes, and what was given up. Reads only. */
import Big from 'big.js';
import type { Odoo } from '../odoo/client.ts';
import { sum } from './decimal.ts';
import type { Settled } from './facts.ts';
import { later, timeOf, type Many, type Maybe } from './odoo-values.ts';
import { readWhere } from './pages.ts';

interface PartialRow {
  id: number;
  debit_move_id: Many;
  credit_move_id: Many;
  debit_amount_currency: number;
  credit_amount_currency: number;
  max_date: string;
  create_date: string;
}

interface OtherRow {
  id: number;
  move_id: Many;
  ref: Maybe<string>;
}

type Other = OtherRow & { type: string };

interface GivenUpRow {
  id: number;
  move_id: Many;
  amount_currency: number;
}

export async function readSettled(odoo: Odoo, receivable: readonly ReceivableRow[]) {
  const moveOf = new Map(receivable.map(({ id, move_id: [move] }) => [id, move]));
  const read = {
    model: 'account.partial.reconcile',
    fields: [
      'debit_move_id',
      'credit_move_id',
      'debit_amount_currency',
      'credit_amount_currency',
      'max_date',
      'create_date',
    ],
  };
  const partials = new Map<number, PartialRow>();
  for (const side of ['debit_move_id', 'credit_move_id'])
    for (const row of await readWhere<PartialRow>(odoo, read, side, moveOf.keys())) partials.set(row.id, row);
  const sides = [...partials.values()].flatMap((row) => [
    { row, own: row.debit_move_id[0], other: row.credit_move_id[0], amount: row.debit_amount_currency },
    { row, own: row.credit_move_id[0], other: row.debit_move_id[0], amount: row.credit_amount_currency },
  ]);
  const ofInvoices = sides.filter(({ own }) => moveOf.has(own));
  const others = await readOthers(
    odoo,
    ofInvoices.map(({ other }) => other),
  );
  const settled = new Map<number, Settled[]>();
  const memos = new Map<number, string[]>();
  for (const { row, own, other, amount } of ofInvoices) {
    const move = moveOf.get(own)!;
    const { line, givenUp } = others.get(other)!;
    const at = later(timeOf(row.max_date), timeOf(row.create_date));
    settled.set(move, [...(settled.get(move) ?? []), ...settledBy(line, givenUp, amount, at)]);
    if (line.ref) memos.set(move, [...(memos.get(move) ?? []), line.ref]);
  }
  return { settled, memos };
}

/** The lines on the other side, with what share of their move is given up: booked as income or expense. */
async function readOthers(odoo: Odoo, ids: readonly number[]) {
  const lines = await readWithType(odoo, ids);
  const entries = lines.filter(({ type }) => type === 'entry');
  const moves = entries.map(({ move_id: [id] }) => id);
  const givenUp = await readWhere<GivenUpRow>(
    odoo,
    {
      model: 'account.move.line',
      fields: ['move_id', 'amount_currency'],
      domain: [['account_id.internal_group', 'in', ['income', 'expense']]],
    },
    'move_id',
    moves,
  );
  const ofMove = Map.groupBy(givenUp, ({ move_id: [id] }) => id);
  return new Map(
    lines.map((line) => {
      const amounts = (ofMove.get(line.move_id[0]) ?? []).map(({ amount_currency: one }) => Big(one));
      return [line.id, { line, givenUp: sum(amounts).abs() }];
    }),
  );
}

async function readWithType(odoo: Odoo, ids: readonly number[]): Promise<Other[]> {
  const lines = await readWhere<OtherRow>(
    odoo,
    { model: 'account.move.line', fields: ['move_id', 'ref'] },
    'id',
    ids,
  );
  const moves = await readWhere<{ id: number; move_type: string }>(
    odoo,
    { model: 'account.move', fields: ['move_type'] },
    'id',
    lines.map(({ move_id: [id] }) => id),
  );
  const typeOf = new Map(moves.map(({ id, move_type: type }) => [id, type]));
  return lines.map((line) => ({ ...line, type: typeOf.get(line.move_id[0])! }));
}

function settledBy({ type, move_id: [id] }: Other, givenUp: Big, amount: number, at: string) {
  const whole = Big(amount).round(6);
  const document = `account.move/${id}`;
  if (type !== 'entry') return [{ by: 'credit' as const, document, amount: whole.toFixed(), at }];
  const lost = givenUp.lt(whole) ? givenUp : whole;
  const paid = whole.minus(lost);
  return [
    ...(paid.gt(0) ? [{ by: 'payment' as const, document, amount: paid.toFixed(), at }] : []),
    ...(lost.gt(0) ? [{ by: 'write-off' as const, document, amount: lost.toFixed(), at }] : []),
  ];
}

/** A line of the account of customers, or of suppliers. */
export interface ReceivableRow {
  id: number;
  move_id: Many;
  partner_id: Maybe<Many>;
}
