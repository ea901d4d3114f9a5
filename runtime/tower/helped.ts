/** The page of an error code: what it means, who acts, and what helped the last times it happened here. */
import type { Kysely } from 'kysely';
import { CodedError } from '../errors/coded-error.ts';
import { codeOf, codes } from '../errors/codes.ts';
import type { ErrorCode } from '../errors/row.ts';
import type { Envelope } from '../envelope/envelope.ts';
import type { Decision } from '../journal/journal.ts';
import { stored, type Tables } from '../journal/tables.ts';

export interface Runbook extends ErrorCode {
  code: string;
  /** What to do, a sentence each. */
  steps: string[];
  /** Open exceptions with this code; 1000 at the most. */
  open: number;
  helped: Helped[];
}

/** What one person, or the hub, did about exceptions with the code at one time. */
export interface Helped {
  time: string;
  by: string;
  what: 'replayed' | 'discarded';
  reason?: string;
  /** Fields of the data that were changed before. */
  changed?: readonly string[];
  /** How many exceptions it was done to. */
  letters: number;
  /** Of the first 20 of those replayed: whose work stands in the target now. */
  landed: number;
  looked: number;
  /** The flow had another version when they landed. */
  flow?: { name: string; before: string; after: string };
}

const times = 5;
/** Decided letters that are looked at, of each kind. */
const recent = 300;
const sample = 20;

/** Throws REQUEST_INVALID for a code that the table does not have. */
export async function runbook(db: Kysely<Tables>, said: string): Promise<Runbook> {
  const code = codeOf(said);
  if (!code) throw new CodedError('REQUEST_INVALID', `There is no error code ${said}`);
  const row = codes[code];
  const [open, helped] = await Promise.all([openOf(db, code), helpedOf(db, code)]);
  return { code, ...row, steps: stepsOf(row.action), open, helped };
}

/** Its sentences, and the parts of those that are put together with a semicolon. */
export function stepsOf(action: string): string[] {
  return action
    .split(/(?<=[.])\s+|;\s+/)
    .map((one) => one.trim().replace(/[.]$/, ''))
    .filter((one) => one !== '')
    .map((one) => `${one.charAt(0).toUpperCase()}${one.slice(1)}.`);
}

async function openOf(db: Kysely<Tables>, code: string): Promise<number> {
  const rows = await stored(() =>
    db
      .selectFrom('dead_letter')
      .select('id')
      .where('state', '=', 'open')
      .where('code', '=', code)
      .limit(1000)
      .execute(),
  );
  return rows.length;
}

interface Decided {
  id: string;
  flow: string;
  version: string;
  what: Helped['what'];
  decision: Decision;
}

async function helpedOf(db: Kysely<Tables>, code: string): Promise<Helped[]> {
  const all = [...(await decidedOf(db, code, 'replayed')), ...(await decidedOf(db, code, 'discarded'))];
  // What was done to many at once was done within a minute.
  const groups = Map.groupBy(all, ({ what, decision: { by, reason, changed, time } }) =>
    JSON.stringify([what, by, reason, changed, time.slice(0, 16)]),
  );
  const newest = [...groups.values()].toSorted((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1)).slice(0, times);
  return Promise.all(newest.map((group) => told(db, group)));
}

async function decidedOf(db: Kysely<Tables>, code: string, what: Helped['what']): Promise<Decided[]> {
  const rows = await stored(() =>
    db
      .selectFrom('dead_letter')
      .select(['id', 'flow', 'flow_version', 'decision'])
      .where('state', '=', what)
      .where('code', '=', code)
      .orderBy('last_failed', 'desc')
      .limit(recent)
      .execute(),
  );
  return rows.flatMap(({ id, flow, flow_version: version, decision }) =>
    decision === null ? [] : [{ id, flow, version, what, decision: JSON.parse(decision) as Decision }],
  );
}

function timeOf(group: readonly Decided[]): string {
  return group.reduce((last, { decision }) => (decision.time > last ? decision.time : last), '');
}

async function told(db: Kysely<Tables>, group: readonly Decided[]): Promise<Helped> {
  const [{ what, decision, flow, version }] = group as [Decided];
  const looked = what === 'replayed' ? group.slice(0, sample) : [];
  const landings = await landingsOf(db, looked);
  const after = [...landings.values()].find((landed) => landed !== version);
  return {
    time: timeOf(group),
    by: decision.by,
    what,
    ...(decision.reason !== undefined && { reason: decision.reason }),
    ...(decision.changed && { changed: decision.changed }),
    letters: group.length,
    landed: landings.size,
    looked: looked.length,
    ...(after !== undefined && { flow: { name: flow, before: version, after } }),
  };
}

/** The version of the flow that landed each, by the id of the letter; what did not land is not in it. */
async function landingsOf(db: Kysely<Tables>, letters: readonly Decided[]): Promise<Map<string, string>> {
  if (letters.length === 0) return new Map();
  const ids = letters.map(({ id }) => id);
  const rows = await stored(() =>
    db.selectFrom('dead_letter').select(['id', 'message']).where('id', 'in', ids).execute(),
  );
  const correlations = new Map(
    rows.map(({ id, message }) => [id, (JSON.parse(message) as Envelope).correlationid]),
  );
  const steps = await stored(() =>
    db
      .selectFrom('step')
      .select(['correlation_id', 'flow', 'flow_version', 'time'])
      .where('correlation_id', 'in', [...correlations.values()])
      .where('outcome', '=', 'landed')
      .execute(),
  );
  const found = letters.flatMap(({ id, flow, decision }): [string, string][] => {
    const step = steps.find(
      (one) => one.correlation_id === correlations.get(id) && one.flow === flow && one.time >= decision.time,
    );
    return step ? [[id, step.flow_version]] : [];
  });
  return new Map(found);
}
