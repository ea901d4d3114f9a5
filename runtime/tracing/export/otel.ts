/** Traces by the SDK of OpenTelemetry, sent as OTLP over HTTP in batches beside the work. */
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type Span as OtelSpan,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api';
import { ExportResultCode } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type SpanExporter,
} from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';
import { collector, type Collector } from './collector.ts';
import { within, type Kind, type Part, type Span, type Tracing } from '../span.ts';
import type { TracingSettings } from './settings.ts';

const kinds: Record<Kind, SpanKind> = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

/** The hub does not wait longer for the last batch when it stops. */
const LAST_MS = 2000;

export function sendingTo(settings: TracingSettings, log: Logger): Tracing {
  const { url, service, share, delayMs, timeoutMs } = settings;
  const state = collector(url, log);
  const exporter = heard(new OTLPTraceExporter({ url, timeoutMillis: timeoutMs }), state);
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(
        resourceFromAttributes({
          'service.name': service,
          'service.instance.id': `${hostname()}/${process.pid}`,
        }),
      )
      .merge(detectResources({ detectors: [resourceAttributesEnvDetector] })),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) }),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: delayMs })],
  });
  const tracer = provider.getTracer('crossdock');
  return {
    begin({ at, parent, link, ...part }) {
      if (!state.takes()) return undefined;
      const linked = link === undefined ? undefined : remote(link);
      const above = parent === undefined ? undefined : remote(parent);
      const span = started(tracer, part, above ? trace.setSpanContext(ROOT_CONTEXT, above) : ROOT_CONTEXT, {
        ...(at && { startTime: at }),
        ...(linked && { links: [{ context: linked }] }),
      });
      if (span.isRecording()) state.asked();
      return spanOf(span, tracer);
    },
    close: () =>
      Promise.race([provider.shutdown(), sleep(LAST_MS, undefined, { ref: false })]).catch(() => {}),
  };
}

/** The same exporter, whose answers the collector's state hears. A batch belongs to none of the work that it tells of. */
function heard(exporter: SpanExporter, state: Collector): SpanExporter {
  return {
    export: (batch, told) =>
      within(undefined, () =>
        exporter.export(batch, (result) => {
          if (result.code === ExportResultCode.SUCCESS) state.answered();
          else state.refused(result.error);
          told(result);
        }),
      ),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}

interface More {
  startTime?: Date;
  links?: { context: SpanContext }[];
}

function started(
  tracer: Tracer,
  { name, kind = 'internal', attributes }: Part,
  context: Context,
  more: More,
) {
  return tracer.startSpan(name, { kind: kinds[kind], ...(attributes && { attributes }), ...more }, context);
}

const otel = Symbol('the span of the SDK');

interface Made extends Span {
  [otel]: OtelSpan;
}

function spanOf(span: OtelSpan, tracer: Tracer): Made {
  const { traceId, spanId, traceFlags } = span.spanContext();
  let context: Context | undefined;
  let isOver = false;
  return {
    [otel]: span,
    traceId,
    traceparent: `00-${traceId}-${spanId}-${traceFlags & TraceFlags.SAMPLED ? '01' : '00'}`,
    child(part) {
      context ??= trace.setSpan(ROOT_CONTEXT, span);
      const links = part.links?.map((one) => ({ context: (one as Made)[otel].spanContext() }));
      return spanOf(started(tracer, part, context, links ? { links } : {}), tracer);
    },
    set(name, value) {
      if (!isOver) span.setAttribute(name, value);
    },
    failed(code) {
      if (!isOver) span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', code);
    },
    end() {
      if (isOver) return;
      isOver = true;
      span.end();
    },
  };
}

function remote(traceparent: string): SpanContext | undefined {
  const [, traceId, spanId, flags] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, traceFlags: parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
}
