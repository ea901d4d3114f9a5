/** Reads the embedded store in a thread of its own: a question that takes long holds up no webhook. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { CompiledQuery, Dialect, QueryResult } from 'kysely';
import type { Logger } from 'pino';
import { CodedError } from '../errors/coded-error.ts';
import { dialect } from '../journal/dialect.ts';

export interface Question {
  sql: string;
  values: readonly unknown[];
}

export type Answer = { rows: unknown[] } | { error: string };

interface Options {
  timeoutMs: number;
  log?: Logger;
}

interface Asked extends Question {
  resolve(rows: unknown[]): void;
  reject(error: unknown): void;
  timer: NodeJS.Timeout;
}

/**
 * One question at a time; the thread begins with the first. One that takes too long is given up, but SQLite cannot be
 * interrupted: until it is through the others wait, and are given up as well.
 */
export function readingThread(file: string, { timeoutMs, log }: Options): Dialect {
  let worker: Worker | undefined;
  let closed = false;
  let current: Asked | undefined;
  const waiting = new Set<Asked>();

  function begin(): Worker {
    const begun = new Worker(new URL(`./worker${extname(import.meta.filename)}`, import.meta.url), {
      workerData: file,
    });
    begun.unref();
    begun.on('message', (answer: Answer) => {
      if ('rows' in answer) settled()?.resolve(answer.rows);
      else settled()?.reject(unavailable('The journal cannot be read', new Error(answer.error)));
      next();
    });
    begun.on('error', (error) => log?.warn({ err: error }, 'The thread that reads for pages ended'));
    begun.on('exit', () => {
      worker = undefined;
      settled()?.reject(unavailable('The journal cannot be read'));
      next();
    });
    return begun;
  }

  /** The question that is through, now that it is. */
  function settled(): Asked | undefined {
    const asked = current;
    current = undefined;
    clearTimeout(asked?.timer);
    return asked;
  }

  function next(): void {
    const [one] = waiting;
    if (!one || current) return;
    waiting.delete(one);
    current = one;
    worker ??= begin();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker.postMessage({ sql: one.sql, values: one.values } satisfies Question);
  }

  function ask(sql: string, values: readonly unknown[]): Promise<unknown[]> {
    if (closed) return Promise.reject(unavailable('The hub stops'));
    return new Promise((resolve, reject) => {
      const late = () => {
        waiting.delete(asked);
        reject(unavailable('The question takes too long; ask for less'));
      };
      const asked: Asked = { sql, values, resolve, reject, timer: setTimeout(late, timeoutMs) };
      waiting.add(asked);
      next();
    });
  }

  return dialect(
    'sqlite',
    async <R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> => ({
      rows: (await ask(sql, parameters)) as R[],
    }),
    async () => {
      closed = true;
      for (const { reject, timer } of waiting) {
        clearTimeout(timer);
        reject(unavailable('The hub stops'));
      }
      waiting.clear();
      await worker?.terminate();
    },
  );
}

function unavailable(message: string, cause?: Error): CodedError {
  return new CodedError('STORE_UNAVAILABLE', message, {}, { cause });
}
