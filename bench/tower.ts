/**
 * The tower beside webhooks: 200,000 orders of five steps each, 20,000 of them under way, 1,000 late. How long a person waits for a
 * page, by the clock of the browser, from the click until it is drawn with its data; and what intake at 64 connections
 * loses while somebody opens a page each second. `BENCH_ORDERS` makes it another store.
 */
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { openUsers } from '../runtime/node-red/users.ts';
import { fillPostgres, fillSqlite, type History } from './fill.ts';
import type { LoadAnswer } from './load.ts';
import { inTurn, measure, median, quantile, within, type Bench, type Measure } from './measure.ts';
import { firstNumber } from './orders.ts';
import { ask, startHub, unlimited, type Running } from './processes.ts';
import { clean, clusterEnvironment, prefix, services } from './services.ts';
import { underWay, wholePostgres, wholeSqlite } from './tower-fill.ts';

const history: History = { orders: Number(process.env['BENCH_ORDERS'] ?? 200_000), steps: 5 };
const queue = 'order-capture.shopify';
const limitMs = 150;
/** Of each page in a round, after some that are not counted. */
const visits = 40;
const before = 5;
const load = { connections: 64, requests: 6000, warmUp: 2000 };
/** Somebody opens a page so often, one after the other. */
const readEveryMs = 1000;
export const user = { name: 'bench', password: 'twelve characters' };
export const flags = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'];

interface Visited {
  /** Below `/tower`. */
  path: string;
  /** What is there when it is drawn with its data. */
  drawn: string;
  api: string;
}

const some = (from: number, to: number): number => from + 1 + Math.floor(Math.random() * (to - from));
const order = (): string => encodeURIComponent(`shop/${some(0, history.orders)}`);
const underWayOrder = (): string => String(some(history.orders - underWay(history), history.orders));
const pages: Record<string, () => Visited> = {
  search: () => {
    const q = `1Z999AA1${underWayOrder()}`;
    return { path: `/search?q=${q}`, drawn: 'main tbody tr', api: `/search?q=${q}` };
  },
  'search, by the beginning': () => {
    const q = `inv/2026/${some(1, 99)}`;
    return { path: `/search?q=${q}`, drawn: 'main tbody tr', api: `/search?q=${q}` };
  },
  'order page': () => {
    const key = order();
    return { path: `/orders/order-to-cash/${key}`, drawn: 'main .rail', api: `/orders/order-to-cash/${key}` };
  },
  board: () => ({
    path: '/board?process=order-to-cash',
    drawn: 'main .board .count',
    api: '/board?process=order-to-cash',
  }),
  'work queue': () => ({ path: '/queue?team=all', drawn: 'main tbody tr', api: '/issues?team=all' }),
};

export const tower: Bench = async (rounds) => {
  const embedded = await profile('embedded', {}, rounds, async (dataDir) => {
    const file = join(dataDir, 'crossdock.db');
    fillSqlite(file, history);
    await wholeSqlite(file, history);
  });
  const env = clusterEnvironment();
  await clean([queue]);
  try {
    const { url } = services().postgres;
    const schema = `${prefix}_crossdock`;
    const fill = async (): Promise<void> => {
      await fillPostgres(url, schema, history);
      await wholePostgres(url, schema, history);
    };
    return [...embedded, ...(await profile('cluster', env, rounds, fill))];
  } finally {
    await clean([queue]);
  }
};

async function profile(
  name: string,
  env: Record<string, string>,
  rounds: number,
  fill: (dataDir: string) => Promise<void>,
): Promise<Measure[]> {
  const hub = await startHub({
    env,
    flows: { 'shopify-intake.yaml': unlimited },
    collecting: { [queue]: ['shopify.order.created.v1'] },
    async prepare(dataDir) {
      await fill(dataDir);
      await (await openUsers(dataDir, () => {})).set(user.name, user.password, 'operations', ['operations']);
    },
  });
  try {
    return [...(await waited(hub, name, rounds)), ...(await lost(hub, name, rounds))];
  } finally {
    await hub.stop();
  }
}

async function waited({ url }: Running, name: string, rounds: number): Promise<Measure[]> {
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: flags,
  });
  try {
    const page = await entered(browser, url);
    const times: Record<string, number[]> = {};
    for (const [title, visited] of Object.entries(pages)) {
      const all: number[] = [];
      for (let visit = -before; visit < visits * rounds; visit += 1) {
        const took = await timed(page, visited());
        if (visit >= 0) all.push(took);
      }
      times[title] = all.toSorted((a, b) => a - b);
    }
    return Object.entries(times).map(([title, all]) =>
      within(
        `tower ${name}, ${title}, p95`,
        'ms',
        { p95: quantile(all, 0.95), median: median(all) },
        limitMs,
      ),
    );
  } finally {
    await browser.close();
  }
}

export async function entered(browser: Browser, url: string): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  await page.goto(`${url}/tower/nowhere`);
  await page.fill('input[name=username]', user.name);
  await page.fill('input[name=password]', user.password);
  await page.keyboard.press('Enter');
  await page.waitForSelector('h1[tabindex]');
  return page;
}

/** From a click on a link until the page is drawn; then away from it, so that the next one begins with nothing. */
async function timed(page: Page, { path, drawn }: Visited): Promise<number> {
  const took = await clicked(page, `/tower${path}`, drawn);
  await clicked(page, '/tower/nowhere', 'main a[href="/tower"]');
  return took;
}

/** In ms by the clock of the browser, two pictures after the page has what is drawn. */
async function clicked(page: Page, href: string, drawn: string): Promise<number> {
  const took: unknown = await page.evaluate(`(async () => {
    const picture = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const link = Object.assign(document.createElement('a'), { href: ${JSON.stringify(href)} });
    document.body.append(link);
    const begun = performance.now();
    link.click();
    link.remove();
    while (!document.querySelector(${JSON.stringify(drawn)})) {
      if (performance.now() - begun > 10000) return 'never';
      await picture();
    }
    await picture();
    return performance.now() - begun;
  })()`);
  if (typeof took === 'number') return took;
  throw new Error(`${href} shows no ${drawn}, but: ${(await page.innerText('main')).slice(0, 500)}`);
}

async function lost({ url }: Running, name: string, rounds: number): Promise<Measure[]> {
  let first = firstNumber();
  const loaded = (): Promise<LoadAnswer> => {
    first += load.requests + load.warmUp;
    return ask<LoadAnswer>('load', { url, first, ...load });
  };
  const token = await tokenOf(url);
  const found = await inTurn(rounds, {
    'somebody reads': async () => {
      const stop = reading(url, token);
      return loaded().finally(stop);
    },
    'nobody reads': loaded,
  });
  const of = (what: keyof LoadAnswer) =>
    Object.fromEntries(Object.entries(found).map(([who, all]) => [who, median(all.map((one) => one[what]))]));
  const title = `tower ${name}, intake at ${load.connections} connections`;
  return [
    measure(title, 'requests a second', of('perSecond'), { atLeast: 0.9 }),
    measure(`${title}, p99`, 'ms', of('p99Ms'), { atMost: 1.1 }),
  ];
}

async function tokenOf(url: string): Promise<string> {
  const form = { client_id: 'node-red-editor', grant_type: 'password', scope: '' };
  const answer = await fetch(`${url}/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...form, username: user.name, password: user.password }),
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

/** What the pages ask for, without the browser, whose work would take the processor from the hub. */
function reading(url: string, token: string): () => Promise<void> {
  const asked = new Set<Promise<unknown>>();
  const failed: string[] = [];
  const all = Object.values(pages);
  let next = 0;
  const timer = setInterval(() => {
    const { api } = all[(next += 1) % all.length]!();
    const one = fetch(`${url}/tower/api${api}`, { headers: { authorization: `Bearer ${token}` } }).then(
      async (answer) => {
        await answer.arrayBuffer();
        if (!answer.ok) failed.push(`${answer.url} ${answer.status}`);
      },
    );
    const kept = one.catch((error: unknown) => failed.push(String(error))).finally(() => asked.delete(kept));
    asked.add(kept);
  }, readEveryMs);
  return async () => {
    clearInterval(timer);
    await Promise.all(asked);
    if (failed.length > 0) throw new Error(`Pages could not be read: ${failed.slice(0, 3).join('; ')}`);
  };
}
