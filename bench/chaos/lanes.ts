/** Runs the plan: each lane's strikes one after the other, all lanes side by side, the load in step with them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Strike } from './plan.ts';

export interface Lanes {
  /** Holds the load back, for a while, when a lane is behind. */
  pace(accepted: number): Promise<void>;
  /** Resolves when all has struck; rejects when a strike could not be made. */
  done: Promise<void>;
  struck(): Record<string, number>;
}

export interface LanesOptions {
  plan: readonly Strike[];
  laneOf(kind: string): string;
  strike(strike: Strike): Promise<void>;
  accepted(): number;
  /** The load has ended: what has not struck yet strikes on, or is given up when it waits for load. */
  signal: AbortSignal;
}

const lookMs = 20;
/** Orders by which the load may be before a lane. */
const aheadOrders = 2;
/** While a lane is behind an order passes each so often: some strikes wait for traffic. */
const trickleMs = 5000;

export function runLanes({ plan, laneOf, strike, accepted, signal }: LanesOptions): Lanes {
  const lanes = [...Map.groupBy(plan, ({ kind }) => laneOf(kind)).values()];
  /** Where each lane is. */
  const at = lanes.map(([first]) => first!.at);
  const struck: Record<string, number> = Object.fromEntries(plan.map(({ kind }) => [kind, 0]));
  const ended = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));

  async function run(strikes: readonly Strike[], lane: number): Promise<void> {
    for (const one of strikes) {
      at[lane] = one.at;
      while (accepted() < one.at && !signal.aborted) await sleep(lookMs);
      if (signal.aborted) return;
      const over = strike(one).then(() => (struck[one.kind]! += 1));
      await Promise.race([over, ended.then(() => sleep(10_000, undefined, { ref: false }))]);
    }
    at[lane] = Infinity;
  }

  const done = Promise.all(lanes.map(run)).then(() => {});
  done.catch(() => {});
  return {
    async pace(accepted) {
      const end = Date.now() + trickleMs;
      while (Math.min(...at) + aheadOrders < accepted && Date.now() < end) await sleep(lookMs);
    },
    done,
    struck: () => struck,
  };
}
