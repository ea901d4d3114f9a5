/** Two changes of one text, line by line: what differs, and both together where they do not meet. */

export interface Hunk {
  /** Lines of the text before. */
  from: number;
  to: number;
  lines: string[];
}

/** Undefined where both changed the same lines, or the texts are too long to compare. */
export function merged(base: string, mine: string, theirs: string): string | undefined {
  const lines = base.split('\n');
  const [ours, others] = [hunks(lines, mine.split('\n')), hunks(lines, theirs.split('\n'))];
  if (!ours || !others) return undefined;
  const meets = (a: Hunk, b: Hunk): boolean => a.from <= b.to && b.from <= a.to;
  if (ours.some((a) => others.some((b) => meets(a, b)))) return undefined;
  const result = [...lines];
  for (const { from, to, lines: put } of [...ours, ...others].toSorted((a, b) => b.from - a.from))
    result.splice(from, to - from, ...put);
  return result.join('\n');
}

const mostCells = 4_000_000;

/** What to put where; undefined for texts that are too long. */
export function hunks(base: readonly string[], other: readonly string[]): Hunk[] | undefined {
  let head = 0;
  while (head < base.length && head < other.length && base[head] === other[head]) head += 1;
  let tail = 0;
  const short = Math.min(base.length, other.length) - head;
  while (tail < short && base.at(-1 - tail) === other.at(-1 - tail)) tail += 1;
  const [a, b] = [base.slice(head, base.length - tail), other.slice(head, other.length - tail)];
  if (a.length * b.length > mostCells) return undefined;
  const found: Hunk[] = [];
  let [from, to] = [0, 0];
  for (const [i, j] of [...common(a, b), [a.length, b.length] as const]) {
    if (i > from || j > to) found.push({ from: head + from, to: head + i, lines: b.slice(to, j) });
    [from, to] = [i + 1, j + 1];
  }
  return found;
}

/** Places of the longest list of lines that both have. */
function common(a: readonly string[], b: readonly string[]): [number, number][] {
  const width = b.length + 1;
  const best = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      best[i * width + j] =
        a[i] === b[j]
          ? best[(i + 1) * width + j + 1]! + 1
          : Math.max(best[(i + 1) * width + j]!, best[i * width + j + 1]!);
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if (best[(i + 1) * width + j]! >= best[i * width + j + 1]!) i++;
    else j++;
  }
  return pairs;
}
