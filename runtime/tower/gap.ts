/** The gap of a value map that an exception is for: which value of which partner, who waits for it, and what is known of it. */
import type { Kysely } from 'kysely';
import { gapOf } from '../dead/mapped.ts';
import { CodedError } from '../errors/coded-error.ts';
import type { DeadLetter } from '../journal/journal.ts';
import type { EntryKey } from '../journal/proposals.ts';
import { stored, type Tables, type ProposalRow } from '../journal/tables.ts';
import { entryFor } from '../dead/proposals.ts';
import { readValueMap, type Meaning } from '../values/value-maps.ts';
import { modelOf } from './candidates.ts';
import { fileOf, type Mending } from './mend.ts';

export interface GapView extends EntryKey {
  /** Who answers for the value map, and what it is for. */
  owner: string;
  summary: string;
  /** The model of Odoo it leads to; missing where it leads elsewhere. */
  model?: string;
  /** What its entries say already, the most frequent first. */
  words: string[];
  /** Other values that lead to this one: then it is their entry that is wrong. */
  ledFrom: string[];
  /** Exceptions that are open for want of the same, this one with them; 1000 at the most. */
  waiting: number;
  /** An entry goes live at once here; else it waits for a release. */
  atOnce: boolean;
  /** It has an entry by now. */
  entry?: Meaning;
  /** Somebody has proposed one. */
  proposal?: ProposalRow;
}

/** Throws REQUEST_INVALID where the exception waits for something else, or the map is not there any more. */
export async function gapView(db: Kysely<Tables>, mending: Mending, letter: DeadLetter): Promise<GapView> {
  const { hub } = mending;
  const gap = gapOf(letter);
  if (!gap || !hub.values.names.includes(gap.map))
    throw new CodedError('REQUEST_INVALID', 'This exception is not for want of an entry in a value map');
  const { map, value, source = '', article = '' } = gap;
  const key = { map, value, source, article };
  const { owner, summary, entries } = readValueMap(fileOf(hub, map));
  const counts = Map.groupBy(entries, ({ to }) => to);
  const words = [...counts].toSorted(([, a], [, b]) => b.length - a.length).map(([to]) => to);
  const model = modelOf(map);
  const entry = entryFor(hub.values, key);
  const proposal = await proposalFor(mending, key);
  return {
    ...key,
    owner,
    summary,
    ...(model && { model }),
    words: words.slice(0, 50),
    ledFrom: (counts.get(value) ?? []).map(({ from }) => from),
    waiting: await waitingFor(db, letter.code, gap),
    atOnce: mending.atOnce(),
    ...(entry && { entry }),
    ...(proposal && { proposal }),
  };
}

/** Also one for all partners, or for all articles. */
async function proposalFor({ hub }: Mending, key: EntryKey): Promise<ProposalRow | undefined> {
  for (const source of new Set([key.source, '']))
    for (const article of new Set([key.article, ''])) {
      const found = await hub.journal.proposals.waitingFor({ ...key, source, article });
      if (found) return found;
    }
  return undefined;
}

async function waitingFor(
  db: Kysely<Tables>,
  code: string,
  { map, value }: { map: string; value: string },
): Promise<number> {
  const rows = await stored(() =>
    db
      .selectFrom('dead_letter')
      .select('facts')
      .where('state', '=', 'open')
      .where('code', '=', code)
      .orderBy('last_failed')
      .limit(1000)
      .execute(),
  );
  return rows.filter(({ facts }) => {
    const known = JSON.parse(facts) as DeadLetter['facts'];
    return String(known.map ?? 'product') === map && String(known.value ?? known.sku) === value;
  }).length;
}
