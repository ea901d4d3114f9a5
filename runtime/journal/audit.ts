/** The rows of the audit in the journal's store: added at the end of one chain, and read in their order. */
import { setImmediate } from 'node:timers/promises';
import { sql, type Kysely, type SelectQueryBuilder } from 'kysely';
import type { AuditEntry } from '../audit/acts.ts';
import { beginning, following, type AuditRow, type Link } from '../audit/chain.ts';
import { stored, text, type Tables, type AuditTable } from './tables.ts';

export interface Audit {
  /** Durable when it resolves. All processes that write to the store make one chain. Throws STORE_UNAVAILABLE. */
  append(entry: AuditEntry): Promise<AuditRow>;
  /** In their order, those after this sequence. */
  after(sequence: number, limit?: number, which?: Which): Promise<AuditRow[]>;
  /** The newest first. */
  newest(limit: number, which?: Which): Promise<AuditRow[]>;
  /** The end of the chain; before the first row its beginning. */
  last(): Promise<Link>;
}

/** All that is given has to fit. */
export interface Which extends Partial<Pick<AuditRow, 'who' | 'act' | 'object' | 'outcome'>> {
  /** Before this sequence. */
  before?: number;
  /** At this ISO time or later. */
  since?: string;
  /** Before this ISO time. */
  until?: string;
  /** Stands in `from`. */
  fromHas?: string;
  /** Stands in `object`. */
  objectHas?: string;
}

export const auditColumns = [
  'sequence',
  'time',
  'who',
  'origin',
  'act',
  'object',
  'outcome',
  'hash_before',
  'hash_after',
  'reason',
  'previous',
  'hash',
] as const satisfies readonly (keyof AuditTable)[];

const inAPage = 5000;

type Rows = SelectQueryBuilder<Tables, 'audit', AuditTable>;

export function sqlAudit(db: Kysely<Tables>, append: Audit['append']): Audit {
  const rows = (): Rows => db.selectFrom('audit').select(auditColumns);
  const newest: Audit['newest'] = (limit, which = {}) =>
    stored(async () => {
      const query = fitting(rows(), which).orderBy('sequence', 'desc').limit(limit);
      return (await query.execute()).map(fromRow);
    });
  return {
    append: (entry) => stored(() => append(cleaned(entry))),
    after: (sequence, limit = inAPage, which = {}) =>
      stored(async () => {
        const query = fitting(rows(), which)
          .where('sequence', '>', sequence)
          .orderBy('sequence')
          .limit(limit);
        return (await query.execute()).map(fromRow);
      }),
    newest,
    last: async () => (await newest(1))[0] ?? beginning,
  };
}

function fitting(all: Rows, { before, since, until, fromHas, objectHas, ...same }: Which): Rows {
  let query = all;
  if (before !== undefined) query = query.where('sequence', '<', before);
  if (since !== undefined) query = query.where('time', '>=', since);
  if (until !== undefined) query = query.where('time', '<', until);
  if (fromHas !== undefined) query = query.where(has('origin', fromHas));
  if (objectHas !== undefined) query = query.where(has('object', objectHas));
  for (const [column, value] of Object.entries(same))
    query = query.where(column as keyof typeof same, '=', value);
  return query;
}

function has(column: 'origin' | 'object', part: string) {
  const like = `%${part.replaceAll(/[\\%_]/g, (one) => `\\${one}`)}%`;
  return sql<boolean>`${sql.ref(column)} LIKE ${like} ESCAPE '\\'`;
}

/** What only reads it is given this. */
export function auditReader(db: Kysely<Tables>): Omit<Audit, 'append'> {
  const { append: _append, ...reading } = sqlAudit(db, () => Promise.reject(new Error('it only reads')));
  return reading;
}

/** All of them, a page at a time; others have their turn between. */
export async function* allRows({ after }: Pick<Audit, 'after'>, from = 0): AsyncGenerator<AuditRow> {
  for (let last = from; ;) {
    const page = await after(last);
    yield* page;
    if (page.length < inAPage) return;
    last = page.at(-1)!.sequence;
    await setImmediate();
  }
}

/** What comes after the row that is the last one in the store. */
export function nextRows(last: Link | undefined, entries: readonly AuditEntry[], now: Date): AuditTable[] {
  const end = last && { sequence: Number(last.sequence), hash: last.hash };
  return following(end ?? beginning, entries, now.toISOString()).map(toRow);
}

/** Hashed as it will be read. */
function cleaned(entry: AuditEntry): AuditEntry {
  return Object.fromEntries(
    Object.entries(entry).flatMap(([name, value]: [string, string | undefined]) =>
      value === undefined ? [] : [[name, text(value.toWellFormed())]],
    ),
  ) as unknown as AuditEntry;
}

function toRow({ from, before, after, reason, ...same }: AuditRow): AuditTable {
  return {
    ...same,
    origin: from,
    hash_before: before ?? null,
    hash_after: after ?? null,
    reason: reason ?? null,
  };
}

export function fromRow(row: AuditTable): AuditRow {
  const { sequence, origin, hash_before: before, hash_after: after, reason, ...same } = row;
  return {
    ...same,
    sequence: Number(sequence),
    from: origin,
    ...(before !== null && { before }),
    ...(after !== null && { after }),
    ...(reason !== null && { reason }),
  } as AuditRow;
}
