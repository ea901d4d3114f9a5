/** What has left and come back: no more than was ordered, and what the warehouse reported. */
import Big from 'big.js';
import type { BrokenLine, Found } from './breaks.ts';
import { sum, text } from './decimal.ts';
import type { HubGoods, OdooLine, OdooMove, OdooOrder } from './facts.ts';
import type { Checked } from './order-check.ts';

/** What has moved of a line by the cut-off, in its unit. */
export interface Moved {
  out: Big;
  /** All that came back, and what of it is to be credited. */
  back: Big;
  returned: Big;
  /** Of the last that left, and the last that came back. */
  lastOut?: string;
  lastBack?: string;
}

export function movedOf({ moves }: OdooLine, cutOff: string): Moved {
  const counted = moves.filter(({ at }) => at <= cutOff);
  const out = counted.filter(({ direction }) => direction === 'out');
  const back = counted.filter(({ direction }) => direction === 'back');
  const lastOut = out
    .map(({ at }) => at)
    .toSorted()
    .at(-1);
  const lastBack = back
    .map(({ at }) => at)
    .toSorted()
    .at(-1);
  return {
    out: total(out),
    back: total(back),
    returned: total(back.filter(({ credited }) => credited)),
    ...(lastOut && { lastOut }),
    ...(lastBack && { lastBack }),
  };
}

function total(moves: readonly OdooMove[]): Big {
  return sum(moves.map(({ quantity }) => quantity));
}

export function checkGoods(given: Checked): Found[] {
  const { odoo, cutOff } = given;
  const over = odoo.lines.filter((line) => {
    const { out, back } = movedOf(line, cutOff);
    return line.goods && out.minus(back).gt(line.quantity);
  });
  const reports = checkReports(given);
  if (over.length === 0) return reports;
  // That more has left is why the transfer is not what was reported.
  const others = reports.filter(({ situation }) => !/^shipment (quantity|extra)$/.test(situation));
  return [shippedMore(odoo, over, cutOff), ...others];
}

function shippedMore(odoo: OdooOrder, over: readonly OdooLine[], cutOff: string): Found {
  const lines = over.map((line): BrokenLine => {
    const { out, back } = movedOf(line, cutOff);
    return { line: line.name, sku: line.sku, left: text(line.quantity), right: text(out.minus(back)) };
  });
  const last = over
    .flatMap((line) => movedOf(line, cutOff).lastOut ?? [])
    .toSorted()
    .at(-1);
  return {
    situation: 'shipped more',
    about: odoo.name,
    lines,
    documents: over.map(({ id }) => `sale.order.line/${id}`),
    left: { what: 'ordered in Odoo', amount: text(sum(lines.map(({ left }) => left))) },
    right: { what: 'shipped in Odoo', amount: text(sum(lines.map(({ right }) => right))) },
    unit: 'pieces',
    since: last ?? odoo.made,
  };
}

interface Transfer {
  id: number;
  name: string;
  pieces: Big;
  at: string;
  kit: boolean;
}

/** Report by report: the transfer in Odoo that it became, and the transfers nobody reported. */
function checkReports({ hub, odoo, cutOff }: Checked): Found[] {
  // Where no warehouse reports through the hub, Odoo alone knows what has left.
  if (hub.shipments.length === 0) return [];
  const services = new Set(odoo.lines.filter(({ goods }) => !goods).map(({ sku }) => sku));
  const transfers = transfersOf(odoo);
  const told = hub.shipments.flatMap((report) => {
    if (report.at > cutOff) return [];
    const pieces = sum(report.lines.filter(({ sku }) => !services.has(sku)).map(({ quantity }) => quantity));
    return checkReport(report, pieces, transfers.get(report.document), cutOff);
  });
  const reported = new Set(hub.shipments.map(({ document }) => document));
  const extra = [...transfers.values()].filter(
    ({ id, at, kit }) => !kit && !reported.has(id) && at <= cutOff,
  );
  return [...told, ...extra.map(shippedExtra)];
}

function transfersOf(odoo: OdooOrder): Map<number, Transfer> {
  const out = odoo.lines.flatMap(({ moves }) => moves.filter(({ direction }) => direction === 'out'));
  return new Map(
    [...Map.groupBy(out, ({ picking }) => picking.id)].map(([id, moves]) => [
      id,
      {
        id,
        name: moves[0]!.picking.name,
        pieces: sum(moves.map(({ pieces }) => pieces)),
        at: moves.map(({ at }) => at).toSorted()[0]!,
        kit: moves.some(({ kit }) => kit),
      },
    ]),
  );
}

function checkReport(
  { document, name, at }: HubGoods,
  pieces: Big,
  transfer: Transfer | undefined,
  cutOff: string,
): Found[] {
  if (transfer?.kit) return [];
  const done = transfer && transfer.at <= cutOff ? transfer.pieces : Big(0);
  if (done.eq(pieces)) return [];
  return [
    {
      situation: done.eq(0) ? 'shipment missing' : 'shipment quantity',
      // Done in Odoo after the cut-off.
      timing: done.eq(0) && transfer !== undefined && transfer.pieces.eq(pieces),
      about: name,
      documents: [`stock.picking/${document}`],
      left: { what: 'shipped by the warehouse', amount: text(pieces) },
      right: { what: 'shipped in Odoo', amount: text(done) },
      unit: 'pieces',
      since: at,
    },
  ];
}

function shippedExtra({ id, name, pieces, at }: Transfer): Found {
  return {
    situation: 'shipment extra',
    about: name,
    documents: [`stock.picking/${id}`],
    left: { what: 'shipped by the warehouse', amount: '0' },
    right: { what: 'shipped in Odoo', amount: text(pieces) },
    unit: 'pieces',
    since: at,
  };
}
