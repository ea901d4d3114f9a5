/** Makes the orders of a filled store whole: instances as the process leaves them, their columns, and their names. */
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import type { ProcessRow } from '../runtime/journal/tables.ts';
import { loadProcesses } from '../runtime/process/definition.ts';
import { applied, lookedAt } from '../runtime/process/instance.ts';
import { rowOf } from '../runtime/process/engine/row.ts';
import { newInstance } from '../runtime/process/state.ts';
import type { History } from './fill.ts';

/** Of all orders so many are under way: 20,000 of 200,000. */
export const underWay = ({ orders }: History): number => orders / 10;
/** Stands for the number of an order. */
const mark = '424242424242';
const names = {
  order: 'order-',
  'purchase order': 'po-',
  'sale order': 's',
  transfer: 'wh/out/',
  'tracking number': '1z999aa1',
  invoice: 'inv/2026/',
};

const document = (name: string, more: object = {}) => ({
  order: { source: 'shop', id: mark, number: `order-${mark}` },
  message: { source: 'wms', id: name },
  document: { model: 'stock.picking', id: 1, name, state: 'done', total: '640.00', ...more },
});
const way: [string, unknown][] = [
  [
    'order.received.v1',
    {
      source: 'shop',
      id: mark,
      number: `order-${mark}`,
      currency: 'USD',
      totals: { gross: '640.00' },
    },
  ],
  ['order.confirmed.v1', document(`S${mark}`, { open: 1 })],
  ['shipment.booked.v1', document(`WH/OUT/${mark}`, { open: 0 })],
  ['invoice.posted.v1', document(`INV/2026/${mark}`)],
  ['payment.booked.v1', document(`PAY/${mark}`)],
];

/** The row after so many events of its way. */
async function rowAfter(events: number, at: Date): Promise<Omit<ProcessRow, 'revision'>> {
  const definition = loadProcesses('definitions').get('order-to-cash')!;
  let instance = newInstance(definition, `shop/${mark}`);
  for (const [index, [type, data]] of way.slice(0, events).entries())
    instance = await applied(definition, instance, { id: `e${index}`, type, data }, at);
  instance = await lookedAt(definition, instance, new Date());
  const { asked } = instance;
  return rowOf({ ...instance, asked: asked.map((one) => ({ ...one, sent: true })) }, definition);
}

const columns = [
  'state',
  'due',
  'attention',
  'asks',
  'started',
  'updated',
  'partner',
  'amount',
  'currency',
  'step',
  'planned',
  'team',
  'body',
] as const;
const numbers = (from: number, to: number, part: number, of: number) =>
  `number_of > ${from} AND number_of <= ${to} AND number_of % ${of} = ${part}`;

/** Texts with the values that they are run with. Numbers are the end of `order-7`. */
async function updates({ orders, steps }: History): Promise<[string, (string | number | null)[]][]> {
  const all: [string, (string | number | null)[]][] = [];
  const began = orders - underWay({ orders, steps });
  const age = (days: number): Date => new Date(Date.now() - days * 86_400_000);
  const of: [string, Omit<ProcessRow, 'revision'>][] = [
    [numbers(0, began, 0, 1), await rowAfter(5, age(60))],
  ];
  // Under way they stand at four steps, as planned; one of twenty does not, and somebody is asked.
  for (let part = 0; part < 20; part += 1)
    of.push([
      numbers(began, orders, part, 20),
      await rowAfter(1 + (part % 4), age(part === 2 ? 20 : 0.005 * part)),
    ]);
  for (const [where, row] of of) {
    const sets = columns.map((column, at) =>
      column === 'body'
        ? `body = replace($${at + 1}, '${mark}', cast(number_of AS text))`
        : `${column} = $${at + 1}`,
    );
    all.push([
      `UPDATE process SET ${sets.join(', ')} FROM (SELECT process AS p, key AS k, cast(substr(key, 6) AS integer) AS number_of FROM process) n
       WHERE process.process = n.p AND process.key = n.k AND ${where}`,
      columns.map((column) => row[column] ?? null),
    ]);
  }
  all.push(["UPDATE dead_letter SET unsettled = 1 WHERE state = 'open'", []]);
  for (const [kind, begins] of Object.entries(names))
    all.push([
      `INSERT INTO alias (folded, kind, leads, process, key, value, time)
       SELECT '${begins}' || substr(key, 6), $1, 'process', process, key, upper('${begins}') || substr(key, 6), '2026-01-01' FROM process`,
      [kind],
    ]);
  return all;
}

export async function wholeSqlite(file: string, history: History): Promise<void> {
  const db = new DatabaseSync(file);
  db.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -500000; BEGIN');
  for (const [sql, values] of await updates(history))
    db.prepare(sql.replaceAll(/\$(\d+)/g, '?$1')).run(...values);
  db.exec('COMMIT');
  db.close();
}

export async function wholePostgres(url: string, schema: string, history: History): Promise<void> {
  const options = `-c search_path=${schema} -c synchronous_commit=off`;
  const db = new pg.Client({ connectionString: url, options });
  await db.connect();
  for (const [sql, values] of await updates(history)) await db.query(sql, values);
  await db.query('VACUUM ANALYZE process, alias');
  await db.end();
}
