/** A shop that sends signed orders and tries again as shops do, and a person's or program's login to the admin API. */
import { setTimeout as sleep } from 'node:timers/promises';
import { shopifyOrder, signed, type Sample } from '../../cli/samples.ts';
import type { Sandbox } from '../../runtime/odoo/sandbox/sandbox.ts';
import { post, secrets, type Answered } from './hub-process.ts';

export interface Sent {
  accepted: number;
  /** Answers 503 HUB_DRAINING, each with Retry-After. */
  draining: number;
  /** Tries that were not answered at all. */
  unanswered: number;
}

export function order(number: number): Sample {
  const items = [{ sku: 'FURN_7777', name: 'Office Chair', price: '70.00', quantity: 1 }];
  const body = shopifyOrder(`9007199254${number}`, number, items);
  return signed({ kind: 'valid', partner: 'Shopify', number: String(number) }, body, secrets);
}

/** Sends each order until it is answered 202, counting in `sent`. Throws when one is refused for good. */
export async function sendOrders(
  url: string,
  numbers: Iterable<number>,
  atATime: number,
  sent: Sent = { accepted: 0, draining: 0, unanswered: 0 },
): Promise<Sent> {
  const waiting = [...numbers];
  const sender = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      // The very same bytes each time, as the idempotency guard expects of a shop.
      const sample = order(next);
      while (!(await isAccepted(url, sample, sent))) await sleep(100);
    }
  };
  await Promise.all(Array.from({ length: atATime }, sender));
  return sent;
}

async function isAccepted(url: string, sample: Sample, sent: Sent): Promise<boolean> {
  let answer: Answered;
  try {
    answer = await post(url, sample);
  } catch {
    sent.unanswered += 1;
    return false;
  }
  const { status, retryAfter, body } = answer;
  if (status === 202) {
    sent.accepted += 1;
    return true;
  }
  if (![409, 429, 503].includes(status) || !retryAfter)
    throw new Error(`Order ${sample.number} was answered ${status} ${JSON.stringify(body)}`);
  if (body.code === 'HUB_DRAINING') sent.draining += 1;
  return false;
}

/** The order numbers in the sandbox, once so many are there and no more have come for a while. */
export async function landed(odoo: Sandbox, count: number, withinMs = 60_000): Promise<string[]> {
  const end = Date.now() + withinMs;
  while (odoo.orders().length < count && Date.now() < end) await sleep(50);
  await sleep(500);
  return odoo.orders().map(({ client_order_ref }) => client_order_ref);
}

export interface Admin {
  (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
}

export async function login(url: string, password: string, username = 'admin'): Promise<Admin> {
  return withToken(url, await tokenOf(url, password, username));
}

export async function tokenOf(url: string, password: string, username: string): Promise<string> {
  const client = { client_id: 'node-red-editor', grant_type: 'password', scope: '' };
  const answer = await fetch(`${url}/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...client, username, password }),
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  return token;
}

export function withToken(url: string, token: string): Admin {
  return (method, path, body, headers = {}) =>
    fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'node-red-api-version': 'v2',
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
}
