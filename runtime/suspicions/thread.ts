/** Looks for what is odd in a thread of its own: what it reads and reckons holds up no webhook. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { CodedError } from '../errors/coded-error.ts';
import type { Code } from '../errors/codes.ts';
import type { ReaderOptions } from '../tower/reader.ts';
import type { Finding } from './finding.ts';

export interface Wanted extends Omit<ReaderOptions, 'log' | 'env'> {
  /** Milliseconds since 1970. */
  now: number;
  /** By whose hours and days partners work: Europe/Berlin. */
  zone: string;
}

export type Looked = { findings: Finding[] } | { code: Code; message: string };

/** Throws STORE_UNAVAILABLE. */
export function detectedAside(wanted: Wanted): Promise<Finding[]> {
  const worker = new Worker(new URL(`./worker${extname(import.meta.filename)}`, import.meta.url), {
    workerData: wanted,
  });
  return new Promise((resolve, reject) => {
    worker.on('message', (told: Looked) => {
      if ('findings' in told) resolve(told.findings);
      else reject(new CodedError(told.code, told.message));
    });
    worker.on('error', (cause) => reject(failed(cause)));
    worker.on('exit', () => reject(failed()));
  });
}

function failed(cause?: unknown): CodedError {
  return new CodedError('STORE_UNAVAILABLE', 'What looks odd cannot be looked for', {}, { cause });
}
