/** Reads a chain from its beginning and names the first row that is not as it was written. */
import { beginning, rowHash, type AuditRow, type Link } from './chain.ts';

export interface Verdict {
  rows: number;
  last: Link;
  /** Checkpoints from outside that agree with the chain. */
  agreed: number;
  /** Undefined: all rows are as they were written. */
  bad?: Bad;
}

export interface Bad {
  sequence: number;
  /** `rewritten`: the rows agree with each other, and not with what was sent outside. */
  is: 'altered' | 'missing' | 'cut' | 'rewritten';
  why: string;
}

/** In any order; two of one sequence that differ can not both agree. `rows` come by their sequence, from the first one after `from`. */
export async function verifyChain(
  rows: AsyncIterable<AuditRow>,
  checkpoints: readonly Link[] = [],
  from: Link = beginning,
): Promise<Verdict> {
  const outside = Map.groupBy(checkpoints, ({ sequence }) => sequence);
  let last = from;
  let agreed = 0;
  let proven = from.sequence;
  const verdict = (bad?: Bad): Verdict => ({
    rows: last.sequence - from.sequence,
    last,
    agreed,
    ...(bad && { bad }),
  });
  for await (const row of rows) {
    const bad = broken(row, last, from);
    if (bad) return verdict(bad);
    last = { sequence: row.sequence, hash: row.hash };
    for (const { hash } of outside.get(row.sequence) ?? []) {
      if (hash !== row.hash) return verdict(rewritten(row.sequence, proven));
      agreed += 1;
      proven = row.sequence;
    }
  }
  const beyond = checkpoints.reduce((most, { sequence }) => Math.max(most, sequence), 0);
  if (beyond <= last.sequence) return verdict();
  const sequence = last.sequence + 1;
  return verdict({
    sequence,
    is: 'cut',
    why: `rows ${sequence} to ${beyond} were sent outside, and are gone`,
  });
}

function broken(row: AuditRow, last: Link, from: Link): Bad | undefined {
  const { sequence } = row;
  const next = last.sequence + 1;
  if (sequence > next) {
    const which = sequence === next + 1 ? `row ${next} is` : `rows ${next} to ${sequence - 1} are`;
    return { sequence: next, is: 'missing', why: `${which} gone` };
  }
  if (sequence < next) return { sequence, is: 'altered', why: `row ${sequence} stands there twice` };
  if (hashed(row) !== row.hash)
    return { sequence, is: 'altered', why: 'its hash is not that of what it says' };
  if (row.previous === last.hash) return undefined;
  // It is as it was written, so the row before is not.
  const before = Math.max(last.sequence, from.sequence + 1);
  const why = `row ${sequence} was written after another row ${sequence - 1}`;
  return { sequence: before, is: 'altered', why };
}

/** Undefined for what has no canonical text. */
function hashed(row: AuditRow): string | undefined {
  try {
    return rowHash(row);
  } catch {
    return undefined;
  }
}

function rewritten(sequence: number, proven: number): Bad {
  const why = `rows ${proven + 1} to ${sequence} are not those that were sent outside`;
  return { sequence: proven + 1, is: 'rewritten', why };
}
