/** Opens what makes and sends traces, where the environment names a collector; else nothing of it is read. */
import type { Logger } from 'pino';
import type { Tracing } from '../span.ts';
import { tracingSettings } from './settings.ts';

/** Undefined without OTEL_EXPORTER_OTLP_ENDPOINT. Throws CodedError CONFIG_INVALID. */
export async function openTracing(env: NodeJS.ProcessEnv, log: Logger): Promise<Tracing | undefined> {
  const settings = tracingSettings(env);
  return settings && (await import('./otel.ts')).sendingTo(settings, log);
}
