/** Events of stock levels, as channels are told them. */
export const changed = 'stock.level.changed.v1';
export const acknowledged = 'stock.level.acknowledged.v1';

/** Data of `stock.level.acknowledged.v1`: definitions/schemas/stock-acknowledged.v1.json. */
export interface ToldLevel {
  channel: string;
  sku: string;
  warehouse: string;
  /** In Odoo, and what the channel was told of it. Decimal. */
  available: string;
  told: string;
  /** ISO 8601: read in Odoo, and changed there. */
  at: string;
  changed?: string;
  /** False: it does not sell it any more. */
  sold?: boolean;
}
