/** Rows of a journal as tests write them: whole, with what a test says of them. */
import { randomUUID } from 'node:crypto';
import type { DeadLetter, Failure } from '../../runtime/journal/journal.ts';
import type { Step } from '../../runtime/journal/step.ts';
import type { IssueRow } from '../../runtime/journal/tables.ts';
import { order } from './kit.ts';

export function step(more: Partial<Step> = {}): Step {
  return {
    time: '2026-03-01T10:00:00.000Z',
    correlationId: randomUUID(),
    businessKey: 'SO-1',
    step: 'map',
    flow: 'orders',
    flowVersion: '3',
    outcome: 'published',
    ...more,
  };
}

/** An open issue that nobody has touched. */
export function issueRow(more: Partial<IssueRow> = {}): IssueRow {
  const at = '2026-03-01T10:00:00.000Z';
  return {
    id: 'i1',
    flow: 'f1',
    code: 'C1',
    partner: 'acme',
    step: '',
    asked: '',
    why: '',
    facts: '{}',
    tier: 'standard',
    state: 'open',
    team: null,
    person: null,
    waits_on: null,
    until: null,
    reason: null,
    note: null,
    first_seen: at,
    changed: at,
    revision: 1,
    ...more,
  };
}

/** What lists find a process by, of one that tells nothing. */
export const untold = {
  started: null,
  updated: null,
  partner: null,
  warehouse: null,
  amount: null,
  currency: null,
  step: null,
  planned: null,
  team: null,
};

export function letter(more: Partial<DeadLetter> = {}): DeadLetter {
  return {
    id: randomUUID(),
    queue: 'orders',
    flow: 'order-flow',
    flowVersion: '3',
    message: order('order.received.v1', 'SO-1'),
    code: 'VALUE_UNMAPPED',
    reason: 'No entry for "Größe \'é\'"',
    facts: { map: 'carriers', value: 'DPD', line: 3, known: false },
    firstFailed: '2026-03-01T10:00:00.000Z',
    firstCode: 'VALUE_UNMAPPED',
    firstReason: 'No entry',
    lastFailed: '2026-03-01T10:00:00.000Z',
    attempts: 1,
    history: [],
    state: 'open',
    ...more,
  };
}

/** Of the minute in which tests of a journal play. */
export const at = (second: number) => `2026-03-01T10:00:${String(second).padStart(2, '0')}.000Z`;
export const failure = (second: number, more: Partial<Failure> = {}): Failure => ({
  time: at(second),
  code: 'ODOO_BUSY',
  flowVersion: '3',
  ...more,
});
export const ids = (letters: readonly DeadLetter[]) => letters.map((one) => one.id);
