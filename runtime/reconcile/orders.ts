/** Which order of Odoo is which of the partners': those that are missing, extra, there twice, or were entered by hand. */
import type { Found, Stake } from './breaks.ts';
import { sum, text } from './decimal.ts';
import { keyOf, type Facts, type HubOrder, type OdooOrder } from './facts.ts';
import { isOver, type Tolerances } from './tolerances.ts';
import { duration } from '../process/definition.ts';

export interface Matched {
  hub: HubOrder;
  odoo: OdooOrder;
}

/** A break, and the order it is of. */
export interface OfOrder {
  partner: string;
  order: string;
  /** When it was first heard of. */
  heard: string;
  found: Found;
  /** Both sides of it, where there are two. */
  pair?: Matched;
  /** What hangs on it, where no order says so. */
  stake?: Stake;
}

export interface Matching {
  pairs: Matched[];
  breaks: OfOrder[];
}

type Given = { cutOff: string; tolerances: Tolerances };

export function matchOrders({ hub, odoo }: Facts, given: Given): Matching {
  const standing = odoo.filter(({ made }) => made <= given.cutOff);
  const byKey = new Map(standing.flatMap((one) => (one.key ? [[keyOf(one.key), one] as const] : [])));
  const byHand = standing.filter(({ key, state }) => !key && state !== 'cancel');
  const pairs: Matched[] = [];
  const breaks: OfOrder[] = [];
  const taken = new Set<OdooOrder>();
  for (const order of hub) {
    const stands = byKey.get(keyOf(order));
    if (stands) {
      taken.add(stands);
      pairs.push({ hub: order, odoo: stands });
    } else breaks.push(...of(order, missing(order, byHand, taken, given)));
  }
  breaks.push(...twice(pairs, byHand, taken, given.tolerances.duplicate));
  for (const one of byKey.values())
    if (!taken.has(one) && one.state !== 'cancel')
      breaks.push({
        partner: one.key!.source,
        order: one.reference || one.key!.id,
        heard: one.made,
        found: extra(one),
      });
  return { pairs, breaks };
}

function of({ source, number, id, heard }: HubOrder, found: readonly Found[]): OfOrder[] {
  return found.map((one) => ({ partner: source, order: number || id, heard, found: one }));
}

function missing(
  order: HubOrder,
  byHand: readonly OdooOrder[],
  taken: Set<OdooOrder>,
  { cutOff, tolerances }: Given,
): Found[] {
  if (order.cancelled) return [];
  const { heard, confirmed, gross = '0', currency = '', number, id } = order;
  const left = { what: 'ordered by the partner', amount: text(gross) };
  const of = { about: number || id, left, unit: currency };
  const other = byHand.find((one) => !taken.has(one) && number !== '' && one.reference === number);
  if (other) {
    taken.add(other);
    return [
      {
        ...of,
        situation: 'order by hand',
        documents: [`sale.order/${other.id}`],
        right: { what: 'linked to it in Odoo', amount: '0' },
        since: other.made,
      },
    ];
  }
  return [
    {
      ...of,
      situation: 'order missing',
      timing: !confirmed && !isOver(heard, tolerances.within.order, cutOff),
      documents: confirmed ? [`sale.order/${confirmed.sale}`] : [],
      right: { what: 'ordered in Odoo', amount: '0' },
      since: confirmed?.at ?? heard,
    },
  ];
}

function extra({ id, name, total, currency, made }: OdooOrder): Found {
  return {
    situation: 'order extra',
    about: name,
    documents: [`sale.order/${id}`],
    left: { what: 'ordered by the partner', amount: '0' },
    right: { what: 'ordered in Odoo', amount: text(total) },
    unit: currency,
    since: made,
  };
}

/** Of one customer: the same number, or the same content within the time of `duplicate`. */
function twice(
  pairs: readonly Matched[],
  byHand: readonly OdooOrder[],
  taken: Set<OdooOrder>,
  within: string,
): OfOrder[] {
  const ofCustomer = Map.groupBy(
    pairs.filter(({ odoo }) => odoo.state !== 'cancel'),
    ({ odoo }) => odoo.customer,
  );
  return byHand.flatMap((second): OfOrder[] => {
    if (taken.has(second)) return [];
    const first = (ofCustomer.get(second.customer) ?? []).find(({ hub, odoo }) =>
      isSame(hub, odoo, second, duration(within)),
    );
    if (!first) return [];
    const { hub, odoo } = first;
    return of(hub, [
      {
        situation: 'order twice',
        about: second.name,
        documents: [`sale.order/${odoo.id}`, `sale.order/${second.id}`],
        left: { what: 'ordered once', amount: text(odoo.total) },
        right: { what: 'ordered in all', amount: text(sum([odoo.total, second.total])) },
        unit: odoo.currency,
        since: second.made,
      },
    ]);
  });
}

function isSame({ number }: HubOrder, first: OdooOrder, second: OdooOrder, withinMs: number): boolean {
  if (number !== '' && second.reference === number) return true;
  const apart = Math.abs(Date.parse(first.made) - Date.parse(second.made));
  return apart <= withinMs && contentOf(first) === contentOf(second);
}

function contentOf({ lines, total, currency }: OdooOrder): string {
  const each = lines.map(({ sku, quantity }) => `${sku}|${text(quantity)}`);
  return [...each.toSorted(), text(total), currency].join('\n');
}
