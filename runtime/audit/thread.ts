/** Reads the whole chain in a thread of its own: a million rows hold up no webhook. */
import { extname } from 'node:path';
import { inThread, type Asked } from '../tower/aside.ts';
import type { Link } from './chain.ts';
import type { Verdict } from './verify.ts';

export type Wanted = Asked<{ checkpoints: readonly Link[] }>;

/** Throws STORE_UNAVAILABLE. */
export function verifiedAside(wanted: Wanted): Promise<Verdict> {
  const script = new URL(`./worker${extname(import.meta.filename)}`, import.meta.url);
  return inThread(script, wanted, 'The audit cannot be read');
}
