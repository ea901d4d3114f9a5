/** What strikes when: decided by the seed alone, before the run. */

export interface Strike {
  kind: string;
  /** When this many orders are accepted. */
  at: number;
  /** 0 for the first of its kind, for kinds that take turns. */
  turn: number;
  /** From 0 to 1: picks the victim. */
  roll: number;
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function pick<T>(from: readonly T[], roll: number): T {
  return from[Math.floor(roll * from.length)]!;
}

/** The load begins and ends undisturbed. */
const first = 0.02;
const last = 0.9;

/** `strikes` of each kind, spread over the orders, earliest first. */
export function makePlan(kinds: readonly string[], strikes: number, orders: number, seed: number): Strike[] {
  const next = random(seed);
  return kinds
    .flatMap((kind) =>
      Array.from({ length: strikes }, (_, turn): Strike => {
        const at = Math.ceil((first + (last - first) * ((turn + next()) / strikes)) * orders);
        return { kind, at, turn, roll: next() };
      }),
    )
    .toSorted((a, b) => a.at - b.at);
}

/** One line a kind: when it strikes. */
export function planText(plan: readonly Strike[]): string {
  return [...Map.groupBy(plan, ({ kind }) => kind)]
    .map(([kind, strikes]) => `  ${kind.padEnd(12)} ${strikes.map(({ at }) => at).join(' ')}`)
    .join('\n');
}
