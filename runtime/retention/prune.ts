/** Lets go what is older than its rule, in small pieces with pauses between them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Journal } from '../journal/journal.ts';
import type { Upkeep } from '../journal/upkeep.ts';
import { countSweeps } from './counts.ts';
import { neededSince } from './needed.ts';
import { before, type Retention } from './rules.ts';
import { sweepsOf } from './sweeps.ts';

export interface PruneOptions {
  now: Date;
  /** Only counts. */
  dryRun?: boolean;
  /** As long as a piece took times this: how much of the time is left to others. Default 4. */
  rest?: number;
  /** Ends it after the piece at hand. */
  signal?: AbortSignal;
}

/** Of a table. */
export interface Pruned {
  table: string;
  what: string;
  /** ISO 8601, UTC: what is older, and nothing under way names. */
  before: string;
  rows: number;
  /** Of the rows, where it is known. */
  oldest?: string;
}

export interface PruneResult {
  pruned: Pruned[];
  /** Kinds of documents without a rule: they stay. */
  withoutRule: string[];
  /** Bytes that the embedded store's file became smaller. */
  freed?: number;
}

/** May be ended at any place, and begun again. Throws STORE_UNAVAILABLE. */
export async function prune(
  { upkeep, rollups }: Pick<Journal, 'upkeep' | 'rollups'>,
  keep: Retention,
  { now, dryRun = false, rest = 4, signal }: PruneOptions,
): Promise<PruneResult> {
  const pause = pausing(rest, signal);
  const latest = Math.min(...[...keep.documents.values()].map(({ days = Infinity }) => days), keep.steps);
  const needed = await neededSince(
    upkeep.db,
    before(now, Number.isFinite(latest) ? latest : keep.steps),
    pause,
  );
  const sweeps = [...sweepsOf(upkeep, keep, needed, now), ...countSweeps(rollups, keep.rollups, now)];
  const pruned: Pruned[] = [];
  for (const { table, what, before, pages } of sweeps) {
    const all: Pruned = { table, what, before, rows: 0 };
    for await (const { gone, oldest } of pages(dryRun)) {
      all.rows += gone;
      if (oldest !== undefined) all.oldest ??= oldest;
      await pause();
    }
    pruned.push(all);
  }
  const withoutRule = await kindsBeside(upkeep, keep);
  const freed = upkeep.space && !dryRun ? await upkeep.space.giveBack(pause) : undefined;
  return { pruned, withoutRule, ...(freed !== undefined && { freed }) };
}

/** After each piece, as long as it took times `rest`. */
function pausing(rest: number, signal: AbortSignal | undefined): () => Promise<void> {
  let since = performance.now();
  return async () => {
    signal?.throwIfAborted();
    await sleep(Math.ceil(rest * (performance.now() - since)), undefined, { signal });
    since = performance.now();
  };
}

async function kindsBeside({ db }: Upkeep, { documents }: Retention): Promise<string[]> {
  const beside: string[] = [];
  for (let last = ''; ;) {
    const query = db.selectFrom('document').select((x) => x.fn.min('kind').as('kind'));
    const kind = (await query.where('kind', '>', last).executeTakeFirst())?.kind;
    if (!kind) return beside;
    last = kind;
    if (!documents.has(kind)) beside.push(kind);
  }
}
