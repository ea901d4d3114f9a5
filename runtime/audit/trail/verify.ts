/** Reads a chain from its beginning and names the first row that is not as it was written. */
import { beginning, isAsWritten, type AuditRow, type Link } from '../chain.ts';

export interface Verdict {
  rows: number;
  last: Link;
  /** Checkpoints from outside that agree with the chain. */
  agreed: number;
  /** Undefined: all rows are as they were written. */
  bad?: Bad;
  /** What else was found, later in the chain: who put an older one in its place hides nothing by that. */
  more?: Bad[];
  /** The first row that says it is much older than the one before: somebody wrote it later, or set the clock. */
  earlier?: { sequence: number; time: string; before: string };
}

/** Clocks of hubs that write to one store may differ by this. */
const CLOCKS_MS = 5 * 60_000;

export interface Bad {
  sequence: number;
  /** `rewritten`: the rows agree with each other, and not with what was sent outside. */
  is: 'altered' | 'missing' | 'cut' | 'rewritten';
  why: string;
}

/**
 * Checkpoints in any order; where one differs the chain is read on, for what else was changed. `rows` come by their sequence, from
 * the first one after `from`.
 */
export async function verifyChain(
  rows: AsyncIterable<AuditRow>,
  checkpoints: readonly Link[] = [],
  from: Link = beginning,
): Promise<Verdict> {
  const outside = comparing(checkpoints, from.sequence);
  let last = from;
  let unsound: Bad | undefined;
  let earlier: Verdict['earlier'];
  let before = '';
  for await (const row of rows) {
    unsound = broken(row, last, from);
    if (unsound) break;
    if (row.time < before && Date.parse(before) - Date.parse(row.time) > CLOCKS_MS)
      earlier ??= { sequence: row.sequence, time: row.time, before };
    before = row.time;
    last = { sequence: row.sequence, hash: row.hash };
    outside.compare(last);
  }
  const [bad, ...more] = [
    ...outside.differ(),
    ...[unsound ?? outside.beyond(last)].flatMap((one) => one ?? []),
  ];
  return {
    rows: last.sequence - from.sequence,
    last,
    agreed: outside.agreed(),
    ...(bad && { bad }),
    ...(more.length > 0 && { more }),
    ...(earlier && { earlier }),
  };
}

/** One finding for all that differ between two that agree. */
function comparing(checkpoints: readonly Link[], from: number) {
  const bySequence = Map.groupBy(checkpoints, ({ sequence }) => sequence);
  const most = checkpoints.reduce((sum, { sequence }) => Math.max(sum, sequence), 0);
  const closed: Bad[] = [];
  let open: Bad | undefined;
  let agreed = 0;
  let proven = from;
  return {
    compare({ sequence, hash }: Link): void {
      const here = bySequence.get(sequence) ?? [];
      const same = here.filter((one) => one.hash === hash).length;
      if (same < here.length) open = rewritten(sequence, proven);
      if (same === 0) return;
      if (open) closed.push(open);
      open = undefined;
      agreed += same;
      proven = sequence;
    },
    agreed: () => agreed,
    differ: (): Bad[] => (open ? [...closed, open] : closed),
    beyond(last: Link): Bad | undefined {
      const sequence = last.sequence + 1;
      if (most < sequence) return undefined;
      return { sequence, is: 'cut', why: `rows ${sequence} to ${most} were sent outside, and are gone` };
    },
  };
}

function broken(row: AuditRow, last: Link, from: Link): Bad | undefined {
  const { sequence } = row;
  const next = last.sequence + 1;
  if (sequence > next) {
    const which = sequence === next + 1 ? `row ${next} is` : `rows ${next} to ${sequence - 1} are`;
    return { sequence: next, is: 'missing', why: `${which} gone` };
  }
  if (sequence < next) return { sequence, is: 'altered', why: `row ${sequence} stands there twice` };
  if (!isAsWritten(row)) return { sequence, is: 'altered', why: 'its hash is not that of what it says' };
  if (row.previous === last.hash) return undefined;
  // It is as it was written, so the row before is not.
  const before = Math.max(last.sequence, from.sequence + 1);
  const why = `row ${sequence} was written after another row ${sequence - 1}`;
  return { sequence: before, is: 'altered', why };
}

function rewritten(sequence: number, proven: number): Bad {
  const why = `rows ${proven + 1} to ${sequence} are not those that were sent outside`;
  return { sequence: proven + 1, is: 'rewritten', why };
}
