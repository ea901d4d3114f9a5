/** Orders through the whole of order to cash, on a real Odoo and by events alone: what each of them lives through. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { openJournal, profileOf } from '../../runtime/stores/profile.ts';
import type { Journal } from '../../runtime/journal/journal.ts';
import type { Odoo } from '../../runtime/odoo/client.ts';
import { readBooks, type Books } from './books.ts';
import { untilInstance } from './instances.ts';
import { partners } from './partners.ts';

export interface HubAt {
  url(): string;
  dataDir: string;
  definitionsDir: string;
  env: Record<string, string>;
}

export interface Run {
  odoo: Odoo;
  hub: HubAt;
  /** Unique, as the partner's name. */
  source: string;
  orders: number;
  log(text: string): void;
  withinMs: number;
}

export interface Found {
  orders: number;
  confirmed: number;
  shipped: number;
  invoiced: number;
  posted: number;
  paid: number;
  refunded: number;
  cancelled: number;
  differences: number;
}

/** Of ten orders, what becomes of each. */
const mix = [
  'complete',
  'complete',
  'edited',
  'partial',
  'partial',
  'cancelled at once',
  'cancelled later',
  'refunded',
  'held',
  'unknown article',
] as const;
type Kind = (typeof mix)[number];

export async function orderToCash(run: Run): Promise<{ found: Found; differing: string[] }> {
  const { odoo, source, orders, log } = run;
  const sku = `${source}-A`;
  await odoo.call('product.product', 'create', {
    vals_list: [
      { name: 'Acceptance', default_code: sku, type: 'consu', invoice_policy: 'delivery', taxes_id: [] },
    ],
  });
  const numbers = Array.from({ length: orders }, (_, at) => `${source}-${at + 1}`);
  let books = new Map<string, Books>();
  const ended = new AbortController();
  const reading = (async () => {
    while (!ended.signal.aborted) {
      // Odoo ends a worker now and then; the next look has it.
      books = await readBooks(odoo, numbers).catch(() => books);
      await sleep(1000);
    }
  })();
  const until = async (id: string, what: string, fits: (one: Books) => boolean): Promise<Books> => {
    for (const end = Date.now() + run.withinMs; Date.now() < end; await sleep(200)) {
      const one = books.get(`${source}-${id}`);
      if (one && fits(one)) return one;
    }
    throw new Error(`order ${id} is not ${what} in time: ${JSON.stringify(books.get(`${source}-${id}`))}`);
  };
  const tell = partners(run.hub.url, source);
  // As the commands read it, beside the hub.
  const { env, dataDir } = run.hub;
  const journal = await openJournal({ profile: profileOf(env), dataDir, env });
  const live = lives({
    tell,
    until,
    sku,
    alias: `${source}-ALIAS`,
    release: (id) => release(run, journal, id),
  });
  const kinds = numbers.map((_, at): Kind => mix[at % mix.length]!);
  const mapped = teach(run, journal, kinds.includes('unknown article') ? `${source}-ALIAS` : undefined, sku);
  const outcomes = await Promise.allSettled(
    kinds.map((kind, at) => sleep(at * 30).then(() => live[kind](String(at + 1)))),
  );
  await mapped;
  ended.abort();
  await reading;
  books = await readBooks(odoo, numbers);
  for (const [at, outcome] of outcomes.entries())
    if (outcome.status === 'rejected')
      log(`${kinds[at]} ${at + 1}: ${String((outcome.reason as Error).message)}`);
  const { found, differing } = account(numbers, kinds, books);
  differing.push(...(await unfinished(journal, numbers, kinds)));
  await journal.close();
  return { found: { ...found, differences: differing.length }, differing };
}

/** The process of each order must have come to its end. */
async function unfinished(
  { processes }: Journal,
  numbers: readonly string[],
  kinds: readonly Kind[],
): Promise<string[]> {
  for (let tries = 30; ; tries -= 1) {
    const rows = await processes.list({ process: 'order-to-cash', limit: 100_000 });
    const states = new Map(rows.map(({ number, state }) => [number, state]));
    const wrong = numbers.flatMap((number, at) => {
      const state = states.get(number);
      const wanted = kinds[at]!.startsWith('cancelled') ? 'cancelled' : 'done';
      return state === wanted ? [] : [`${kinds[at]} ${number}: its process is ${state ?? 'missing'}`];
    });
    if (wrong.length === 0 || tries === 0) return wrong;
    await sleep(1000);
  }
}

interface World {
  tell: ReturnType<typeof partners>;
  until(id: string, what: string, fits: (one: Books) => boolean): Promise<Books>;
  sku: string;
  alias: string;
  release(id: string): Promise<void>;
}

function lives({ tell, until, sku, alias, release }: World): Record<Kind, (id: string) => Promise<void>> {
  const posted = ({ invoices }: Books, count: number) =>
    invoices.filter(({ state }) => state === 'posted').length >= count;
  const confirmed = (id: string) => until(id, 'confirmed', ({ state }) => state === 'sale');
  const isPaid = ({ invoices }: Books) => invoices.every(({ residual }) => residual === 0);
  const ordered = (id: string, article = sku, price = '10.00') =>
    tell.order(id, [{ sku: article, quantity: 4, price }]);
  const toTheEnd = async (id: string): Promise<void> => {
    await tell.shipment(`s1-${id}`, id, [{ sku, quantity: 4 }]);
    const { invoices } = await until(id, 'invoiced', (one) => posted(one, 1));
    await tell.payment(`p1-${id}`, id, invoices[0]!.total);
    await until(id, 'paid', isPaid);
  };
  const complete = async (id: string, article = sku): Promise<void> => {
    await ordered(id, article);
    await confirmed(id);
    await toTheEnd(id);
  };
  return {
    complete: (id) => complete(id),
    'unknown article': (id) => complete(id, alias),
    async partial(id) {
      await ordered(id);
      await confirmed(id);
      for (const [part, quantity] of [1, 3].entries()) {
        await tell.shipment(`s${part}-${id}`, id, [{ sku, quantity }]);
        const { invoices } = await until(id, `invoiced ${part + 1}`, (one) => posted(one, part + 1));
        const open = invoices.find(({ residual }) => residual > 0)!;
        await tell.payment(`p${part}-${id}`, id, open.residual);
        await until(id, 'paid', isPaid);
      }
    },
    async edited(id) {
      const of = (quantity: number) => [{ sku, quantity, price: '10.00' }];
      await ordered(id);
      await confirmed(id);
      await tell.update(id, of(6));
      await until(id, 'larger', ({ ordered: all, open }) => all === 6 && open === 6);
      await toTheEnd(id);
      // What is left is not wanted any more.
      await tell.update(id, of(4));
      await until(id, 'smaller', ({ ordered: all, open }) => all === 4 && open === 0);
    },
    async 'cancelled at once'(id) {
      await ordered(id);
      await tell.cancellation(id);
      await until(id, 'cancelled', ({ state }) => state === 'cancel');
    },
    async 'cancelled later'(id) {
      await ordered(id);
      await until(id, 'reserved', ({ state, open }) => state === 'sale' && open > 0);
      await tell.cancellation(id);
      await until(id, 'cancelled', ({ state }) => state === 'cancel');
    },
    async refunded(id) {
      await complete(id);
      await tell.returned(`r1-${id}`, id, [{ sku, quantity: 4 }]);
      const { credits } = await until(id, 'credited', (one) => one.credits.some((c) => c.state === 'posted'));
      await tell.payment(`p2-${id}`, id, credits[0]!.total, true);
      await until(id, 'refunded', (one) => one.credits.every(({ residual }) => residual === 0));
    },
    async held(id) {
      await ordered(id, sku, '3000.00');
      await until(id, 'held', ({ state }) => state === 'draft');
      await release(id);
      await confirmed(id);
      await toTheEnd(id);
    },
  };
}

/** Finance releases a credit hold. */
async function release({ hub, source, withinMs }: Run, journal: Journal, id: string): Promise<void> {
  await untilInstance(journal, `${source}-${id}`, ({ state }) => state === 'held', withinMs);
  await crossdock(hub, 'process', 'release', `${source}-${id}`, '--by', 'finance');
}

/** What the command prints. */
export async function crossdock(hub: HubAt, ...args: string[]): Promise<string> {
  const env = {
    ...process.env,
    ...hub.env,
    CROSSDOCK_DATA: hub.dataDir,
    CROSSDOCK_DEFINITIONS: hub.definitionsDir,
  };
  const { stdout } = await promisify(execFile)(process.execPath, ['cli/crossdock.js', ...args], {
    env,
    maxBuffer: 100_000_000,
  });
  return stdout;
}

/** An analyst sees the exception and adds the article to the value map. */
async function teach({ hub }: Run, journal: Journal, alias: string | undefined, sku: string): Promise<void> {
  if (!alias) return;
  for (let attempt = 0; attempt < 240; attempt += 1) {
    const waiting = await journal.letters({ state: 'open', code: 'PRODUCT_UNKNOWN' });
    if (waiting.some(({ facts }) => facts['sku'] === alias)) break;
    await sleep(250);
  }
  const file = join(hub.definitionsDir, 'values', 'product.yaml');
  writeFileSync(file, `${readFileSync(file, 'utf8')}  - from: ${alias}\n    to: ${sku}\n`);
}

function account(
  numbers: readonly string[],
  kinds: readonly Kind[],
  books: ReadonlyMap<string, Books>,
): { found: Omit<Found, 'differences'>; differing: string[] } {
  const found = {
    orders: numbers.length,
    confirmed: 0,
    shipped: 0,
    invoiced: 0,
    posted: 0,
    paid: 0,
    refunded: 0,
    cancelled: 0,
  };
  const differing: string[] = [];
  for (const [at, number] of numbers.entries()) {
    const one = books.get(number);
    const kind = kinds[at]!;
    const wrong = one ? differences(one, kind) : ['is not in Odoo'];
    if (wrong.length > 0) differing.push(`${kind} ${number}: ${wrong.join('; ')}`);
    if (!one) continue;
    const isPaid = one.invoices.length > 0 && one.invoices.every(({ residual }) => residual === 0);
    found.confirmed += one.state === 'sale' ? 1 : 0;
    found.cancelled += one.state === 'cancel' ? 1 : 0;
    found.shipped += one.delivered > 0 || one.credits.length > 0 ? 1 : 0;
    found.invoiced += one.invoices.length > 0 ? 1 : 0;
    found.posted += one.invoices.length > 0 && one.invoices.every(({ state }) => state === 'posted') ? 1 : 0;
    found.paid += isPaid ? 1 : 0;
    found.refunded += one.credits.length > 0 ? 1 : 0;
  }
  return { found, differing };
}

/** ordered = shipped + open, shipped = invoiced, invoiced = posted, paid = received; and what the order's kind is about. */
function differences(one: Books, kind: Kind): string[] {
  const sum = (values: number[]) => values.reduce((all, value) => all + value, 0);
  const pieces = sum(one.invoices.map(({ quantity }) => quantity));
  const credited = sum(one.credits.map(({ quantity }) => quantity));
  const cancelled = kind.startsWith('cancelled');
  const wanted = {
    state: cancelled ? 'cancel' : 'sale',
    invoices: cancelled ? 0 : kind === 'partial' ? 2 : 1,
  };
  const checks: [string, boolean][] = [
    [`state is ${one.state}`, one.state === wanted.state],
    [
      `ordered ${one.ordered}, shipped ${one.delivered}, open ${one.open}`,
      cancelled || kind === 'refunded' || one.ordered === one.delivered + one.open,
    ],
    [`shipped ${one.delivered}, invoiced ${one.invoiced}`, one.delivered === one.invoiced],
    [`invoices have ${pieces - credited} pieces`, pieces - credited === one.invoiced],
    ['not all is posted', [...one.invoices, ...one.credits].every(({ state }) => state === 'posted')],
    ['not all is paid', [...one.invoices, ...one.credits].every(({ residual }) => residual === 0)],
    [`${one.invoices.length} invoices`, one.invoices.length === wanted.invoices],
    [`${one.credits.length} credit notes`, one.credits.length === (kind === 'refunded' ? 1 : 0)],
  ];
  return checks.filter(([, fits]) => !fits).map(([what]) => what);
}
