/** Proposals for value maps against what the maps say: each that has its entry waits no longer. */
import { PROPOSALS_IN_A_PAGE, type EntryKey, type Proposals } from '../journal/proposals.ts';
import type { Meaning, ValueMaps } from '../values/value-maps.ts';

/** What the map says of it now; undefined also where there is no such map. */
export function entryFor(
  values: Pick<ValueMaps, 'find' | 'names'>,
  { map, value, source, article }: EntryKey,
): Meaning | undefined {
  if (!values.names.includes(map)) return undefined;
  return values.find(map, value, { ...(source !== '' && { source }), ...(article !== '' && { article }) });
}

/** Ends those whose value the maps have by now. Several may do so at once. */
export async function settleProposals(
  proposals: Proposals,
  values: Pick<ValueMaps, 'find' | 'names'>,
): Promise<void> {
  for (let page = await proposals.list('waiting'); ; page = await proposals.list('waiting', page.at(-1))) {
    for (const proposal of page) {
      const entry = entryFor(values, proposal);
      if (!entry) continue;
      const state = entry.to === proposal.target ? 'live' : 'other';
      await proposals.end(proposal.id, state, 'crossdock', new Date().toISOString());
    }
    if (page.length < PROPOSALS_IN_A_PAGE) return;
  }
}
