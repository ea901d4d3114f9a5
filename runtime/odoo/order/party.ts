/**
 * Finds customers and their addresses in Odoo by external id and creates missing ones. A later order never changes
 * them.
 */
import { createHash } from 'node:crypto';
import { CodedError } from '../../errors/coded-error.ts';
import type { Address, Customer, CanonicalOrder } from '../canonical-order.ts';
import type { Odoo } from '../client.ts';
import { externalId, findExternal } from '../external-id.ts';
import { loadNew, type LoadRecord } from '../load.ts';
import { placeFinder, regionIn, type Country } from './places.ts';
import { remembered } from '../remembered.ts';

export interface Parties {
  customer: number;
  billTo: number;
  shipTo: number;
}

/** Finds the partners (res.partner) that orders name. Partners and places are remembered. */
export interface PartyFinder {
  /** External ids of the partners of these orders that are not remembered. */
  unknown(orders: readonly CanonicalOrder[]): string[];
  /** Reads the places of these orders ahead of `find`. */
  prepare(orders: readonly CanonicalOrder[]): Promise<void>;
  /**
   * Finds the partners of each order, in the orders' order, and creates missing ones. A customer that Odoo refuses
   * rejects only its own order. Names in `looked` are not asked for again.
   */
  find(orders: readonly CanonicalOrder[], looked?: LookedUp): Promise<PromiseSettledResult<Parties>[]>;
  forget(): void;
}

/** External ids that were just looked up, and the ids found for them. */
export interface LookedUp {
  names: readonly string[];
  found: ReadonlyMap<string, number>;
}

type Outcomes = Map<string, PromiseSettledResult<number>>;

const model = 'res.partner';

/** `keepMs`: how long partners and places are remembered, in ms. */
export function partyFinder(odoo: Odoo, keepMs: number): PartyFinder {
  const known = remembered<number>(keepMs);
  const countries = placeFinder(odoo, keepMs);

  function unknown(orders: readonly CanonicalOrder[]): string[] {
    return [...new Set(orders.flatMap(namesOf))].filter((name) => known.get(name) === undefined);
  }

  const placesOf = (orders: readonly CanonicalOrder[]): Promise<Map<string, Country>> =>
    countries.find(orders.flatMap((order) => addressesOf(order).map(({ address }) => address)));

  function note(outcomes: Outcomes, name: string, id: number): void {
    known.set(name, id);
    outcomes.set(name, { status: 'fulfilled', value: id });
  }

  async function lookUp(orders: readonly CanonicalOrder[], looked: LookedUp): Promise<Outcomes> {
    const outcomes: Outcomes = new Map();
    const asked = new Set(looked.names);
    const missing = new Set(orders.flatMap(namesOf));
    for (const name of missing) {
      const id = known.get(name) ?? looked.found.get(name);
      if (id !== undefined) note(outcomes, name, id);
      if (id !== undefined || asked.has(name)) missing.delete(name);
    }
    for (const [name, id] of await findExternal(odoo, model, [...missing])) note(outcomes, name, id);
    return outcomes;
  }

  async function make(records: readonly LoadRecord[], outcomes: Outcomes): Promise<void> {
    const missing = new Map(records.map((record) => [record.externalId, record]));
    for (const name of missing.keys()) if (outcomes.has(name)) missing.delete(name);
    if (missing.size === 0) return;
    for (const [name, outcome] of await loadNew(odoo, model, [...missing.values()]))
      if (outcome.status === 'fulfilled') note(outcomes, name, outcome.value);
      else outcomes.set(name, outcome);
  }

  return {
    unknown,
    async prepare(orders) {
      await placesOf(orders);
    },
    async find(orders, looked = { names: [], found: new Map() }) {
      const outcomes = await lookUp(orders, looked);
      await make(orders.map(customerRecord), outcomes);
      const places = await placesOf(orders);
      const wanted = orders.flatMap((order) => {
        const customer = outcomes.get(customerName(order))!;
        return customer.status === 'rejected'
          ? []
          : addressesOf(order).flatMap(
              (one) => addressRecord(order, one, customer.value, places, outcomes) ?? [],
            );
      });
      await make(wanted, outcomes);
      return orders.map((order) => partiesOf(order, outcomes));
    },
    forget() {
      known.clear();
      countries.forget();
    },
  };
}

function partiesOf(order: CanonicalOrder, outcomes: Outcomes): PromiseSettledResult<Parties> {
  const addresses = new Map(addressesOf(order).map(({ type, name }) => [type, outcomes.get(name)]));
  const customer = outcomes.get(customerName(order))!;
  const failed = [customer, ...addresses.values()].find((one) => one?.status === 'rejected');
  if (failed) return failed as PromiseRejectedResult;
  const own = idOf(customer)!;
  const billTo = idOf(addresses.get('invoice')) ?? own;
  const shipTo = idOf(addresses.get('delivery')) ?? billTo;
  return { status: 'fulfilled', value: { customer: own, billTo, shipTo } };
}

function idOf(outcome: PromiseSettledResult<number> | undefined): number | undefined {
  return outcome?.status === 'fulfilled' ? outcome.value : undefined;
}

function namesOf(order: CanonicalOrder): string[] {
  return [customerName(order), ...addressesOf(order).map(({ name }) => name)];
}

function customerName({ source, customer }: CanonicalOrder): string {
  return externalId(source, 'partner', customer.id);
}

function customerRecord(order: CanonicalOrder): LoadRecord {
  const id = customerName(order);
  const { name, email = '', phone = '', company = '', taxId = '' }: Customer = order.customer;
  return { externalId: id, rows: [{ id, name, email, phone, company_name: company, vat: taxId }] };
}

interface OrderAddress {
  type: 'invoice' | 'delivery';
  address: Address;
  /** External id. */
  name: string;
}

function addressesOf({ source, customer, billTo, shipTo }: CanonicalOrder): OrderAddress[] {
  const given: [OrderAddress['type'], Address | undefined][] = [
    ['invoice', completed(billTo, shipTo)],
    ['delivery', shipTo],
  ];
  return given.flatMap(([type, address]) =>
    address
      ? [{ type, address, name: externalId(source, 'partner', customer.id, type, digest(address)) }]
      : [],
  );
}

/**
 * Wallets and some shops send a bill-to without a street. It gets the place of the ship-to and keeps its own names, if
 * the parts of the place that it has are the same. Otherwise it stays as it is.
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

/** Returns undefined and sets the outcome ODOO_VALUE_UNKNOWN if Odoo does not have the country. */
function addressRecord(
  { customer }: CanonicalOrder,
  { type, address, name: id }: OrderAddress,
  parent: number,
  countries: Map<string, Country>,
  outcomes: Outcomes,
): LoadRecord | undefined {
  const country = countries.get(address.country);
  if (!country) {
    const facts = { map: 'country', value: address.country };
    const reason = new CodedError('ODOO_VALUE_UNKNOWN', `Odoo has no country '${address.country}'`, facts);
    outcomes.set(id, { status: 'rejected', reason });
    return undefined;
  }
  const region = regionIn(country, address);
  const row = {
    id,
    'parent_id/.id': String(parent),
    type,
    name: [address.company, address.name].filter(Boolean).join(', ') || customer.name,
    street: address.street ?? '',
    street2: address.street2 ?? '',
    // A region that Odoo does not list still has to be on the label.
    city: [address.city, region ? undefined : address.region].filter(Boolean).join(', '),
    zip: address.postalCode ?? '',
    'country_id/.id': String(country.id),
    'state_id/.id': region ? String(region) : '',
    phone: address.phone ?? '',
    email: address.email ?? '',
  };
  return { externalId: id, rows: [row] };
}

/** The digest does not depend on the order of the fields. */
function digest(address: Address): string {
  const fields = Object.entries(address).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex').slice(0, 16);
}
