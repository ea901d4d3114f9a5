/** The register as commands and pages show it: with when each interface was used last, and what speaks against it. */
import type { Kysely } from 'kysely';
import { CodedError } from '../../errors/coded-error.ts';
import type { Tables } from '../../journal/tables.ts';
import type { Interface } from '../derive.ts';
import type { Entries } from '../file.ts';
import { lastSeen } from './last-seen.ts';
import { hookOf } from '../nodes.ts';
import { isOver, registerOf, type Registered } from '../register.ts';
import { stateProblems, type Problem } from '../states.ts';

export interface Listed extends Registered {
  /** ISO time; undefined: never. */
  seen?: string;
  /** It was used after its sunset. */
  overused: boolean;
  problems: Problem[];
}

export async function listed(
  db: Kysely<Tables>,
  derived: readonly Interface[],
  entries: Entries,
  now: Date,
): Promise<Listed[]> {
  const seen = await lastSeen(db, [...derived, ...pastOf(derived, entries)], now);
  return registerOf(derived, entries).map((one): Listed => {
    const last = seen.get(one.id);
    return {
      ...one,
      ...(last !== undefined && { seen: last }),
      overused: one.entry !== undefined && last !== undefined && isOver(one.entry, last.slice(0, 10)),
      problems: one.entry ? stateProblems(one.entry) : [],
    };
  });
}

/** Retired webhooks that no flow has any more are still asked for: the intake counts what it refuses. */
function pastOf(derived: readonly Interface[], entries: Entries): Pick<Interface, 'id' | 'traces'>[] {
  const ids = new Set(derived.map(({ id }) => id));
  return [...entries].flatMap(([id, { state }]) => {
    const step = state === 'retired' && !ids.has(id) ? hookOf(id) : undefined;
    return step === undefined ? [] : [{ id, traces: [{ flow: 'intake', step }] }];
  });
}

/** Throws CodedError INTERFACE_UNKNOWN. */
export function named<One extends { id: string }>(all: readonly One[], id: string): One {
  const found = all.find((one) => one.id === id);
  if (found) return found;
  const near = all.filter((one) => one.id.includes(id)).map((one) => one.id);
  const hint = near.length > 0 && id ? `; perhaps ${near.slice(0, 3).join(', ')}` : '';
  throw new CodedError('INTERFACE_UNKNOWN', `There is no interface ${id}${hint}`, {});
}
