/**
 * POST → verify → guard → durable publish → 202, against an intake written by hand that keeps what came as the hub does
 * (`raw`), and beside one that maps first, which the hub does behind its queue (`maps inline`).
 */
import type { LoadAnswer, LoadQuestion } from './load.ts';
import { inTurn, measure, median, type Bench, type Measure, type Target } from './measure.ts';
import { firstNumber } from './orders.ts';
import { ask, startFloor, startHub, unlimited } from './processes.ts';
import { clean, clusterEnvironment } from './services.ts';

const queue = 'order-capture.shopify';
const loads = [
  { connections: 1, requests: 1000, warmUp: 300 },
  { connections: 16, requests: 4000, warmUp: 1000 },
  { connections: 64, requests: 6000, warmUp: 2000 },
];
/** Of the requests a second, against `raw`. */
const targets: Record<string, Target> = {
  'embedded 1': { atLeast: 0.5 },
  'embedded 64': { atLeast: 0.4 },
  'cluster 1': { atLeast: 0.5 },
  'cluster 64': { atLeast: 0.5 },
};

/** Of the time it takes, against one that maps inline. */
const p99Targets: Record<number, Target> = { 64: { atMost: 1.5 } };

export const intake: Bench = async (rounds) => {
  const embedded = await profile('embedded', {}, rounds);
  const env = clusterEnvironment();
  await clean([queue, 'floor']);
  try {
    return [...embedded, ...(await profile('cluster', env, rounds))];
  } finally {
    await clean([queue, 'floor']);
  }
};

async function profile(name: string, env: Record<string, string>, rounds: number): Promise<Measure[]> {
  const hub = await startHub({
    env,
    flows: { 'shopify-intake.yaml': unlimited },
    collecting: { [queue]: ['shopify.order.created.v1'] },
  });
  const inline = await startFloor('intake', env);
  const raw = await startFloor('intake', { ...env, FLOOR_MAPS: 'no' });
  let first = firstNumber();
  const load = ({ url }: { url: string }, how: Pick<LoadQuestion, 'connections' | 'requests' | 'warmUp'>) => {
    first += how.warmUp + how.requests;
    return ask<LoadAnswer>('load', { url, first, ...how });
  };
  const measures: Measure[] = [];
  try {
    for (const how of loads) {
      const found = await inTurn(rounds, {
        hub: () => load(hub, how),
        raw: () => load(raw, how),
        'maps inline': () => load(inline, how),
      });
      const of = (what: keyof LoadAnswer, ...order: string[]) =>
        Object.fromEntries(order.map((who) => [who, median(found[who]!.map((one) => one[what]))]));
      const title = `intake ${name}, ${how.connections} connection${how.connections > 1 ? 's' : ''}`;
      measures.push(
        measure(
          title,
          'requests a second',
          of('perSecond', 'hub', 'raw', 'maps inline'),
          targets[`${name} ${how.connections}`],
        ),
        measure(`${title}, p99`, 'ms', of('p99Ms', 'hub', 'maps inline', 'raw'), p99Targets[how.connections]),
      );
    }
  } finally {
    await raw.stop();
    await inline.stop();
    await hub.stop();
  }
  return measures;
}
