/** What an order became in Odoo, as the events of its process say. */
import type { ProcessFile } from '../../process/definition.ts';
import type { Instance } from '../../process/state.ts';
import { isMap, mapOf, type Json } from '../../schema/schema.ts';
import { odooLink } from './odoo-link.ts';

/** By the event that told of it. */
const kinds = {
  'order.confirmed': 'order',
  'order.updated': 'order',
  'order.held': 'order',
  'order.cancelled': 'order',
  'purchase.confirmed': 'purchase',
  'shipment.booked': 'shipment',
  'receipt.booked': 'receipt',
  'return.booked': 'return',
  'invoice.posted': 'invoice',
  'bill.posted': 'bill',
  'credit.posted': 'credit',
  'payment.booked': 'payment',
  'bill.paid': 'billPayment',
  'refund.booked': 'refund',
} as const;

export type DocumentKind = (typeof kinds)[keyof typeof kinds] | 'other';

export interface OrderDocument {
  kind: DocumentKind;
  model: string;
  id: number;
  /** Its number in Odoo. */
  name: string;
  state: string;
  /** Decimal. */
  total?: string;
  /** ISO 4217. */
  currency?: string;
  date?: string;
  carrier?: string;
  tracking?: string;
  /** Into Odoo. */
  link?: string;
}

/** With the data of its event. */
export interface Told {
  document: OrderDocument;
  data: Json;
}

/** Each document of each kind once, as it was told last; in the order of the steps. */
export function toldDocuments(
  file: Pick<ProcessFile, 'steps'>,
  instance: Pick<Instance, 'steps' | 'hold' | 'started'>,
  odooUrl: string | undefined,
): Told[] {
  const found = new Map<string, Told>();
  const add = (type: string, data: unknown) => {
    const one = toldOf(type, data, odooUrl);
    if (!one) return;
    const name = `${one.document.kind} ${one.document.model}/${one.document.id}`;
    const before = found.get(name);
    found.set(name, before ? again(before, one) : one);
  };
  if (instance.hold) add(instance.hold.event, instance.hold.data);
  for (const [name, { awaits }] of Object.entries(file.steps))
    for (const data of instance.steps[name]?.done ?? []) add(awaits, data);
  return [...found.values()];
}

/** What was ordered stands in the first event only. What is told again with a total of nothing was counted then. */
function again(before: Told, now: Told): Told {
  const total = Number(now.document.total) === 0 ? before.document.total : now.document.total;
  const document = { ...now.document, ...(total !== undefined && { total }) };
  return { document, data: { ...before.data, ...now.data } };
}

function toldOf(type: string, data: unknown, odooUrl: string | undefined): Told | undefined {
  if (!isMap(data) || !isMap(data['document'])) return undefined;
  const { model, id, name, state, total, currency, date } = data['document'];
  if (typeof model !== 'string' || typeof id !== 'number') return undefined;
  const { carrier, tracking } = mapOf(data['shipment']);
  const link = odooLink(odooUrl, model, id);
  const document = {
    kind: kindOf(type),
    model,
    id,
    name: String(name ?? ''),
    state: String(state ?? ''),
    ...given({ total, currency, date, carrier, tracking, link }),
  };
  return { document, data };
}

function kindOf(type: string): DocumentKind {
  const name = type.replace(/\.v\d+$/, '');
  return Object.hasOwn(kinds, name) ? kinds[name as keyof typeof kinds] : 'other';
}

/** The texts that there are. */
function given<Name extends string>(all: Record<Name, unknown>): Partial<Record<Name, string>> {
  const there = Object.entries(all).filter(([, value]) => typeof value === 'string' && value !== '');
  return Object.fromEntries(there) as Partial<Record<Name, string>>;
}
