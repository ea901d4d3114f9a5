/** Partner orders as the events of their process tell them, up to a cut-off. Reads only. */
import { CodedError } from '../errors/coded-error.ts';
import type { Processes } from '../journal/processes.ts';
import type { ProcessRow } from '../journal/tables.ts';
import type { ProcessDefinition } from '../process/definition.ts';
import type { Instance } from '../process/state.ts';
import { isMap } from '../schema/schema.ts';
import Big from 'big.js';
import { sum } from './decimal.ts';
import { keyOf, type HubGoods, type HubLine, type HubMoney, type HubOrder } from './facts.ts';

export const books = ['sales', 'purchases', 'stock'] as const;
export type Books = (typeof books)[number];

export function booksOf({ books: named }: Pick<Scope, 'books'>): Books {
  return named ?? 'sales';
}

export interface Scope {
  /** ISO 8601, UTC: orders the hub first heard of since then, and until the cut-off. */
  since: string;
  cutOff: string;
  /** Only of this partner; of purchases the supplier. */
  partner?: string;
  /** Absent: sales. */
  books?: Exclude<Books, 'sales'>;
  /** Of stock: the warehouses and channels that were compared, and the digest of the statement. */
  looked?: readonly string[];
  statement?: string;
}

/** A run begins so long before its cut-off, unless it is said. */
export function usualSince(cutOff: string): string {
  return new Date(Date.parse(cutOff) - 90 * 86_400_000).toISOString();
}

const pageSize = 500;

/** Orders that came from a partner: one that was made in Odoo itself has nothing to be compared with. */
export async function readHub(
  processes: Pick<Processes, 'list'>,
  definition: Pick<ProcessDefinition, 'process' | 'steps'>,
  scope: Scope,
): Promise<HubOrder[]> {
  const found = new Map<string, HubOrder>();
  await eachProcess(processes, definition.process, (row) => {
    if (!isInScope(row, scope)) return;
    for (const order of orderOf(row, definition, scope.cutOff)) found.set(keyOf(order), order);
  });
  return [...found.values()].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** One that goes on meanwhile may come twice. */
export async function eachProcess(
  processes: Pick<Processes, 'list'>,
  process: string,
  take: (row: ProcessRow) => void,
): Promise<void> {
  let after: ProcessRow | undefined;
  do {
    const rows: ProcessRow[] = await processes.list({ process, limit: pageSize, ...(after && { after }) });
    for (const row of rows) take(row);
    after = rows.length === pageSize ? rows.at(-1) : undefined;
  } while (after);
}

function isInScope({ started, partner }: ProcessRow, { since, cutOff, partner: wanted }: Scope): boolean {
  return started !== null && started >= since && started <= cutOff && (!wanted || partner === wanted);
}

/** An event that was counted, with its time. */
export interface Told {
  data: Record<string, unknown>;
  at: string;
}

/** None for a process that nothing began: only what follows an order was told. */
function orderOf(row: ProcessRow, { steps }: Pick<ProcessDefinition, 'steps'>, cutOff: string): HubOrder[] {
  const instance = JSON.parse(row.body) as Instance;
  const facts = isMap(instance.facts) ? instance.facts : {};
  const [source, id] = [textOf(facts['partner']), textOf(facts['id'])];
  if (!instance.started || !source || !id || row.started === null) return [];
  const told = (type: string) => toldOf(instance, steps, type).filter(({ at }) => at <= cutOff);
  const [confirmed] = told('order.confirmed.v1');
  const updated = told('order.updated.v1').at(-1);
  const hold = holdOf(instance);
  const first = confirmed ?? hold;
  const gross = updated ? undefined : textOf(facts['amount']);
  const currency = textOf(facts['currency']);
  const firstLines = first && linesOf(first.data);
  const lines = updated ? linesOf(updated.data) : firstLines;
  const sale = confirmed && documentOf(confirmed.data)?.document;
  return [
    {
      source,
      id,
      number: instance.number,
      heard: row.started,
      ...(gross && { gross }),
      ...(currency && { currency }),
      taxIncluded: areTaxed(firstLines ?? [], textOf(facts['amount'])),
      held: !confirmed && hold !== undefined,
      cancelled: isCancelled(instance, cutOff),
      ...(confirmed && sale !== undefined && { confirmed: { sale, at: confirmed.at } }),
      ...(lines && { lines }),
      shipments: toldOf(instance, steps, 'shipment.booked.v1').flatMap(goodsOf),
      invoices: moneyOf(told('invoice.posted.v1')),
      payments: moneyOf(told('payment.booked.v1')),
    },
  ];
}

/** What the steps keep of the events of this type: the data in the steps, the times in the history. */
export function toldOf(
  { steps: own, history }: Instance,
  steps: ProcessDefinition['steps'],
  type: string,
): Told[] {
  const times = history.filter(({ what }) => what === type).map(({ at }) => at);
  const holder = Object.entries(steps).find(
    ([, { awaits, also }]) => awaits === type || also?.includes(type),
  );
  if (!holder) return [];
  const [name, { awaits }] = holder;
  const kept = (awaits === type ? own[name]?.done : own[name]?.also) ?? [];
  return kept.flatMap((data, at): Told[] => {
    const time = times[at] ?? times.at(-1);
    return isMap(data) && time !== undefined ? [{ data, at: time }] : [];
  });
}

function holdOf({ hold, history, state }: Instance): Told | undefined {
  if (!hold || !isMap(hold.data) || state !== 'held') return undefined;
  return { data: hold.data, at: history.at(-1)?.at ?? '' };
}

function isCancelled({ state, was, history }: Instance, cutOff: string): boolean {
  const told = history.some(({ what, at }) => what === 'order.cancelled.v1' && at <= cutOff);
  return told && [state, was].includes('cancelled');
}

function linesOf(data: Record<string, unknown>): HubLine[] | undefined {
  if (!Array.isArray(data['lines'])) return undefined;
  const charges = Array.isArray(data['charges']) ? data['charges'] : [];
  return [...data['lines'].map((one) => lineOf('line', one)), ...charges.map((one) => lineOf('charge', one))];
}

function lineOf(kind: HubLine['kind'], given: unknown): HubLine {
  const one = isMap(given) ? given : {};
  const uom = textOf(one['uom']);
  return {
    kind,
    id: textOf(one['id']) ?? '',
    sku: textOf(one['sku']) ?? textOf(one['code']) ?? '',
    quantity: kind === 'charge' ? '1' : decimal(one['quantity']),
    ...(uom && { uom }),
    price: decimal(one[kind === 'charge' ? 'price' : 'unitPrice']),
    discount: decimal(one['discount'] ?? '0'),
  };
}

/** Whether the lines add up to the total with tax. */
function areTaxed(lines: readonly HubLine[], gross: string | undefined): boolean {
  if (gross === undefined || lines.length === 0) return false;
  const all = sum(lines.map(({ quantity, price, discount }) => Big(quantity).times(price).minus(discount)));
  return all.minus(gross).abs().lte(Big('0.01').times(lines.length));
}

export function goodsOf({ data, at }: Told): HubGoods[] {
  const document = documentOf(data);
  if (!document || !Array.isArray(data['lines'])) return [];
  const lines = data['lines'].map((one: unknown) => {
    const line = isMap(one) ? one : {};
    return { sku: textOf(line['sku']) ?? '', quantity: decimal(line['quantity']) };
  });
  return [{ ...document, at, lines }];
}

/** One told again with nothing to add keeps its first total. */
export function moneyOf(told: readonly Told[]): HubMoney[] {
  const byDocument = new Map<number, HubMoney>();
  for (const { data, at } of told) {
    const document = documentOf(data);
    const total = isMap(data['document']) ? decimal(data['document']['total'] ?? '0') : '0';
    if (!document) continue;
    const before = byDocument.get(document.document);
    byDocument.set(document.document, before && Big(total).eq(0) ? before : { ...document, at, total });
  }
  return [...byDocument.values()];
}

function documentOf(data: Record<string, unknown>): { document: number; name: string } | undefined {
  const { document } = data;
  if (!isMap(document) || typeof document['id'] !== 'number') return undefined;
  return { document: document['id'], name: textOf(document['name']) ?? String(document['id']) };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== ''
    ? value
    : typeof value === 'number'
      ? String(value)
      : undefined;
}

function decimal(value: unknown): string {
  try {
    return Big(String(value)).toFixed();
  } catch (cause) {
    throw new CodedError('INTERNAL', 'An event of a process has an amount that is no number', {}, { cause });
  }
}
