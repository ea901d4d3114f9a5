/** Work inside warehouses as in Odoo: transfers that people create, and counts that are applied. */
import { unprocessable, userError } from './fault.ts';
import { insertMove } from './transfers.ts';
import { existing, type Row, type Tables, type Value } from './tables.ts';

type Args = Record<string, unknown>;

interface NewPicking {
  picking_type_id: number;
  location_id: number;
  location_dest_id: number;
  origin: string;
  move_ids: [0, 0, { product_id: number; product_uom_qty: number }][];
}

/** Creates pickings with moves given as `[0, 0, values]`. */
export function createPickings(tables: Tables, { vals_list: list }: Args): number[] {
  return (list as NewPicking[]).map(({ move_ids: moves, ...vals }) => {
    const picking = tables.insert('stock.picking', {
      ...vals,
      state: 'draft',
      picking_type_code: 'internal',
    });
    picking['name'] = `WH/INT/${String(picking.id).padStart(5, '0')}`;
    for (const [command, , move] of moves) {
      if (command !== 0) throw unprocessable('the sandbox makes moves of a new picking, and changes none');
      insertMove(tables, picking.id, {}, move.product_id, move.product_uom_qty);
    }
    return picking.id;
  });
}

export function confirmPickings(tables: Tables, { ids }: Args): true {
  for (const id of ids as number[]) existing(tables, 'stock.picking', id)['state'] = 'assigned';
  return true;
}

/** Keeps one quant for each article and place. Its counted quantity takes effect when it is applied. */
export function createQuants(tables: Tables, { vals_list: list }: Args): number[] {
  return (list as Record<string, Value>[]).map((vals) => {
    const known = quantOf(tables, vals);
    if (!known) return tables.insert('stock.quant', vals).id;
    known['inventory_quantity'] = vals['inventory_quantity']!;
    return known.id;
  });
}

function quantOf(tables: Tables, { product_id, location_id }: Record<string, Value>): Row | undefined {
  return [...tables.rows('stock.quant').values()].find(
    (quant) => quant['product_id'] === product_id && quant['location_id'] === location_id,
  );
}

export function applyInventory(tables: Tables, { ids, context = {} }: Args): null {
  const { inventory_name: reference = 'Product Quantity Updated' } = context as { inventory_name?: string };
  for (const id of ids as number[]) {
    const quant = existing(tables, 'stock.quant', id);
    const [was, is] = [Number(quant['quantity']), Number(quant['inventory_quantity'])];
    if (is < 0) throw userError('A quantity is not negative.');
    quant['quantity'] = is;
    tables.insert('stock.move', {
      reference,
      state: 'done',
      product_id: quant['product_id']!,
      quantity: Math.abs(is - was),
      location_id: 1,
      location_dest_id: 1,
    });
  }
  return null;
}
