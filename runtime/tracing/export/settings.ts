/** What the environment says of tracing. */
import { CodedError } from '../../errors/coded-error.ts';
import { positive } from '../../stores/profile.ts';

export interface TracingSettings {
  /** Where spans go: `http://127.0.0.1:4318/v1/traces`. */
  url: string;
  service: string;
  /** Of the traces that begin here, 0 to 1. */
  share: number;
  /** How long spans wait for others. */
  delayMs: number;
  /** For one batch, with its tries. */
  timeoutMs: number;
}

export function tracingSettings(env: NodeJS.ProcessEnv): TracingSettings | undefined {
  const endpoint = env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  if (!endpoint) return undefined;
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol))
    throw invalid('OTEL_EXPORTER_OTLP_ENDPOINT', 'is an address such as http://127.0.0.1:4318');
  return {
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    service: env['OTEL_SERVICE_NAME'] || 'crossdock',
    share: shareOf(env),
    delayMs: positive(env, 'OTEL_BSP_SCHEDULE_DELAY') ?? 5000,
    timeoutMs: positive(env, 'OTEL_EXPORTER_OTLP_TIMEOUT') ?? 10_000,
  };
}

/** Whoever goes on with a trace does as the one that began it. */
function shareOf(env: NodeJS.ProcessEnv): number {
  const sampler = env['OTEL_TRACES_SAMPLER'] || 'parentbased_always_on';
  if (sampler === 'parentbased_always_on') return 1;
  if (sampler !== 'parentbased_traceidratio')
    throw invalid('OTEL_TRACES_SAMPLER', 'is parentbased_always_on or parentbased_traceidratio');
  const share = Number(env['OTEL_TRACES_SAMPLER_ARG'] || NaN);
  if (share >= 0 && share <= 1) return share;
  throw invalid('OTEL_TRACES_SAMPLER_ARG', 'is a number from 0 to 1');
}

function invalid(setting: string, is: string): CodedError {
  return new CodedError('CONFIG_INVALID', `${setting} ${is}`, { setting });
}
