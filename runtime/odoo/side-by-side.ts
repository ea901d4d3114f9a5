/** Messages that come together are worked on side by side, each by code of its own, on an Odoo that asks for all of them at once. */
import type { Tier } from '../limits/limits.ts';
import { batcher, type BatcherOptions } from './batcher.ts';
import type { Odoo } from './client.ts';
import { oneByOne } from './one-by-one.ts';
import { together, type Together } from './together.ts';

type Work<Result> = (odoo: Together) => Promise<Result>;

export interface SideBySide {
  /** `message` is its identity: the same twice at once is worked on one after the other. */
  run<Result>(message: string, work: Work<Result>, tier?: Tier): Promise<Result>;
  /** Resolves when everything has its outcome. */
  idle(): Promise<void>;
}

export function sideBySide(
  odoo: Odoo,
  options: Omit<BatcherOptions<Work<unknown>, unknown>, 'run'>,
): SideBySide {
  const inOrder = oneByOne();
  const batches = batcher<Work<unknown>, unknown>({
    ...options,
    run(all) {
      const shared = together(odoo);
      return Promise.allSettled(all.map((work) => work(shared)));
    },
  });
  return {
    run: <Result>(message: string, work: Work<Result>, tier?: Tier) =>
      batches.add((shared) => inOrder(message, () => work(shared)), tier) as Promise<Result>,
    idle: () => batches.idle(),
  };
}
