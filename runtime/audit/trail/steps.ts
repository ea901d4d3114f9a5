/** What the hub did, as the chain commits to it: the hash of the journal's steps of a time, in no order that could change. */
import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Outcome } from '../../journal/step.ts';
import type { Tables } from '../../journal/tables.ts';
import { canonicalJson } from '../../signature/canonical.ts';

export interface Span {
  /** ISO 8601, UTC. */
  from: string;
  /** Not with it. */
  to: string;
}

export interface Sealed extends Span {
  count: number;
  /** Without what an erasure may change. */
  steps: string;
  /** With the addresses of the effects too, such as `sale.order/42`. */
  references: string;
}

const slotMs = 60_000;
/** A slot without steps is not looked at alone. */
const columns = [
  'time',
  'correlation_id',
  'flow',
  'flow_version',
  'step',
  'outcome',
  'code',
  'reference',
] as const;

/** A minute's steps at a time. */
export async function sealOf(db: Kysely<Tables>, { from, to }: Span): Promise<Sealed> {
  const [steps, references] = [createHash('sha256'), createHash('sha256')];
  let count = 0;
  for (let at = await firstSince(db, from, to); at !== undefined;) {
    const begin = at;
    const minute = Math.floor(Date.parse(begin) / slotMs) * slotMs + slotMs;
    const end = [new Date(minute).toISOString(), to].toSorted()[0]!;
    const rows = await db
      .selectFrom('step')
      .select(columns)
      .where('time', '>=', begin)
      .where('time', '<', end)
      .execute();
    const lines = rows.map(({ reference, ...rest }) => {
      const line = canonicalJson(rest);
      return [line, `${line} ${reference ?? ''}`] as const;
    });
    for (const line of lines.map(([one]) => one).toSorted()) steps.update(`${line}\n`);
    for (const line of lines.map(([, one]) => one).toSorted()) references.update(`${line}\n`);
    count += rows.length;
    at = await firstSince(db, end, to);
  }
  const said = (hash: typeof steps): string => `sha256:${hash.digest('hex')}`;
  return { from, to, count, steps: said(steps), references: said(references) };
}

async function firstSince(db: Kysely<Tables>, from: string, to: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('step')
    .select('time')
    .where('time', '>=', from)
    .where('time', '<', to)
    .orderBy('time')
    .limit(1)
    .executeTakeFirst();
  return row?.time;
}

/** What changed something outside of the hub, or was refused to. */
const effects: readonly Outcome[] = ['landed', 'published', 'exception', 'replayed', 'discarded'];

export interface Effect {
  time: string;
  correlation_id: string;
  flow: string;
  step: string;
  outcome: string;
  code: string | null;
  reference: string | null;
}

/** Of a span, oldest first; no data of a customer. `place` goes on after the page before. */
export async function effectsOf(
  db: Kysely<Tables>,
  { from, to }: Span,
  { limit, skip }: { limit: number; skip: number },
): Promise<Effect[]> {
  return db
    .selectFrom('step')
    .select(['time', 'correlation_id', 'flow', 'step', 'outcome', 'code', 'reference'])
    .where('time', '>=', from)
    .where('time', '<', to)
    .where('outcome', 'in', effects)
    .orderBy('time')
    .orderBy('correlation_id')
    .orderBy('step')
    .limit(limit)
    .offset(skip)
    .execute();
}
