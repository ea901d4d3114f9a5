/** Sends what partners really send to a running hub and reads from the real Odoo what became of it: the table partner × question. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openJournal, profileOf } from '../../../runtime/stores/profile.ts';
import type { Journal } from '../../../runtime/journal/journal.ts';
import type { Odoo } from '../../../runtime/odoo/client.ts';
import type { HubAt } from '../order-to-cash.ts';
import type { Kind, Step } from './kinds.ts';
import { differences, readBooked, readSeen, unbooked, type Booked, type Seen } from './seen.ts';
import type { Sent, World } from './world.ts';

export type Verdict = 'right' | 'refused_clearly' | 'wrong';

export interface Outcome {
  kind: Kind;
  verdict: Verdict;
  /** Why it is wrong, or with which code it was refused. */
  why: string[];
}

export interface FieldRun {
  odoo: Odoo;
  hub: Pick<HubAt, 'url' | 'dataDir' | 'env'>;
  world: World;
  kinds: readonly Kind[];
  /** How long a kind may take to become right. */
  withinMs: number;
}

/** How long nothing may change before what must not happen counts as not happened. */
const quietMs = 12_000;

export async function field(run: FieldRun): Promise<Outcome[]> {
  const { env, dataDir } = run.hub;
  const journal = await openJournal({ profile: profileOf(env), dataDir, env });
  const numbers = run.kinds.flatMap(numbersOf);
  const sent = new Map<Kind, Sent[]>(run.kinds.map((kind) => [kind, []]));
  const payments = run.kinds.flatMap(({ booked = {} }) => Object.keys(booked));
  let state: State = { seen: new Map(), booked: new Map(), waiting: new Map() };
  const look = async () => {
    const seen = await readSeen(run.odoo, numbers);
    const booked = await readBooked(run.odoo, payments);
    state = { seen, booked, waiting: await waitingOf(journal, sent) };
  };
  const judge = () => run.kinds.map((kind) => verdict(kind, state, sent.get(kind)!, run.world));

  let sending = run.kinds.length;
  for (const [at, kind] of run.kinds.entries())
    void sleep(at * 60)
      .then(() => live(run, kind, sent.get(kind)!, () => state))
      .catch((error: unknown) => sent.get(kind)!.push({ status: 0, code: String(error), id: '' }))
      .finally(() => (sending -= 1));
  const end = Date.now() + run.withinMs;
  for (let quietSince = Date.now(); Date.now() < end; await sleep(1000)) {
    // Odoo ends a worker now and then; the next look has it.
    await look().catch(() => {});
    if (sending > 0 || judge().some((one) => one.verdict === 'wrong')) quietSince = Date.now();
    else if (Date.now() - quietSince > quietMs) break;
  }
  await look();
  await journal.close();
  return judge();
}

interface State {
  seen: Map<string, Seen>;
  booked: Booked;
  /** What waits for a person. */
  waiting: Map<Kind, Waiting[]>;
}

interface Waiting {
  code: string;
  reason: string;
}

async function live(run: FieldRun, kind: Kind, sent: Sent[], state: () => State): Promise<void> {
  for (const step of kind.steps) {
    await until(run, () => holds(kind, step, state()), `${kind.kind}: before ${step.to}`);
    sent.push(await run.world.send(run.hub.url(), step));
  }
}

function holds(kind: Kind, { when, after }: Step, { seen, waiting }: State): boolean {
  if (after) return waiting.get(kind)?.some(({ code }) => code === after) ?? false;
  if (!when) return true;
  const { order = numbersOf(kind)[0]!, ...expected } = when;
  return differences(expected, seen.get(order)).length === 0;
}

async function until({ withinMs }: FieldRun, fits: () => boolean, what: string): Promise<void> {
  for (const end = Date.now() + withinMs * 0.8; !fits(); await sleep(300))
    if (Date.now() > end) throw new Error(`${what}: it never came so far`);
}

function numbersOf({ right, steps }: Kind): string[] {
  return [...Object.keys(right ?? {}), ...steps.flatMap(({ when }) => when?.order ?? [])];
}

/** The exceptions of what each kind sent, by the transaction that its webhooks began. */
async function waitingOf(journal: Journal, sent: Map<Kind, Sent[]>): Promise<Map<Kind, Waiting[]>> {
  const letters = (await journal.letters({ limit: 10_000 })).filter(({ state }) =>
    ['open', 'parked'].includes(state),
  );
  return new Map(
    [...sent].map(([kind, all]) => {
      const ids = new Set(all.map(({ id }) => id));
      const own = letters.filter(({ message }) => ids.has(message.correlationid));
      return [kind, own.map(({ code, reason }) => ({ code, reason }))];
    }),
  );
}

function verdict(
  kind: Kind,
  { seen, booked, waiting: all }: State,
  sent: readonly Sent[],
  world: World,
): Outcome {
  const { right = {}, exceptions = [], refused, answers = {}, status } = kind;
  const waiting = all.get(kind) ?? [];
  const told = [
    ...waiting.map(({ code }) => code),
    ...sent.filter((one) => one.status >= 400).map(({ code }) => code),
  ];
  const answered = Object.entries(answers).flatMap(([type, words]) => answerError(world, kind, type, words));
  const last = sent.at(-1)?.status;
  const wrong = [
    ...(sent.length < kind.steps.length ? ['not all of it could be sent'] : []),
    ...Object.entries(right).flatMap(([number, expected]) =>
      differences(expected, seen.get(number)).map((why) => `${number} ${why}`),
    ),
    ...unbooked(kind.booked ?? {}, booked),
    ...exceptions.filter((code) => !told.includes(code)).map((code) => `${code} is not told`),
    ...answered,
    ...(status !== undefined && status !== last ? [`answered ${last}, must be ${status}`] : []),
  ];
  if (refused) {
    const with_ = refused.filter((code) => told.includes(code) || byEdi(world, kind, code));
    if (with_.length === 0) wrong.push(`not refused; ${told.join(', ') || 'nothing waits'}`);
    return {
      kind,
      verdict: wrong.length > 0 ? 'wrong' : 'refused_clearly',
      why: wrong.length > 0 ? wrong : with_,
    };
  }
  const unexpected = told.filter((code) => !exceptions.includes(code));
  const reasons = new Map(waiting.map(({ code, reason }) => [code, reason]));
  wrong.push(...unexpected.map((code) => `${code} waits: ${reasons.get(code) ?? 'refused at once'}`));
  return { kind, verdict: wrong.length > 0 ? 'wrong' : 'right', why: wrong };
}

function answerError(world: World, kind: Kind, type: string, words: string | false): string[] {
  const own = ownAnswers(world, kind).filter((one) => one.type === type);
  if (words === false) return own.length > 0 ? [`a ${type} went out: ${own[0]!.text.slice(-200)}`] : [];
  return own.some(({ text }) => text.includes(words))
    ? []
    : [`no ${type} with ${words}; ${own.map(({ text }) => text.slice(106)).join(' ') || 'there is none'}`];
}

/** Those that name a control number or an order of the kind. */
function ownAnswers({ out }: World, { n }: Kind): World['out'] {
  return out.filter(({ text }) => text.includes(n));
}

/** `997 R`, `CONTRL 4`: a rejection that the sender gets. */
function byEdi(world: World, kind: Kind, code: string): boolean {
  const [type, ...words] = code.split(' ');
  return ownAnswers(world, kind).some((one) => one.type === type && one.text.includes(words.join(' ')));
}

/** Partner × question: how many kinds were right, refused, wrong. */
export function table(outcomes: readonly Outcome[]): string {
  const partners = [...new Set(outcomes.map(({ kind }) => kind.partner))];
  const questions = [...new Set(outcomes.map(({ kind }) => kind.question))];
  const cell = (partner: string, question: string): string => {
    const own = outcomes.filter(({ kind }) => kind.partner === partner && kind.question === question);
    const count = (verdict: Verdict) => own.filter((one) => one.verdict === verdict).length;
    const parts = [
      [count('right'), 'right'],
      [count('refused_clearly'), 'refused'],
      [count('wrong'), 'WRONG'],
    ] as const;
    return parts.flatMap(([number, word]) => (number > 0 ? [`${number} ${word}`] : [])).join(', ');
  };
  const rows = [
    ['', ...partners],
    ...questions.map((question) => [question, ...partners.map((partner) => cell(partner, question))]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
