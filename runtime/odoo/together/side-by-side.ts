/** Processes messages that come together in parallel, each with its own code, on an Odoo that merges their calls. */
import type { Tier } from '../../limits/limits.ts';
import { batcher, type BatcherOptions } from './batcher.ts';
import type { Odoo } from '../client.ts';
import { oneByOne } from './one-by-one.ts';
import { together, type Together } from './together.ts';

type Work<Result> = (odoo: Together) => Promise<Result>;

export interface SideBySide {
  /**
   * Runs `work` for a message. The same message given twice at once runs one after the other, so the second finds what
   * the first wrote.
   */
  run<Result>(
    kind: string,
    message: { source: string; id: string },
    work: Work<Result>,
    tier?: Tier,
  ): Promise<Result>;
  /** Resolves when all messages given so far have an outcome. */
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
