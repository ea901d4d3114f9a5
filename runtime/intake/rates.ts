/** How many requests a route takes in a time. */
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { CodedError } from '../errors/coded-error.ts';
import type { Rate } from './route.ts';

/** A rate limiter. `consume` rejects with `{msBeforeNext}` when the budget is spent, with an Error when its store fails. */
export interface Limiter {
  consume(key: string): Promise<unknown>;
}

export function memoryLimiter({ points, perS }: Rate): Limiter {
  const limiter = new RateLimiterMemory({ points, duration: perS });
  return { consume: (key) => limiter.consume(key) };
}

/** Takes one request from the budget. Throws CodedError RATE_LIMITED or STORE_UNAVAILABLE. */
export async function consume(limiter: Limiter, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (reason) {
    if (reason instanceof Error)
      throw new CodedError('STORE_UNAVAILABLE', 'The store of rate limits failed', {}, { cause: reason });
    const { msBeforeNext = 1000 } = reason as { msBeforeNext?: number };
    throw new CodedError('RATE_LIMITED', 'Too many requests', { retryAfterMs: Math.max(msBeforeNext, 1) });
  }
}
