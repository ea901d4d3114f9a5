/** The thread that counts figures, once: it reads the store and the definitions by itself, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { asCoded } from '../errors/coded-error.ts';
import { openReader } from '../tower/reader.ts';
import { figures } from './figures.ts';
import { readKnown } from './known.ts';
import type { Counted, Wanted } from './thread.ts';

/** Of a question; nobody waits for one alone. */
const PATIENT_MS = 30_000;

const { definitionsDir, span, ...where } = workerData as Wanted;

async function counted(): Promise<Counted> {
  const reader = await openReader({ timeoutMs: PATIENT_MS, ...where, env: process.env });
  try {
    return { figures: await figures(reader.db, readKnown(definitionsDir), span, new Date()) };
  } finally {
    await reader.close();
  }
}

const told = await counted().catch((error: unknown): Counted => {
  const { code, message } = asCoded(error);
  return { code, message };
});
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
parentPort!.postMessage(told);
