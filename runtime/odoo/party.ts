/** Customers and their addresses in Odoo: made once, found again by external id, never changed by a later order. */
import { createHash } from 'node:crypto';
import { CodedError } from '../errors/coded-error.ts';
import type { Address, Customer, CanonicalOrder } from './canonical-order.ts';
import type { Odoo } from './client.ts';
import { externalId } from './external-id.ts';
import { ensure, type LoadRecord } from './load.ts';

export interface Parties {
  customer: number;
  billTo: number;
  shipTo: number;
}

interface Places {
  countries: Map<string, number>;
  /** By `US/CA` and by `US/CALIFORNIA`. */
  regions: Map<string, number>;
}

/** The partners of each order, in the orders' order. An order whose customer Odoo refuses is rejected alone. */
export async function findParties(
  odoo: Odoo,
  orders: CanonicalOrder[],
): Promise<PromiseSettledResult<Parties>[]> {
  if (orders.length === 0) return [];
  const customers = await ensure(
    odoo,
    'res.partner',
    orders.map(({ source, customer }) => customerRecord(source, customer)),
  );
  const places = await readPlaces(odoo, orders);
  const wanted = orders.flatMap((order, index) => addressesOf(order, customers[index]!, places));
  const loadable = wanted.filter(({ record }) => record !== undefined);
  const outcomes = await ensure(
    odoo,
    'res.partner',
    loadable.map(({ record }) => record!),
  );
  for (const [index, one] of loadable.entries()) one.outcome = outcomes[index]!;
  return orders.map((order, index) =>
    parties(
      customers[index]!,
      wanted.filter((one) => one.order === order),
    ),
  );
}

interface WantedAddress {
  order: CanonicalOrder;
  type: 'invoice' | 'delivery';
  record?: LoadRecord;
  outcome?: PromiseSettledResult<number>;
}

function parties(
  customer: PromiseSettledResult<number>,
  addresses: WantedAddress[],
): PromiseSettledResult<Parties> {
  const failed = [customer, ...addresses.map(({ outcome }) => outcome)].find(
    (one) => one?.status === 'rejected',
  );
  if (failed) return failed as PromiseRejectedResult;
  const own = idOf(customer)!;
  const billTo = idOf(addresses.find(({ type }) => type === 'invoice')?.outcome) ?? own;
  const shipTo = idOf(addresses.find(({ type }) => type === 'delivery')?.outcome) ?? billTo;
  return { status: 'fulfilled', value: { customer: own, billTo, shipTo } };
}

function idOf(outcome: PromiseSettledResult<number> | undefined): number | undefined {
  return outcome?.status === 'fulfilled' ? outcome.value : undefined;
}

function customerRecord(source: string, customer: Customer): LoadRecord {
  const id = externalId(source, 'partner', customer.id);
  const { name, email = '', phone = '', company = '', taxId = '' } = customer;
  return { externalId: id, rows: [{ id, name, email, phone, company_name: company, vat: taxId }] };
}

function addressesOf(
  order: CanonicalOrder,
  customer: PromiseSettledResult<number>,
  places: Places,
): WantedAddress[] {
  if (customer.status === 'rejected') return [];
  const given: [WantedAddress['type'], Address | undefined][] = [
    ['invoice', completed(order.billTo, order.shipTo)],
    ['delivery', order.shipTo],
  ];
  return given.flatMap(([type, address]): WantedAddress[] => {
    if (!address) return [];
    const country = places.countries.get(address.country);
    if (country !== undefined) {
      return [{ order, type, record: addressRecord(order, type, address, customer.value, country, places) }];
    }
    const facts = { map: 'country', value: address.country };
    const reason = new CodedError('ODOO_VALUE_UNKNOWN', `Odoo has no country '${address.country}'`, facts);
    return [{ order, type, outcome: { status: 'rejected', reason } }];
  });
}

/**
 * Wallets and some shops give a bill-to without a street. It is then the place of the ship-to, under its own names, where
 * what it says of the place is the same; else it stays as short as it is.
 */
export function completed(billTo?: Address, shipTo?: Address): Address | undefined {
  if (!billTo || !shipTo || billTo.street !== undefined || shipTo.street === undefined) return billTo;
  const place = ['city', 'postalCode', 'region', 'country'] as const;
  const isElsewhere = place.some(
    (part) => billTo[part] !== undefined && !isAlike(billTo[part], shipTo[part]),
  );
  if (isElsewhere) return billTo;
  const { street, street2, city, postalCode, region } = shipTo;
  return {
    ...billTo,
    street,
    ...(street2 && { street2 }),
    ...(city && { city }),
    ...(postalCode && { postalCode }),
    ...(region && { region }),
  };
}

function isAlike(a: string, b: string | undefined): boolean {
  const bare = (text: string) => text.toLowerCase().replaceAll(/[\s-]/g, '');
  return b !== undefined && bare(a) === bare(b);
}

function addressRecord(
  { source, customer }: CanonicalOrder,
  type: WantedAddress['type'],
  address: Address,
  parent: number,
  country: number,
  places: Places,
): LoadRecord {
  const region = address.region && places.regions.get(regionKey(address.country, address.region));
  const id = externalId(source, 'partner', customer.id, type, digest(address));
  const row = {
    id,
    'parent_id/.id': String(parent),
    type,
    name: [address.company, address.name].filter(Boolean).join(', ') || customer.name,
    street: address.street ?? '',
    street2: address.street2 ?? '',
    // A region Odoo does not list still has to stand on the label.
    city: [address.city, region ? undefined : address.region].filter(Boolean).join(', '),
    zip: address.postalCode ?? '',
    'country_id/.id': String(country),
    'state_id/.id': region ? String(region) : '',
    phone: address.phone ?? '',
    email: address.email ?? '',
  };
  return { externalId: id, rows: [row] };
}

/** The same for the same address, whatever the order of its fields. */
function digest(address: Address): string {
  const fields = Object.entries(address).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex').slice(0, 16);
}

/** The code without the country: `CA` of `US-CA` or `ca`. */
function regionOf(country: string, region: string): string {
  return region.toUpperCase().replace(`${country}-`, '');
}

function regionKey(country: string, region: string): string {
  return `${country}/${regionOf(country, region)}`;
}

async function readPlaces(odoo: Odoo, orders: CanonicalOrder[]): Promise<Places> {
  const addresses = orders.flatMap(({ billTo, shipTo }) =>
    [billTo, shipTo].filter((one) => one !== undefined),
  );
  const codes = [...new Set(addresses.map(({ country }) => country))];
  const names = [
    ...new Set(
      addresses.flatMap(({ country, region }) => (region ? [region, regionOf(country, region)] : [])),
    ),
  ];
  const countries = await search<{ id: number; code: string }>(
    odoo,
    'res.country',
    codes,
    [['code', 'in', codes]],
    ['code'],
  );
  const byId = new Map(countries.map(({ id, code }) => [id, code]));
  const regions = await search<{ id: number; code: string; name: string; country_id: [number, string] }>(
    odoo,
    'res.country.state',
    names,
    [['country_id', 'in', [...byId.keys()]], '|', ['code', 'in', names], ['name', 'in', names]],
    ['code', 'name', 'country_id'],
  );
  const known = new Map<string, number>();
  for (const { id, code, name, country_id: country } of regions) {
    const of = byId.get(country[0])!;
    known.set(regionKey(of, name), id).set(regionKey(of, code), id);
  }
  return { countries: new Map(countries.map(({ id, code }) => [code, id])), regions: known };
}

async function search<Row>(odoo: Odoo, model: string, asked: unknown[], domain: unknown[], fields: string[]) {
  return asked.length === 0
    ? []
    : odoo.call<Row[]>(model, 'search_read', { domain, fields: ['id', ...fields] });
}
