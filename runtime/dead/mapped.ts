/** Sends again what failed for want of an entry in a value map, once the map has it. */
import type { Logger } from 'pino';
import { asCoded } from '../errors/coded-error.ts';
import type { DeadLetter, Decision } from '../journal/journal.ts';
import { settleProposals } from './proposals.ts';
import type { LookupOptions, ValueMaps } from '../values/value-maps.ts';
import type { DeadStores } from './decide.ts';
import { lettersOf } from './letters.ts';
import { replayOne } from './replay.ts';

/** The codes of what waits for an entry. */
const waiting: readonly string[] = ['VALUE_UNMAPPED', 'PRODUCT_UNKNOWN'];

/** Sends again what waited for these value maps, each time they are others; where that fails, the next call does it. */
export function mappedReleases(
  stores: DeadStores,
  log: Pick<Logger, 'info' | 'warn'>,
): (values: Pick<ValueMaps, 'find' | 'lookup' | 'names'>) => Promise<void> {
  let done: object | undefined;
  let releasing = false;
  return async (values) => {
    if (values === done || releasing) return;
    releasing = true;
    try {
      await settleProposals(stores.journal.proposals, values);
      const count = await releaseMapped(stores, values);
      done = values;
      if (count > 0) log.info({ count }, 'Messages that waited for a value map are sent again');
    } catch (error) {
      log.warn({ err: error }, 'What waits for a value map is sent again later');
    } finally {
      releasing = false;
    }
  };
}

/** How many. Several may do so at once. Throws BROKER_UNAVAILABLE and STORE_UNAVAILABLE; the rest stays open then. */
export async function releaseMapped(
  stores: DeadStores,
  values: Pick<ValueMaps, 'lookup' | 'names'>,
): Promise<number> {
  let released = 0;
  for (const code of waiting)
    for await (const letter of lettersOf(stores.journal, { state: 'open', code }))
      if (typeof letter !== 'string' && (await release(stores, letter, values))) released += 1;
  return released;
}

const reasonOf = ({ map, value }: { map: string; value: string }): string =>
  `The value map ${map} has ${value} now`;

/** The value map that was mended, where a decision says so. */
export function mendedMap({ by, reason = '' }: Pick<Decision, 'by' | 'reason'>): string | undefined {
  return by === 'crossdock' ? /^The value map (\S+) has .+ now$/s.exec(reason)?.[1] : undefined;
}

async function release(
  stores: DeadStores,
  letter: DeadLetter,
  values: Pick<ValueMaps, 'lookup' | 'names'>,
): Promise<boolean> {
  const entry = missingEntry(letter, values);
  if (!entry?.there) return false;
  try {
    await replayOne(stores, letter, { by: 'crossdock', reason: reasonOf(entry) });
    return true;
  } catch (error) {
    if (asCoded(error).row.owner === 'operations') throw error;
    return false;
  }
}

/** What a value map had no entry for. */
export interface Gap extends Pick<LookupOptions, 'source' | 'article'> {
  map: string;
  value: string;
}

/** Undefined for a letter that waits for something else. */
export function gapOf(letter: DeadLetter): Gap | undefined {
  if (letter.code !== 'VALUE_UNMAPPED' && letter.code !== 'PRODUCT_UNKNOWN') return undefined;
  const { map = 'product', value = letter.facts.sku, source = sourceOf(letter), article } = letter.facts;
  if (value === undefined) return undefined;
  return {
    map: String(map),
    value: String(value),
    ...(source !== undefined && { source: String(source) }),
    ...(article !== undefined && { article: String(article) }),
  };
}

/** The entry of a value map for want of which it failed, and whether the map has it now; undefined for other failures. */
export function missingEntry(
  letter: DeadLetter,
  values: Pick<ValueMaps, 'lookup' | 'names'>,
): { map: string; value: string; there: boolean } | undefined {
  const { map, value, ...options } = gapOf(letter) ?? { map: '', value: '' };
  if (!values.names.includes(map)) return undefined;
  return { map, value, there: values.lookup(map, value, options) !== undefined };
}

function sourceOf({ message: { data } }: DeadLetter): string | undefined {
  const source = (data as { source?: unknown } | null)?.source;
  return typeof source === 'string' ? source : undefined;
}
