/** What is invoiced against what has left: shipped − returned = invoiced, line by line, and at the price of the order. */
import Big from 'big.js';
import type { BrokenLine, Found } from './breaks.ts';
import { sum, text } from './decimal.ts';
import type { OdooInvoice, OdooLine, OdooOrder } from './facts.ts';
import { movedOf } from './goods-check.ts';
import { findStrays, findTwice, findUnlinked, isLinked } from './invoice-copies.ts';
import type { Checked } from './order-check.ts';
import { isShared, ownLines } from './share.ts';
import { isOver } from './tolerances.ts';

/** Those that are not cancelled, and are made and dated by the cut-off. */
export function countedInvoices({ odoo, cutOff }: Pick<Checked, 'odoo' | 'cutOff'>): OdooInvoice[] {
  return odoo.invoices.filter((one) => one.state !== 'cancel' && isBy(one, cutOff));
}

function isBy({ made, date }: OdooInvoice, cutOff: string): boolean {
  return made <= cutOff && date <= cutOff.slice(0, 10);
}

/** `priced`: lines whose price is told already. */
export function checkInvoices(given: Checked, priced: ReadonlySet<number>): Found[] {
  const { odoo } = given;
  const counted = countedInvoices(given);
  const unlinked = findUnlinked(odoo, counted);
  const twice = findTwice(odoo, counted, given.cutOff);
  const left = counted.filter((one) => isLinked(one) && !twice.some(({ second }) => second === one));
  const copies = [...unlinked, ...twice.map(({ found }) => found), ...findStrays(given)];
  const quantities = checkQuantities(given, left);
  const prices = checkPrices(odoo, left, priced, given.tolerances.rounding.line);
  const found = [...copies, ...quantities, ...otherCurrency(odoo, left), ...prices];
  return found.length > 0 || priced.size > 0 ? found : checkTotals(given, left);
}

/** Pieces of a line: on invoices, and taken off by credit notes. */
export function invoicedOf(line: OdooLine, invoices: readonly OdooInvoice[]) {
  const of = (type: OdooInvoice['type']) =>
    sum(
      invoices
        .filter((one) => one.type === type)
        .flatMap(({ lines }) => lines.filter((one) => one.line === line.id).map(({ quantity }) => quantity)),
    );
  return { invoiced: of('invoice'), credited: of('credit') };
}

type Kind = 'not invoiced' | 'invoiced more' | 'not credited' | 'credited only';

/** How a line breaks, where it does, and since when. */
interface BrokenQuantity extends BrokenLine {
  kind: Kind;
  since: string;
  document: string;
  /** A document dated after the cut-off has it. */
  later: boolean;
}

function checkQuantities(given: Checked, invoices: readonly OdooInvoice[]): Found[] {
  const { odoo, cutOff, tolerances } = given;
  const broken = odoo.lines.flatMap((line) => brokenQuantity(given, line, invoices) ?? []);
  return [...Map.groupBy(broken, ({ kind }) => kind)].map(([kind, lines]): Found => {
    const since = lines
      .map((one) => one.since)
      .toSorted()
      .at(-1)!;
    const within = tolerances.within[kind === 'not invoiced' ? 'invoice' : 'credit'];
    return {
      situation: kind,
      timing:
        (kind === 'not invoiced' || kind === 'not credited') &&
        (!isOver(since, within, cutOff) || lines.every(({ later }) => later)),
      about: odoo.name,
      lines: lines.map(({ line, sku, left, right }) => ({ line, sku, left, right })),
      documents: lines.map(({ document }) => document),
      left: { what: 'shipped less returned', amount: text(sum(lines.map(({ left }) => left))) },
      right: { what: 'invoiced less credited', amount: text(sum(lines.map(({ right }) => right))) },
      unit: 'pieces',
      since,
    };
  });
}

function brokenQuantity(
  { odoo, cutOff }: Checked,
  line: OdooLine,
  invoices: readonly OdooInvoice[],
): BrokenQuantity | undefined {
  const moved = movedOf(line, cutOff);
  const { invoiced, credited } = invoicedOf(line, invoices);
  const net = invoiced.minus(credited);
  const { least, most, left } = billable(odoo, line, moved, invoices, cutOff);
  const of = (kind: Kind, since: string): BrokenQuantity => ({
    kind,
    since,
    line: line.name,
    sku: line.sku,
    left: text(left),
    right: text(net),
    document: `sale.order.line/${line.id}`,
    later: odoo.invoices.some(
      (one) =>
        one.state !== 'cancel' && !isBy(one, cutOff) && one.lines.some((other) => other.line === line.id),
    ),
  });
  const last =
    invoices
      .map(({ made }) => made)
      .toSorted()
      .at(-1) ?? odoo.made;
  if (net.lt(least)) {
    const isCredit = credited.gt(0) && invoiced.gte(least);
    return isCredit ? of('credited only', last) : of('not invoiced', moved.lastOut ?? last);
  }
  if (!net.gt(most)) return undefined;
  const isReturn = moved.returned.gt(0) && net.lte(most.plus(moved.returned));
  return isReturn ? of('not credited', moved.lastBack ?? last) : of('invoiced more', last);
}

/** Between these an invoiced quantity is right. */
function billable(
  odoo: OdooOrder,
  line: OdooLine,
  { out, returned }: ReturnType<typeof movedOf>,
  invoices: readonly OdooInvoice[],
  cutOff: string,
) {
  const ordered = Big(line.quantity);
  const owed = ordered.minus(returned);
  if (!line.goods) {
    // A service goes with the goods: it is due when all of these are invoiced.
    const due = line.byOrder && ordered.gt(0) && isAllInvoiced(odoo, invoices, cutOff);
    return { least: due ? ordered : minimum(ordered, 0), most: maximum(ordered, 0), left: ordered };
  }
  const shipped = out.minus(returned);
  // What has left beyond the order is told as such.
  const least = minimum(shipped, maximum(owed, 0));
  return { least, most: line.byOrder ? maximum(owed, shipped) : maximum(shipped, least), left: shipped };
}

function isAllInvoiced(odoo: OdooOrder, invoices: readonly OdooInvoice[], cutOff: string): boolean {
  const goods = odoo.lines.filter((line) => line.goods && Big(line.quantity).gt(0));
  return goods.every((line) => {
    const { out } = movedOf(line, cutOff);
    return out.gte(line.quantity) && invoicedOf(line, invoices).invoiced.gte(line.quantity);
  });
}

function minimum(one: Big, other: Big | number): Big {
  return one.lt(other) ? one : Big(other);
}
function maximum(one: Big, other: Big | number): Big {
  return one.gt(other) ? one : Big(other);
}

/** Whether its money can be compared with that of the order. */
export function isForeign({ currency }: Pick<OdooOrder, 'currency'>, invoice: OdooInvoice): boolean {
  return invoice.currency !== undefined && invoice.currency !== currency;
}

function otherCurrency(odoo: OdooOrder, invoices: readonly OdooInvoice[]): Found[] {
  return invoices
    .filter((one) => isForeign(odoo, one))
    .map((one) => ({
      situation: 'invoice currency',
      about: one.name,
      documents: [`account.move/${one.id}`],
      left: { what: `invoiced in ${odoo.currency}`, amount: '0' },
      right: { what: `invoiced in ${one.currency}`, amount: text(one.total) },
      unit: one.currency!,
      since: one.made,
    }));
}

/** Line by line of each invoice: what the same quantity is worth in the order. */
function checkPrices(
  odoo: OdooOrder,
  invoices: readonly OdooInvoice[],
  priced: ReadonlySet<number>,
  tolerance: string,
): Found[] {
  const lines = new Map(odoo.lines.map((line) => [line.id, line]));
  const comparable = invoices.filter((one) => !isForeign(odoo, one));
  return comparable.flatMap((invoice) =>
    invoice.lines.flatMap(({ line: id, sku, quantity, subtotal }): Found[] => {
      const line = id === undefined || priced.has(id) ? undefined : lines.get(id);
      if (!line || Big(line.quantity).eq(0)) return [];
      const worth = Big(line.subtotal).times(quantity).div(line.quantity);
      if (worth.minus(subtotal).abs().lte(tolerance)) return [];
      const [left, right] = [text(worth.round(6)), text(subtotal)];
      return [
        {
          situation: 'invoice price',
          about: `${invoice.name} ${line.name}`,
          lines: [{ line: line.name, sku, left, right }],
          documents: [`account.move/${invoice.id}`, `sale.order.line/${line.id}`],
          left: { what: 'of the line in the order', amount: left },
          right: { what: 'of the line in the invoice', amount: right },
          unit: odoo.currency,
          since: invoice.made,
        },
      ];
    }),
  );
}

/** All invoices together come to the total of the order, once all of it is invoiced; before, each to what the hub was told. */
function checkTotals({ hub, odoo, tolerances, bought }: Checked, counted: readonly OdooInvoice[]): Found[] {
  const invoices = counted.filter(({ type }) => type === 'invoice');
  const whole =
    invoices.length > 0 && odoo.lines.every((line) => invoicedOf(line, invoices).invoiced.eq(line.quantity));
  if (whole) {
    const of = { odoo, tolerances, invoices };
    // What an invoice has beside this order says nothing of it: of another order, or the freight of a supplier.
    const beside = (one: OdooInvoice) => bought && ownLines(one).length < one.lines.length;
    if (invoices.some((one) => isShared(one) || beside(one))) {
      const left = sum(odoo.lines.map(({ total }) => total));
      const right = sum(invoices.flatMap((one) => ownLines(one).map(({ total }) => total)));
      return totalsApart({ ...of, left, right, by: 'of the lines' });
    }
    const all = sum(invoices.map(({ total }) => total));
    return totalsApart({ ...of, left: Big(odoo.total), right: all, by: 'of the order' });
  }
  return invoices.flatMap((invoice) => {
    const told = hub.invoices.find(({ document }) => document === invoice.id);
    // An event that tells of an invoice again may have nothing to add.
    if (!told || Big(told.total).eq(0)) return [];
    const [left, right] = [Big(told.total), Big(invoice.total)];
    return totalsApart({ odoo, tolerances, invoices: [invoice], left, right, by: 'as it was posted' });
  });
}

function totalsApart(of: {
  odoo: OdooOrder;
  tolerances: Checked['tolerances'];
  invoices: readonly OdooInvoice[];
  left: Big;
  right: Big;
  by: string;
}): Found[] {
  const { odoo, tolerances, invoices, left, right, by } = of;
  const apart = left.minus(right).abs();
  if (apart.lte(tolerances.rounding.order)) return [];
  const most = Big(tolerances.rounding.most).times(odoo.lines.length).times(invoices.length);
  return [
    {
      situation: apart.lte(most) ? 'invoice rounding' : 'invoice total',
      about: invoices.map(({ name }) => name).join(' '),
      documents: invoices.map(({ id }) => `account.move/${id}`),
      left: { what: `total ${by}`, amount: text(left) },
      right: { what: 'total of the invoices', amount: text(right) },
      unit: odoo.currency,
      since: invoices
        .map(({ made }) => made)
        .toSorted()
        .at(-1)!,
    },
  ];
}
