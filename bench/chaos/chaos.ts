/** The chaos campaign: orders through a hub whose surroundings break, and a verdict read from the real Odoo. */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { openOdoo, type Odoo } from '../../runtime/odoo/client.ts';
import type { OpenStores, Profile } from '../../runtime/stores/profile.ts';
import type { Stores } from '../../runtime/stores/stores.ts';
import { testUser } from '../../test/odoo-user.ts';
import { odooBeside, real, type RealServices } from '../../test/real.ts';
import { limitMb } from './ballast.ts';
import { faults, type Stage } from './faults.ts';
import { startHub } from './hub.ts';
import { runLanes } from './lanes.ts';
import { makePlan, planText } from './plan.ts';
import { makeOrders, send, type Order, type Sent } from './sender.ts';
import { inOwnVhost, stack, surround } from './surroundings.ts';
import { inFlight, readVerdict, settled, traceText, withStores, type Verdict } from './verdict.ts';

interface Campaign {
  profile: Profile;
  orders: number;
  strikes: number;
  kinds: string[];
  seed: number;
  /** Its version, where it is not that of the stack. */
  odoo: string | undefined;
}

const usage = `npm run chaos -- --profile embedded|cluster --orders N [--faults K] [--kinds a,b] [--seed S] [--odoo N] [--json]

  --faults K   how often each kind strikes; default 1
  --kinds a,b  only these: ${Object.keys(faults).join(', ')}
  --seed S     repeats the plan of an earlier run
  --odoo N     an Odoo beside the stack: test/stack up --odoo N
  --json       the last line of standard output is the result as JSON
`;

/** The load is given up when nothing was accepted for so long. */
const stalledMs = 180_000;
/** A message can wait ten minutes for its next try, and the broker does not tell another process of it. */
const stillMs = 11 * 60_000;
const settleMs = 20 * 60_000;

/** After the load: for strikes that wait for a call to Odoo. */
const lateMs = 120_000;

const started = Date.now();

function say(text: string): void {
  process.stderr.write(`${String(Math.round((Date.now() - started) / 1000)).padStart(4)} s  ${text}\n`);
}

function readArguments(): Campaign & { json: boolean } {
  const { values } = parseArgs({
    options: {
      profile: { type: 'string', default: 'embedded' },
      orders: { type: 'string', default: '200' },
      faults: { type: 'string', default: '1' },
      kinds: { type: 'string' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      odoo: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const profile = values.profile as Profile;
  const numbers = [values.orders, values.faults, values.seed].map(Number);
  if (!['embedded', 'cluster'].includes(profile) || !numbers.every(Number.isInteger)) throw new Error(usage);
  const [orders, strikes, seed] = numbers as [number, number, number];
  const possible = Object.keys(faults).filter((kind) => (faults[kind]!.profile ?? profile) === profile);
  const kinds = values.kinds?.split(',') ?? possible;
  const unknown = kinds.filter((kind) => !possible.includes(kind));
  if (unknown.length > 0) throw new Error(`no such fault on ${profile}: ${unknown.join(', ')}\n\n${usage}`);
  return { profile, orders, strikes, kinds, seed, odoo: values.odoo, json: values.json };
}

async function findServices({ profile, odoo }: Campaign): Promise<RealServices> {
  const stores = profile === 'cluster' ? (['postgres', 'rabbitmq', 'redis'] as const) : [];
  const found = {
    ...Object.fromEntries(stores.map((name) => [name, real(name)])),
    odoo: odoo === undefined ? real('odoo') : await odooBeside(odoo),
  };
  const missing = Object.keys(found).filter((name) => !found[name as keyof typeof found]);
  if (missing.length === 0) return found as unknown as RealServices;
  throw new Error(`no ${missing.join(', ')}: run test/stack up${odoo ? ` --odoo ${odoo}` : ''} first`);
}

/** Odoo rounds as these shops do, so that no order has a rounding line. The products are the campaign's own. */
async function prepareOdoo(odoo: Odoo, base: number): Promise<string[]> {
  const skus = Array.from({ length: 7 }, (_, at) => `CHAOS-${base}-${at}`);
  await odoo.call('res.company', 'write', {
    ids: await odoo.call<number[]>('res.company', 'search', { domain: [] }),
    vals: { tax_calculation_rounding_method: 'round_per_line' },
  });
  await odoo.call('product.product', 'create', {
    vals_list: skus.map((sku) => ({
      name: `Article ${sku}`,
      default_code: sku,
      type: 'consu',
      list_price: 1,
      taxes_id: [],
    })),
  });
  return skus;
}

/** Sends the orders while the plan strikes; resolves with how often each kind struck. */
async function storm(
  stage: Stage,
  campaign: Campaign,
  orders: Order[],
  sent: Sent,
  note: (text: string) => void,
) {
  const load = new AbortController();
  const over = new AbortController();
  const plan = makePlan(campaign.kinds, campaign.strikes, campaign.orders, campaign.seed);
  say(`the plan, in orders accepted:\n${planText(plan)}`);
  const lanes = runLanes({
    plan,
    laneOf: (kind) => faults[kind]!.lane,
    accepted: () => sent.accepted.size,
    signal: over.signal,
    async strike(one) {
      const begun = Date.now();
      await faults[one.kind]!.strike(stage, one);
      note(`${one.kind} struck at ${sent.accepted.size} (planned ${one.at}), ${Date.now() - begun} ms`);
    },
  });
  lanes.done.catch(() => load.abort());
  const watching = watch(load, sent, campaign, lanes.struck);
  await send({ orders, urls: stage.hub.urls, pace: lanes.pace, signal: load.signal }, sent);
  clearInterval(watching);
  say(
    `sent: ${sent.accepted.size} accepted, ${sent.refused.size} refused; answers ${JSON.stringify(sent.answers)}`,
  );
  // What waits for a call to Odoo may find one in the orders that still land.
  await Promise.race([lanes.done, sleep(lateMs, undefined, { ref: false })]);
  over.abort();
  await lanes.done;
  return lanes.struck();
}

function watch(
  load: AbortController,
  sent: Sent,
  { orders }: Campaign,
  struck: () => Record<string, number>,
) {
  let last = -1;
  let moved = Date.now();
  let told = 0;
  return setInterval(() => {
    const { size } = sent.accepted;
    if (size !== last) moved = Date.now();
    last = size;
    if (Date.now() - moved > stalledMs) {
      say(`nothing accepted for ${stalledMs / 1000} s: the load is given up`);
      load.abort();
    }
    if ((told = (told + 1) % 15) === 0) say(`${size} of ${orders} accepted, ${total(struck())} faults`);
  }, 1000);
}

const total = (struck: Record<string, number>): number =>
  Object.values(struck).reduce((sum, n) => sum + n, 0);

async function run(campaign: Campaign, services: RealServices): Promise<{ result: object; good: boolean }> {
  const upAgain = () => (campaign.profile === 'cluster' ? stack('up') : undefined);
  const odoo = openOdoo({ ...services.odoo, timeoutMs: 60_000 });
  const base = Math.floor(Date.now() / 1000) * 10_000;
  const orders = makeOrders(campaign.orders, base, await prepareOdoo(odoo, base));
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-chaos-'));
  const note = (text: string): void =>
    appendFileSync(join(dir, 'faults.log'), `${new Date().toISOString()} ${text}\n`);
  const user = testUser(services.odoo);
  // The hub has the rights of `crossdock odoo user` and no other.
  const own = { ...services.odoo, ...(await user.access()) };
  const around = await surround(campaign.profile, { ...services, odoo: own });
  const quotaMb = limitMb(campaign.orders);
  say(`${campaign.profile}, seed ${campaign.seed}, ${campaign.orders} orders from ${base}; logs in ${dir}`);
  const hub = await startHub(
    campaign.profile,
    { ...around.env, CROSSDOCK_STORE_LIMIT_MB: String(quotaMb) },
    dir,
  );
  const endAll = async (): Promise<void> => {
    await hub.end();
    await around.close();
    await user.close();
  };
  const interrupted = (): void => void endAll().finally(() => process.exit(1));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, interrupted);
  const sent: Sent = { accepted: new Set(), refused: new Map(), tries: 0, answers: {} };
  const stores = storesOf(campaign.profile, services, dir);
  let byKind: Record<string, number>;
  try {
    byKind = await storm({ hub, around, quotaMb }, campaign, orders, sent, note);
    await upAgain();
    await Promise.all(hub.members.map((member) => member.up()));
    await withStores(stores, (open) =>
      settled({
        async read() {
          const { lost } = await readVerdict(open, odoo, orders, sent.accepted);
          return { open: lost.length, inFlight: await inFlight(open) };
        },
        say,
        limitMs: settleMs,
        stillMs,
      }),
    );
  } finally {
    await endAll();
    await upAgain();
  }
  say(
    hub.members
      .map(
        (one) => `${one.name}: ${one.starts} starts, ${one.failedStarts} failed, ${one.hung} hung at the end`,
      )
      .join('; '),
  );
  // The hub has ended in order: whatever it had at hand has its outcome in Odoo now.
  const ends = await withStores(stores, (open) => endsOf(open, odoo, orders, sent));
  const good = ends.lost === 0 && ends.duplicated === 0 && ends.accepted === campaign.orders;
  if (good) rmSync(dir, { recursive: true });
  else say(`everything is kept in ${dir}`);
  const seconds = Math.round((Date.now() - started) / 1000);
  const { profile, seed } = campaign;
  const counts = { orders: campaign.orders, ...ends, faults: total(byKind) };
  return { result: { ...counts, seed, profile, seconds, byKind }, good };
}

function storesOf(profile: Profile, { rabbitmq, redis, postgres }: RealServices, dir: string): OpenStores {
  const env =
    profile === 'embedded'
      ? {}
      : { AMQP_URL: rabbitmq.url, REDIS_URL: redis.url, DATABASE_URL: postgres.url };
  return { profile, dataDir: join(dir, 'authoring'), env };
}

/** How many orders came to which end; tells of each that is not in Odoo once. */
async function endsOf(open: Stores, odoo: Odoo, orders: readonly Order[], sent: Sent) {
  const verdict = await readVerdict(open, odoo, orders, sent.accepted);
  const left = await inFlight(open);
  if (left > 0) say(`${left} messages are left in the queues`);
  for (const number of new Set([...verdict.lost, ...verdict.duplicated.keys()]))
    say(`${number} ${verdict.duplicated.get(number) ?? 'lost'}\n${await traceText(open, number)}`);
  tellOthers(verdict, sent);
  return {
    accepted: sent.accepted.size,
    landed: verdict.landed.size,
    lost: verdict.lost.length,
    duplicated: verdict.duplicated.size,
    dead: verdict.dead.size,
  };
}

function tellOthers({ dead }: Verdict, { refused }: Sent): void {
  for (const [number, reason] of dead) say(`${number} is a dead letter: ${reason}`);
  for (const [number, answer] of refused) say(`${number} was refused: ${answer}`);
}

const { json, ...campaign } = readArguments();
const found = await findServices(campaign);
const { result, good } = await (campaign.profile === 'cluster'
  ? inOwnVhost(found, (own) => run(campaign, own))
  : run(campaign, found));
process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, undefined, 2)}\n`);
process.exit(good ? 0 : 1);
