/** Looks for what is odd in a thread of its own: what it reads and reckons holds up no webhook. */
import { extname } from 'node:path';
import { inThread, type Asked } from '../reader/aside.ts';
import type { Finding } from './finding.ts';

export type Wanted = Asked<{
  /** Milliseconds since 1970. */
  now: number;
  /** By whose hours and days partners work: Europe/Berlin. */
  zone: string;
}>;

/** Throws STORE_UNAVAILABLE. */
export function detectedAside(wanted: Wanted): Promise<Finding[]> {
  const script = new URL(`./worker${extname(import.meta.filename)}`, import.meta.url);
  return inThread(script, wanted, 'What looks odd cannot be looked for');
}
