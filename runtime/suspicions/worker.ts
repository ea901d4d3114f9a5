/** The thread that looks for what is odd, once: it reads the store by itself, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { asCoded } from '../errors/coded-error.ts';
import { openReader } from '../tower/reader.ts';
import { detect } from './detect.ts';
import { readBasis } from './read.ts';
import type { Looked, Wanted } from './thread.ts';

/** Of a question; nobody waits for one alone. */
const PATIENT_MS = 30_000;

const { now, zone, ...where } = workerData as Wanted;

async function looked(): Promise<Looked> {
  const reader = await openReader({ timeoutMs: PATIENT_MS, ...where, env: process.env });
  try {
    return { findings: detect(await readBasis(reader.db, new Date(now), zone), now) };
  } finally {
    await reader.close();
  }
}

const told = await looked().catch((error: unknown): Looked => {
  const { code, message } = asCoded(error);
  return { code, message };
});
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
parentPort!.postMessage(told);
