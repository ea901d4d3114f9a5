/** Creates transfers and their moves. */
import type { Tables, Value } from './tables.ts';

/** The sale or purchase order of a picking. */
export type ForOrder = { sale_id: Value } | { purchase_id: Value };
/** The sale or purchase order line of a move. */
export type ForLine = { sale_line_id: Value } | { purchase_line_id: Value } | Record<never, Value>;

export function insertPicking(
  tables: Tables,
  order: ForOrder,
  code: 'outgoing' | 'incoming',
  of?: number,
): number {
  const picking = tables.insert('stock.picking', {
    state: 'assigned',
    ...order,
    picking_type_code: code,
    ...(of !== undefined && { return_id: of }),
  });
  picking['name'] = `WH/${code === 'outgoing' ? 'OUT' : 'IN'}/${String(picking.id).padStart(5, '0')}`;
  return picking.id;
}

export function insertMove(
  tables: Tables,
  picking: number,
  line: ForLine,
  product: number,
  quantity: number,
  origin?: number,
): void {
  tables.insert('stock.move', {
    name: 'move',
    picking_id: picking,
    ...line,
    product_id: product,
    product_uom: 1,
    product_uom_qty: quantity,
    product_qty: quantity,
    location_id: 1,
    location_dest_id: 1,
    state: 'assigned',
    ...(origin !== undefined && { origin_returned_move_id: origin }),
  });
}
