/** What is no break, or not yet, and when the books are compared: definitions/reconciliation.yaml. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Cron } from 'croner';
import Type from 'typebox';
import { readYaml } from '../definitions/read-yaml.ts';
import { CodedError } from '../errors/coded-error.ts';
import { duration } from '../process/definition.ts';
import { ownSchema } from '../schema/schema.ts';
import { books, type Books } from './read-hub.ts';

export interface Tolerances {
  /** Texts as `4h`. */
  within: Record<
    'order' | 'invoice' | 'credit' | 'posting' | 'payment' | 'bill' | 'refund' | 'stock',
    string
  >;
  rounding: Record<'line' | 'order' | 'most', string>;
  /** Days. */
  period: number;
  duplicate: string;
  writeoff: string;
}

/** When a hub compares the books by itself. */
export interface Schedule {
  /** Cron. */
  at: string;
  /** IANA. */
  timezone: string;
  /** Default: sales alone. */
  books?: Books[];
}

const closed = { additionalProperties: false };
const time = Type.String({ pattern: '^[1-9][0-9]*[smhd]$' });
const amount = Type.String({ pattern: '^[0-9]{1,9}([.][0-9]{1,6})?$' });
const schema = ownSchema(
  Type.Object(
    {
      within: Type.Object(
        {
          order: time,
          invoice: time,
          credit: time,
          posting: time,
          payment: time,
          // Of purchases: a file from before has none.
          bill: Type.Optional(time),
          refund: Type.Optional(time),
          // And of stock.
          stock: Type.Optional(time),
        },
        closed,
      ),
      rounding: Type.Object({ line: amount, order: amount, most: amount }, closed),
      period: Type.Integer({ minimum: 0, maximum: 27 }),
      duplicate: time,
      writeoff: amount,
      schedule: Type.Optional(
        Type.Object(
          {
            at: Type.String(),
            timezone: Type.String(),
            books: Type.Optional(Type.Array(Type.Enum([...books]), { minItems: 1, uniqueItems: true })),
          },
          closed,
        ),
      ),
    },
    closed,
  ),
);

/** Of a hub without the file. */
export const usual: Tolerances = {
  within: {
    order: '4h',
    invoice: '1d',
    credit: '3d',
    posting: '1d',
    payment: '1d',
    bill: '14d',
    refund: '14d',
    stock: '15m',
  },
  rounding: { line: '0.01', order: '0.00', most: '0.01' },
  period: 3,
  duplicate: '3d',
  writeoff: '5.00',
};

/** Throws CodedError CONFIG_INVALID that names file and line. */
export function loadTolerances(definitionsDir: string): Tolerances {
  const { schedule: _schedule, ...tolerances } = read(definitionsDir);
  return tolerances;
}

/** Undefined where only people run one. Throws CodedError CONFIG_INVALID. */
export function loadSchedule(definitionsDir: string): Schedule | undefined {
  return read(definitionsDir).schedule;
}

function read(definitionsDir: string): Tolerances & { schedule?: Schedule } {
  const file = join(definitionsDir, 'reconciliation.yaml');
  if (!existsSync(file)) return usual;
  const found = readYaml<Tolerances & { schedule?: Schedule }>(file, schema);
  if (found.schedule) checkSchedule(found.schedule, file);
  return { ...found, within: { ...usual.within, ...found.within } };
}

function checkSchedule({ at, timezone }: Schedule, file: string): void {
  try {
    new Cron(at, { timezone, paused: true }).nextRun();
  } catch (cause) {
    throw new CodedError(
      'CONFIG_INVALID',
      `${file}: schedule: ${(cause as Error).message}`,
      { file },
      { cause },
    );
  }
}

/** Whether `since` is longer ago than `within` at this time. */
export function isOver(since: string, within: string, at: string): boolean {
  return Date.parse(at) - Date.parse(since) > duration(within);
}
