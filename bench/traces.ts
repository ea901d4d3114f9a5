/** What traces cost the intake: all of them sent, and a collector that is away, against a hub that makes none. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadAnswer } from './load.ts';
import { inTurn, measure, median, type Bench } from './measure.ts';
import { firstNumber } from './orders.ts';
import { ask, startFloor, startHub, unlimited, type Running } from './processes.ts';

const how = { connections: 16, requests: 6000, warmUp: 1000 };
/** Until the hub has given up: what it waits for a batch, and the time limit of the exporter. */
const givenUpMs = 16_000;

export const traces: Bench = async (rounds) => {
  const hubOf = (env: Record<string, string>): Promise<Running> =>
    startHub({
      env,
      flows: { 'shopify-intake.yaml': unlimited },
      collecting: { 'order-capture.shopify': ['shopify.order.created.v1'] },
    });
  const running: Running[] = [];
  const keep = <One extends Running>(one: One): One => (running.push(one), one);
  let first = firstNumber();
  const load = ({ url }: Running): Promise<LoadAnswer> => {
    first += how.warmUp + how.requests;
    return ask<LoadAnswer>('load', { url, first, ...how });
  };
  try {
    const collector = keep(await startFloor('collector', {}));
    const off = keep(await hubOf({}));
    const away = keep(await hubOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }));
    const sent = keep(await hubOf({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }));
    for (const hub of [off, away, sent]) await load(hub);
    await sleep(givenUpMs);
    const found = await inTurn(rounds, {
      off: () => load(off),
      away: () => load(away),
      sent: () => load(sent),
    });
    const rate = (who: string): number => median(found[who]!.map(({ perSecond }) => perSecond));
    const against = { off: rate('off') };
    return [
      measure(
        'traces, the collector away',
        'requests a second',
        { away: rate('away'), ...against },
        { atLeast: 0.98 },
      ),
      measure('traces, all sent', 'requests a second', { sent: rate('sent'), ...against }),
    ];
  } finally {
    for (const one of running.toReversed()) await one.stop();
  }
};
