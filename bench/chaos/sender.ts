/** A shop that sends orders, some of them twice, and tries again until each is accepted. */
import { setTimeout as sleep } from 'node:timers/promises';
import Big from 'big.js';
import { shopifyOrder, signed, type Item, type Sample } from '../../cli/samples.ts';
import { post, secrets, type Answered } from '../../test/e2e/hub-process.ts';

export interface Order {
  number: string;
  lines: number;
  sample: Sample;
}

export interface Sent {
  accepted: Set<string>;
  /** Order number → what it was finally answered. */
  refused: Map<string, string>;
  tries: number;
  /** How often each answer came; `no answer` when the connection broke or nobody was up. */
  answers: Record<string, number>;
}

export interface SenderOptions {
  orders: readonly Order[];
  urls(): string[];
  /** Resolves when the next order may be sent. */
  pace(sent: number): Promise<void>;
  /** Ends it early. */
  signal: AbortSignal;
}

const senders = 8;
/** Every fifth order is sent twice. */
const repeatEach = 5;
const answerMs = 15_000;
/** A second of Retry-After in the time of a run. */
const secondMs = 150;
const brokenMs = 150;
/** While so many wait for another try the shop begins no new ones. */
const mostAgain = 30;
const lookMs = 20;

export function makeOrders(count: number, base: number, skus: readonly string[]): Order[] {
  return Array.from({ length: count }, (_, at) => {
    const number = base + at;
    const items = itemsOf(at, skus);
    const body = shopifyOrder(`82098291194${String(number).slice(-8)}`, number, items);
    const sample = signed({ kind: 'valid', partner: 'Shopify', number: String(number) }, body, secrets);
    return { number: String(number), lines: items.length, sample };
  });
}

function itemsOf(at: number, skus: readonly string[]): Item[] {
  return Array.from({ length: 1 + (at % 4) }, (_, line) => ({
    sku: skus[(at + line) % skus.length]!,
    name: `Article ${line}`,
    price: new Big(((at * 37 + line * 13) % 9000) + 1).div(100).toFixed(2),
    quantity: 1 + ((at + line) % 5),
  }));
}

/** Fills `sent` as it goes; resolves when every order has been accepted or finally refused. */
export async function send({ orders, urls, pace, signal }: SenderOptions, sent: Sent): Promise<void> {
  const fresh = orders.flatMap((order, at) => (at % repeatEach === 0 ? [order, order] : [order]));
  const again: { order: Order; due: number }[] = [];
  let open = fresh.length;
  let turn = Promise.resolve();

  /** One that is due again, or else the next fresh one, which all senders wait for together. */
  async function take(): Promise<Order | undefined> {
    const due = again.findIndex((one) => one.due <= Date.now());
    if (due >= 0) return again.splice(due, 1)[0]!.order;
    if (fresh.length === 0 || again.length >= mostAgain) return void (await sleep(lookMs));
    await (turn = turn.then(() => pace(sent.accepted.size + sent.refused.size)));
    return fresh.shift();
  }

  async function sender(): Promise<void> {
    while (open > 0 && !signal.aborted) {
      const order = await take();
      if (!order) continue;
      const wait = await tryOnce(order, urls(), sent);
      if (wait === undefined) open -= 1;
      else again.push({ order, due: Date.now() + wait });
    }
  }
  await Promise.all(Array.from({ length: senders }, sender));
}

/** How long to wait before the next try; undefined when there is none. */
async function tryOnce({ number, sample }: Order, urls: string[], sent: Sent): Promise<number | undefined> {
  const url = urls[sent.tries++ % urls.length];
  const answer = url === undefined ? undefined : await tryPost(url, sample);
  const words = answer ? `${answer.status} ${answer.body.code}` : 'no answer';
  sent.answers[words] = (sent.answers[words] ?? 0) + 1;
  if (!answer) return brokenMs;
  if (answer.status < 300) sent.accepted.add(number);
  else if (isFinal(answer)) sent.refused.set(number, words);
  else return Number(answer.retryAfter ?? 2) * secondMs;
  return undefined;
}

/** Undefined when the connection broke. */
async function tryPost(url: string, sample: Sample): Promise<Answered | undefined> {
  try {
    return await Promise.race([post(url, sample), sleep(answerMs, undefined, { ref: false })]);
  } catch {
    return undefined;
  }
}

/** What is asked to come again says so; a failure of the other side is tried again anyway. */
function isFinal({ status, retryAfter }: Answered): boolean {
  return status >= 400 && status < 500 && retryAfter === null;
}
