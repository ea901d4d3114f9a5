/** What is done with a request whose route is known: room for it, its body, and its handler, each within its limit. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Request as ExpressRequest } from 'express';
import { CodedError } from '../errors/coded-error.ts';
import type { Tier } from '../limits/limits.ts';
import { shares, type Shares } from '../limits/shares.ts';
import type { Answer } from './answer.ts';
import { readBody } from './body.ts';
import type { Mounted } from './table.ts';

/** A request of node:http, or what Express made of it. */
export type Request = IncomingMessage & Partial<Pick<ExpressRequest, 'originalUrl'>>;

/** A request on its way through the intake. */
export interface Asked {
  request: Request;
  response: ServerResponse;
  path: string;
  method: string;
  ip: string;
}

export interface WorkOptions {
  /** How many requests are at work at once, over all routes. Default 500, for all tiers alike. */
  requests?: Shares;
  /** How many bytes of bodies are held at once, over all routes. Default 256 MiB, for all tiers alike. */
  bodies?: Shares;
  /** Throws when no request of this tier can be taken now. */
  admit?: (tier: Tier) => void;
  /** Time limit for a body to arrive in full, in ms. Default 10,000. */
  bodyTimeoutMs?: number;
  /** Time limit for a handler to answer, in ms. Default 30,000; after that the sender gets DELIVERY_TIMEOUT. */
  answerTimeoutMs?: number;
}

export function working({
  requests = shares(500),
  bodies = shares(256 * 1024 * 1024),
  admit,
  bodyTimeoutMs = 10_000,
  answerTimeoutMs = 30_000,
}: WorkOptions) {
  async function work(
    id: string,
    { request, method, ip }: Asked,
    route: Mounted,
    params: Record<string, string>,
  ): Promise<Answer> {
    const { tier, maxBytes } = route;
    route.edge?.admit?.(request, ip);
    admit?.(tier);
    if (!requests.take(tier)) throw busy('requests');
    let held = 0;
    const hold = (bytes: number): void => {
      if (!bodies.take(tier, bytes)) throw busy('bodies');
      held += bytes;
    };
    try {
      const receivedAt = Date.now();
      await route.allow(ip);
      const rawBody = await readBody(request, { maxBytes, timeoutMs: bodyTimeoutMs, hold });
      const { headers, originalUrl: url = request.url ?? '' } = request;
      const unverified = { rawBody, headers, receivedAt, method, url };
      const asked = { id, unverified, params, query: queryOf(url), ip, method };
      return await within(answerTimeoutMs, route.handler(asked));
    } finally {
      requests.give(tier);
      bodies.give(tier, held);
    }
  }

  return { work, inFlight: () => requests.taken() };
}

function busy(what: 'requests' | 'bodies'): CodedError {
  return new CodedError('HUB_BUSY', `Too many ${what} at work`, { retryAfterMs: 1000 });
}

async function within(timeoutMs: number, work: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    const late = () =>
      reject(new CodedError('DELIVERY_TIMEOUT', 'The flow did not answer in time', { timeoutMs }));
    timer = setTimeout(late, timeoutMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function queryOf(url: string): Record<string, string> {
  const mark = url.indexOf('?');
  return mark === -1 ? {} : Object.fromEntries(new URLSearchParams(url.slice(mark)));
}
