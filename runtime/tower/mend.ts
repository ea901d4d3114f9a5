/** Fills a gap of a value map from an exception: at once where flows are made, elsewhere as a proposal that waits for a release. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lettersOf } from '../dead/letters.ts';
import { gapOf, releaseMapped } from '../dead/mapped.ts';
import type { DeadStores } from '../dead/decide.ts';
import { CodedError } from '../errors/coded-error.ts';
import { replaceFile } from '../files/durable.ts';
import type { Hub } from '../hub/hub.ts';
import type { Journal } from '../journal/journal.ts';
import type { EntryKey, Proposals } from '../journal/proposals.ts';
import type { ProposalRow } from '../journal/tables.ts';
import type { Odoo } from '../odoo/client.ts';
import { withEntry } from '../values/add-entry.ts';
import { inTurn } from '../files/serial.ts';
import { entryFor } from '../dead/proposals.ts';
import type { Entry, ValueMaps } from '../values/value-maps.ts';
import { leadsSomewhere } from './candidates.ts';

export interface Mending {
  hub: DeadStores & Pick<Hub, 'definitionsDir' | 'values'>;
  /** Flows and definitions are made here, and this is no production: an entry goes live at once. */
  atOnce(): boolean;
  /** What stands in the files runs when it resolves. Throws why it cannot. */
  take(): Promise<void>;
  /** Of a flow that runs. */
  odoo(): Odoo | undefined;
  /** Throws where whoever asks may not say what stands in this map. */
  demand?(map: string): void;
}

export interface Wanted extends EntryKey {
  to: string;
  factor?: string | undefined;
  letter?: string | undefined;
}

export interface Mended {
  proposal: ProposalRow;
  /** Messages that waited for it and go on by themselves now; none while it waits itself. */
  goOn: number;
}

/**
 * Throws ENTRY_EXISTS where the map has one or one waits, REQUEST_INVALID for an entry that cannot be, and what keeps
 * the definitions from running; then the file is as it was.
 */
export async function mend(mending: Mending, wanted: Wanted, by: string): Promise<Mended> {
  const { hub } = mending;
  const { map, to } = wanted;
  if (!hub.values.names.includes(map)) throw invalid(`There is no value map ${map}`);
  mending.demand?.(map);
  refuseKnown(hub.values, wanted);
  await refuseWaiting(hub.journal.proposals, wanted);
  if ((await leadsSomewhere(mending.odoo(), map, to)) === false) throw invalid(`Odoo has no ${map} '${to}'`);
  const file = fileOf(hub, map);
  const text = await readFile(file, 'utf8');
  const next = checked(file, text, wanted);
  const proposal = proposed(wanted, by);
  if (!mending.atOnce()) {
    if (!(await hub.journal.proposals.add(proposal))) await refuseWaiting(hub.journal.proposals, wanted);
    return { proposal, goOn: 0 };
  }
  const goOn = await waitingFor(hub.journal, wanted);
  await inTurn(() => writeEntry(mending, { file, text, next, wanted }));
  const ended = { state: 'live', ended: new Date().toISOString(), ended_by: by } as const;
  await hub.journal.proposals.add({ ...proposal, ...ended });
  // What is not sent now the hub sends with its next look at the value maps.
  await releaseMapped(hub, hub.values).catch(() => {});
  return { proposal: { ...proposal, ...ended }, goOn };
}

async function waitingFor(journal: Journal, { map, value, source, article }: Wanted): Promise<number> {
  let count = 0;
  for (const code of ['VALUE_UNMAPPED', 'PRODUCT_UNKNOWN'])
    for await (const letter of lettersOf(journal, { state: 'open', code })) {
      const gap = typeof letter === 'string' ? undefined : gapOf(letter);
      const same = gap?.map === map && gap.value.trim() === value.trim();
      if (same && ['', gap.source].includes(source) && ['', gap.article].includes(article)) count += 1;
    }
  return count;
}

/** Throws PROPOSAL_UNKNOWN. */
export async function withdraw(proposals: Proposals, id: string, by: string): Promise<ProposalRow> {
  const done = await proposals.end(id, 'withdrawn', by, new Date().toISOString());
  const proposal = await proposals.get(id);
  if (done && proposal) return proposal;
  const why = proposal ? `It is ${proposal.state} since ${proposal.ended}, by ${proposal.ended_by}` : '';
  throw new CodedError('PROPOSAL_UNKNOWN', why || `There is no proposal ${id}`, { id });
}

export function fileOf({ definitionsDir }: Pick<Hub, 'definitionsDir'>, map: string): string {
  return join(definitionsDir, 'values', `${map}.yaml`);
}

interface Writing {
  file: string;
  text: string;
  next: string;
  wanted: Wanted;
}

async function writeEntry(mending: Mending, { file, text, next, wanted }: Writing): Promise<void> {
  refuseKnown(mending.hub.values, wanted);
  const now = await readFile(file, 'utf8');
  const written = now === text ? next : checked(file, now, wanted);
  await replaceFile(file, written);
  try {
    await mending.take();
    if (!entryFor(mending.hub.values, wanted))
      throw new CodedError('CONFIG_INVALID', 'The definitions cannot run as they stand; the log says why');
  } catch (error) {
    if ((await readFile(file, 'utf8')) === written) await replaceFile(file, now);
    throw error;
  }
}

function checked(file: string, text: string, wanted: Wanted): string {
  try {
    return withEntry(file, text, entryOf(wanted));
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    // It says the folder of the hub, and means what the person has written.
    throw invalid(error.message.replaceAll(file, `The value map ${wanted.map}`));
  }
}

function entryOf({ value, to, factor, article, source }: Wanted): Entry {
  return {
    from: value.trim(),
    to: to.trim(),
    ...(factor !== undefined && { factor }),
    ...(article !== '' && { article }),
    ...(source !== '' && { source }),
  };
}

function proposed({ map, value, source, article, to, factor, letter }: Wanted, by: string): ProposalRow {
  return {
    id: randomUUID(),
    map,
    value: value.trim(),
    source,
    article,
    target: to.trim(),
    factor: factor ?? null,
    state: 'waiting',
    made: new Date().toISOString(),
    made_by: by,
    letter: letter ?? null,
    ended: null,
    ended_by: null,
  };
}

function refuseKnown(values: ValueMaps, wanted: Wanted): void {
  const known = entryFor(values, wanted);
  if (!known) return;
  const { map, value } = wanted;
  const message = `The value map ${map} has '${value}' by now: it is ${known.to}`;
  throw new CodedError('ENTRY_EXISTS', message, { map, value, to: known.to });
}

async function refuseWaiting(proposals: Proposals, wanted: Wanted): Promise<void> {
  const waiting = await proposals.waitingFor({ ...wanted, value: wanted.value.trim() });
  if (!waiting) return;
  const { target: to, made_by: by, id } = waiting;
  const message = `${by} has proposed '${wanted.value}' to be ${to}; that waits for a release`;
  throw new CodedError('ENTRY_EXISTS', message, { to, by, id });
}

function invalid(message: string): CodedError {
  return new CodedError('REQUEST_INVALID', message);
}
