/** The brake on returns that come to nothing: an address with many of them is answered one a second. */
import type { Request } from 'express';
import { RateLimiterMemory, RateLimiterQueue } from 'rate-limiter-flexible';
import { CodedError } from '../../errors/coded-error.ts';
import { clientAddress, clientNetwork } from '../../intake/client-address.ts';

const failures = { points: 30, duration: 600 };

export interface Brake {
  /** Counts. Throws RATE_LIMITED where too many wait. */
  pass(request: Request): Promise<void>;
  /** It did come to something. */
  reward(request: Request): Promise<void>;
}

export function brake(): Brake {
  const byAddress = new RateLimiterMemory(failures);
  const slowly = new RateLimiterQueue(new RateLimiterMemory({ points: 1, duration: 1 }), {
    maxQueueSize: 20,
  });
  const addressOf = (request: Request): string => clientNetwork(clientAddress(request));
  return {
    async pass(request) {
      const full = await byAddress.consume(addressOf(request)).then(
        () => false,
        () => true,
      );
      if (!full) return;
      await slowly.removeTokens(1, addressOf(request)).catch(() => {
        throw new CodedError('RATE_LIMITED', 'Too many logins at once');
      });
    },
    async reward(request) {
      await byAddress.reward(addressOf(request)).catch(() => {});
    },
  };
}
