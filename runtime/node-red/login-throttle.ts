/** The brake on guessing passwords. */
import express, { type Request, type RequestHandler } from 'express';
import { RateLimiterMemory, RateLimiterQueue, RateLimiterRes } from 'rate-limiter-flexible';
import { refuse } from './refuse.ts';

const failures = { user: 4, address: 30, seconds: 600 };
const knownSeconds = 7 * 24 * 3600;

/**
 * Refuses with 429 and Retry-After once a user at an address has failed too often. An address that failed too often with all
 * its names is let in one name a second, in turn; who logged in from there before need not wait. `refused` hears of the first
 * refusal of a user, not of those that follow.
 */
export function loginThrottle(refused: (request: Request) => void = () => {}): RequestHandler {
  const byUser = new RateLimiterMemory({ points: failures.user, duration: failures.seconds });
  const byAddress = new RateLimiterMemory({ points: failures.address, duration: failures.seconds });
  const known = new RateLimiterMemory({ points: 1, duration: knownSeconds });
  const slowly = new RateLimiterQueue(new RateLimiterMemory({ points: 1, duration: 1 }), {
    maxQueueSize: 20,
  });
  const inTurn = async (user: string, address: string): Promise<void> => {
    await byUser.consume(user);
    const full = await byAddress.consume(address).then(
      () => false,
      () => true,
    );
    if (full && !(await known.get(user))) await slowly.removeTokens(1, address);
  };
  const count: RequestHandler = (request, response, next) => {
    const address = request.socket.remoteAddress ?? '';
    const body = request.body as { username?: unknown } | undefined;
    const user = `${String(body?.username).slice(0, 200)}@${address}`;
    inTurn(user, address).then(
      () => {
        response.once('finish', () => {
          // Nobody said that the password is wrong.
          if (response.statusCode >= 500)
            void Promise.all([byUser.reward(user), byAddress.reward(address)]).catch(() => {});
          if (response.statusCode !== 200) return;
          void byUser.delete(user);
          void byAddress.reward(address);
          void known.set(user, 1, knownSeconds);
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
  const router = express.Router();
  const bodies = [express.json({ limit: '10kb' }), express.urlencoded({ extended: false, limit: '10kb' })];
  router.post('/auth/*', ...bodies);
  router.post('/auth/token', count);
  return router;
}
