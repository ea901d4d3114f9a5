/** Judges whether a message may be sent again. Pure: what is known of it in, verdict and reason out. */
import { codeOf, codes } from '../errors/codes.ts';
import type { DeadLetter } from '../journal/journal.ts';

export const verdicts = [
  'safe',
  'decided', // replayed, discarded or parked meanwhile, or in another run
  'landed', // its work stands already
  'superseded', // a newer version has landed
  'stale', // the process of its order has ended since
  'cause-open', // what made it fail is as it was
  'out-of-order', // an older one of its key waits, and is not sent before it
  'closed-period', // the books of its date are closed
  'irreversible', // money, or a partner that is told
] as const;
export type Verdict = (typeof verdicts)[number];

/** Why, as a key of the texts and what stands in the sentence. */
export interface Why {
  key: string;
  [fact: string]: string;
}

export interface Judged {
  verdict: Verdict;
  why: Why;
}

/** What is known of a letter beside itself; what is left out is not known. */
export interface Known {
  /** Another run that it is in. */
  run?: string | undefined;
  /** The same transaction's work in its flow ended well after it failed. */
  ended?: { time: string; outcome: string; reference?: string } | undefined;
  /** Its record in Odoo, which is finished: `sale.order/42`. */
  standing?: string | undefined;
  /** Of its record, the newest version that has landed. */
  landedVersion?: string | undefined;
  /** A newer message of which only the newest counts. */
  newer?: string | undefined;
  /** All processes of its order, each ended after it failed. */
  process?: { process: string; state: string; time: string } | undefined;
  /** The entry of a value map that it needs. */
  entry?: { map: string; value: string; there: boolean } | undefined;
  /** Odoo has a product of its SKU. */
  product?: boolean | undefined;
  /** The record that it waits for has landed. */
  predecessor?: boolean | undefined;
  /** The code of the outage that its queue is in. */
  outage?: string | undefined;
  /** Of its flow, now. */
  version?: string | undefined;
  /** An older letter of its key that waits, and is not sent before it. */
  older?: string | undefined;
  irreversible: boolean;
  /** Of the booking, where it makes one. */
  date?: string | undefined;
  /** Nothing is booked until this day, this one included. */
  lockDate?: string | undefined;
}

export function judge(letter: DeadLetter, known: Known): Judged {
  return (
    decided(letter, known) ??
    landed(letter, known) ??
    stale(known) ??
    causeOpen(letter, known) ??
    hindered(known) ?? { verdict: 'safe', why: hopeOf(letter, known) }
  );
}

function decided({ state }: DeadLetter, { run }: Known): Judged | undefined {
  if (state !== 'open') return { verdict: 'decided', why: { key: 'not-open', state } };
  if (run !== undefined) return { verdict: 'decided', why: { key: 'in-run', run } };
  return undefined;
}

function landed({ facts }: DeadLetter, known: Known): Judged | undefined {
  const { ended, standing, landedVersion, newer } = known;
  const { record = '', version = '' } = facts;
  if (ended?.outcome === 'superseded')
    return { verdict: 'superseded', why: { key: 'passed-over', time: ended.time } };
  if (ended)
    return {
      verdict: 'landed',
      why: { key: 'ended', time: ended.time, reference: ended.reference ?? ended.outcome },
    };
  if (version !== '' && landedVersion !== undefined) {
    const order = Buffer.compare(Buffer.from(landedVersion), Buffer.from(String(version)));
    const why = { record: String(record), version: String(version), landed: landedVersion };
    if (order === 0) return { verdict: 'landed', why: { key: 'same-version-landed', ...why } };
    if (order > 0) return { verdict: 'superseded', why: { key: 'newer-version', ...why } };
  }
  if (newer !== undefined) return { verdict: 'superseded', why: { key: 'newer-event', event: newer } };
  if (standing !== undefined) return { verdict: 'landed', why: { key: 'in-odoo', reference: standing } };
  return undefined;
}

function stale({ process }: Known): Judged | undefined {
  return process && { verdict: 'stale', why: { key: 'process-ended', ...process } };
}

function causeOpen({ code, flowVersion, facts }: DeadLetter, known: Known): Judged | undefined {
  const open = (why: Why): Judged => ({ verdict: 'cause-open', why });
  const { entry, product, predecessor, outage, version } = known;
  if (outage !== undefined) return open({ key: 'outage', code: outage });
  if (entry && !entry.there && product !== true)
    return open({ key: 'map-gap', map: entry.map, value: entry.value });
  if (predecessor === false) return open({ key: 'predecessor', record: String(facts['record']) });
  const repaired = entry?.there || product === true || predecessor === true;
  if (repaired || passes(code)) return undefined;
  if (version === flowVersion) return open({ key: 'same-flow', code, version });
  return undefined;
}

function hindered({ older, date, lockDate, irreversible }: Known): Judged | undefined {
  if (older !== undefined) return { verdict: 'out-of-order', why: { key: 'older-waits', letter: older } };
  if (date !== undefined && lockDate !== undefined && date <= lockDate)
    return { verdict: 'closed-period', why: { key: 'books-closed', date, lockDate } };
  if (irreversible) return { verdict: 'irreversible', why: { key: 'irreversible' } };
  return undefined;
}

/** Why it should go well this time. */
function hopeOf({ code, flowVersion }: DeadLetter, { entry, version, product, predecessor }: Known): Why {
  if (entry?.there) return { key: 'map-filled', map: entry.map, value: entry.value };
  if (product) return { key: 'product-there' };
  if (predecessor) return { key: 'predecessor-landed' };
  if (passes(code)) return { key: 'passes', code };
  if (version === undefined) return { key: 'version-unknown', code };
  return { key: 'newer-flow', from: flowVersion, to: version };
}

/** The same message can succeed later without a change. */
function passes(code: string): boolean {
  const known = codeOf(code);
  return known !== undefined && codes[known].retryable;
}
