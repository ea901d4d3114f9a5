/** Collects items that arrive together into one call, and settles each item separately. */
import { quiet, stir } from '../../limits/quiet.ts';
import type { ByTier, Tier } from '../../limits/limits.ts';
import { fairQueue } from '../../limits/fair-queue.ts';
import { forAll, spanNow, type Span } from '../../tracing/span.ts';

export interface BatcherOptions<Item, Result> {
  /**
   * The longest time that the first item waits for others, in ms; it waits only while others are on their way. Default
   * 5.
   */
  windowMs?: number;
  /** Most items in one batch. Default 50. */
  max?: number;
  /** Most batches that run at the same time. Default 1. */
  atOnce?: number;
  /** How many items must wait before a batch starts while another one runs. Default 1. */
  beside?: number;
  /** Items with the same key are never in two running batches. Default: no item shares its key. */
  keyOf?(item: Item): string;
  /** Shares of the tiers when more items wait than fit into one batch. Default: the same for all tiers. */
  weights?: ByTier<number>;
  /**
   * Processes a batch and resolves with one outcome for each item, in order. If it throws, every item of the batch
   * fails.
   */
  run(items: Item[]): Promise<PromiseSettledResult<Result>[]>;
}

export interface Batcher<Item, Result> {
  /** Adds an item. Resolves or rejects with the outcome of the item. Default tier `standard`. */
  add(item: Item, tier?: Tier): Promise<Result>;
  /** Resolves when all items added so far have an outcome. */
  idle(): Promise<void>;
}

interface Waiting<Item, Result> {
  item: Item;
  /** The span of the work that added the item. */
  span: Span | undefined;
  resolve(result: Result): void;
  reject(reason: unknown): void;
}

/** Items that arrive while a batch runs go into the next one. */
export function batcher<Item, Result>(options: BatcherOptions<Item, Result>): Batcher<Item, Result> {
  const { windowMs = 5, max = 50, atOnce = 1, beside = 1, keyOf, run } = options;
  const waiting = fairQueue<Waiting<Item, Result>>(options.weights ?? { critical: 1, standard: 1, bulk: 1 });
  const running = new Set<Promise<void>>();
  /** Items that wait for a running batch, by their key. */
  const held = new Map<string, { tier: Tier; item: Waiting<Item, Result> }[]>();
  let window: Promise<void> | undefined;

  async function open(): Promise<void> {
    await quiet(windowMs);
    window = undefined;
    fill();
  }

  function fill(): void {
    while (running.size < atOnce && (running.size === 0 || waiting.size() >= beside)) {
      const batch = take();
      if (batch.length === 0) return;
      const keys = new Set(keyOf && batch.map(({ item }) => keyOf(item)));
      for (const key of keys) held.set(key, []);
      const work = settle(batch).then(() => {
        running.delete(work);
        for (const key of keys) release(key);
        fill();
      });
      running.add(work);
    }
  }

  function take(): Waiting<Item, Result>[] {
    const batch: Waiting<Item, Result>[] = [];
    while (batch.length < max) {
      const next = waiting.next();
      if (!next) break;
      const others = keyOf && held.get(keyOf(next.item.item));
      if (others) others.push(next);
      else batch.push(next.item);
    }
    return batch;
  }

  function release(key: string): void {
    for (const { tier, item } of held.get(key) ?? []) waiting.push(tier, item);
    held.delete(key);
  }

  async function settle(batch: Waiting<Item, Result>[]): Promise<void> {
    try {
      const spans = batch.map(({ span }) => span);
      const outcomes = await forAll(spans, 'batch', () => run(batch.map(({ item }) => item)));
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
        stir();
        waiting.push(tier, { item, span: spanNow(), resolve, reject });
        window ??= open();
      }),
    async idle() {
      for (let work = window; work || running.size > 0; work = window) await Promise.all([work, ...running]);
    },
  };
}
