/** Counts the figures in a thread of its own: what it reads and reckons holds up no webhook. */
import { extname } from 'node:path';
import { inThread, type Asked } from '../reader/aside.ts';
import type { Figures, Span } from './figures.ts';

export type Wanted = Asked<{ definitionsDir: string; span: Span }>;

/** The same answer for so long. */
const FRESH_MS = 300_000;

/** Throws STORE_UNAVAILABLE, and CONFIG_INVALID where the objectives or other definitions cannot be read. */
export function countedAside(wanted: Wanted): Promise<Figures> {
  const script = new URL(`./worker${extname(import.meta.filename)}`, import.meta.url);
  return inThread(script, wanted, 'The figures cannot be counted');
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
