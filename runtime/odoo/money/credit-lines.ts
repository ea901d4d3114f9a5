/** Finds the invoice that a credit note is for, and reduces its lines to what is credited. */
import Big from 'big.js';
import { sum } from '../../decimal/sum.ts';
import type { Odoo } from '../client.ts';
import { plain } from '../load.ts';

export interface CreditLine {
  product: number;
  quantity: string;
}

interface InvoiceLine {
  id: number;
  move_id: [number, string];
  product_id: [number, string] | false;
  quantity: number;
}

/** Returns the first invoice with all of these lines left to credit. Without lines, the first without a credit note. */
export async function creditable(
  odoo: Odoo,
  invoices: readonly { id: number }[],
  lines: readonly CreditLine[] | undefined,
): Promise<number | undefined> {
  for (const { id } of invoices) {
    const notes = await odoo.call<{ id: number }[]>('account.move', 'search_read', {
      domain: [
        ['reversed_entry_id', '=', id],
        ['state', '!=', 'cancel'],
      ],
      fields: ['id'],
    });
    if (!lines) {
      if (notes.length === 0) return id;
      continue;
    }
    const invoiced = await linesOf(odoo, [id]);
    const credited = await linesOf(
      odoo,
      notes.map((note) => note.id),
    );
    const left = (product: number) => total(invoiced, product).minus(total(credited, product));
    const wanted = Map.groupBy(lines, ({ product }) => product);
    if ([...wanted].every(([product, same]) => sum(same.map((line) => line.quantity)).lte(left(product))))
      return id;
  }
  return undefined;
}

/** Reduces a draft credit note to these quantities, and removes lines that are not named. */
export async function adjust(odoo: Odoo, credit: number, lines: readonly CreditLine[]): Promise<void> {
  const left = new Map(
    [...Map.groupBy(lines, ({ product }) => product)].map(([product, same]) => [
      product,
      sum(same.map(({ quantity }) => quantity)),
    ]),
  );
  const commands = (await linesOf(odoo, [credit])).map((line) => {
    // No article of Odoo has the id 0.
    const [product = 0] = line.product_id || [];
    const open = left.get(product) ?? Big(0);
    const quantity = open.gt(line.quantity) ? Big(line.quantity) : open;
    left.set(product, open.minus(quantity));
    return quantity.eq(0) ? [2, line.id] : [1, line.id, { quantity: quantity.toNumber() }];
  });
  await odoo.call('account.move', 'write', {
    ids: [credit],
    vals: { invoice_line_ids: commands },
    context: plain,
  });
}

async function linesOf(odoo: Odoo, moves: number[]): Promise<InvoiceLine[]> {
  const { goods } = await odoo.dialect();
  return odoo.call('account.move.line', 'search_read', {
    domain: [['move_id', 'in', moves], ...goods],
    fields: ['move_id', 'product_id', 'quantity'],
    order: 'id',
  });
}

function total(lines: readonly InvoiceLine[], product: number): Big {
  return sum(
    lines.filter((line) => line.product_id && line.product_id[0] === product).map((l) => l.quantity),
  );
}
