/** Whether somebody takes the traces. While nobody does none is made, but one now and then to see. */
import type { Logger } from 'pino';
import { redactUrl } from '../../log/log.ts';

const LOOK_MS = 30_000;

export interface Collector {
  /** Whether a trace may begin. */
  takes(): boolean;
  /** One begins, to be sent. */
  asked(): void;
  answered(): void;
  refused(error: unknown): void;
}

export function collector(
  url: string,
  log: Pick<Logger, 'info' | 'warn'>,
  now: () => number = Date.now,
): Collector {
  /** When to look again; undefined while it takes them. */
  let away: number | undefined;
  const facts = { collector: redactUrl(url) };
  return {
    takes: () => away === undefined || now() >= away,
    asked() {
      if (away !== undefined) away = now() + LOOK_MS;
    },
    answered() {
      if (away !== undefined) log.info(facts, 'Traces are taken again');
      away = undefined;
    },
    refused(error) {
      if (away === undefined)
        log.warn({ ...facts, reason: reasonOf(error) }, 'Traces are not taken: none are made');
      away = now() + LOOK_MS;
    },
  };
}

/** ECONNREFUSED, the status of the answer, or what the exporter says. */
function reasonOf(error: unknown): string {
  const { code, message } = Object(error) as { code?: unknown; message?: unknown };
  return String(code ?? message ?? 'unknown');
}
