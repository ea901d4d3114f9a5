/** Reads the whole chain, or the steps of a time, in a thread of its own: a million rows hold up no webhook. */
import { extname } from 'node:path';
import { inThread, type Asked } from '../../reader/aside.ts';
import type { Link } from '../chain.ts';
import type { Sealed, Span } from './steps.ts';
import type { Verdict } from './verify.ts';

export type Wanted = Asked<{ checkpoints: readonly Link[] }>;

const scriptOf = (name: string): URL => new URL(`./${name}${extname(import.meta.filename)}`, import.meta.url);

/** Throws STORE_UNAVAILABLE. */
export function verifiedAside(wanted: Wanted): Promise<Verdict> {
  return inThread(scriptOf('worker'), wanted, 'The audit cannot be read');
}

/** Throws STORE_UNAVAILABLE. */
export function sealedAside(wanted: Asked<{ span: Span }>): Promise<Sealed> {
  return inThread(scriptOf('seal-worker'), wanted, 'The steps cannot be read');
}
