/** Counts the figures in a thread of its own: what it reads and reckons holds up no webhook. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { CodedError } from '../errors/coded-error.ts';
import type { Code } from '../errors/codes.ts';
import type { ReaderOptions } from '../tower/reader.ts';
import type { Figures, Span } from './figures.ts';

export interface Wanted extends Omit<ReaderOptions, 'log' | 'env'> {
  definitionsDir: string;
  span: Span;
}

export type Counted = { figures: Figures } | { code: Code; message: string };

/** The same answer for so long. */
const FRESH_MS = 300_000;

/** Throws STORE_UNAVAILABLE, and CONFIG_INVALID where the objectives or other definitions cannot be read. */
export function countedAside(wanted: Wanted): Promise<Figures> {
  const worker = new Worker(new URL(`./worker${extname(import.meta.filename)}`, import.meta.url), {
    workerData: wanted,
  });
  return new Promise((resolve, reject) => {
    worker.on('message', (told: Counted) => {
      if ('figures' in told) resolve(told.figures);
      else reject(new CodedError(told.code, told.message));
    });
    worker.on('error', (cause) => reject(failed(cause)));
    worker.on('exit', () => reject(failed()));
  });
}

/** One count at a time of each span, which all who ask meanwhile share. */
export function figuresKept(count: (span: Span) => Promise<Figures>, clock = Date.now) {
  const kept = new Map<Span, { at: number; counted: Promise<Figures> }>();
  return (span: Span): Promise<Figures> => {
    const known = kept.get(span);
    if (known && clock() - known.at < FRESH_MS) return known.counted;
    const counted = count(span);
    kept.set(span, { at: clock(), counted });
    counted.catch(() => kept.delete(span));
    return counted;
  };
}

function failed(cause?: unknown): CodedError {
  return new CodedError('STORE_UNAVAILABLE', 'The figures cannot be counted', {}, { cause });
}
