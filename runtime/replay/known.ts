/** Gathers what is known of letters, for many at a time: from the journal, the definitions, the running flows and Odoo. */
import { missingEntry } from '../dead/mapped.ts';
import { newerIn } from '../journal/newest.ts';
import type { Catalogue } from '../events/catalogue.ts';
import type { Ending, Evidence } from '../journal/evidence.ts';
import type { DeadLetter } from '../journal/journal.ts';
import type { Replays } from '../journal/replays.ts';
import type { Instance } from '../process/state.ts';
import type { ValueMaps } from '../values/value-maps.ts';
import type { Known } from './judge.ts';
import type { AskOdoo } from './odoo.ts';

/** Where the answers come from. */
export interface Witnesses {
  evidence: Evidence;
  replays: Pick<Replays, 'holds'>;
  catalogue: Pick<Catalogue, 'types' | 'get'>;
  values: Pick<ValueMaps, 'lookup' | 'names'>;
  /** The versions that run, by flow. */
  versions: ReadonlyMap<string, string>;
  /** The code of the outage, by queue; undefined where it is not known. */
  outages?: ReadonlyMap<string, string>;
  /** Left out where Odoo can not be asked. */
  odoo?: AskOdoo;
}

/** All of an order's processes in one of these: it is closed. */
const ended: ReadonlySet<string> = new Set(['done', 'cancelled', 'undone']);

/** `plan`: the run they are in themselves. What only the whole plan can tell, `older`, is left out. */
export async function known(
  witnesses: Witnesses,
  letters: readonly DeadLetter[],
  plan?: string,
): Promise<Map<string, Known>> {
  const { evidence, replays, odoo } = witnesses;
  const records = letters.flatMap(({ facts: { record } }) => (record === undefined ? [] : [String(record)]));
  const leading = flowsToIrreversible(witnesses);
  const newest = letters.filter((letter) => keepsNewest(witnesses, letter));
  const [endings, versions, processes, holds, noted, inOdoo] = await Promise.all([
    evidence.endings(
      letters.map(({ message }) => message.correlationid),
      letters.map(({ lastFailed }) => lastFailed).toSorted()[0] ?? '',
    ),
    evidence.versions(records),
    evidence.processes(letters.map(({ message }) => message.subject)),
    replays.holds(letters.map(({ id }) => id)),
    evidence.documents(
      'newest-event',
      newest.map(({ message }) => `${message.type}/${message.subject}`),
    ),
    odoo?.known(letters, witnesses.catalogue),
  ]);
  const runs = new Map(holds.filter((hold) => hold.plan !== plan).map((hold) => [hold.letter, hold.plan]));
  const byNumber = Map.groupBy(processes, ({ number }) => number);
  const byTransaction = Map.groupBy(endings, ({ correlationId }) => correlationId);
  return new Map(
    letters.map((letter) => {
      const { message, facts, code, flow, queue } = letter;
      const record = facts['record'] === undefined ? undefined : String(facts['record']);
      const version = record === undefined ? undefined : versions.get(record);
      const one: Known = {
        run: runs.get(letter.id),
        ended: endingOf(letter, byTransaction.get(message.correlationid) ?? []),
        landedVersion: version,
        newer: keepsNewest(witnesses, letter)
          ? newerIn(noted.get(`${message.type}/${message.subject}`), message)
          : undefined,
        process: closedBy(letter, byNumber.get(message.subject) ?? []),
        entry: missingEntry(letter, witnesses.values),
        predecessor:
          code === 'PREDECESSOR_MISSING' && record !== undefined ? version !== undefined : undefined,
        outage: witnesses.outages?.get(queue),
        version: witnesses.versions.get(flow),
        irreversible: eventOf(witnesses, letter)?.irreversible === true || leading.has(flow),
        ...inOdoo?.get(letter.id),
      };
      return [letter.id, one];
    }),
  );
}

function eventOf({ catalogue }: Pick<Witnesses, 'catalogue'>, { message: { type } }: DeadLetter) {
  return catalogue.types.includes(type) ? catalogue.get(type) : undefined;
}

/** Flows that publish what can not be taken back. */
function flowsToIrreversible({ catalogue }: Witnesses): Set<string> {
  const events = catalogue.types.map((type) => catalogue.get(type));
  return new Set(events.filter(({ irreversible }) => irreversible).map(({ owner }) => owner));
}

function keepsNewest(witnesses: Witnesses, letter: DeadLetter): boolean {
  return eventOf(witnesses, letter)?.keep === 'newest';
}

function endingOf({ message, flow, lastFailed }: DeadLetter, endings: readonly Ending[]): Known['ended'] {
  const own = endings.filter(
    (one) => one.flow === flow && one.subject === message.subject && one.time > lastFailed,
  );
  return own.find(({ outcome }) => outcome === 'landed') ?? own[0];
}

/** Undefined unless the order has processes, all have ended, and the last one after the message failed. */
function closedBy(
  { firstFailed }: DeadLetter,
  rows: readonly { process: string; state: string; body: string }[],
): Known['process'] {
  if (rows.length === 0 || rows.some(({ state }) => !ended.has(state))) return undefined;
  const last = rows
    .map(({ process, state, body }) => ({
      process,
      state,
      time: (JSON.parse(body) as Partial<Instance>).history?.at(-1)?.at ?? '',
    }))
    .toSorted((a, b) => (a.time < b.time ? 1 : -1))[0]!;
  return last.time > firstFailed ? last : undefined;
}
