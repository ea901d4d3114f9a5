/** What the hub's process holds resident after many messages, and beside a journal and processes that have grown. */
import { DatabaseSync } from 'node:sqlite';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStore } from '../runtime/sqlite/store.ts';
import { measure, type Bench } from './measure.ts';
import { firstNumber } from './orders.ts';
import { ask, startHub, unchanged, unlimited, type Running } from './processes.ts';
import { clean, clusterEnvironment } from './services.ts';

const some = 10_000;
const many = 100_000;
const journalRows = 1_000_000;
/** Orders of fifteen busy days, each of which has ended. */
const processRows = 300_000;
const flat = { atMost: 1.1 };
const queue = 'order-capture.shopify';

/** Takes each event and has nothing to do with it. */
const sink = `flow: sink
version: 1.0.0
nodes:
  events:
    type: event-consume
    broker: !node hub broker
    types:
      - shopify.order.created.v1
    queue: ${queue}
    to: done
  done:
    type: drop
    reason: Nothing is done with it here
layout:
  events: [160, 120]
  done: [400, 120]
`;
/** The processes look at what they keep every ten seconds. */
const flows = { 'shopify-intake.yaml': unlimited, 'sink.yaml': sink, 'order-to-cash.yaml': unchanged };

/** One run: what grows needs no median. */
export const memory: Bench = async () => {
  const embedded = await grow({});
  const env = clusterEnvironment();
  await clean([queue]);
  const cluster = await grow(env).finally(() => clean([queue]));
  const beside = async (prepare: (dataDir: string) => Promise<void>) =>
    residentAfter(await startHub({ env: {}, flows, prepare }));
  const without = embedded[`after ${some}`]!;
  const journaled = { 'with 1,000,000 journal rows': await beside(fillJournal), without };
  const processed = { 'with 300,000 process rows': await beside(fillProcesses), without };
  const title = 'memory';
  return [
    measure(`${title}, embedded`, 'MB', embedded, flat),
    measure(`${title}, cluster`, 'MB', cluster, flat),
    measure(`${title} after ${some} messages, embedded, journal`, 'MB', journaled, flat),
    measure(`${title} after ${some} messages, embedded, processes`, 'MB', processed, flat),
  ];
};

async function grow(env: Record<string, string>): Promise<Record<string, number>> {
  const hub = await startHub({ env, flows });
  try {
    await send(hub, some);
    const early = await resident(hub);
    await send(hub, many - some);
    return { [`after ${many}`]: await resident(hub), [`after ${some}`]: early };
  } finally {
    await hub.stop();
  }
}

async function residentAfter(hub: Running): Promise<number> {
  try {
    await send(hub, some);
    return await resident(hub);
  } finally {
    await hub.stop();
  }
}

let number = firstNumber();
async function send({ url }: Running, messages: number): Promise<void> {
  for (let sent = 0; sent < messages; sent += some) {
    await ask('load', { url, connections: 16, requests: some, warmUp: 0, first: number });
    number += some;
  }
}

/** In MB, once the hub has had nothing to do for some seconds. */
async function resident({ pid }: Running): Promise<number> {
  const file = (name: string): string => readFileSync(`/proc/${pid}/${name}`, 'utf8');
  const ticks = (): number => {
    const fields = file('stat').split(') ')[1]!.split(' ');
    return Number(fields[11]) + Number(fields[12]);
  };
  for (let before = ticks(), quiet = 0; quiet < 3;) {
    await sleep(1000);
    const now = ticks();
    quiet = now - before < 5 ? quiet + 1 : 0;
    before = now;
  }
  return Number(/VmRSS:\s+(\d+) kB/.exec(file('status'))?.[1]) / 1024;
}

function fillJournal(dataDir: string): Promise<void> {
  return fill(
    dataDir,
    journalRows,
    `INSERT INTO step (time, correlation_id, business_key, step, flow, flow_version, outcome)
    SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 1790000000 + at, 'unixepoch'), 'correlation-' || (at / 4), 'order-' || (at / 4),
      'a step', 'a flow', '1.0.0', 'published' FROM n`,
  );
}

/** Each about as long as an order of three lines that has gone its whole way. */
function fillProcesses(dataDir: string): Promise<void> {
  return fill(
    dataDir,
    processRows,
    `INSERT INTO process (process, key, number, state, due, body, revision)
    SELECT 'order-to-cash', 'shopify:' || (7000000000 + at), 'W-' || at, 'done', NULL,
      '{"process":"order-to-cash","filling":"' || hex(zeroblob(1250)) || '"}', 12 FROM n`,
  );
}

async function fill(dataDir: string, rows: number, insert: string): Promise<void> {
  const file = join(dataDir, 'crossdock.db');
  openStore(file).close();
  const db = new DatabaseSync(file);
  db.exec(`WITH RECURSIVE n (at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < ${rows}) ${insert}`);
  db.close();
}
