/** What people and programs do to the books of an order. */
import type { OdooOrder } from '../runtime/reconcile/facts.ts';
import type { Case, Mutable } from './reconcile-kit.ts';

export type Fault = (one: Mutable<Case>) => Mutable<OdooOrder>[] | void;

export const back = (one: Mutable<Case>, quantity = '4', at = '2026-11-14T10:00:00.000Z') =>
  one.odoo.lines[0]!.moves.push({
    picking: { id: one.odoo.id + 50, name: 'WH/IN/1' },
    direction: 'back',
    credited: true,
    quantity,
    pieces: quantity,
    at,
  });
export const creditOf = ({ odoo }: Mutable<Case>) => {
  const { lines, ...invoice } = structuredClone(odoo.invoices[0]!);
  const credit = { ...invoice, id: odoo.id + 60, name: 'RINV/1', type: 'credit' as const, total: '48.00' };
  odoo.invoices.push({ ...credit, date: '2026-11-14', lines: [lines[0]!], settled: [] });
};
export const unshipped = (one: Mutable<Case>) => {
  for (const line of one.odoo.lines) line.moves = [];
  Object.assign(one.odoo, { invoices: [] });
  Object.assign(one.hub, { shipments: [], invoices: [], payments: [] });
};
export const uninvoiced = (one: Mutable<Case>) => {
  one.odoo.invoices = [];
  Object.assign(one.hub, { invoices: [], payments: [] });
};
export const loose = (by: 'memo' | 'amount', { odoo }: Mutable<Case>) =>
  odoo.loose.push({
    document: `account.payment/${odoo.id + 70}`,
    name: 'PBNK/2',
    by,
    direction: 'in',
    open: odoo.total,
    at: '2026-11-13T00:00:00.000Z',
  });
export const copyOf = ({ odoo }: Mutable<Case>): Mutable<OdooOrder> => {
  const { key: _, ...copy } = structuredClone(odoo);
  return { ...copy, id: odoo.id + 80, name: 'S-copy', reference: '', invoices: [], loose: [] };
};
