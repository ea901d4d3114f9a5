/** What the hub's process holds resident after many messages, and beside a journal that has grown. */
import { DatabaseSync } from 'node:sqlite';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { measure, type Bench } from './measure.ts';
import { firstNumber } from './orders.ts';
import { ask, startHub, unlimited, type Running } from './processes.ts';
import { clean, clusterEnvironment } from './services.ts';

const some = 10_000;
const many = 100_000;
const journalRows = 1_000_000;
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
const flows = { 'shopify-intake.yaml': unlimited, 'sink.yaml': sink };

/** One run: what grows needs no median. */
export const memory: Bench = async () => {
  const embedded = await grow({});
  const env = clusterEnvironment();
  await clean([queue]);
  const cluster = await grow(env).finally(() => clean([queue]));
  const journaled = await residentAfter(await startHub({ env: {}, flows, prepare: fillJournal }));
  const title = 'memory';
  return [
    measure(`${title}, embedded`, 'MB', embedded, flat),
    measure(`${title}, cluster`, 'MB', cluster, flat),
    measure(
      `${title} after ${some} messages, embedded`,
      'MB',
      { 'with 1,000,000 journal rows': journaled, without: embedded[`after ${some}`]! },
      flat,
    ),
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

async function fillJournal(dataDir: string): Promise<void> {
  const db = new DatabaseSync(join(dataDir, 'crossdock.db'));
  db.exec(`
    WITH RECURSIVE n (at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < ${journalRows})
    INSERT INTO step (time, correlation_id, business_key, step, flow, flow_version, outcome)
    SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 1790000000 + at, 'unixepoch'), 'correlation-' || (at / 4), 'order-' || (at / 4),
      'a step', 'a flow', '1.0.0', 'published' FROM n`);
  db.close();
}
