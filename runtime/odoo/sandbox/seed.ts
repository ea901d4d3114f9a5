/**
 * The initial content of the sandbox: the records of Odoo's demo database that orders refer to, with the same names.
 */
import { confirmPurchases, createPurchases } from './purchase.ts';
import type { Tables } from './tables.ts';

export interface SandboxProduct {
  /** Internal reference; the SKU of an order line. */
  code: string;
  name: string;
  price: number;
  barcode?: string;
}

/** Storable products of Odoo 19's demo data. */
const demoProducts: SandboxProduct[] = [
  { code: 'DESK0005', name: 'Customizable Desk', price: 750 },
  { code: 'E-COM06', name: 'Corner Desk Right Sit', price: 147 },
  { code: 'E-COM07', name: 'Large Cabinet', price: 320 },
  { code: 'E-COM08', name: 'Storage Box', price: 15.8 },
  { code: 'E-COM10', name: 'Pedal Bin', price: 47 },
  { code: 'E-COM11', name: 'Cabinet with Doors', price: 140 },
  { code: 'E-COM12', name: 'Conference Chair', price: 33 },
  { code: 'FURN_0001', name: 'Desk Organizer', price: 5.1, barcode: '2300001000008' },
  { code: 'FURN_0002', name: 'Desk Pad', price: 1.98 },
  { code: 'FURN_0006', name: 'Monitor Stand', price: 3.19 },
  { code: 'FURN_0269', name: 'Office Chair Black', price: 120.5 },
  { code: 'FURN_0789', name: 'Individual Workplace', price: 885 },
  { code: 'FURN_1118', name: 'Corner Desk Left Sit', price: 85 },
  { code: 'FURN_5555', name: 'Cable Management Box', price: 100 },
  { code: 'FURN_6666', name: 'Acoustic Bloc Screens', price: 295 },
  { code: 'FURN_6741', name: 'Large Meeting Table', price: 4000 },
  { code: 'FURN_7777', name: 'Office Chair', price: 70 },
  { code: 'FURN_7800', name: 'Desk Combination', price: 450 },
  { code: 'FURN_7888', name: 'Desk Stand with Screen', price: 2100 },
  { code: 'FURN_8220', name: 'Four Person Desk', price: 2350 },
  { code: 'FURN_8855', name: 'Drawer', price: 110.5 },
  { code: 'FURN_8888', name: 'Office Lamp', price: 40, barcode: '40164785534112' },
  { code: 'FURN_8900', name: 'Drawer Black', price: 25 },
  { code: 'FURN_9001', name: 'Flipover', price: 1950, barcode: '40164785512001' },
  { code: 'FURN_9999', name: 'Office Design Software', price: 280 },
];

/**
 * Name of a unit, how many of the reference unit it is, and the reference. Units with one reference can be converted.
 */
const units: Record<string, [name: string, factor: number, reference: string]> = {
  unit: ['Units', 1, 'unit'],
  pack_6: ['Pack of 6', 6, 'unit'],
  hour: ['Hours', 1, 'hour'],
  day: ['Days', 8, 'hour'],
  kgm: ['kg', 1000, 'g'],
  lb: ['lb', 453.592, 'g'],
  meter: ['m', 1000, 'mm'],
  litre: ['L', 1000, 'ml'],
};

const paymentTerms = {
  immediate: 'Immediate Payment',
  '15days': '15 Days',
  '21days': '21 Days',
  '30days': '30 Days',
  '45days': '45 Days',
  end_following_month: 'End of Following Month',
  '30days_early_discount': '2/7 Net 30',
};

/** How many of a currency equal one US dollar. Without a rate Odoo computes with 1. */
const rates: Record<string, number> = { USD: 1, JPY: 133.62, KWD: 0.35 };

const countries =
  'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XI XK YE YT ZA ZM ZW';

/** Regions of the United States and Canada only. For other countries the hub writes the region after the city. */
const regions: Record<string, string> = {
  US: 'AK Alaska,AL Alabama,AR Arkansas,AZ Arizona,CA California,CO Colorado,CT Connecticut,DC District of Columbia,DE Delaware,FL Florida,GA Georgia,GU Guam,HI Hawaii,IA Iowa,ID Idaho,IL Illinois,IN Indiana,KS Kansas,KY Kentucky,LA Louisiana,MA Massachusetts,MD Maryland,ME Maine,MI Michigan,MN Minnesota,MO Missouri,MS Mississippi,MT Montana,NC North Carolina,ND North Dakota,NE Nebraska,NH New Hampshire,NJ New Jersey,NM New Mexico,NV Nevada,NY New York,OH Ohio,OK Oklahoma,OR Oregon,PA Pennsylvania,PR Puerto Rico,RI Rhode Island,SC South Carolina,SD South Dakota,TN Tennessee,TX Texas,UT Utah,VA Virginia,VI Virgin Islands,VT Vermont,WA Washington,WI Wisconsin,WV West Virginia,WY Wyoming',
  CA: 'AB Alberta,BC British Columbia,MB Manitoba,NB New Brunswick,NL Newfoundland and Labrador,NS Nova Scotia,NT Northwest Territories,NU Nunavut,ON Ontario,PE Prince Edward Island,QC Quebec,SK Saskatchewan,YT Yukon',
};

/** When Odoo rounds: each line and its tax, or each tax once for the order. The names are those of Odoo's setting. */
export type Rounding = 'round_per_line' | 'round_globally';

export interface Seed {
  login: string;
  rounding: Rounding;
  /** Products added to the demo data; one with the same code replaces it. */
  products: SandboxProduct[];
  /** Active currencies in addition to US dollar, yen, Kuwaiti dinar and Icelandic króna, with their smallest amount. */
  currencies: Record<string, number>;
  /** Decimals by the names in Odoo's Decimal Accuracy. */
  decimals: Record<string, number>;
}

export function seed(tables: Tables, { login, ...rest }: Seed): { uid: number } {
  const company = seedCompany(tables, rest);
  const uid = named(tables, 'res.users', 'base.user_admin', {
    name: 'Mitchell Admin',
    login,
    company_id: company,
  });
  seedMoney(tables, company);
  seedWarehouse(tables, company);
  seedCountries(tables);
  seedProducts(tables, rest.products);
  buy(tables);
  return { uid };
}

function named(
  tables: Tables,
  model: string,
  externalId: string,
  values: Parameters<Tables['insert']>[1],
): number {
  const { id } = tables.insert(model, values);
  tables.name(model, id, externalId, true);
  return id;
}

/** The company with its currencies and decimals. */
function seedCompany(tables: Tables, { rounding, currencies, decimals }: Omit<Seed, 'login'>): number {
  const smallestOf = { USD: 0.01, JPY: 1, KWD: 0.001, ISK: 1, ...currencies };
  const [usd] = Object.entries(smallestOf).map(([name, smallest]) =>
    named(tables, 'res.currency', `base.${name}`, {
      name,
      rounding: smallest,
      decimal_places: Math.max(0, Math.round(-Math.log10(smallest))),
      active: true,
      rate: rates[name] ?? 1,
      date: name in rates ? '2010-01-01' : false,
    }),
  );
  for (const [name, digits] of Object.entries({ 'Product Unit': 2, Discount: 2, ...decimals }))
    tables.insert('decimal.precision', { name, digits });
  return named(tables, 'res.company', 'base.main_company', {
    name: 'My Company (San Francisco)',
    currency_id: usd!,
    tax_calculation_rounding_method: rounding,
  });
}

/** Taxes, payment terms, units, and what payments are booked on. */
function seedMoney(tables: Tables, company: number): void {
  const tax = (id: string, name: string, amount: number, use: string) =>
    named(tables, 'account.tax', `account.1_${id}_template`, {
      name,
      amount,
      amount_type: 'percent',
      type_tax_use: use,
      company_id: company,
    });
  tables.rows('res.company').get(company)!['account_sale_tax_id'] = tax('sale_tax', '15%', 15, 'sale');
  tax('purchase_tax', '15%', 15, 'purchase');
  tax('sale_export_tax', '0% Exports', 0, 'sale');
  for (const [id, name] of Object.entries(paymentTerms))
    named(tables, 'account.payment.term', `account.account_payment_term_${id}`, { name });
  for (const [id, [name, factor, reference]] of Object.entries(units))
    named(tables, 'uom.uom', `uom.product_uom_${id}`, { name, factor, parent_path: `${reference}/${id}/` });
  tables.insert('account.account', { name: 'Account Receivable', account_type: 'asset_receivable' });
  tables.insert('account.journal', { name: 'Bank', code: 'BNK1', type: 'bank', company_id: company });
}

function seedWarehouse(tables: Tables, company: number): void {
  const place = (name: string, path: string) =>
    tables.insert('stock.location', { name, complete_name: path, usage: 'internal' }).id;
  const stock = place('WH/Stock', 'WH/Stock');
  place('Shelf 1', 'WH/Stock/Shelf 1');
  const internal = tables.insert('stock.picking.type', { name: 'Internal Transfers' }).id;
  named(tables, 'stock.warehouse', 'stock.warehouse0', {
    name: 'YourCompany',
    code: 'WH',
    lot_stock_id: stock,
    int_type_id: internal,
    company_id: company,
  });
}

function seedCountries(tables: Tables): void {
  const nameOf = new Intl.DisplayNames(['en'], { type: 'region' });
  for (const code of countries.split(' ')) {
    const values = { code, name: nameOf.of(code) ?? code };
    const id = named(tables, 'res.country', `base.${code.toLowerCase()}`, values);
    for (const region of regions[code]?.split(',') ?? [])
      tables.insert('res.country.state', {
        code: region.slice(0, 2),
        name: region.slice(3),
        country_id: id,
      });
  }
}

function seedProducts(tables: Tables, products: readonly SandboxProduct[]): void {
  const byCode = new Map([...demoProducts, ...products].map((product) => [product.code, product]));
  for (const { code, name, price, barcode = false } of byCode.values())
    tables.insert('product.product', {
      name,
      default_code: code,
      barcode,
      list_price: price,
      type: 'consu',
      uom_id: 1,
    });
}

/** Creates a confirmed purchase order: P00001, 10 office chairs at 35.00. */
function buy(tables: Tables): void {
  const vendor = tables.insert('res.partner', { name: 'Wood Corner' });
  const chair = [...tables.rows('product.product').values()].find(
    (one) => one['default_code'] === 'FURN_7777',
  );
  if (!chair) return;
  const line = { product_id: chair.id, product_qty: 10, price_unit: 35 };
  const ids = createPurchases(tables, { vals_list: [{ partner_id: vendor.id, order_line: [[0, 0, line]] }] });
  confirmPurchases(tables, { ids });
}
