/** A collector of OpenTelemetry for tests, and a hub's traces to it: takes OTLP as JSON over HTTP, and keeps the spans. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLog } from '../runtime/log/log.ts';
import type { Tracing } from '../runtime/tracing/span.ts';
import { openTracing } from '../runtime/tracing/export/tracing.ts';

export interface TakenSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  attributes: Record<string, string | number>;
  links: { traceId: string; spanId: string }[];
  /** 2: it failed. */
  status: { code?: number; message?: string };
}

export interface Receiver {
  url: string;
  spans: TakenSpan[];
  /** Everything that came, as it came. */
  text(): string;
  close(): Promise<void>;
}

type Sent = Omit<TakenSpan, 'attributes' | 'links'> & {
  attributes?: { key: string; value: { stringValue?: string; intValue?: number; doubleValue?: number } }[];
  links?: TakenSpan['links'];
};

interface Batch {
  resourceSpans: { scopeSpans: { spans: Sent[] }[] }[];
}

export async function otlpReceiver(): Promise<Receiver> {
  const spans: TakenSpan[] = [];
  let text = '';
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const known = request.method === 'POST' && request.url === '/v1/traces';
      if (known) {
        text += body;
        const { resourceSpans } = JSON.parse(body) as Batch;
        for (const { scopeSpans } of resourceSpans)
          for (const { spans: sent } of scopeSpans) spans.push(...sent.map(taken));
      }
      response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' }).end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    text: () => text,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

export async function tracingTo(
  url: string,
  log = createLog({ level: 'silent' }),
  timeoutMs = 300,
): Promise<Tracing> {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_BSP_SCHEDULE_DELAY: '20',
    OTEL_EXPORTER_OTLP_TIMEOUT: String(timeoutMs),
  };
  return (await openTracing(env, log))!;
}

export async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  for (const end = Date.now() + 60_000; !(await holds()); await sleep(15))
    assert.ok(Date.now() < end, `never: ${what}`);
}

function taken({ attributes = [], links = [], ...span }: Sent): TakenSpan {
  const values = attributes.map(({ key, value }): [string, string | number] => [
    key,
    value.stringValue ?? value.intValue ?? value.doubleValue ?? '',
  ]);
  return { ...span, attributes: Object.fromEntries(values), links };
}
