/** Interfaces that were used within the last day though their sunset is over: somebody was not told, or did not hear it. */
import type { Kysely } from 'kysely';
import type { FlowNode } from '../../flow-file/format.ts';
import type { Tables } from '../../journal/tables.ts';
import type { Tier } from '../../limits/limits.ts';
import { deriveInterfaces, type Known } from '../derive.ts';
import type { Entries } from '../file.ts';
import { lastSeen, recentSpans } from './last-seen.ts';
import { isOver } from '../register.ts';

export interface Overused {
  id: string;
  /** The team. */
  owner: string;
  tier: Tier;
  sunset: string;
}

const DAY_MS = 86_400_000;

/** Where nothing is over, nothing is read. */
export async function overused(
  db: Kysely<Tables>,
  hub: Known & { interfaces: Entries },
  nodes: () => Promise<readonly FlowNode[]>,
  now: Date,
): Promise<Overused[]> {
  const today = now.toISOString().slice(0, 10);
  const over = new Map([...hub.interfaces].filter(([, entry]) => isOver(entry, today)));
  if (over.size === 0) return [];
  const used = deriveInterfaces(await nodes(), hub).filter(({ id }) => over.has(id));
  const seen = await lastSeen(db, used, now, recentSpans);
  const dayBefore = new Date(now.getTime() - DAY_MS).toISOString();
  return used.flatMap(({ id, tier }): Overused[] => {
    const entry = over.get(id)!;
    const last = seen.get(id);
    if (last === undefined || last < dayBefore || !isOver(entry, last.slice(0, 10))) return [];
    return [{ id, owner: entry.owner, tier: entry.tier ?? tier, sunset: entry.sunset! }];
  });
}
