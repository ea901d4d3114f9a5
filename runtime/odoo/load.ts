/**
 * Creates or updates records with `load`, Odoo's only upsert. Bad records are removed, so that the others still land.
 */
import { CodedError } from '../errors/coded-error.ts';
import { forPeople } from '../errors/for-people.ts';
import type { Odoo } from './client.ts';
import { findExternal } from './external-id.ts';
import { isCollision } from './protocol/faults.ts';

/** A record and its nested lines in the form of Odoo's import. The first row has the fields of the record itself. */
export interface LoadRecord {
  externalId: string;
  /** Text by column. `x/.id` is a database id, `x/id` an external id. An empty text clears the field. */
  rows: Record<string, string>[];
}

interface Answer {
  ids: number[] | false;
  messages: { type?: string; message?: string; field?: string; rows?: { from: number; to: number } }[];
}

/**
 * Context for plain numbers and dates, whatever the settings of the user. `noupdate` protects records if an Odoo app
 * has the name of a source: an upgrade of the app would otherwise remove them as its own leftovers.
 */
export const plain = { lang: 'en_US', tz: 'UTC', noupdate: true, tracking_disable: true };

/**
 * Creates or updates every record by its external id. Safe to call again. Returns one outcome for each record, in
 * order. A record that Odoo refuses is rejected with ODOO_REFUSED and Odoo's message, or with ODOO_BUSY if another
 * writer holds it. Throws if the call itself failed: what was written is then unknown.
 */
export async function load(
  odoo: Odoo,
  model: string,
  records: LoadRecord[],
): Promise<PromiseSettledResult<number>[]> {
  const outcomes = new Map<LoadRecord, PromiseSettledResult<number>>();
  // A missing cell would clear its field, so only records with the same columns share a call.
  for (const group of Map.groupBy(records, (record) => columnsOf(record).join()).values()) {
    await loadGroup(odoo, model, group, outcomes);
  }
  return records.map((record) => outcomes.get(record)!);
}

/** Returns the ids of records that are created once and never changed. Missing ones are created. */
export async function ensure(
  odoo: Odoo,
  model: string,
  records: LoadRecord[],
): Promise<PromiseSettledResult<number>[]> {
  const names = records.map(({ externalId }) => externalId);
  const found = await findExternal(odoo, model, names);
  const missing = records.filter(({ externalId }) => !found.has(externalId));
  if (missing.length === 0) return names.map((name) => done(found.get(name)!));
  const unique = [...new Map(missing.map((record) => [record.externalId, record])).values()];
  const made = await loadNew(odoo, model, unique);
  return names.map((name) => (found.has(name) ? done(found.get(name)!) : made.get(name)!));
}

/** Creates records that were not found before. A record that another writer created meanwhile counts as created. */
export async function loadNew(odoo: Odoo, model: string, records: LoadRecord[]) {
  const outcomes = await load(odoo, model, records);
  const byName = new Map(records.map(({ externalId }, index) => [externalId, outcomes[index]!]));
  const refused = [...byName].filter(([, outcome]) => outcome.status === 'rejected').map(([name]) => name);
  for (const [name, id] of await findExternal(odoo, model, refused)) byName.set(name, done(id));
  return byName;
}

async function loadGroup(
  odoo: Odoo,
  model: string,
  group: LoadRecord[],
  outcomes: Map<LoadRecord, PromiseSettledResult<number>>,
): Promise<void> {
  let rest = group;
  while (rest.length > 0) {
    const answer = await send(odoo, model, rest);
    if (answer.ids && answer.ids.length === rest.length) {
      for (const [index, record] of rest.entries()) outcomes.set(record, done(answer.ids[index]!));
      return;
    }
    const bad = badRecords(rest, answer);
    if (bad.size === 0) {
      // The answer names no bad record: each is loaded separately.
      for (const record of rest) await loadGroup(odoo, model, [record], outcomes);
      return;
    }
    for (const [record, error] of bad) outcomes.set(record, { status: 'rejected', reason: error });
    rest = rest.filter((record) => !bad.has(record));
  }
}

/** If Odoo refuses the whole call, the answer names no record. A single record is refused with Odoo's message. */
async function send(odoo: Odoo, model: string, records: LoadRecord[]): Promise<Answer> {
  const fields = columnsOf(records[0]!);
  const data = records.flatMap(({ rows }) => rows.map((row) => fields.map((field) => row[field] ?? '')));
  try {
    return await odoo.call<Answer>(model, 'load', { fields, data, context: plain });
  } catch (error) {
    const ofData =
      error instanceof CodedError && (error.code === 'ODOO_REFUSED' || error.code === 'ODOO_FAILED');
    if (ofData && records.length > 1) return { ids: false, messages: [] };
    throw error;
  }
}

function badRecords(records: LoadRecord[], { messages }: Answer): Map<LoadRecord, CodedError> {
  const bad = new Map<LoadRecord, CodedError>();
  let from = 0;
  for (const record of records) {
    const to = from + record.rows.length - 1;
    const about = messages.find(({ rows }) => rows && rows.from <= to && rows.to >= from);
    if (about) bad.set(record, refused(record, about));
    from = to + 1;
  }
  if (bad.size === 0 && records.length === 1) bad.set(records[0]!, refused(records[0]!, messages[0]));
  return bad;
}

function refused({ externalId }: LoadRecord, about: Answer['messages'][number] | undefined): CodedError {
  if (isCollision(about?.message)) {
    return new CodedError('ODOO_BUSY', 'Another transaction in Odoo holds this record', { externalId });
  }
  const said = forPeople(about?.message) ?? 'Odoo refused the record without a reason for people';
  return new CodedError('ODOO_REFUSED', said, { externalId, field: about?.field });
}

function columnsOf({ rows }: LoadRecord): string[] {
  return Object.keys(rows[0]!);
}

function done(id: number): PromiseFulfilledResult<number> {
  return { status: 'fulfilled', value: id };
}
