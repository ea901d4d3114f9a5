/** Value maps for who keeps them: which there are, and the values that open exceptions wait for. */
import { gapOf } from '../dead/mapped.ts';
import { lettersOf } from '../dead/letters.ts';
import type { Hub } from '../hub/hub.ts';
import { fileOf } from '../tower/mend.ts';
import { modelOf } from '../tower/candidates.ts';
import { readValueMap } from '../values/value-maps.ts';

export interface WaitingValue {
  map: string;
  value: string;
  source: string;
  article: string;
  /** Open exceptions for want of it. */
  count: number;
  /** One of them. */
  letter: string;
}

export interface MapRow {
  name: string;
  owner: string;
  summary: string;
  entries: number;
  /** Values without an entry that exceptions wait for. */
  waiting: number;
  /** Of Odoo, where it leads there. */
  model?: string;
}

export async function valueMapRows(
  hub: Pick<Hub, 'values' | 'definitionsDir' | 'journal'>,
): Promise<MapRow[]> {
  const waiting = await waitingValues(hub);
  return hub.values.names.map((name) => {
    const { owner, summary, entries } = readValueMap(fileOf(hub, name));
    const model = modelOf(name);
    return {
      name,
      owner,
      summary,
      entries: entries.length,
      waiting: waiting.filter(({ map }) => map === name).length,
      ...(model && { model }),
    };
  });
}

const most = 2000;

/** The ones that most wait for, first. Of very many exceptions the first 2000 of each code are counted. */
export async function waitingValues(
  { journal, values }: Pick<Hub, 'values' | 'journal'>,
  of?: string,
): Promise<WaitingValue[]> {
  const found = new Map<string, WaitingValue>();
  for (const code of ['VALUE_UNMAPPED', 'PRODUCT_UNKNOWN']) {
    let seen = 0;
    for await (const letter of lettersOf(journal, { state: 'open', code })) {
      if ((seen += 1) > most) break;
      const gap = typeof letter === 'string' ? undefined : gapOf(letter);
      if (!gap || typeof letter === 'string' || (of !== undefined && gap.map !== of)) continue;
      const { map, value, source = '', article = '' } = gap;
      if (values.names.includes(map) && values.find(map, value, gap)) continue;
      const key = JSON.stringify([map, value, source, article]);
      const one = found.get(key) ?? { map, value, source, article, count: 0, letter: letter.id };
      found.set(key, { ...one, count: one.count + 1 });
    }
  }
  return [...found.values()].toSorted((a, b) => b.count - a.count);
}
