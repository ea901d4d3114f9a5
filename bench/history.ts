/**
 * What a long history costs: the process engine's look, questions of people, the start of the store, and webhooks beside
 * the looks, against a store that began a few hours ago, with as much under way and as many exceptions. `BENCH_ORDERS` and
 * `BENCH_STEPS` make it longer: a year of 20,000 orders a day are 7,300,000.
 */
import { join } from 'node:path';
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import type { Journal } from '../runtime/journal/journal.ts';
import { postgresJournal } from '../runtime/journal/postgres.ts';
import { loadProcesses } from '../runtime/process/definition.ts';
import { processEngine } from '../runtime/process/engine/engine.ts';
import { openStore } from '../runtime/sqlite/store.ts';
import { fillPostgres, fillSqlite, type History } from './fill.ts';
import type { LoadAnswer } from './load.ts';
import { inTurn, measure, median, within, type Bench, type Measure } from './measure.ts';
import { firstNumber } from './orders.ts';
import { ask, startHub, unlimited, type Running } from './processes.ts';
import { clean, clusterEnvironment, prefix, services } from './services.ts';

const year = 365 * 20_000;
const orders = Number(process.env['BENCH_ORDERS'] ?? 200_000);
const steps = Number(process.env['BENCH_STEPS'] ?? 8);
const stores: Record<string, History> = {
  [`${orders} orders`]: { orders, steps },
  '3000 orders': { orders: 3000, steps },
};
const lookLimitMs = 2;
/** Of each question in a round; before, some that are not counted. */
const times = 100;
const before = 20;
const webhooks = { connections: 16, requests: 600, warmUp: 100, perSecond: 50 };
const queue = 'order-capture.shopify';

interface StoreUnderTest {
  env: Record<string, string>;
  history: History;
  /** Makes what is in it. */
  fill(dataDir: string): Promise<void>;
  open(): Promise<Journal>;
}

export const history: Bench = async (rounds) => {
  const found = await compared('embedded', mapped(embedded), rounds);
  const places = mapped(cluster);
  const wipe = async (): Promise<void> => {
    for (const { env } of Object.values(places))
      await clean([queue, 'order-to-cash'], env['CROSSDOCK_PREFIX']);
  };
  await wipe();
  return [...found, ...(await compared('cluster', places, rounds).finally(wipe))];
};

function embedded(of: History): StoreUnderTest {
  let file = '';
  return {
    env: {},
    history: of,
    async fill(dataDir) {
      file = join(dataDir, 'crossdock.db');
      fillSqlite(file, of);
    },
    async open() {
      const store = openStore(file);
      const journal = embeddedJournal(store);
      return { ...journal, close: () => journal.close().then(() => store.close()) };
    },
  };
}

function cluster(of: History, at: number): StoreUnderTest {
  const own = `${prefix}_${at}`;
  const { url } = services().postgres;
  const schema = `${own}_crossdock`;
  return {
    env: { ...clusterEnvironment(), CROSSDOCK_PREFIX: own },
    history: of,
    fill: () => fillPostgres(url, schema, of),
    open: () => postgresJournal({ url, schema }),
  };
}

async function compared(
  name: string,
  places: Record<string, StoreUnderTest>,
  rounds: number,
): Promise<Measure[]> {
  const hubs: Record<string, Running> = {};
  const journals: Journal[] = [];
  try {
    for (const [store, { env, fill }] of Object.entries(places))
      hubs[store] = await startHub({
        env,
        flows: { 'shopify-intake.yaml': unlimited, 'order-to-cash.yaml': lookingOften },
        collecting: { [queue]: ['shopify.order.created.v1'] },
        prepare: fill,
      });
    const asked: Record<string, Record<string, () => Promise<unknown>>> = {};
    for (const [store, place] of Object.entries(places)) {
      const journal = await place.open();
      journals.push(journal);
      asked[store] = questions(journal, place);
    }
    const title = `history, ${name}, ${scale}`;
    const measures: Measure[] = [];
    for (const question of Object.keys(Object.values(asked)[0]!)) {
      const found = await inTurn(
        rounds,
        each(asked, (all) => () => time(all[question]!)),
      );
      const of = (what: keyof Time) => each(found, (all) => median(all.map((one) => one[what])));
      if (question === 'look')
        measures.push(within(`${title}, look, work of the hub`, 'ms', of('workMs'), lookLimitMs));
      measures.push(measure(`${title}, ${question}`, 'ms', of('ms')));
    }
    const answers = await inTurn(
      rounds,
      each(hubs, (hub) => () => load(hub)),
    );
    const p99 = each(answers, (all) => median(all.map(({ p99Ms }) => p99Ms)));
    return [...measures, measure(`${title}, webhooks beside a look each second, p99`, 'ms', p99)];
  } finally {
    for (const journal of journals) await journal.close();
    for (const hub of Object.values(hubs)) await hub.stop();
  }
}

const scale = `1/${Number((year / orders).toPrecision(2))} of a year of 20,000 orders a day`;

const lookingOften = (flow: string): string =>
  flow.replace('process: order-to-cash\nlayout', 'process: order-to-cash\n    look: 1\nlayout');

function questions(
  journal: Journal,
  { history: of, open }: StoreUnderTest,
): Record<string, () => Promise<unknown>> {
  const definition = loadProcesses('definitions').get('order-to-cash')!;
  const never = (): never => {
    throw new Error('Nothing is due');
  };
  const outside = { broker: { publish: never }, catalogue: { validate: never } };
  const engine = processEngine({ definition, definitionsDir: 'definitions', journal, ...outside });
  const some = (): string => String(1 + Math.floor(Math.random() * of.orders));
  return {
    look: () => engine.poll(),
    'trace of an order': () => journal.trace({ businessKey: `order-${some()}` }),
    'exceptions, groups': () => journal.groups({ state: 'open' }),
    'exceptions, list': () => journal.letters({ state: 'open' }),
    'exceptions, list of a code': () => journal.letters({ state: 'replayed', code: 'C1', limit: 20 }),
    'processes, list': () => journal.processes.list(),
    'processes, by number': () => journal.processes.called(`order-${some()}`),
    'start of the store': async () => (await open()).close(),
  };
}

interface Time {
  /** The median of some. */
  ms: number;
  /** What this process was at work, which other work on the machine does not change. */
  workMs: number;
}

async function time(question: () => Promise<unknown>): Promise<Time> {
  for (let count = 0; count < before; count += 1) await question();
  const all: number[] = [];
  const begunWork = process.cpuUsage();
  for (let count = 0; count < times; count += 1) {
    const begun = performance.now();
    await question();
    all.push(performance.now() - begun);
  }
  const { user, system } = process.cpuUsage(begunWork);
  return { ms: median(all), workMs: (user + system) / 1000 / times };
}

let first = firstNumber();
function load({ url }: Running): Promise<LoadAnswer> {
  first += webhooks.requests + webhooks.warmUp;
  return ask<LoadAnswer>('load', { url, first, ...webhooks });
}

function each<From, To>(all: Record<string, From>, to: (one: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(all).map(([name, one]) => [name, to(one)]));
}

function mapped(to: (of: History, at: number) => StoreUnderTest): Record<string, StoreUnderTest> {
  return Object.fromEntries(Object.entries(stores).map(([name, of], at) => [name, to(of, at)]));
}
