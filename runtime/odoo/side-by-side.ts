/** Messages that come together are worked on side by side, each by code of its own, on an Odoo that asks for all of them at once. */
import { batcher } from './batcher.ts';
import type { Odoo } from './client.ts';
import { together, type Together } from './together.ts';

export interface SideBySide {
  /** The same message is never worked on twice at a time: `message` is its identity. */
  run<Result>(message: string, work: (odoo: Together) => Promise<Result>): Promise<Result>;
  /** Resolves when everything has its outcome. */
  idle(): Promise<void>;
}

export interface SideBySideOptions {
  windowMs?: number;
  max?: number;
  atOnce?: number;
}

interface Job {
  message: string;
  work(odoo: Together): Promise<unknown>;
}

export function sideBySide(odoo: Odoo, options: SideBySideOptions = {}): SideBySide {
  const jobs = batcher<Job, unknown>({
    ...options,
    keyOf: ({ message }) => message,
    run(all) {
      const shared = together(odoo);
      return Promise.allSettled(all.map(({ work }) => work(shared)));
    },
  });
  return {
    run: <Result>(message: string, work: (odoo: Together) => Promise<Result>) =>
      jobs.add({ message, work }) as Promise<Result>,
    idle: () => jobs.idle(),
  };
}

/** Of each key one at a time, in the order they came. */
export type InTurn = <Result>(key: string | number, work: () => Promise<Result>) => Promise<Result>;

export function inTurn(): InTurn {
  const last = new Map<string | number, Promise<unknown>>();
  return async (key, work) => {
    const mine = (last.get(key) ?? Promise.resolve()).then(work);
    const over = mine.catch(() => {});
    last.set(key, over);
    try {
      return await mine;
    } finally {
      if (last.get(key) === over) last.delete(key);
    }
  };
}
