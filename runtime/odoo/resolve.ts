/** Finds in Odoo what an order names: products, currency, taxes, units, warehouse. Hits are remembered for a while. */
import Big from 'big.js';
import { CodedError } from '../errors/coded-error.ts';
import type { LookupOptions, Meaning } from '../values/value-maps.ts';
import { gathered } from '../limits/gathered.ts';
import { readArithmetic, readTax, type Arithmetic, type OdooTax } from './arithmetic.ts';
import type { Line } from './canonical-order.ts';
import type { Odoo } from './client.ts';
import { externalId, findExternal } from './external-id.ts';
import { ensure, plain } from './load.ts';
import { readRate } from './rates.ts';
import { remembered } from './remembered.ts';
import { scaleOf, type Scale } from './units.ts';

/** A value map of the environment: the partner's word → what it is in Odoo. Undefined when there is no entry. */
export type Lookup = (map: string, value: string, order: LookupOptions) => Meaning | undefined;

export interface Product {
  id: number;
  uom: number;
  /** Nothing of it is ever moved. */
  isService: boolean;
}

/** What a partner calls a unit. */
export interface Unit {
  /** Of uom.uom. */
  id: number;
  /** How many of it the partner's is. */
  factor: Big;
}

export interface Currency {
  /** Its price list: from it an order has its currency. Without one it has the company's. */
  pricelist?: number;
  /** The smallest amount of it: `0.01`. */
  unit: string;
}

/** What a value map leads to: where a name of it is looked up. An external id is tried first. */
const targets = {
  tax: { model: 'account.tax', names: ['name'], domain: [['type_tax_use', '=', 'sale']], ofCompany: true },
  uom: { model: 'uom.uom', names: ['name'], domain: [], ofCompany: false },
  warehouse: { model: 'stock.warehouse', names: ['code', 'name'], domain: [], ofCompany: true },
  'payment-terms': { model: 'account.payment.term', names: ['name'], domain: [], ofCompany: true },
} as const;

export type ValueMap = keyof typeof targets;

/** An article as a message names it. */
type Wanted = Pick<Line, 'sku' | 'barcode'>;

const LINES_IN_ONE_CALL = 1000;

/** What is made where it is missing. */
const services = { shipping: 'Shipping', discount: 'Discount', rounding: 'Rounding' };

/** The hit of a SKU, or the error a line with it fails with. */
export type ProductsBySku = Map<string, Product | CodedError>;

export type Resolver = ReturnType<typeof resolver>;

export function resolver(odoo: Odoo, lookup: Lookup, keepMs: number) {
  const products = remembered<Product>(keepMs);
  const values = remembered<number>(keepMs);
  const currencies = remembered<Currency>(keepMs);
  const scales = remembered<Scale>(keepMs);
  const companies = remembered<Company>(keepMs);
  const taxes = remembered<OdooTax>(keepMs);
  const arithmetics = remembered<Arithmetic>(keepMs);
  const rates = remembered<Big>(keepMs);

  const readUnknown = gathered<Wanted[], ProductRow[]>({
    most: LINES_IN_ONE_CALL,
    size: (lines) => lines.length,
    async run(asked) {
      const rows = await readProducts(odoo, asked.flat());
      return asked.map(() => rows);
    },
  });

  const company = () => companies.of('', () => readCompany(odoo));

  const arithmetic = () => arithmetics.of('', async () => readArithmetic(odoo, (await company()).rounding));

  /** Throws as `value` does. */
  async function tax(code: string, order: LookupOptions): Promise<OdooTax> {
    const id = await value('tax', code, order);
    return taxes.of(String(id), () => readTax(odoo, id));
  }

  /** Its internal reference: what the value map `product` says, else the SKU itself. */
  function reference(sku: string, order: LookupOptions): string {
    return ifMapped('product', sku, order) ?? sku;
  }

  /** Of what is no article of the catalogue, by the value map `article`: a kind of line or the code of a charge. */
  function articleOf(called: string, order: LookupOptions): string | undefined {
    return ifMapped('article', called, order);
  }

  /** Undefined also where there is no such map. */
  function ifMapped(map: string, called: string, order: LookupOptions): string | undefined {
    try {
      return lookup(map, called, order)?.to;
    } catch (error) {
      if (error instanceof CodedError && error.code === 'MAPPING_INVALID') return undefined;
      throw error;
    }
  }

  /**
   * Of what was ordered already: an article that was archived since is found all the same, where no other took its
   * reference.
   */
  async function findOrdered(lines: Wanted[]): Promise<ProductsBySku> {
    const found = await findProducts(lines);
    const gone = lines.filter(({ sku }) => isUnknown(found.get(sku)));
    const rows = gone.length === 0 ? [] : await readProducts(odoo, gone, [['active', '=', false]]);
    for (const line of gone) {
      const hit = pick(rows, line);
      if (!isUnknown(hit)) found.set(line.sku, hit);
    }
    return found;
  }

  /** By internal reference, then by barcode: all lines in one call, with those that others ask for at the same moment. */
  async function findProducts(lines: Wanted[]): Promise<ProductsBySku> {
    const found: ProductsBySku = new Map();
    for (const { sku } of lines) {
      const hit = products.get(sku);
      if (hit) found.set(sku, hit);
    }
    const unknown = lines.filter(({ sku }) => !found.has(sku));
    const rows = unknown.length === 0 ? [] : await readUnknown(unknown);
    for (const line of unknown) {
      const hit = pick(rows, line);
      found.set(line.sku, hit);
      if (!(hit instanceof CodedError)) products.set(line.sku, hit);
    }
    return found;
  }

  /** Throws VALUE_UNMAPPED (no entry in the value map) or ODOO_VALUE_UNKNOWN (the entry leads nowhere). */
  async function value(map: ValueMap, partnerValue: string, order: LookupOptions): Promise<number> {
    return named(map, partnerValue, meaning(map, partnerValue, order).to);
  }

  /** `pack`: how many the partner says one holds. Throws UNIT_DIFFERS when the map says otherwise, and as `value` does. */
  async function unit(called: string, order: LookupOptions, pack?: string): Promise<Unit> {
    const { to, factor = '1' } = meaning('uom', called, order);
    if (pack !== undefined && factor !== '1' && !Big(factor).eq(pack))
      throw new CodedError(
        'UNIT_DIFFERS',
        `${called} holds ${pack} by the order, ${factor} by the value map uom`,
        { unit: called },
      );
    return { id: await named('uom', called, to), factor: Big(factor) };
  }

  /** How many of the unit `own` one of the partner's is. Throws UNIT_DIFFERS and as `value` does. */
  async function inUnit(called: string, own: number, order: LookupOptions): Promise<Big> {
    const { id, factor } = await unit(called, order);
    if (id === own) return factor;
    const [from, to] = [await scale(id), await scale(own)];
    if (from && to && from.family === to.family) return factor.times(from.size).div(to.size);
    throw new CodedError(
      'UNIT_DIFFERS',
      `${called} cannot be converted into ${to?.name ?? 'the unit'} of the article`,
      { unit: called },
    );
  }

  function scale(unit: number): Promise<Scale | undefined> {
    return scales.of(String(unit), () => scaleOf(odoo, unit));
  }

  function meaning(map: ValueMap, partnerValue: string, order: LookupOptions): Meaning {
    const found = lookup(map, partnerValue, order);
    if (found) return found;
    const { article } = order;
    throw new CodedError('VALUE_UNMAPPED', `The value map ${map} has no entry for '${partnerValue}'`, {
      map,
      value: partnerValue,
      ...(article !== undefined && { article }),
    });
  }

  /** What is called so in Odoo. Throws ODOO_VALUE_UNKNOWN. */
  async function named(map: ValueMap, partnerValue: string, target: string): Promise<number> {
    const id = await values.of(`${map}\n${target}`, async () =>
      findNamed(odoo, map, target, await company()),
    );
    if (id === undefined) {
      throw new CodedError('ODOO_VALUE_UNKNOWN', `Odoo does not have exactly one ${map} '${target}'`, {
        map,
        value: partnerValue,
        target,
      });
    }
    return id;
  }

  /** Throws CURRENCY_UNKNOWN when Odoo has it not, or not active. Makes a price list when there is none. */
  function currency(code: string): Promise<Currency> {
    return currencies.of(code, () => readCurrency(code));
  }

  async function readCurrency(code: string): Promise<Currency> {
    const [row] = await odoo.call<{ id: number; rounding: number }[]>('res.currency', 'search_read', {
      domain: [['name', '=', code]],
      fields: ['rounding'],
    });
    if (!row)
      throw new CodedError('CURRENCY_UNKNOWN', `${code} is not an active currency in Odoo`, {
        currency: code,
      });
    return {
      pricelist: await pricelistOf(odoo, code, row.id, await company()),
      unit: Big(row.rounding).round(6).toFixed(),
    };
  }

  /** How much of the company's currency one of it is today; undefined where Odoo has no rate. Throws CURRENCY_UNKNOWN. */
  function rate(code: string): Promise<Big | undefined> {
    return rates.of(code, async () => readRate(odoo, (await company()).currency, code));
  }

  /**
   * The product for what is no article of the catalogue: by its internal reference, else a service, made once. Its name
   * is that of its kind, else made of the reference.
   */
  async function service(reference: string, kind?: keyof typeof services): Promise<Product> {
    const found = (await findProducts([{ sku: reference }])).get(reference)!;
    if (!(found instanceof CodedError)) return found;
    if (found.code !== 'PRODUCT_UNKNOWN') throw found;
    const { productType } = await odoo.dialect();
    const id = externalId('crossdock', 'product', reference);
    const row = {
      id,
      name: kind ? services[kind] : nameOf(reference),
      default_code: reference,
      [productType]: 'service',
      list_price: '0',
      // Nobody ships it: invoiced by what is delivered it never would be.
      invoice_policy: 'order',
    };
    const [outcome] = await ensure(odoo, 'product.product', [{ externalId: id, rows: [row] }]);
    if (outcome!.status === 'rejected') throw outcome!.reason;
    return made(odoo, outcome!.value);
  }

  return {
    rate,
    company,
    reference,
    articleOf,
    findProducts,
    findOrdered,
    value,
    tax,
    arithmetic,
    unit,
    inUnit,
    currency,
    service,
    /** After Odoo refused something, what is remembered may be the reason. */
    forget() {
      for (const cache of [products, values, currencies, companies, scales, taxes, arithmetics, rates])
        cache.clear();
    },
  };
}

interface ProductRow {
  id: number;
  default_code: string | false;
  barcode: string | false;
  uom_id: [number, string];
  type: string;
}

const productFields = ['id', 'default_code', 'barcode', 'uom_id', 'type'];

function productOf({ id, uom_id: uom, type }: ProductRow): Product {
  return { id, uom: uom[0], isService: type === 'service' };
}

/** `GIFT-WRAP` is Gift wrap. */
function nameOf(reference: string): string {
  const words = reference.replaceAll(/[-_]+/g, ' ').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function isUnknown(found: Product | CodedError | undefined): boolean {
  return found instanceof CodedError && found.code === 'PRODUCT_UNKNOWN';
}

function readProducts(odoo: Odoo, lines: Wanted[], more: unknown[] = []): Promise<ProductRow[]> {
  const barcodes = lines.flatMap(({ barcode }) => barcode ?? []);
  const bySku = ['default_code', 'in', lines.map(({ sku }) => sku)];
  const named = barcodes.length === 0 ? [bySku] : ['|', bySku, ['barcode', 'in', barcodes]];
  const domain = [...more, ...named];
  return odoo.call('product.product', 'search_read', { domain, fields: productFields });
}

function pick(rows: ProductRow[], { sku, barcode }: Wanted): Product | CodedError {
  const bySku = rows.filter((row) => row.default_code === sku);
  const hits = bySku.length > 0 || !barcode ? bySku : rows.filter((row) => row.barcode === barcode);
  if (hits.length === 1) return productOf(hits[0]!);
  if (hits.length > 1)
    return new CodedError('PRODUCT_AMBIGUOUS', `Several products have the SKU '${sku}'`, { sku });
  return new CodedError('PRODUCT_UNKNOWN', `No product in Odoo has the SKU '${sku}'`, { sku, barcode });
}

async function made(odoo: Odoo, id: number): Promise<Product> {
  const domain = [['id', '=', id]];
  const [row] = await odoo.call<ProductRow[]>('product.product', 'search_read', {
    domain,
    fields: productFields,
  });
  // Known by its external id, but archived or renamed by a person.
  if (!row)
    throw new CodedError('ODOO_NOT_FOUND', 'The product made for charges is archived in Odoo', { id });
  return productOf(row);
}

async function findNamed(odoo: Odoo, map: ValueMap, target: string, company: Company) {
  const { model, names, domain, ofCompany } = targets[map];
  if (/^[\w-]+\.[\w.-]+$/.test(target)) {
    const id = (await findExternal(odoo, model, [target])).get(target);
    if (id !== undefined) return id;
  }
  const own = ofCompany ? [['company_id', 'in', [company.id, false]]] : [];
  for (const name of names) {
    const rows = await odoo.call<{ id: number }[]>(model, 'search_read', {
      domain: [[name, '=', target], ...domain, ...own],
      fields: ['id'],
      limit: 2,
      context: plain,
    });
    if (rows.length > 0) return rows.length === 1 ? rows[0]!.id : undefined;
  }
  return undefined;
}

interface Company {
  id: number;
  currency: number;
  /** `round_per_line` or `round_globally`. */
  rounding: string;
}

/** The company the user of the key works for: orders are made in it. */
async function readCompany(odoo: Odoo): Promise<Company> {
  const read = async <Row>(model: string, id: number, ...fields: string[]) =>
    (await odoo.call<Row[]>(model, 'search_read', { domain: [['id', '=', id]], fields }))[0]!;
  const user = await read<{ company_id: [number, string] }>('res.users', await odoo.user(), 'company_id');
  const id = user.company_id[0];
  const rounding = 'tax_calculation_rounding_method';
  const company = await read<{ currency_id: [number, string]; [rounding]: string }>(
    'res.company',
    id,
    'currency_id',
    rounding,
  );
  return { id, currency: company.currency_id[0], rounding: company[rounding] };
}

/** Undefined: no price list is needed, the company's own currency is meant. */
async function pricelistOf(odoo: Odoo, code: string, currency: number, company: Company) {
  const domain = [
    ['currency_id', '=', currency],
    ['company_id', 'in', [company.id, false]],
  ];
  const query = { domain, fields: ['id'], order: 'sequence, id', limit: 1 };
  const [row] = await odoo.call<{ id: number }[]>('product.pricelist', 'search_read', query);
  if (row) return row.id;
  if (currency === company.currency && !(await odoo.dialect()).needsPricelist) return undefined;
  // Each company has its own: a hub of another one cannot use it.
  const id = externalId('crossdock', 'pricelist', code.toLowerCase(), String(company.id));
  const name = `${code} (prices of the order)`;
  const of = { 'currency_id/.id': String(currency), 'company_id/.id': String(company.id) };
  const rows = [{ id, name, ...of }];
  const [outcome] = await ensure(odoo, 'product.pricelist', [{ externalId: id, rows }]);
  if (outcome!.status === 'rejected') throw outcome!.reason;
  return outcome!.value;
}
