/** Collects what arrives within a few milliseconds into one call, and settles each item on its own. */

export interface BatcherOptions<Item, Result> {
  /** How long the first item waits for others. Default 5 ms. */
  windowMs?: number;
  /** Items in one batch. Default 50. */
  max?: number;
  /** One outcome an item, in their order. A throw is the failure of every item of the batch. */
  run(items: Item[]): Promise<PromiseSettledResult<Result>[]>;
}

export interface Batcher<Item, Result> {
  /** Resolves or rejects with this item's own outcome. */
  add(item: Item): Promise<Result>;
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
  let waiting: Waiting<Item, Result>[] = [];
  let working: Promise<void> | undefined;

  async function work(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, windowMs));
    while (waiting.length > 0) {
      const batch = waiting.slice(0, max);
      waiting = waiting.slice(max);
      await settle(batch);
    }
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
    add: (item) =>
      new Promise<Result>((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        working ??= work();
      }),
    idle: async () => {
      await working;
    },
  };
}
