/** What happened to an order, as sentences: each the key of a text in the pages' catalogues, and its values. */
import type { Outcome } from '../../journal/step.ts';
import type { StepTable } from '../../journal/tables.ts';
import type { Instance } from '../../process/state.ts';
import { odooLink, recordOf } from './odoo-link.ts';

export interface Entry {
  /** ISO 8601, UTC. */
  at: string;
  /** `event.order.confirmed`, `did.landed`, `process.pausedBy`. */
  say: string;
  values: Record<string, string>;
  tone: 'good' | 'bad' | 'plain';
  /** Of the machine: folded away. */
  technical: boolean;
  /** Into Odoo. */
  link?: string;
  /** For those who look closer. */
  made?: Made;
}

export interface Made {
  flow: string;
  step: string;
  outcome: string;
  correlation: string;
  code?: string;
  reference?: string;
}

type StepRow = Pick<
  StepTable,
  'time' | 'correlation_id' | 'step' | 'flow' | 'outcome' | 'code' | 'detail' | 'reference'
>;

const technical: ReadonlySet<string> = new Set<Outcome>([
  'read',
  'mapped',
  'published',
  'duplicate',
  'superseded',
  'retrying',
]);
/** Told by a process in its own words, where there is one. */
const toldByProcess: ReadonlySet<string> = new Set<Outcome>(['accepted', 'dropped']);
const good: ReadonlySet<string> = new Set<Outcome>(['landed']);
const bad: ReadonlySet<string> = new Set<Outcome>(['refused', 'exception', 'outage', 'parked', 'discarded']);

/** Oldest first. */
export function timeline(
  steps: readonly StepRow[],
  history: Instance['history'],
  odooUrl: string | undefined,
): Entry[] {
  const followed = history.length > 0;
  const all = [...history.map(ofProcess), ...steps.map((step) => ofStep(step, followed, odooUrl))];
  return all.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

function ofStep(row: StepRow, followed: boolean, odooUrl: string | undefined): Entry {
  const { time, step, flow, outcome, code, detail, reference } = row;
  const record = recordOf(reference);
  const link = record && odooLink(odooUrl, record.model, record.id);
  return {
    at: time,
    say: `did.${outcome}`,
    values: { step, flow, detail: detail ?? '', code: code ?? '', model: record?.model ?? '' },
    tone: good.has(outcome) ? 'good' : bad.has(outcome) ? 'bad' : 'plain',
    technical: technical.has(outcome) || (followed && toldByProcess.has(outcome)),
    ...(link && { link }),
    made: {
      flow,
      step,
      outcome,
      correlation: row.correlation_id,
      ...(code !== null && { code }),
      ...(reference !== null && { reference }),
    },
  };
}

/** As the process writes its history. */
const sentences: readonly [say: string, pattern: RegExp, tone?: Entry['tone']][] = [
  ['process.pausedBy', /^paused by (?<who>.+)$/],
  ['process.resumedBy', /^resumed by (?<who>.+)$/],
  ['process.releasedBy', /^released by (?<who>.+)$/, 'good'],
  ['process.steppedBy', /^(?<step>.+) stepped by (?<who>.+)$/],
  ['process.undoAsked', /^compensation asked for by (?<who>.+)$/],
  ['process.late', /^(?<step>.+) is late: (?<reaction>\w+)$/, 'bad'],
  ['process.failed', /^(?<step>.+) failed with (?<code>\w+): (?<reaction>\w+)$/, 'bad'],
  ['process.undoing', /^(?<step>.+) is taken back: (?<how>.+)$/],
  ['process.wasUndone', /^(?<step>.+) was taken back$/],
  ['process.broken', /^fails with (?<code>\w+): (?<why>.+): paused$/s, 'bad'],
  ['process.done', /^done$/, 'good'],
  ['process.cancelled', /^cancelled$/],
  ['process.undone', /^undone$/],
  ['event', /^(?<event>[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+)\.v\d+$/],
];

function ofProcess({ at, what }: Instance['history'][number]): Entry {
  const { say, values, tone } = said(what);
  return { at, say, values, tone, technical: false };
}

/** What a process says of itself; where that is nothing known, its own words. */
export function said(what: string): Pick<Entry, 'say' | 'values' | 'tone'> {
  for (const [say, pattern, tone = 'plain'] of sentences) {
    const values = pattern.exec(what)?.groups;
    if (pattern.test(what))
      return { say: say === 'event' ? `event.${values?.['event']}` : say, values: { ...values }, tone };
  }
  return { say: 'process.other', values: { what }, tone: 'plain' };
}
