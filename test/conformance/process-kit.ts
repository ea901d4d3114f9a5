/** A process and what it asked for, in a test: its engine on a journal, with a broker that remembers. */
import assert from 'node:assert/strict';
import { envelope, type Envelope } from '../../runtime/envelope/envelope.ts';
import { CodedError } from '../../runtime/errors/coded-error.ts';
import type { Journal } from '../../runtime/journal/journal.ts';
import {
  definitionOf,
  loadProcesses,
  type ProcessFile,
  type Step,
} from '../../runtime/process/definition.ts';
import { processEngine, type Engine } from '../../runtime/process/engine/engine.ts';
import type { Instance } from '../../runtime/process/state.ts';

export const document = (id: string, more: object = {}) => ({
  order: { source: 'shop', id: '1', number: '1001' },
  message: { source: 'wms', id },
  document: { model: 'm', id: 1, name: id, state: 'done', ...more },
});
export const minute = (at: number): string => new Date(Date.now() + at * 60_000).toISOString();
export const order = { source: 'shop', id: '1', number: '1001', totals: { gross: '46.00' } };

export interface Setup {
  engine: Engine;
  journal: Journal;
  published: Envelope[];
  /** Types of what was asked for, each id once. */
  asked(): string[];
  /** Ids of what was given to the broker, or refused before it. */
  tried: string[];
  process: string;
  other: Envelope;
  publishing: { fails: boolean; refuses?: 'SCHEMA_INVALID' };
  letters: { message: Envelope; code: string; id: string; lastFailed: string }[];
  event(type: string, id: string, data: unknown): Promise<Instance | undefined>;
}

export function setup(journal: Journal, name: string, file?: Partial<ProcessFile>): Setup {
  const read = loadProcesses('definitions').get('order-to-cash')!;
  const { events: _events, evaluate: _evaluate, ...whole } = read;
  const definition = definitionOf({ ...whole, ...file, process: name }, 'definitions');
  const published: Envelope[] = [];
  const tried: string[] = [];
  const publishing: Setup['publishing'] = { fails: false };
  const letters: Setup['letters'] = [];
  const engine = processEngine({
    definition,
    definitionsDir: 'definitions',
    journal: { ...journal, letters: async () => letters as never },
    broker: {
      async publish(message) {
        if (publishing.fails) throw new CodedError('BROKER_UNAVAILABLE', 'the broker is away');
        tried.push(message.id);
        if (!published.some(({ id }) => id === message.id)) published.push(message);
      },
    },
    catalogue: {
      validate(type) {
        if (!publishing.refuses) return;
        tried.push(type);
        throw new CodedError(publishing.refuses, 'It is not so');
      },
    },
  });
  return {
    engine,
    journal,
    published,
    asked: () => published.map(({ type }) => type),
    tried,
    process: name,
    other: envelope({
      id: 'o1',
      type: 'stock.level.v1',
      source: 'x',
      subject: '1',
      flow: 'f',
      flowversion: '1',
      data: {},
    }),
    publishing,
    letters,
    event: (type, id, data) =>
      engine.take(envelope({ id, type, source: 's', subject: '1', flow: 'f', flowversion: '1', data })),
  };
}

/** The steps of the process, with more in that of the invoice. */
export function withInvoice(more: Partial<Step>): ProcessFile['steps'] {
  const { steps } = loadProcesses('definitions').get('order-to-cash')!;
  return { ...steps, invoice: { ...steps['invoice']!, ...more } };
}

export const story: [string, string, unknown][] = [
  ['order.received.v1', 'e1', order],
  ['order.confirmed.v1', 'e2', document('S1')],
  ['shipment.booked.v1', 'e3', document('ship1', { open: 1 })],
  ['shipment.booked.v1', 'e4', document('ship2', { open: 0 })],
  ['invoice.posted.v1', 'e5', document('INV1', { total: '11.50' })],
  ['invoice.posted.v1', 'e6', document('INV2', { total: '34.50' })],
  ['payment.booked.v1', 'e7', document('PAY1', { total: '11.50' })],
  ['payment.booked.v1', 'e8', document('PAY2', { total: '34.50' })],
];

export interface ProcessKit {
  journal(): Journal;
  /** A process of its own: runs on the same database never meet. */
  fresh(file?: Partial<ProcessFile>): Setup;
  rowOf(of: Setup): Promise<Instance>;
}

/** Opens the journal before the tests of a suite, and closes it after them. */
export function processKit(open: () => Promise<Journal>): ProcessKit {
  let journal: Journal;
  let count = 0;
  before(async () => {
    journal = await open();
  });
  after(() => journal.close());
  return {
    journal: () => journal,
    fresh: (file) => setup(journal, `test-${Date.now()}-${(count += 1)}`, file),
    async rowOf(of) {
      const found = await of.engine.act('pause', 'shop/1', 'test').catch(() => undefined);
      assert.ok(found);
      return found;
    },
  };
}
