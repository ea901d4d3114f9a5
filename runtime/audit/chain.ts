/** The chain of audit rows: each holds the hash of the one before, so that no row changes without the rows after it. */
import { digestOf, hasDigest } from '../signature/signature.ts';
import type { AuditEntry } from './acts.ts';

export interface AuditRow extends AuditEntry {
  /** From 1, without a gap. */
  sequence: number;
  /** ISO 8601, UTC. */
  time: string;
  /** Hash of the row before. */
  previous: string;
  hash: string;
}

/** The end of a chain. */
export type Link = Pick<AuditRow, 'sequence' | 'hash'>;

/** Before the first row. */
export const beginning: Link = { sequence: 0, hash: `sha256:${'0'.repeat(64)}` };

/** Whether its hash is that of all else that it says. */
export function isAsWritten({ hash, ...said }: AuditRow): boolean {
  return hasDigest(said, hash);
}

/** The rows that follow `last`. */
export function following(last: Link, entries: readonly AuditEntry[], time: string): AuditRow[] {
  let { sequence, hash: previous } = last;
  return entries.map((entry) => {
    sequence += 1;
    const said = { sequence, time, ...entry, previous };
    previous = digestOf(said);
    return { ...said, hash: previous };
  });
}
