/** Keeps queues from growing without bound: who would add to a full one hears QUEUE_FULL, and waits. */
import { CodedError } from '../errors/coded-error.ts';
import type { ByTier, Tier } from './limits.ts';

/** A queue whose consumer runs in this process. Others are not known here, and not limited. */
export interface ConsumedQueue {
  queue: string;
  types: readonly string[];
  /** The flow that consumes it. It may always add to its own queue, or the queue would never empty. */
  flow: string;
}

export interface BacklogOptions {
  consumed(): Iterable<ConsumedQueue>;
  /** Messages in the queue. */
  depth(queue: string): Promise<number>;
  /** Messages a queue may hold before a flow of this tier adds no more. */
  limits: ByTier<number>;
}

export interface Backlog {
  /** Throws CodedError QUEUE_FULL when a queue that takes this type is full; else counts one message more in each. */
  admit(type: string, from: { flow: string; tier: Tier }): Promise<void>;
}

/** A depth is asked for once in this time at the most, and only while somebody publishes. */
const KEEP_MS = 1000;
const RETRY_AFTER_MS = 10_000;

interface Known {
  /** As asked, and what was published since. */
  messages: number;
  askedAt: number;
  asking?: Promise<void> | undefined;
}

export function backlog({ consumed, depth, limits }: BacklogOptions): Backlog {
  const known = new Map<string, Known>();

  function ask(queue: string, entry: Known): Promise<void> {
    const before = entry.messages;
    entry.askedAt = performance.now();
    entry.asking ??= depth(queue)
      .then(
        // What was published while asking may be counted already or not; counted twice it is right a second later.
        (messages) => void (entry.messages = messages + entry.messages - before),
        // Not known: not limited. The publish itself will say what is wrong.
        () => void (entry.messages = 0),
      )
      .finally(() => (entry.asking = undefined));
    return entry.asking;
  }

  return {
    async admit(type, { flow, tier }) {
      const takers = new Map<string, Known>();
      for (const { queue, types, flow: consumer } of consumed()) {
        if (consumer === flow || !types.includes(type) || takers.has(queue)) continue;
        const entry = known.get(queue) ?? { messages: 0, askedAt: -Infinity };
        known.set(queue, entry);
        takers.set(queue, entry);
        const old = performance.now() - entry.askedAt >= KEEP_MS;
        const asking = old ? ask(queue, entry) : entry.asking;
        // Nobody is refused on old knowledge, and nobody waits for the new one where there is room anyway.
        if (entry.messages >= limits[tier]) await asking;
        if (entry.messages >= limits[tier])
          throw new CodedError('QUEUE_FULL', `The queue ${queue} is full for flows of tier ${tier}`, {
            queue,
            tier,
            retryAfterMs: RETRY_AFTER_MS,
          });
      }
      for (const entry of takers.values()) entry.messages += 1;
    },
  };
}
