/** What the tests of an Odoo share: orders to write, and looks at what came of them. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { CanonicalOrder, Line, Tax } from '../../runtime/odoo/canonical-order.ts';
import { openOdoo, type Odoo } from '../../runtime/odoo/client.ts';
import type { OdooOptions } from '../../runtime/odoo/protocol/protocol.ts';
import { orderWriter, type OrderWriter } from '../../runtime/odoo/order/order.ts';
import { CodedError } from '../../runtime/errors/coded-error.ts';
import { resolver } from '../../runtime/odoo/resolve.ts';
import { stockWriter, type Movement, type StockWriter } from '../../runtime/odoo/stock/stock.ts';
import { inVocabulary } from '../../runtime/odoo/vocabulary.ts';
import { odooProxy, type OdooProxy } from '../http-proxy.ts';

export type Access = Pick<OdooOptions, 'url' | 'database' | 'apiKey' | 'login' | 'protocol'>;

interface Stored {
  id: number;
  name: string;
  state: string;
  amount_untaxed: number;
  amount_tax: number;
  amount_total: number;
  partner_shipping_id: [number, string];
}

interface StoredLine {
  name: string;
  price_unit: number;
  product_uom_qty: number;
  discount: number;
  price_subtotal: number;
}

const values: Record<string, string> = {
  'tax/T15': '15%',
  'tax/gone': 'A tax nobody made',
  'uom/EA': 'Units',
  'uom/P6': 'Pack of 6',
  'uom/CS': '12 × Units',
  'uom/KGM': 'kg',
  'warehouse/main': 'WH',
  'payment-terms/net30': '30 Days',
};

export const lookup = (map: string, value: string) => {
  const [to, factor] = values[`${map}/${value}`]?.split(' × ').toReversed() ?? [];
  return to === undefined ? undefined : { to, ...(factor !== undefined && { factor }) };
};

/** Odoo before 19 has other demo data: its tax of 15 % has another name, it has no packs, and it rounds prices to cents. */
async function named(odoo: Odoo): Promise<void> {
  const [tax] = await odoo.call<{ name: string }[]>('account.tax', 'search_read', {
    domain: [
      ['type_tax_use', '=', 'sale'],
      ['amount', '=', 15],
    ],
    fields: ['name'],
    order: 'id',
    limit: 1,
  });
  values['tax/T15'] = tax!.name;
  const [{ id: prices }] = (await odoo.call('decimal.precision', 'search_read', {
    domain: [['name', '=', 'Product Price']],
    fields: ['id'],
  })) as [{ id: number }];
  await odoo.call('decimal.precision', 'write', { ids: [prices], vals: { digits: 6 } });
  await odoo.call('uom.uom', 'load', {
    fields: ['id', 'name', 'category_id', 'uom_type', 'factor_inv'],
    data: [['conformance.pack_of_6', 'Pack of 6', 'Unit', 'bigger', '6']],
  });
}

export type OdooKit = ReturnType<typeof odooKit>;

/**
 * `access` is asked once, before the first test; `admin` too, who makes what a hub finds in an Odoo. What has a getter is there
 * from then on.
 */
export function odooKit(access: () => Promise<Access>, admin = access) {
  // Everything made here is under it, so that runs on the same Odoo never meet.
  const source = `conf${randomBytes(6).toString('hex')}`;
  const sku = `${source}-A`;
  // Odoo keeps what is made: of each run its own.
  before(() => (values['article/gift-wrap'] = `${source}-WRAP`));
  let options: OdooOptions;
  let odoo: Odoo;
  let settings: Odoo;
  let writer: OrderWriter;
  let fresh: () => OrderWriter;
  let proxy: OdooProxy;
  let calls: string[] = [];

  before(async () => {
    const log = {
      debug: (fields: Record<string, unknown>) => void calls.push(`${fields['model']}/${fields['method']}`),
    };
    options = { ...(await access()), timeoutMs: 60_000, log };
    const own = openOdoo(options);
    odoo = inVocabulary(own);
    settings = inVocabulary(openOdoo({ ...(await admin()), timeoutMs: 60_000 }));
    fresh = () => orderWriter({ odoo: own, lookup });
    writer = fresh();
    proxy = await odooProxy(options.url);
    await odoo.call('product.product', 'load', {
      fields: ['id', 'name', 'default_code', 'list_price', 'barcode', 'invoice_policy'],
      data: [
        [`${source}.product_a`, 'Conformance article', sku, '9', `${source}BAR`, 'Delivered quantities'],
      ],
    });
    if ((await odoo.version()) < 19) await named(settings);
  });
  after(() => proxy.close());
  beforeEach(() => (calls = []));

  const through = (more: Partial<OdooOptions>) => openOdoo({ ...options, ...more });
  const writers = () => orderWriter({ odoo: through({}), lookup });
  /** One whose calls go through the proxy. */
  const proxied = () => orderWriter({ odoo: through({ url: proxy.url }), lookup });

  const stock = (of = odoo): StockWriter => stockWriter(of, resolver(of, lookup, 60_000));
  /** Of its own article, for an order of its own. */
  const shipment = (id: string, of: string, quantity: string, more: Partial<Movement> = {}): Movement => ({
    source: `${source}wms`,
    id,
    order: { source, id: of },
    lines: [{ sku, quantity }],
    ...more,
  });
  /** A new article of which stock is kept; its id. */
  async function stocked(name: string, called: string, more: Record<string, string> = {}): Promise<number> {
    const { storable, productType } = await odoo.dialect();
    const goods: Record<string, string> =
      storable[0] === 'is_storable' ? { type: 'Goods', is_storable: 'True' } : { [productType]: 'product' };
    const row = { id: `${source}.product_${name}`, name: called, default_code: called, ...goods, ...more };
    const { ids } = await odoo.call<{ ids: number[] | false }>('product.product', 'load', {
      fields: Object.keys(row),
      data: [Object.values(row)],
    });
    assert.ok(ids, `Odoo takes no article ${called}`);
    return ids[0]!;
  }

  /** The name of a place below the stock of the warehouse. */
  async function shelf(): Promise<string> {
    const [row] = await odoo.call<{ complete_name: string }[]>('stock.location', 'search_read', {
      domain: [
        ['complete_name', '=like', 'WH/Stock/%'],
        ['usage', '=', 'internal'],
      ],
      fields: ['complete_name'],
      order: 'id',
      limit: 1,
    });
    return row!.complete_name;
  }

  const tax = (amount: string): Tax[] => [{ code: 'T15', rate: '0.15', amount }];

  const line = (more: Partial<Line> = {}): Line => ({
    id: '1',
    sku,
    name: 'An article',
    quantity: '2',
    unitPrice: '10.00',
    taxes: tax('3.00'),
    ...more,
  });

  /** 2 × 10.00 with 15 % tax unless told otherwise. */
  const order = (id: string, more: Partial<CanonicalOrder> = {}): CanonicalOrder => ({
    source,
    id,
    number: `${source}-${id}`,
    placedAt: '2026-01-02T03:04:05Z',
    currency: 'USD',
    customer: { id: 'C1', name: 'Ann Conformance', email: 'ann@example.com' },
    pricesIncludeTax: false,
    lines: [line()],
    totals: { net: '20.00', tax: '3.00', gross: '23.00' },
    ...more,
  });

  /** The one sale.order with the order's number, as it stands in Odoo. */
  async function stored({ number }: CanonicalOrder): Promise<Stored> {
    const rows = await odoo.call<Stored[]>('sale.order', 'search_read', {
      domain: [['client_order_ref', '=', number]],
      fields: ['name', 'state', 'amount_untaxed', 'amount_tax', 'amount_total', 'partner_shipping_id'],
    });
    assert.equal(rows.length, 1, `one sale.order for ${number}, not ${rows.length}`);
    return rows[0]!;
  }

  async function linesOf({ id }: Stored): Promise<StoredLine[]> {
    return odoo.call('sale.order.line', 'search_read', {
      domain: [['order_id', '=', id]],
      fields: ['name', 'price_unit', 'product_uom_qty', 'discount', 'price_subtotal'],
      order: 'id',
    });
  }

  async function countOf(model: string, domain: unknown[]): Promise<number> {
    return odoo.call(model, 'search_count', { domain });
  }

  async function landsOnce(given: CanonicalOrder, lines: number): Promise<Stored> {
    const found = await stored(given);
    assert.equal(found.state, 'sale');
    assert.equal(await countOf('sale.order.line', [['order_id', '=', found.id]]), lines);
    return found;
  }

  function totals({ amount_untaxed: net, amount_tax: taxes, amount_total: gross }: Stored): string[] {
    return [net, taxes, gross].map((amount) => amount.toFixed(2));
  }

  return {
    source,
    order,
    line,
    tax,
    through,
    writers,
    proxied,
    stock,
    shipment,
    shelf,
    stocked,
    stored,
    linesOf,
    countOf,
    landsOnce,
    totals,
    get odoo() {
      return odoo;
    },
    /** As an administrator. */
    get admin() {
      return settings;
    },
    get writer() {
      return writer;
    },
    /** One that remembers nothing yet; its calls are noted too. */
    fresh: () => fresh(),
    get proxy() {
      return proxy;
    },
    /** Made in this test: `model/method`. */
    get calls() {
      return calls;
    },
  };
}

export function coded(code: string): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof CodedError, `a CodedError, not ${String(error)}`);
    assert.equal(error.code, code, error.message);
    return true;
  };
}

/** All an error says, in the log too. */
export function told(error: unknown): string {
  const { message, facts, cause } = error as CodedError;
  return JSON.stringify([message, facts, String(cause)]);
}
