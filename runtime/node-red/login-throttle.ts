/** The brake on guessing passwords: it slows down who guesses, and locks nobody out where they were before. */
import type { Request, RequestHandler } from 'express';
import { RateLimiterMemory, RateLimiterQueue, RateLimiterRes } from 'rate-limiter-flexible';
import { clientAddress, clientNetwork } from '../intake/client-address.ts';
import { refuse } from './refuse.ts';
import type { SessionBook } from './session-book.ts';

const failures = { user: 4, address: 30, name: 10, seconds: 600 };
/** For one name, from all addresses that it never came from, once these failed too often. */
const inTurnSeconds = 60;

export const nameOf = ({ body }: Request): string =>
  String((body as { username?: unknown } | undefined)?.username).slice(0, 200);

/**
 * Refuses with 429 and Retry-After once a user at an address has failed too often. An address that failed too often with all
 * its names is let in one name a second, in turn. A name that failed too often at addresses it never came from is let in from such
 * once a minute. Who logged in from there before waits for neither. `refused` hears of the first refusal of a user, not of those
 * that follow.
 */
export function loginThrottle(
  book: Pick<SessionBook, 'isKnown'>,
  refused: (request: Request) => void = () => {},
): RequestHandler {
  const limit = (points: number, duration: number) => new RateLimiterMemory({ points, duration });
  const byUser = limit(failures.user, failures.seconds);
  const byAddress = limit(failures.address, failures.seconds);
  const byName = limit(failures.name, failures.seconds);
  const nameInTurn = limit(1, inTurnSeconds);
  const slowly = new RateLimiterQueue(limit(1, 1), { maxQueueSize: 20 });
  const isFull = (one: RateLimiterMemory, key: string): Promise<boolean> =>
    one.consume(key).then(
      () => false,
      () => true,
    );
  const inTurn = async (name: string, address: string): Promise<void> => {
    await byUser.consume(`${name}@${address}`);
    const full = await isFull(byAddress, address);
    if (book.isKnown(name, address)) return;
    if (await isFull(byName, name)) await nameInTurn.consume(name);
    if (full) await slowly.removeTokens(1, address);
  };
  return (request, response, next) => {
    const address = clientNetwork(clientAddress(request));
    const name = nameOf(request);
    const isKnown = book.isKnown(name, address);
    const forgiven = (): void => {
      void byUser.delete(`${name}@${address}`);
      void byAddress.reward(address);
      if (!isKnown) void byName.reward(name);
    };
    inTurn(name, address).then(
      () => {
        // Where the hub failed, nobody said that the password is wrong.
        response.once('finish', () => {
          if (response.statusCode === 200 || response.statusCode >= 500) forgiven();
        });
        next();
      },
      (full: unknown) => {
        const seconds = full instanceof RateLimiterRes ? Math.ceil(full.msBeforeNext / 1000) : 20;
        response.setHeader('Retry-After', String(seconds));
        if (full instanceof RateLimiterRes && full.consumedPoints === failures.user + 1) refused(request);
        refuse(response, 'RATE_LIMITED', 'Too many failed logins');
      },
    );
  };
}
