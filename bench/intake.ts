/**
 * POST → verify → guard → durable publish → 202, against an intake written by hand that maps inline. The hub maps
 * behind its queue: so the same floor without a mapping (`raw`) is measured too.
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
const targets: Record<number, { rate: Target; p99: Target }> = {
  64: { rate: { atLeast: 1 }, p99: { atMost: 1.5 } },
};

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
  const floor = await startFloor('intake', env);
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
        floor: () => load(floor, how),
        raw: () => load(raw, how),
      });
      const of = (what: keyof LoadAnswer) =>
        Object.fromEntries(
          Object.entries(found).map(([who, answers]) => [who, median(answers.map((one) => one[what]))]),
        );
      const title = `intake ${name}, ${how.connections} connection${how.connections > 1 ? 's' : ''}`;
      const { rate, p99 } = targets[how.connections] ?? {};
      measures.push(
        measure(title, 'requests a second', of('perSecond'), rate),
        measure(`${title}, p99`, 'ms', of('p99Ms'), p99),
      );
    }
  } finally {
    await raw.stop();
    await floor.stop();
    await hub.stop();
  }
  return measures;
}
