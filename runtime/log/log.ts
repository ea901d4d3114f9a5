/** The log: one JSON line an entry, with secrets taken out by name and by shape. */
import { pino, type DestinationStream, type Logger } from 'pino';
import { CodedError } from '../errors/coded-error.ts';
import { spanNow } from '../tracing/span.ts';

export type Log = Logger;

export interface LogOptions {
  /** Default: CROSSDOCK_LOG_LEVEL, or `info`. */
  level?: string;
  /** Default: standard error, so that standard output stays the command's own. */
  destination?: DestinationStream;
}

const hidden = '[redacted]';
const secretName =
  /authorization|cookie|passw|passphrase|secret|token|api[-_]?key|private[-_]?key|credential|signature|^key$|^pwd$/i;
/** Names that hold a word of the above and no secret. */
const harmless = /^(credentialSecretFile|tokens?Used|secretName)$/;
const maxDepth = 8;

/** Throws CodedError CONFIG_INVALID for a level that there is not. */
export function createLog(options: LogOptions = {}): Log {
  return pino(
    {
      level: levelOf(options.level ?? process.env.CROSSDOCK_LOG_LEVEL),
      base: { pid: process.pid },
      mixin: traceNow,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (entry) => redact(entry) as Record<string, unknown>,
      },
      serializers: { err: (error: unknown) => error },
      hooks: { streamWrite: redactText },
    },
    options.destination ?? pino.destination({ fd: 2, sync: true }),
  );
}

/** By which an entry is found beside the trace of the work it comes from. */
function traceNow(): object {
  const span = spanNow();
  return span ? { traceId: span.traceId } : {};
}

function levelOf(named = 'info'): string {
  if (named in pino.levels.values || named === 'silent') return named;
  const levels = Object.keys(pino.levels.values).join(', ');
  throw new CodedError('CONFIG_INVALID', `CROSSDOCK_LOG_LEVEL is one of ${levels}, not "${named}"`);
}

/** A copy without secrets: by the name of a property anywhere, and by the shape of a text. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > maxDepth) return '[deep]';
  if (value instanceof Error) return redact(describeError(value), depth);
  if (value instanceof Date) return value;
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.map((one) => redact(one, depth + 1));
  if (value instanceof Map || value instanceof Set) return redact([...value], depth);
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, isSecret(name, one) ? hidden : redact(one, depth + 1)]),
  );
}

/** A text without the passwords of URLs, bearer tokens and basic credentials. */
export function redactText(text: string): string {
  return text
    .replaceAll(/([a-z][a-z0-9+.-]*:\/\/)([^\s/?#@"']*):([^\s/?#"']*)@/gi, '$1$2:***@')
    .replaceAll(/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, '$1 ***')
    .replaceAll(/([?&](?:access_token|api_?key|token|secret|password|signature)=)[^&\s"'#]+/gi, '$1***');
}

/** A URL for people: without its password and query. */
export function redactUrl(url: string): string {
  if (!URL.canParse(url)) return redactText(url);
  const parsed = new URL(url);
  if (parsed.password) parsed.password = '***';
  parsed.search = '';
  parsed.hash = '';
  return parsed.href;
}

function isSecret(name: string, value: unknown): boolean {
  const set = value !== undefined && value !== null && typeof value !== 'boolean';
  return set && secretName.test(name) && !harmless.test(name);
}

function describeError(error: Error): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  if (error instanceof CodedError)
    return { code: error.code, message, facts: error.facts, ...(cause ? { cause } : {}) };
  const code = (error as { code?: unknown }).code;
  return { type: name, message, ...(code ? { code } : {}), stack, ...(cause ? { cause } : {}) };
}
