/** An exception as a person reads it: what happened and who acts, without the data of its message; and that data with its form. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { editOf, type Edit } from '../dead/edit.ts';
import { gapOf } from '../dead/mapped.ts';
import { dataChanges, type DataChange } from '../diff/data.ts';
import { CodedError } from '../errors/coded-error.ts';
import { codeOf, codes } from '../errors/codes.ts';
import type { ErrorCode } from '../errors/row.ts';
import type { Catalogue } from '../events/catalogue.ts';
import type { Envelope } from '../envelope/envelope.ts';
import type { DeadLetter } from '../journal/journal.ts';
import type { Outcome, Step } from '../journal/step.ts';
import { sqlLetters } from '../journal/letters.ts';
import { stored, type Tables } from '../journal/tables.ts';
import { readSchema } from '../schema/schema.ts';
import { formOf, type Field } from './form.ts';

/** The definitions that say what a message looks like. */
export interface Events {
  catalogue: Catalogue;
  definitionsDir: string;
}

export interface LetterView extends Pick<ErrorCode, 'meaning' | 'action' | 'owner' | 'retryable'> {
  letter: Omit<DeadLetter, 'message'> & { message: Omit<Envelope, 'data'> };
  /** It is for want of an entry in a value map. */
  gap: boolean;
  /** It can be replayed, discarded or edited now. */
  open: boolean;
  /** What its flow did since it was sent again. */
  since: Since[];
}

export type Since = Pick<Step, 'time' | 'outcome' | 'reference'>;

export interface LetterData {
  data: unknown;
  lastFailed: string;
  /** Missing where no schema of the event is known. */
  form?: Field;
  /** The first field that does not fit the schema of the event. */
  wrong?: { path: string; message: string };
}

export interface Checked {
  changes: DataChange[];
  wrong?: { path: string; message: string };
}

/** Throws LETTER_UNKNOWN. */
export async function letterOf(db: Kysely<Tables>, id: string): Promise<DeadLetter> {
  const [letter] = await sqlLetters(db).letters({ ids: [id] });
  if (!letter) throw new CodedError('LETTER_UNKNOWN', 'There is no such exception', { id });
  return letter;
}

export async function letterView(db: Kysely<Tables>, letter: DeadLetter): Promise<LetterView> {
  const { meaning, action, owner, retryable } = codes[codeOf(letter.code) ?? 'INTERNAL'];
  const open = letter.state === 'open' || letter.state === 'parked';
  return {
    letter: withoutData(letter),
    meaning,
    action,
    owner,
    retryable,
    gap: gapOf(letter) !== undefined,
    open,
    since: await stepsSince(db, letter),
  };
}

async function stepsSince(
  db: Kysely<Tables>,
  { state, decision, message, flow }: DeadLetter,
): Promise<Since[]> {
  if (state !== 'replayed' || !decision) return [];
  const rows = await stored(() =>
    db
      .selectFrom('step')
      .select(['time', 'flow', 'outcome', 'reference'])
      .where('correlation_id', '=', message.correlationid)
      .where('time', '>=', decision.time)
      .orderBy('time')
      .limit(100)
      .execute(),
  );
  return rows
    .filter((row) => row.flow === flow)
    .map(({ time, outcome, reference }) => ({
      time,
      outcome: outcome as Outcome,
      ...(reference !== null && { reference }),
    }));
}

export function withoutData({ message, ...letter }: DeadLetter): LetterView['letter'] {
  const { data: _data, ...envelope } = message;
  return { ...letter, message: envelope };
}

export async function letterData(letter: DeadLetter, events: Events): Promise<LetterData> {
  const { data, type } = letter.message;
  const common = { data, lastFailed: letter.lastFailed };
  if (!events.catalogue.types.includes(type)) return common;
  const file = join(events.definitionsDir, 'events', events.catalogue.get(type).schema);
  const schema = JSON.parse(await readFile(file, 'utf8')) as object;
  const wrong = readSchema(file).check(data);
  return {
    ...common,
    form: formOf(schema),
    ...(wrong && { wrong: { path: wrong.path, message: wrong.message } }),
  };
}

/** What would be sent instead, field by field, and whether it may be. */
export function checkEdit(letter: DeadLetter, data: unknown, { catalogue }: Events): Checked {
  const changes = dataChanges(letter.message.data, data);
  try {
    editOf(letter, data, catalogue);
    return { changes };
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== 'SCHEMA_INVALID') throw error;
    const { path = '', message = '' } = error.facts;
    return { changes, wrong: { path: String(path), message: String(message) } };
  }
}

/** Throws SCHEMA_INVALID, and REQUEST_INVALID where nothing is changed. */
export function editFor(letter: DeadLetter, data: unknown, { catalogue }: Events): Edit {
  const edit = editOf(letter, data, catalogue);
  if (edit.changed.length > 0) return edit;
  throw new CodedError('REQUEST_INVALID', 'Nothing is changed: replay it as it is');
}

/** Throws LETTER_CHANGED where the person has seen an earlier failure than the last. */
export function demandSeen({ id, lastFailed }: DeadLetter, seen: string): void {
  if (lastFailed === seen) return;
  throw new CodedError('LETTER_CHANGED', 'It has failed again since it was shown: look at it anew', { id });
}

/** Objects of the data in which this value stands, each with its plain fields: enough to know what it is about. */
export function contextOf(
  data: unknown,
  value: string,
  path = '',
): { path: string; fields: [string, string][] }[] {
  if (typeof data !== 'object' || data === null) return [];
  const entries = Object.entries(data);
  const plain = entries.flatMap(([name, one]): [string, string][] =>
    ['string', 'number', 'boolean'].includes(typeof one) ? [[name, String(one)]] : [],
  );
  const here = plain.some(([, one]) => one.trim() === value) ? [{ path, fields: plain.slice(0, 12) }] : [];
  const inside = entries.flatMap(([name, one]) => contextOf(one, value, path ? `${path}/${name}` : name));
  return [...here, ...inside].slice(0, 3);
}
