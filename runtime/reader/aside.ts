/** Reads the store in a thread of its own: what it reads and reckons holds up no webhook. */
import { parentPort, Worker, workerData } from 'node:worker_threads';
import type { Kysely } from 'kysely';
import { asCoded, CodedError } from '../errors/coded-error.ts';
import type { Code } from '../errors/codes.ts';
import type { Tables } from '../journal/tables.ts';
import { openReader, type ReaderOptions } from './reader.ts';

/** What the thread is asked, beside where the store is. */
export type Asked<Question> = Omit<ReaderOptions, 'log' | 'env'> & Question;

type Told<Result> = { result: Result } | { code: Code; message: string };

/** Of a question; nobody waits for one alone. */
const PATIENT_MS = 30_000;

/** `script` calls `answer`, whose error this throws; STORE_UNAVAILABLE, with this message, where it ends without a word. */
export function inThread<Result>(script: URL, asked: object, failure: string): Promise<Result> {
  const failed = (cause?: unknown): CodedError => new CodedError('STORE_UNAVAILABLE', failure, {}, { cause });
  const worker = new Worker(script, { workerData: asked });
  return new Promise((resolve, reject) => {
    worker.on('message', (told: Told<Result>) => {
      if ('result' in told) resolve(told.result);
      else reject(new CodedError(told.code, told.message));
    });
    worker.on('error', (cause) => reject(failed(cause)));
    worker.on('exit', () => reject(failed()));
  });
}

/** In the thread, once. */
export async function answer<Question, Result>(
  work: (db: Kysely<Tables>, asked: Question) => Promise<Result>,
): Promise<void> {
  const asked = workerData as Asked<Question>;
  const { profile, dataDir, timeoutMs = PATIENT_MS } = asked;
  const read = async (): Promise<Told<Result>> => {
    const reader = await openReader({ profile, dataDir, timeoutMs, env: process.env });
    try {
      return { result: await work(reader.db, asked) };
    } finally {
      await reader.close();
    }
  };
  const told = await read().catch((error: unknown): Told<Result> => {
    const { code, message } = asCoded(error);
    return { code, message };
  });
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort!.postMessage(told);
}
