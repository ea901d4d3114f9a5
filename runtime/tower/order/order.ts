/** All that the page of one order shows, of an order with a process and of one that only left a trace. */
import type { Kysely } from 'kysely';
import { calendarNamed, type Calendar } from '../../calendar/calendar.ts';
import { CodedError } from '../../errors/coded-error.ts';
import type { Tables, ProcessRow } from '../../journal/tables.ts';
import type { ProcessFile } from '../../process/definition.ts';
import type { Instance, InstanceState } from '../../process/state.ts';
import { toldDocuments, type OrderDocument } from './documents.ts';
import { exceptionsOf, rawMessages, type OrderException, type RawMessage } from './exceptions.ts';
import { orderMoney, type OrderMoney } from './money.ts';
import { odooLink, recordOf } from './odoo-link.ts';
import { rail, type Milestone } from './rail.ts';
import { said, timeline, type Entry } from './timeline.ts';
import { traceOf, type Trace, type TraceRow } from './trace.ts';

export interface OrderPage {
  /** As people call it. */
  number: string;
  key: string;
  /** Missing where the order only left a trace; so are all that only a process tells. */
  process?: string;
  state?: InstanceState;
  partner?: string;
  warehouse?: string;
  /** ISO 8601, UTC. */
  started?: string;
  updated?: string;
  /** Who is asked, and why. */
  attention: (Pick<Entry, 'say' | 'values'> & { to: string; step: string })[];
  rail: Milestone[];
  money?: OrderMoney;
  documents: OrderDocument[];
  /** What else it is called: numbers of partners, carriers and Odoo. */
  names: { kind: string; value: string }[];
  exceptions: OrderException[];
  timeline: Entry[];
  /** The timeline lacks what is older. */
  cut: boolean;
}

export interface OrderSources {
  db: Kysely<Tables>;
  processes: ReadonlyMap<string, ProcessFile>;
  calendars: ReadonlyMap<string, Calendar>;
  odooUrl: string | undefined;
}

const mostFailures = 50;

/** In the place of a process, for what only left a trace. No process can be called so. */
export const noProcess = '-';

/** `called`: the key, or the number. Throws CodedError PROCESS_UNKNOWN. */
export async function orderPage(
  sources: OrderSources,
  process: string,
  called: string,
  now: Date,
): Promise<OrderPage> {
  const found = await find(sources.db, process, called);
  return found.row ? ofProcess(sources, found.row, found.trace, now) : ofTrace(sources, called, found.trace);
}

/** What came in and what failed, whole. Throws CodedError PROCESS_UNKNOWN. */
export async function orderMessages(
  { db }: Pick<OrderSources, 'db'>,
  process: string,
  called: string,
): Promise<RawMessage[]> {
  const { trace } = await find(db, process, called);
  return rawMessages(db, trace.transactions);
}

async function find(
  db: Kysely<Tables>,
  process: string,
  called: string,
): Promise<{ row?: ProcessRow; trace: Trace }> {
  const [row] = process === noProcess ? [] : await rowsCalled(db, process, called);
  if (row) {
    const [ofOthers, failures] = await Promise.all([countedByOthers(db, row), failuresOf(db, row)]);
    return { row, trace: await traceOf(db, [row.number, row.key], { ofOthers, failures }) };
  }
  const trace = await traceOf(db, [called]);
  if (trace.steps.length > 0) return { trace };
  throw new CodedError(
    'PROCESS_UNKNOWN',
    `Nothing here is called ${called.slice(0, 100)}. Search for another of its numbers: the partner's, the customer's or Odoo's`,
    { called },
  );
}

/** By key, else by number: the newest first. */
async function rowsCalled(db: Kysely<Tables>, process: string, called: string): Promise<ProcessRow[]> {
  const rows = db.selectFrom('process').selectAll().where('process', '=', process);
  const byKey = await rows.where('key', '=', called).execute();
  if (byKey.length > 0) return byKey as ProcessRow[];
  const byNumber = (await rows.where('number', '=', called).limit(20).execute()) as ProcessRow[];
  return byNumber.toSorted((a, b) => ((a.started ?? '') > (b.started ?? '') ? -1 : 1));
}

/** Two partners may use the same number: the events that only their processes counted. */
async function countedByOthers(
  db: Kysely<Tables>,
  { process, number, key, body }: ProcessRow,
): Promise<ReadonlySet<string>> {
  const same = db.selectFrom('process').select(['key', 'body']).where('process', '=', process);
  const others = await same.where('number', '=', number).where('key', '<>', key).limit(20).execute();
  const own = new Set(appliedBy(body));
  return new Set(others.flatMap((other) => appliedBy(other.body)).filter((event) => !own.has(event)));
}

function appliedBy(body: string): string[] {
  return (JSON.parse(body) as Instance).applied;
}

/**
 * The transactions of the exceptions that its steps failed with: a shipment names the order by its id alone. The process
 * counts each as its step, the exception, and when it failed.
 */
async function failuresOf(db: Kysely<Tables>, { body }: ProcessRow): Promise<string[]> {
  const ids = appliedBy(body).flatMap((one) => /^[^/]+\/(.+)\/\d{4}-[^/]+Z$/.exec(one)?.[1] ?? []);
  if (ids.length === 0) return [];
  const last = ids.slice(-mostFailures);
  const letters = db.selectFrom('dead_letter').select('correlation_id').where('id', 'in', last);
  return (await letters.execute()).map(({ correlation_id }) => correlation_id);
}

async function ofProcess(
  { db, processes, calendars, odooUrl }: OrderSources,
  row: ProcessRow,
  trace: Trace,
  now: Date,
): Promise<OrderPage> {
  const instance = JSON.parse(row.body) as Instance;
  const file = await fileOf(db, processes, instance);
  const calendar = calendarNamed(calendars, file?.calendar, `The process ${row.process}`);
  const told = file ? toldDocuments(file, instance, odooUrl) : [];
  const { number, key, process, partner, warehouse, amount, currency, started, updated } = row;
  return {
    number: number || key,
    key,
    process,
    state: instance.state,
    ...(partner && { partner }),
    ...(warehouse && { warehouse }),
    ...(started && { started }),
    ...(updated && { updated }),
    attention: instance.attention.map(({ to, why, step }) => ({ to, step, ...whyOf(why, step) })),
    rail: file ? rail(file, instance, calendar, now) : [],
    money: orderMoney(told, { ordered: amount ?? undefined, currency: currency ?? undefined }),
    documents: withLanded(
      told.map(({ document }) => document),
      landedDocuments(trace.steps, odooUrl),
    ),
    names: await namesOf(db, row),
    exceptions: await exceptionsOf(db, trace.transactions),
    timeline: timeline(trace.steps, instance.history, odooUrl),
    cut: trace.cut,
  };
}

const mostNames = 100;

async function namesOf(db: Kysely<Tables>, { process, key }: ProcessRow): Promise<OrderPage['names']> {
  const rows = await db
    .selectFrom('alias')
    .select(['folded', 'kind', 'value'])
    .where('leads', '=', 'process')
    .where('process', '=', process)
    .where('key', '=', key)
    .orderBy('time')
    .limit(mostNames)
    .execute();
  return rows.map(({ kind, value }) => ({ kind, value }));
}

/** As a process asks for attention: "shipment is late", "order failed with ODOO_BUSY", the type of a hold. */
function whyOf(why: string, step: string): Pick<Entry, 'say' | 'values'> {
  const { say, values } = said(`${why}: escalate`);
  // Without what is done about it: that is to ask.
  if (say !== 'process.other') return { say: say.replace(/^process\.(?=late$|failed$)/, 'why.'), values };
  if (step === 'hold') return { say: 'process.held', values: { event: why } };
  return { say, values: { what: why } };
}

async function ofTrace({ db, odooUrl }: OrderSources, called: string, trace: Trace): Promise<OrderPage> {
  return {
    number: called,
    key: called,
    attention: [],
    rail: [],
    documents: landedDocuments(trace.steps, odooUrl),
    names: [],
    exceptions: await exceptionsOf(db, trace.transactions),
    timeline: timeline(trace.steps, [], odooUrl),
    cut: trace.cut,
  };
}

/** Also those that its process does not wait for, such as a return. */
function withLanded(told: OrderDocument[], landed: readonly OrderDocument[]): OrderDocument[] {
  const known = new Set(told.map(({ model, id }) => `${model}/${id}`));
  return [...told, ...landed.filter(({ model, id }) => !known.has(`${model}/${id}`))];
}

/** The nodes that write to Odoo tell its name and state first. */
function landedDocuments(steps: readonly TraceRow[], odooUrl: string | undefined): OrderDocument[] {
  const found = new Map<string, OrderDocument>();
  for (const { outcome, reference, detail } of steps) {
    const record = outcome === 'landed' ? recordOf(reference) : undefined;
    if (!record) continue;
    const { model, id } = record;
    const link = odooLink(odooUrl, model, id);
    const [name = ''] = (detail ?? '').split(/[\s,]/);
    found.set(`${model}/${id}`, { kind: 'other', model, id, name, state: '', ...(link && { link }) });
  }
  return [...found.values()];
}

/** The version it began with is kept in the journal; without it the newest tells most. */
async function fileOf(
  db: Kysely<Tables>,
  processes: ReadonlyMap<string, ProcessFile>,
  { process, version }: Instance,
): Promise<ProcessFile | undefined> {
  const newest = processes.get(process);
  if (newest?.version === version) return newest;
  const kept = await db
    .selectFrom('document')
    .select('body')
    .where('kind', '=', 'process')
    .where('id', '=', `${process}@${version}`)
    .executeTakeFirst();
  return kept ? (JSON.parse(kept.body) as ProcessFile) : newest;
}
