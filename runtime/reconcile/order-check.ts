/** The sale order against what its partner ordered, line by line: ordered = cancelled + open + shipped begins here. */
import Big from 'big.js';
import type { Found } from './breaks.ts';
import { sum, text } from './decimal.ts';
import type { HubLine, HubOrder, OdooLine, OdooOrder } from './facts.ts';
import { isOver, type Tolerances } from './tolerances.ts';

export interface Checked {
  hub: HubOrder;
  odoo: OdooOrder;
  cutOff: string;
  tolerances: Tolerances;
  /** Ordered from a supplier, whose bills may have more than the order. */
  bought?: true;
}

/** `ended`: cancelled, or not confirmed, on one side at least: its lines say nothing. */
export interface OrderChecks {
  found: Found[];
  ended: boolean;
  /** Ids of lines in Odoo whose price is told already. */
  priced: Set<number>;
}

export function checkOrder(given: Checked): OrderChecks {
  const standing = checkState(given);
  if (standing) return { found: standing, ended: true, priced: new Set() };
  const { hub, odoo } = given;
  if (!hub.lines) return { found: [], ended: false, priced: new Set() };
  const lines = checkLines(given, hub.lines);
  const extra = extraLines(hub.lines, odoo, hub.confirmed?.at ?? hub.heard);
  const found = [...lines.found, ...extra];
  return {
    found: found.length > 0 ? found : checkTotal(given, hub.lines),
    ended: false,
    priced: lines.priced,
  };
}

/** Undefined where it is confirmed on both sides. */
function checkState({ hub, odoo, cutOff, tolerances }: Checked): Found[] | undefined {
  const of = {
    about: odoo.name,
    documents: [`sale.order/${odoo.id}`],
    unit: odoo.currency,
    since: hub.confirmed?.at ?? hub.heard,
  };
  const isCancelled = odoo.state === 'cancel';
  if (isCancelled && hub.cancelled) return [];
  if (isCancelled)
    return [
      {
        ...of,
        situation: 'cancelled in Odoo only',
        left: { what: 'cancelled by the partner', amount: '0' },
        right: { what: 'cancelled in Odoo', amount: text(odoo.total) },
      },
    ];
  if (hub.cancelled)
    return [
      {
        ...of,
        situation: 'cancellation missing',
        left: { what: 'cancelled by the partner', amount: text(hub.gross ?? odoo.total) },
        right: { what: 'cancelled in Odoo', amount: '0' },
      },
    ];
  if (!['draft', 'sent'].includes(odoo.state)) return undefined;
  if (hub.held) return [];
  return [
    {
      ...of,
      situation: 'order waits',
      timing: !isOver(of.since, tolerances.within.order, cutOff),
      left: { what: 'ordered by the partner', amount: text(hub.gross ?? odoo.total) },
      right: { what: 'confirmed in Odoo', amount: '0' },
    },
  ];
}

function checkLines(given: Checked, lines: readonly HubLine[]) {
  const priced = new Set<number>();
  const found = lines.flatMap((line) => {
    const own = given.odoo.lines.filter(({ of }) => of?.kind === line.kind && of.id === line.id);
    const main = own.find(({ of }) => !of?.off);
    const broken = main ? checkLine(given, line, own, main) : lineMissing(given, line);
    if (main && broken.length > 0) priced.add(main.id);
    return broken;
  });
  return { found, priced };
}

const nameOf = ({ kind, id }: HubLine): string => `${kind} ${id}`;

function lineMissing({ hub, odoo }: Checked, line: HubLine): Found[] {
  if (Big(line.quantity).eq(0)) return [];
  return [
    {
      situation: 'line missing',
      about: nameOf(line),
      documents: [`sale.order/${odoo.id}`],
      since: hub.confirmed?.at ?? hub.heard,
      ...pieces(line.quantity, '0', line),
    },
  ];
}

/** `own`: all that Odoo has of the line, such as its discount; `main`: the line itself. */
function checkLine(
  { hub, odoo, tolerances }: Checked,
  line: HubLine,
  own: readonly OdooLine[],
  main: OdooLine,
): Found[] {
  const of = {
    about: nameOf(line),
    documents: [`sale.order.line/${main.id}`],
    since: hub.confirmed?.at ?? hub.heard,
  };
  const basis = hub.taxIncluded ? 'total' : 'subtotal';
  const [wanted, stands] = [valueOf(line), sum(own.map((one) => one[basis]))];
  const sameValue = wanted
    .minus(stands)
    .abs()
    .lte(toleranceOf(odoo, main, tolerances.rounding.line));
  // Where the value is the same, the partner counts in another unit.
  const otherUnit = line.uom !== undefined && sameValue && !wanted.eq(0);
  if (!Big(line.quantity).eq(main.quantity) && !otherUnit)
    return [{ ...of, situation: 'line quantity', ...pieces(line.quantity, main.quantity, line) }];
  if (sameValue) return [];
  const [left, right] = [text(wanted), text(stands)];
  return [
    {
      ...of,
      situation: 'line price',
      lines: [{ line: of.about, sku: line.sku, left, right }],
      left: { what: 'of the line by the partner', amount: left },
      right: { what: 'of the line in Odoo', amount: right },
      unit: odoo.currency,
    },
  ];
}

/** Where the price of one does not come out even, what all leave stands in a line of its own. */
function toleranceOf({ lines }: OdooOrder, { quantity }: OdooLine, each: string): Big {
  const uneven = lines.some(({ of, total }) => of?.kind === 'rounding' && !Big(total).eq(0));
  const pieces = Big(quantity).abs();
  return Big(each).times(uneven && pieces.gt(1) ? pieces : 1);
}

function pieces(left: string, right: string, line: HubLine) {
  const [ordered, stands] = [text(left), text(right)];
  return {
    lines: [{ line: nameOf(line), sku: line.sku, left: ordered, right: stands }],
    left: { what: 'ordered by the partner', amount: ordered },
    right: { what: 'ordered in Odoo', amount: stands },
    unit: 'pieces',
  };
}

function valueOf({ quantity, price, discount }: HubLine): Big {
  return Big(quantity).times(price).minus(discount);
}

/** What was added in Odoo, or stands there though the partner took it off. */
function extraLines(lines: readonly HubLine[], odoo: OdooOrder, since: string): Found[] {
  const wanted = new Set(lines.map(nameOf));
  const isExtra = ({ of, quantity }: OdooLine) =>
    !Big(quantity).eq(0) && of?.kind !== 'rounding' && !(of && wanted.has(`${of.kind} ${of.id}`));
  return odoo.lines.filter(isExtra).map(({ id, of, name, sku, quantity }): Found => {
    const right = text(quantity);
    return {
      situation: 'line extra',
      about: `sale.order.line/${id}`,
      lines: [{ line: of ? `${of.kind} ${of.id}` : name, sku, left: '0', right }],
      documents: [`sale.order.line/${id}`],
      left: { what: 'ordered by the partner', amount: '0' },
      right: { what: 'ordered in Odoo', amount: right },
      unit: 'pieces',
      since,
    };
  });
}

function checkTotal({ hub, odoo, tolerances }: Checked, lines: readonly HubLine[]): Found[] {
  if (hub.gross === undefined) return [];
  const sameCurrency = hub.currency === undefined || hub.currency === odoo.currency;
  const apart = Big(odoo.total).minus(hub.gross).abs();
  if (sameCurrency && apart.lte(tolerances.rounding.order)) return [];
  const cents = sameCurrency && apart.lte(Big(tolerances.rounding.most).times(lines.length));
  return [
    {
      situation: cents ? 'order rounding' : 'order total',
      about: odoo.name,
      documents: [`sale.order/${odoo.id}`],
      since: hub.confirmed?.at ?? hub.heard,
      left: {
        what: `total by the partner${sameCurrency ? '' : `, ${hub.currency}`}`,
        amount: text(hub.gross),
      },
      right: { what: 'total in Odoo', amount: text(odoo.total) },
      unit: odoo.currency,
    },
  ];
}
