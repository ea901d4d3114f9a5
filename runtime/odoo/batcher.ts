/** Collects what arrives within a few milliseconds into one call, and settles each item on its own. */
import type { ByTier, Tier } from '../limits/limits.ts';
import { turns, type Turns } from '../limits/turns.ts';

export interface BatcherOptions<Item, Result> {
  /** How long the first item waits for others. Default 5 ms. */
  windowMs?: number;
  /** Items in one batch. Default 50. */
  max?: number;
  /** Weights of the tiers when more waits than goes into one batch. Default all alike. */
  turns?: ByTier<number>;
  /** One outcome an item, in their order. A throw is the failure of every item of the batch. */
  run(items: Item[]): Promise<PromiseSettledResult<Result>[]>;
}

export interface Batcher<Item, Result> {
  /** Resolves or rejects with this item's own outcome. Default tier standard. */
  add(item: Item, tier?: Tier): Promise<Result>;
  /** Resolves when everything added so far has its outcome. */
  idle(): Promise<void>;
}

interface Waiting<Item, Result> {
  item: Item;
  resolve(result: Result): void;
  reject(reason: unknown): void;
}

/** One batch runs at a time; what comes meanwhile is the next one. */
export function batcher<Item, Result>(options: BatcherOptions<Item, Result>): Batcher<Item, Result> {
  const { windowMs = 5, max = 50, run } = options;
  const waiting = turns<Waiting<Item, Result>>(options.turns ?? { critical: 1, standard: 1, bulk: 1 });
  let working: Promise<void> | undefined;

  async function work(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, windowMs));
    while (waiting.size() > 0) await settle(upTo(max, waiting));
    working = undefined;
  }

  async function settle(batch: Waiting<Item, Result>[]): Promise<void> {
    try {
      const outcomes = await run(batch.map(({ item }) => item));
      for (const [index, one] of batch.entries()) {
        const outcome = outcomes[index];
        if (outcome?.status === 'fulfilled') one.resolve(outcome.value);
        else one.reject(outcome?.reason ?? new Error('The batch left this item without an outcome'));
      }
    } catch (error) {
      for (const one of batch) one.reject(error);
    }
  }

  return {
    add: (item, tier = 'standard') =>
      new Promise<Result>((resolve, reject) => {
        waiting.push(tier, { item, resolve, reject });
        working ??= work();
      }),
    idle: async () => {
      await working;
    },
  };
}

function upTo<Item>(max: number, waiting: Turns<Item>): Item[] {
  const batch: Item[] = [];
  while (batch.length < max && waiting.size() > 0) batch.push(waiting.next()!.item);
  return batch;
}
