/** Targets that cannot be used as they are configured: asked from when the flows start until they have worked once. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { asCoded, CodedError } from '../errors/coded-error.ts';

export interface Targets {
  /** `ready` throws when a call could not work now. Call what it gives when the target has gone. */
  add(name: string, ready: () => Promise<void>): () => void;
  /** Throws the coded reason why one of them has never worked, where no waiting mends it. */
  ready(): void;
}

/** `quiet`: nothing is asked. */
export function watchedTargets(log: Logger, quiet: boolean, againMs = 10_000): Targets {
  const wrong = new Map<string, CodedError>();

  async function watch(name: string, ready: () => Promise<void>, { signal }: AbortController): Promise<void> {
    while (!signal.aborted) {
      try {
        await ready();
        if (wrong.delete(name)) log.info({ target: name }, `${name} works now`);
        return;
      } catch (error) {
        if (signal.aborted) return;
        const failure = asCoded(error);
        const told = wrong.get(name)?.message === failure.message;
        if (failure.row.retryable) wrong.delete(name);
        else wrong.set(name, failure);
        if (!failure.row.retryable && !told)
          log.error({ target: name, code: failure.code }, `${name} cannot be used: ${failure.message}`);
      }
      await sleep(againMs, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  return {
    add(name, ready) {
      const ended = new AbortController();
      if (!quiet) void watch(name, ready, ended);
      return () => {
        ended.abort();
        wrong.delete(name);
      };
    },
    ready() {
      for (const [name, { code, message, facts }] of wrong)
        throw new CodedError(code, `${name} cannot be used: ${message}`, facts);
    },
  };
}
