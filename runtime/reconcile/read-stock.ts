/** The stock of Odoo by warehouse, article and lot, what has moved since, and what it can promise. Reads only. */
import Big from 'big.js';
import { sum } from '../decimal/sum.ts';
import type { Odoo } from '../odoo/client.ts';
import { amountOf, odooTime, timeOf, type Many, type Maybe } from './odoo-values.ts';
import { readAll, readWhere } from './pages.ts';
import { readSizes } from './read-goods.ts';
import type { Stake } from './breaks.ts';
import type { MovedStock, OnHand, Promised } from './stock.ts';

interface ProductRow {
  id: number;
  default_code: Maybe<string>;
  uom_id: Many;
  standard_price: number;
  currency_id: Maybe<Many>;
  is_storable: boolean;
}

interface QuantRow {
  id: number;
  product_id: Many;
  location_id: Many;
  lot_id: Maybe<Many>;
  quantity: number;
}

interface MoveRow {
  id: number;
  product_id: Many;
  product_uom_id: Many;
  location_id: Many;
  location_dest_id: Many;
  lot_id: Maybe<Many>;
  date: string;
}

export interface OdooStock {
  onHand: OnHand[];
  moved: MovedStock[];
  promised: Promised[];
  costs: Map<string, Stake>;
  untracked: Set<string>;
}

export interface StockAsked {
  /** Warehouses by their short names in Odoo: these count. */
  warehouses: ReadonlySet<string>;
  /** ISO 8601: since when moves are needed. */
  since: string;
  /** Articles that warehouses count. */
  counted: readonly string[];
  /** Articles that channels were told of, by warehouse. */
  told: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Throws what a call to Odoo throws. */
export async function readStock(odoo: Odoo, asked: StockAsked): Promise<OdooStock> {
  const locations = await readLocations(odoo);
  const counting = [...locations].flatMap(([id, warehouse]) => (asked.warehouses.has(warehouse) ? [id] : []));
  const quants = await readWhere<QuantRow>(
    odoo,
    { model: 'stock.quant', fields: ['product_id', 'location_id', 'lot_id', 'quantity'] },
    'location_id',
    counting,
  );
  const moves = await readMoves(odoo, counting, asked.since);
  const skus = [...asked.told.values()].flatMap((own) => [...own]);
  const products = await readProducts(odoo, [...quants, ...moves], [...asked.counted, ...skus]);
  const sizes = await readSizes(odoo);
  const of = (one: { product_id: Many; lot_id: Maybe<Many> }) => ({
    sku: skuOf(one.product_id[0], products.get(one.product_id[0])),
    lot: one.lot_id ? one.lot_id[1] : '',
  });
  const onHand = quants.map((row) => ({
    ...of(row),
    warehouse: locations.get(row.location_id[0])!,
    quantity: amountOf(row.quantity),
  }));
  const moved = moves.flatMap((row): MovedStock[] => {
    const [from, to] = [locations.get(row.location_id[0]), locations.get(row.location_dest_id[0])];
    const own = sizes.get(products.get(row.product_id[0])!.uom_id[0]) ?? Big(1);
    const pieces = Big(row.done)
      .times(sizes.get(row.product_uom_id[0]) ?? own)
      .div(own);
    const at = timeOf(row.date);
    const moves = [
      { warehouse: from, quantity: pieces.neg() },
      { warehouse: to, quantity: pieces },
    ];
    if (from === to) return [];
    return moves.flatMap(({ warehouse, quantity }) =>
      warehouse !== undefined && asked.warehouses.has(warehouse)
        ? [{ ...of(row), warehouse, quantity: quantity.round(6).toFixed(), at }]
        : [],
    );
  });
  const changes = await readChanges(odoo, locations, skus);
  const untracked = [...products].flatMap(([id, one]) => (one.is_storable ? [] : [skuOf(id, one)]));
  return {
    onHand: summed(onHand),
    moved,
    promised: await readPromised(odoo, asked.told, changes),
    costs: costsOf(products),
    untracked: new Set(untracked),
  };
}

/** Or what it is called where it has none. */
function skuOf(id: number, product: ProductRow | undefined): string {
  return product?.default_code || `product.product/${id}`;
}

/** Of places inside: the short name of their warehouse, with which their own begins. */
async function readLocations(odoo: Odoo): Promise<Map<number, string>> {
  const rows = await readAll<{ id: number; complete_name: string }>(odoo, {
    model: 'stock.location',
    fields: ['complete_name'],
    domain: [['usage', '=', 'internal']],
  });
  return new Map(rows.map(({ id, complete_name: name }) => [id, name.split('/')[0]!]));
}

async function readMoves(odoo: Odoo, locations: readonly number[], since: string) {
  const { lineDone } = await odoo.dialect();
  const read = {
    model: 'stock.move.line',
    fields: ['product_id', 'product_uom_id', 'location_id', 'location_dest_id', 'lot_id', 'date', lineDone],
    domain: [
      ['state', '=', 'done'],
      ['date', '>', odooTime(since)],
    ],
  };
  const found = new Map<number, MoveRow & { done: number }>();
  for (const side of ['location_id', 'location_dest_id'])
    for (const row of await readWhere<MoveRow & Record<string, unknown>>(odoo, read, side, locations))
      found.set(row.id, { ...row, done: Number(row[lineDone]) });
  return [...found.values()];
}

async function readProducts(
  odoo: Odoo,
  rows: readonly { product_id: Many }[],
  skus: readonly string[],
): Promise<Map<number, ProductRow>> {
  const read = {
    model: 'product.product',
    fields: ['default_code', 'uom_id', 'standard_price', 'currency_id', 'is_storable'],
  };
  const ids = rows.map(({ product_id: [id] }) => id);
  const found = [
    ...(await readWhere<ProductRow>(odoo, read, 'id', ids)),
    ...(await readWhere<ProductRow>(odoo, read, 'default_code', skus)),
  ];
  return new Map(found.map((row) => [row.id, row]));
}

function costsOf(products: ReadonlyMap<number, ProductRow>): Map<string, Stake> {
  return new Map(
    [...products.values()].flatMap(({ default_code: sku, standard_price: cost, currency_id: currency }) =>
      sku && currency && cost > 0 ? [[sku, { amount: amountOf(cost), currency: currency[1] }] as const] : [],
    ),
  );
}

/** When stock or a reservation changed last, by warehouse and id of the article. */
async function readChanges(odoo: Odoo, locations: ReadonlyMap<number, string>, skus: readonly string[]) {
  const rows = await readWhere<QuantRow & { write_date: string }>(
    odoo,
    { model: 'stock.quant', fields: ['product_id', 'location_id', 'write_date'] },
    'product_id.default_code',
    skus,
  );
  const found = new Map<string, string>();
  for (const {
    product_id: [product],
    location_id: [location],
    write_date: at,
  } of rows) {
    const place = `${locations.get(location)} ${product}`;
    if (timeOf(at) > (found.get(place) ?? '')) found.set(place, timeOf(at));
  }
  return found;
}

/** As the channels are told it: on hand less what is reserved, in the warehouse. */
async function readPromised(
  odoo: Odoo,
  told: StockAsked['told'],
  changes: ReadonlyMap<string, string>,
): Promise<Promised[]> {
  const warehouses = await readWhere<{ id: number; code: string }>(
    odoo,
    { model: 'stock.warehouse', fields: ['code'] },
    'code',
    told.keys(),
  );
  const found: Promised[] = [];
  for (const { id, code } of warehouses) {
    const context = { active_test: false, warehouse_id: id, warehouse: id };
    const rows = await readWhere<{ id: number; default_code: string; free_qty: number }>(
      odoo,
      {
        model: 'product.product',
        fields: ['default_code', 'free_qty'],
        domain: [['active', '=', true]],
        context,
      },
      'default_code',
      told.get(code) ?? [],
    );
    for (const { id: product, default_code: sku, free_qty: free } of rows) {
      const changed = changes.get(`${code} ${product}`) ?? '';
      found.push({ warehouse: code, sku, available: amountOf(free), changed });
    }
  }
  return found;
}

/** A lot may lie in several places of a warehouse. */
function summed(all: readonly OnHand[]): OnHand[] {
  const groups = Map.groupBy(all, ({ warehouse, sku, lot }) => JSON.stringify([warehouse, sku, lot]));
  return [...groups.values()].map((own) => ({
    ...own[0]!,
    quantity: sum(own.map(({ quantity }) => quantity)).toFixed(),
  }));
}
