/** What a bench finds: figures of one run, their ratio, and whether the ratio meets its target. */

export interface Measure {
  /** `intake cluster 64 connections`. */
  name: string;
  unit: string;
  /** Medians over the rounds, by what was measured. */
  figures: Record<string, number>;
  ratio?: number;
  /** As people read it: `≥ 0.8`. */
  target?: string;
  met?: boolean;
}

/** A bench runs its contenders in turn, `rounds` times. It throws when it cannot run. */
export type Bench = (rounds: number) => Promise<Measure[]>;

export interface Target {
  atLeast?: number;
  atMost?: number;
}

/** The ratio of the first figure to the second, against its target. */
export function measure(
  name: string,
  unit: string,
  figures: Record<string, number>,
  { atLeast, atMost }: Target = {},
): Measure {
  const [first = 0, second = 0] = Object.values(figures);
  const ratio = round(first / second);
  const found = { name, unit, figures: rounded(figures), ratio };
  if (atLeast !== undefined) return { ...found, target: `≥ ${atLeast}`, met: ratio >= atLeast };
  if (atMost !== undefined) return { ...found, target: `≤ ${atMost}`, met: ratio <= atMost };
  return found;
}

/** The first figure against a limit of its own. */
export function within(name: string, unit: string, figures: Record<string, number>, atMost: number): Measure {
  const [first = 0] = Object.values(figures);
  return { name, unit, figures: rounded(figures), target: `≤ ${atMost} ${unit}`, met: first <= atMost };
}

function rounded(figures: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(figures).map(([what, value]) => [what, round(value)]));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Runs each contender once a round, in turn, every second round the other way about; all results by contender. */
export async function inTurn<Result>(
  rounds: number,
  contenders: Record<string, (round: number) => Promise<Result>>,
): Promise<Record<string, Result[]>> {
  const names = Object.keys(contenders);
  const results: Record<string, Result[]> = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed())
      results[name]!.push(await contenders[name]!(round));
  }
  return results;
}

export function quantile(sorted: ArrayLike<number>, q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
}

/** Three significant digits are more than a run on a shared machine repeats. */
function round(value: number): number {
  return Number(value.toPrecision(Math.abs(value) >= 1000 ? 4 : 3));
}
