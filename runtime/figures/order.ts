/** What happened to one order and when, as the instance of its process says. Times are in milliseconds since 1970. */
import Big from 'big.js';
import type { Instance } from '../process/state.ts';
import { endedStates } from '../retention/needed.ts';

export interface Order {
  key: string;
  number: string;
  partner: string;
  warehouse: string;
  /** Of the process. */
  version: string;
  received: number;
  confirmed?: number;
  /** Nothing of it is to be shipped: it is invoiced when it is confirmed. */
  services: boolean;
  /** In the order in which they were booked. */
  shipments: Shipment[];
  /** Since when nothing of it is left to ship. */
  whole?: number;
  invoiced: number[];
  /** When each payment was booked. */
  booked: number[];
  /** When the last payment was booked that it needed. */
  paid?: number;
  returned: boolean;
  ended?: { at: number; state: 'done' | 'cancelled' | 'undone' };
  /** When all was to have left, as the process says; and the day the customer asked for. */
  promised?: number;
  requested?: string;
  /** As it was changed last, by article; without those whose quantity is in another unit than the product's own. */
  ordered: ReadonlyMap<string, Big>;
  /** Articles that were ordered, in whatever unit. */
  articles: ReadonlySet<string>;
  /** Somebody did something about it, or was asked to. */
  touched: boolean;
  /** A payment failed before it could be booked. */
  paymentFailed: boolean;
}

export interface Shipment {
  /** When it was booked in Odoo. */
  at: number;
  /** When the goods left, as the warehouse says. */
  left?: number;
  /** How many transfers of the order were open then. */
  open?: number;
  /** The process itself reported it: no warehouse did. */
  own: boolean;
  lines: ReadonlyMap<string, Big>;
}

/** What the events of orders say, as far as it is read here. */
interface Said {
  document?: { open?: number };
  message?: { source?: string };
  shipment?: { shippedAt?: string };
  lines?: { sku?: string; quantity?: string; uom?: string }[];
}

const event = /^[a-z][a-z0-9.-]*\.v\d+$/;
const ends: ReadonlySet<string> = new Set(endedStates);

export function orderOf(instance: Instance): Order | undefined {
  const { history = [], steps, facts, key, number, version } = instance;
  const times = (type: string): number[] =>
    history.flatMap(({ at, what }) => (what === type ? [Date.parse(at)] : []));
  const [received] = times('order.received.v1');
  if (received === undefined) return undefined;
  const told = Object(facts) as Record<string, unknown>;
  const [order] = said(steps['order']?.done);
  const changed = said(steps['shipment']?.also).findLast(({ lines }) => lines);
  const shipments = shipmentsOf(instance, times('shipment.booked.v1'));
  const booked = times('payment.booked.v1');
  const confirmed = times('order.confirmed.v1')[0];
  const promised = Date.parse(steps['shipment']?.planned ?? '');
  const requested = text(told['requested']);
  const lines = (changed ?? order)?.lines ?? [];
  const ended = endOf(instance);
  return {
    key,
    number,
    partner: text(told['partner']),
    warehouse: text(told['warehouse']),
    version,
    received,
    ...(confirmed !== undefined && { confirmed }),
    services: order?.document?.open === 0,
    shipments,
    ...(shipments.length > 0 &&
      steps['shipment']?.state === 'done' && { whole: wholeAt(shipments, times('order.updated.v1')) }),
    invoiced: times('invoice.posted.v1'),
    booked,
    ...(steps['payment']?.state === 'done' && booked.length > 0 && { paid: booked.at(-1)! }),
    returned: times('return.booked.v1').length > 0,
    ...(ended && { ended }),
    ...(!Number.isNaN(promised) && { promised }),
    ...(requested && { requested }),
    ordered: quantities(lines.filter(({ uom }) => uom === undefined)),
    articles: new Set(lines.flatMap(({ sku }) => sku ?? [])),
    touched: isTouched(instance),
    paymentFailed: history.some(
      ({ what }) => what.startsWith('payment ') && !what.startsWith('payment is late'),
    ),
  };
}

function shipmentsOf({ steps, process }: Instance, times: readonly number[]): Shipment[] {
  return said(steps['shipment']?.done).flatMap(({ document, message, shipment, lines = [] }, index) => {
    const at = times[index];
    if (at === undefined) return [];
    const left = Date.parse(shipment?.shippedAt ?? '');
    return [
      {
        at,
        ...(!Number.isNaN(left) && { left }),
        ...(typeof document?.open === 'number' && { open: document.open }),
        own: message?.source === process,
        lines: quantities(lines),
      },
    ];
  });
}

/** With its last shipment, or when what was left was taken off the order. */
function wholeAt(shipments: readonly Shipment[], changed: readonly number[]): number {
  const last = shipments.at(-1)!;
  return last.open === 0 ? last.at : Math.max(last.at, ...changed);
}

function endOf({ state, history }: Instance): Order['ended'] {
  if (!ends.has(state)) return undefined;
  const last = history.findLast(({ what }) => what === state) ?? history.at(-1)!;
  return { at: Date.parse(last.at), state: state as 'done' };
}

/** What its history tells beside events: somebody was asked or acted. What was tried again by itself is nobody's work. */
function isTouched({ history, steps }: Instance): boolean {
  const told = history.filter(({ what }) => !event.test(what) && !ends.has(what));
  const tried = told.filter(({ what }) => what.endsWith(': retry')).length;
  const alone = Object.values(steps).reduce((sum, { retries = 0 }) => sum + retries, 0);
  return told.length > tried || tried > alone;
}

export function quantities(lines: readonly { sku?: string; quantity?: string }[]): Map<string, Big> {
  const all = new Map<string, Big>();
  for (const { sku, quantity = '' } of lines)
    if (sku !== undefined && /^\d+(\.\d+)?$/.test(quantity))
      all.set(sku, (all.get(sku) ?? new Big(0)).plus(quantity));
  return all;
}

const said = (done: readonly unknown[] = []): Said[] => done.map((one) => Object(one) as Said);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
