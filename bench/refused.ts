/** What 1,000 webhooks that are refused cost the good ones beside them: spread over their time, and all at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadAnswer } from './load.ts';
import { inTurn, measure, median, type Bench } from './measure.ts';
import { firstNumber } from './orders.ts';
import { ask, startHub, unlimited, type Running } from './processes.ts';
import { clean, clusterEnvironment } from './services.ts';

const queue = 'order-capture.shopify';
/** Ten seconds of good ones. */
const good = { connections: 16, requests: 1000, warmUp: 200, perSecond: 100 };
const bad = { connections: 16, requests: 1000, warmUp: 0, bad: true };

export const refused: Bench = async (rounds) => {
  const embedded = await profile('embedded', {}, rounds);
  await clean([queue]);
  try {
    return [...embedded, ...(await profile('cluster', clusterEnvironment(), rounds))];
  } finally {
    await clean([queue]);
  }
};

async function profile(name: string, env: Record<string, string>, rounds: number) {
  const hub = await startHub({
    env,
    flows: { 'shopify-intake.yaml': unlimited },
    collecting: { [queue]: ['shopify.order.created.v1'] },
  });
  try {
    const found = await inTurn(rounds, {
      'beside 1,000 in 5 s': () => both(hub, { perSecond: 200 }),
      'beside 1,000 at once': () => both(hub, {}),
      alone: () => load(hub),
    });
    const p99 = (who: string): number => median(found[who]!.map(({ p99Ms }) => p99Ms));
    return ['beside 1,000 in 5 s', 'beside 1,000 at once'].map((who) =>
      measure(
        `refused ${name}, good ones at 100/s, p99`,
        'ms',
        { [who]: p99(who), alone: p99('alone') },
        { atMost: 2 },
      ),
    );
  } finally {
    await hub.stop();
  }
}

let first = firstNumber();

function load({ url }: Running): Promise<LoadAnswer> {
  first += good.warmUp + good.requests;
  return ask<LoadAnswer>('load', { url, first, ...good });
}

async function both(hub: Running, { perSecond }: { perSecond?: number }): Promise<LoadAnswer> {
  const good = load(hub);
  // Past the warm-up of the good ones.
  await sleep(3000);
  await ask<LoadAnswer>('load', { url: hub.url, first, ...bad, ...(perSecond && { perSecond }) });
  return good;
}
