/** What of the orders, exceptions and webhooks each figure counts. Pure: what is read is given. */
import Big from 'big.js';
import { sum } from '../decimal/sum.ts';
import { businessDaysUntil } from '../calendar/business-days.ts';
import type { Calendar } from '../calendar/calendar.ts';
import type { Counted, Indicator, Missing, Standing, Told } from './indicators.ts';
import type { Objective } from './objectives.ts';
import type { Order } from './order.ts';

/** An exception of the time looked at. */
export interface Failed {
  partner: string;
  /** The order number. */
  subject: string;
  /** Of a payment from a customer. */
  payment: boolean;
  /** Not known to have landed since. */
  unsettled: boolean;
  discarded: boolean;
  first: number;
}

/** Of an hour, flow and partner. */
export interface Hooks {
  at: number;
  flow: string;
  partner: string;
  refused: boolean;
  count: number;
}

/** A run of the reconciliation. */
export interface ReconciledOrders {
  /** Its cut-off. */
  at: number;
  /** That were compared. */
  orders: number;
  /** Of these: with a break that somebody has to act on. */
  broken: number;
}

/** A change of stock that a channel has taken, or not yet. */
export interface Level {
  /** The channel. */
  partner: string;
  warehouse: string;
  /** In Odoo; undefined where nobody told. */
  changed: number | undefined;
  /** Undefined: it waits. */
  taken?: number;
}

export interface Read {
  orders: readonly Order[];
  failed: readonly Failed[];
  hooks: readonly Hooks[];
  reconciled: readonly ReconciledOrders[];
  /** Undefined where no channel ever took one. */
  levels?: readonly Level[];
  now: number;
}

export interface Observed {
  counted?: Counted[];
  standing?: Standing[];
  missing?: Missing;
}

/** Whether so much time is more than the limit. */
export type Late = (from: number, to: number) => boolean;
type Observe = (read: Read, late: Late, date: Objective['date']) => Observed;

export function lateBy({ within }: Objective, calendar: Calendar): Late {
  if (!within) return () => false;
  if ('ms' in within) return (from, to) => to - from > within.ms;
  let [until, daysFrom]: [number, (from: Date) => number] = [NaN, () => 0];
  return (from, to) => {
    // All that waits is asked for at the same time.
    if (to !== until) [until, daysFrom] = [to, businessDaysUntil(calendar, new Date(to))];
    return daysFrom(new Date(from)) > within.businessDays;
  };
}

const toldOf = ({ partner, warehouse, version }: Order): Told => ({ partner, warehouse, version });

export const observe: Record<Indicator, Observe> = {
  'order-acceptance': ({ orders, now }, late) => ({
    counted: orders.flatMap((order): Counted[] => {
      const { received: began, confirmed, ended } = order;
      if (confirmed !== undefined) {
        const hit = !late(began, confirmed);
        return [{ ...toldOf(order), began, at: confirmed, hit, tookMs: confirmed - began }];
      }
      // What waits too long counts now, until it is accepted or ends.
      return !ended && late(began, now) ? [{ ...toldOf(order), began, at: now, hit: false }] : [];
    }),
  }),

  'order-ageing': ({ orders }) => ({
    standing: orders.map((order) => ({
      ...toldOf(order),
      since: order.received,
      ...(order.ended && { until: order.ended.at }),
    })),
  }),

  'shipment-confirmation': ({ orders }, late) => ({
    counted: orders.flatMap((order) =>
      order.shipments
        .filter(({ own }) => !own)
        .map(({ at, left = Infinity }): Counted => {
          const about = { ...toldOf(order), at };
          if (left > at) return { ...about, began: at, hit: undefined };
          return { ...about, began: left, hit: !late(left, at), tookMs: at - left };
        }),
    ),
  }),

  'invoice-backlog': ({ orders }) => ({
    standing: orders.flatMap((order) => {
      const due = order.services && order.confirmed !== undefined ? [order.confirmed] : [];
      const since = [...due, ...order.shipments.map(({ at }) => at)];
      return since.map((since, index): Standing => {
        const until = order.invoiced[index] ?? order.ended?.at;
        return { ...toldOf(order), since, ...(until !== undefined && { until }) };
      });
    }),
  }),

  'payment-matching': ({ orders, failed }) => {
    const payments = failed.filter(({ payment }) => payment);
    // One that failed and was booked later is counted as failed, not twice.
    const repaired = Map.groupBy(
      payments.filter(({ unsettled, discarded }) => !unsettled && !discarded),
      nameOf,
    );
    const booked = orders.flatMap((order) => {
      const before = [...(repaired.get(nameOf({ ...order, subject: order.number })) ?? [])];
      return order.booked.flatMap((at): Counted[] => {
        const own = before.findIndex(({ first }) => first <= at);
        if (own >= 0) return (void before.splice(own, 1), []);
        return [{ ...toldOf(order), began: at, at, hit: !order.paymentFailed }];
      });
    });
    const unmatched = payments.map(({ partner, first, discarded }): Counted => ({
      partner,
      began: first,
      at: first,
      // It was none that had to be booked.
      hit: discarded ? undefined : false,
    }));
    return { counted: [...booked, ...unmatched] };
  },

  'webhook-refusals': ({ hooks }) => ({
    counted: hooks.map(({ at, flow, partner, refused, count }) => ({
      at,
      began: at,
      flow,
      partner,
      hit: refused,
      times: count,
    })),
  }),

  touchless: ({ orders, failed }) => {
    const named = Map.groupBy(failed, nameOf);
    return {
      counted: finished(orders).map((order) => ({
        ...toldOf(order),
        began: order.received,
        at: order.ended.at,
        hit: isUntouched(order, named),
      })),
    };
  },

  'inventory-lag': ({ levels, now }, late) => ({
    ...(!levels && { missing: 'lag' as const }),
    counted: (levels ?? []).flatMap(({ partner, warehouse, changed, taken }): Counted[] => {
      const about = { partner, warehouse };
      if (taken === undefined)
        // What waits too long counts now, until the channel takes it.
        return changed !== undefined && late(changed, now)
          ? [{ ...about, began: changed, at: now, hit: false }]
          : [];
      if (changed === undefined) return [{ ...about, began: taken, at: taken, hit: undefined }];
      // Odoo tells whole seconds.
      const tookMs = Math.max(0, taken - changed);
      return [{ ...about, began: changed, at: taken, hit: !late(changed, taken), tookMs }];
    }),
  }),
  'reconciliation-breaks': ({ reconciled }) => ({
    ...(reconciled.length === 0 && { missing: 'reconciliation' as const }),
    counted: reconciled.flatMap(({ at, orders, broken }) => [
      { at, began: at, hit: true, times: broken },
      { at, began: at, hit: false, times: orders - broken },
    ]),
  }),

  'line-fill': ({ orders }) => ({
    counted: orders.flatMap((order) => {
      const { whole: at, received: began, shipments, articles, ordered } = order;
      const [first] = shipments;
      if (!first || at === undefined) return [];
      return [...articles].map((sku): Counted => {
        const shipped = shippedOf(order, sku);
        const enough = ordered.get(sku) ?? shipped;
        // What never left may be a service, which nobody ships.
        const hit = shipped.gt(0) ? (first.lines.get(sku) ?? new Big(0)).gte(enough) : undefined;
        return { ...toldOf(order), began, at, hit };
      });
    }),
  }),

  'backorder-rate': ({ orders }) => ({
    counted: orders.flatMap((order): Counted[] => {
      const [first] = order.shipments;
      if (!first) return [];
      const { at, open } = first;
      return [
        { ...toldOf(order), began: order.received, at, hit: open === undefined ? undefined : open > 0 },
      ];
    }),
  }),

  otif: ({ orders, now }, _late, date) => {
    const counted = orders.flatMap((order): Counted[] => {
      const about = { ...toldOf(order), began: order.received };
      const dated = hasDate(order, date);
      if (order.whole !== undefined)
        return [{ ...about, at: order.whole, hit: dated ? isInTime(order, leftAt(order), date) : undefined }];
      // One that ended otherwise was cancelled, or taken back.
      const over = dated && !order.ended && !isInTime(order, now, date);
      return over ? [{ ...about, at: now, hit: false }] : [];
    });
    return ifDated(orders, date, counted);
  },

  'perfect-order': ({ orders, failed }, _late, date) => {
    const named = Map.groupBy(failed, nameOf);
    const shipped = finished(orders).filter(({ shipments }) => shipments.length > 0);
    const counted = shipped.map((order): Counted => {
      const { received: began, ended, shipments, whole, returned } = order;
      const dated = hasDate(order, date) && whole !== undefined;
      const perfect = () =>
        isInTime(order, leftAt(order), date) &&
        shipments[0]!.open === 0 &&
        !returned &&
        isUntouched(order, named);
      return { ...toldOf(order), began, at: ended.at, hit: dated ? perfect() : undefined };
    });
    return ifDated(orders, date, counted);
  },

  'days-to-cash': ({ orders }, late) => ({
    counted: orders.flatMap((order): Counted[] => {
      const { received: began, paid } = order;
      if (paid === undefined) return [];
      return [{ ...toldOf(order), began, at: paid, hit: !late(began, paid), tookMs: paid - began }];
    }),
  }),
};

type Finished = Order & { ended: NonNullable<Order['ended']> };

/** Not those that were cancelled or taken back. */
function finished(orders: readonly Order[]): Finished[] {
  return orders.filter((order): order is Finished => order.ended?.state === 'done');
}

/** When the last of it left. */
function leftAt({ shipments }: Order): number {
  return Math.max(...shipments.map(({ at, left }) => left ?? at));
}

/** Where no order tells such a date there is nothing to go by. */
function ifDated(orders: readonly Order[], date: Objective['date'], counted: Counted[]): Observed {
  const none = date === 'requested' && !orders.some((order) => hasDate(order, date));
  return none ? { missing: 'requested' } : { counted };
}

function hasDate({ promised, requested }: Order, date: Objective['date']): boolean {
  return date === 'requested' ? requested !== undefined : promised !== undefined;
}

/** A day that was asked for lasts until it ends, in UTC. */
function isInTime({ promised = 0, requested = '' }: Order, time: number, date: Objective['date']): boolean {
  if (date === 'promised') return time <= promised;
  if (requested.length > 'YYYY-MM-DD'.length) return time <= Date.parse(requested);
  return new Date(time).toISOString().slice(0, requested.length) <= requested;
}

function shippedOf({ shipments }: Order, sku: string): Big {
  return sum(shipments.map(({ lines }) => lines.get(sku) ?? 0));
}

const nameOf = ({ partner, subject }: Pick<Failed, 'partner' | 'subject'>): string => `${partner}/${subject}`;

function isUntouched(order: Finished, failed: ReadonlyMap<string, Failed[]>): boolean {
  const own = failed.get(nameOf({ ...order, subject: order.number })) ?? [];
  return !order.touched && !own.some(({ first }) => first <= order.ended.at);
}
