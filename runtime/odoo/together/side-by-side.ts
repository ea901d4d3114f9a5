/** Messages that come together are worked on side by side, each by code of its own, on an Odoo that asks for all of them at once. */
import type { Tier } from '../../limits/limits.ts';
import { batcher, type BatcherOptions } from './batcher.ts';
import type { Odoo } from '../client.ts';
import { oneByOne } from './one-by-one.ts';
import { together, type Together } from './together.ts';

type Work<Result> = (odoo: Together) => Promise<Result>;

export interface SideBySide {
  /** The same message twice at once is worked on one after the other: the second finds what the first did. */
  run<Result>(
    kind: string,
    message: { source: string; id: string },
    work: Work<Result>,
    tier?: Tier,
  ): Promise<Result>;
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
    run: <Result>(
      kind: string,
      { source, id }: { source: string; id: string },
      work: Work<Result>,
      tier?: Tier,
    ) => {
      const message = JSON.stringify([kind, source, id]);
      return batches.add((shared) => inOrder(message, () => work(shared)), tier) as Promise<Result>;
    },
    idle: () => batches.idle(),
  };
}
