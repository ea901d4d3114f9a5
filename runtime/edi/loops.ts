/** Parts of a document: its head, its loops, and ids behind their qualifiers. */
import { CodedError } from '../errors/coded-error.ts';
import type { Segment } from './document.ts';

/**
 * One entry for each segment `tag`: its own elements, and in `segments` those that follow it, until the next one or
 * until a segment of `ends`.
 */
export function loops(segments: unknown, tag: unknown, ends: unknown): (Segment & { segments: Segment[] })[] {
  const over = new Set<unknown>([ends].flat());
  const found: (Segment & { segments: Segment[] })[] = [];
  let open = false;
  for (const one of [segments].flat() as (Segment | undefined)[]) {
    if (typeof one !== 'object' || one === null)
      throw new CodedError('MAPPING_FAILED', '$loops takes the segments of an EDI document');
    if (one['tag'] === tag) {
      found.push({ ...one, segments: [] } as unknown as Segment & { segments: Segment[] });
      open = true;
    } else if (over.has(one['tag'])) open = false;
    else if (open) found.at(-1)!.segments.push(one);
  }
  return found;
}

/** Of pairs of qualifier and id that begin at `first`, `PO106`: the id behind the first of these qualifiers that is there. */
export function qualified(segment: unknown, first: unknown, qualifiers: unknown): string | undefined {
  const [, tag = '', start = ''] = /^(\w+)(\d\d)$/.exec(String(first)) ?? [];
  const elements = (segment ?? {}) as Record<string, unknown>;
  const name = (at: number) => `${tag}${String(at).padStart(2, '0')}`;
  for (const qualifier of [qualifiers].flat())
    for (let at = Number(start); at < 40; at += 2) {
      const id = elements[name(at + 1)];
      if (elements[name(at)] === qualifier && typeof id === 'string') return id;
    }
  return undefined;
}

/** Of elements that are id and code, `FURN_7777:SA`: the first id with one of these codes. */
export function coded(segments: unknown, codes: unknown): string | undefined {
  const wanted = new Set<unknown>([codes].flat());
  const elements = ([segments ?? []].flat() as Segment[]).flatMap((one) => Object.values(one));
  const found = elements.find((element) => Array.isArray(element) && wanted.has(element[1]));
  return found?.[0] || undefined;
}

/** Those before the first segment `tag`: the head of an order. */
export function before(segments: unknown, tag: unknown): Segment[] {
  const all = [segments ?? []].flat() as Segment[];
  const at = all.findIndex((one) => one['tag'] === tag);
  return at < 0 ? all : all.slice(0, at);
}
