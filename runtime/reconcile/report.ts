/** A run as a person reads it: a table at a terminal, or a CSV file. */
import { csv } from '../tower/web/shared/csv.ts';
import type { Break } from './breaks.ts';
import { refOf, stateOf, type Decision } from './decisions.ts';
import { booksOf, type Books } from './read-hub.ts';
import type { Run } from './run.ts';

/** Ends with a line feed. */
export function reportText(
  run: Run,
  id: string,
  decisions: ReadonlyMap<string, Decision> = new Map(),
): string {
  const { scope, orders, totals, counts, breaks } = run;
  const of = scope.partner ? ` of ${scope.partner}` : '';
  const found = Object.entries(counts).map(([kind, count]) => `${count} ${kind}`);
  return [
    `Reconciliation ${id}`,
    ...sums[booksOf(scope)]({ of, scope, orders, totals }),
    '',
    breaks.length === 0 ? 'No breaks' : `Breaks: ${found.join(', ')}`,
    ...breaks.flatMap((one) => linesOf(one, decisions.get(one.id))),
    '',
  ].join('\n');
}

type Summed = Pick<Run, 'scope' | 'orders' | 'totals'> & { of: string };

/** The equations of each books. */
const sums: Record<Books, (run: Summed) => string[]> = {
  sales: ({ of, scope, orders, totals: { pieces: all, money } }) => [
    `Orders${of} that were heard of from ${scope.since} to ${scope.cutOff}: ${orders.hub}, in Odoo ${orders.matched}`,
    `Pieces: ordered ${all['ordered']} = cancelled ${all['cancelled']} + open ${all['open']} + shipped ${all['shipped']} − returned ${all['returned']}; invoiced ${all['invoiced']}`,
    ...Object.entries(money).map(
      ([currency, one]) =>
        `${currency}: ordered ${one['ordered']}, invoiced ${one['invoiced']}, posted ${one['posted']} = ${paidOf(one)}`,
    ),
  ],
  purchases: ({ of, scope, orders, totals: { pieces: all, money } }) => [
    `Purchase orders${of} that were confirmed from ${scope.since} to ${scope.cutOff}: ${orders.hub}, known to the hub ${orders.matched}`,
    `Pieces: ordered ${all['ordered']} = cancelled ${all['cancelled']} + open ${all['open']} + received ${all['received']} − returned ${all['returned']}; billed ${all['billed']}; received and not billed ${all['unbilled']}`,
    ...Object.entries(money).map(
      ([currency, one]) =>
        `${currency}: ordered ${one['ordered']}, billed ${one['billed']}, posted ${one['posted']} = ${paidOf(one)}; received and not billed ${one['unbilled']} without tax`,
    ),
  ],
  stock: ({ scope, orders, totals: { pieces: all } }) => [
    `Stock of ${scope.looked?.join(', ') || 'nobody'} as of ${scope.cutOff}: ${orders.hub} compared, ${orders.matched} agree`,
    `Pieces: counted ${all['counted']}, in Odoo then ${all['asOf']} and now ${all['now']}; told to channels ${all['told']}, of which Odoo can promise ${all['promised']}`,
  ],
};

function paidOf({ paid, open, writtenOff }: Record<string, string>): string {
  return `paid ${paid} + open ${open} + written off ${writtenOff}`;
}

function linesOf(one: Break, decision: Decision | undefined): string[] {
  const { explained, accepted } = decision ?? {};
  const said = explained ? `  explained by ${explained.by}: ${explained.why}` : undefined;
  const { order, partner, stage, class: kind, left, right, difference, unit, days, team, documents } = one;
  return [
    '',
    `${kind.toUpperCase()}  ${partner} ${order}  ${stage}  ${difference} ${unit}  ${days} d  ${team || 'no team'}  ${stateOf(decision)}  ${refOf(one)}`,
    `  ${left.what}: ${left.amount}; ${right.what}: ${right.amount}`,
    ...one.lines.map((line) => `    ${line.line} (${line.sku}): ${line.left} and ${line.right}`),
    `  ${one.cause}`,
    `  → ${one.repair}`,
    ...(said ? [accepted ? `${said}; accepted by ${accepted.by}` : said] : []),
    ...(documents.length > 0 ? [`  ${documents.join(' ')}`] : []),
  ];
}

const columns: { text: string; value: (one: Break) => string | number }[] = [
  { text: 'class', value: (one) => one.class },
  { text: 'stage', value: (one) => one.stage },
  { text: 'partner', value: (one) => one.partner },
  { text: 'order', value: (one) => one.order },
  { text: 'about', value: (one) => one.about },
  { text: 'lines', value: (one) => one.lines.map(({ line, sku }) => `${line} (${sku})`).join('; ') },
  { text: 'left', value: (one) => one.left.what },
  { text: 'left amount', value: (one) => one.left.amount },
  { text: 'right', value: (one) => one.right.what },
  { text: 'right amount', value: (one) => one.right.amount },
  { text: 'difference', value: (one) => one.difference },
  { text: 'unit', value: (one) => one.unit },
  { text: 'at stake', value: (one) => one.stake?.amount ?? '' },
  { text: 'currency', value: (one) => one.stake?.currency ?? '' },
  { text: 'since', value: (one) => one.since },
  { text: 'days', value: (one) => one.days },
  { text: 'team', value: (one) => one.team },
  { text: 'cause', value: (one) => one.cause },
  { text: 'repair', value: (one) => one.repair },
  { text: 'documents', value: (one) => one.documents.join(' ') },
  { text: 'code', value: (one) => one.code },
  { text: 'id', value: (one) => one.id },
];

export function reportCsv({ breaks }: Pick<Run, 'breaks'>): string {
  return csv(columns, breaks);
}
