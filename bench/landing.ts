/** Orders a second into the real Odoo: the hub's writer, 50 at a time, against one `create` each and bare `load`s of 50, one after the other and two at once. */
import { loadValueMaps } from '../runtime/values/value-maps.ts';
import type { CanonicalOrder } from '../runtime/odoo/canonical-order.ts';
import { openOdoo, type Odoo } from '../runtime/odoo/client.ts';
import { orderWriter, type OrderWriter } from '../runtime/odoo/order/order.ts';
import { map } from './floor/map.ts';
import { inTurn, measure, median, type Bench } from './measure.ts';
import { firstNumber, orderBody } from './orders.ts';
import { services } from './services.ts';

const batch = 50;
/** Orders of one round: two batches, or few where each takes long. */
const many = 2 * batch;
const few = 15;

export const landing: Bench = async (rounds) => {
  const odoo = openOdoo({ ...services().odoo, timeoutMs: 120_000 });
  const writer = orderWriter({ odoo, lookup: loadValueMaps('definitions/values').find });
  let number = firstNumber();
  const orders = (count: number): Promise<CanonicalOrder[]> =>
    Promise.all(Array.from({ length: count }, () => order((number += 1))));
  const [first] = await orders(1);
  const { id } = await writer.write(first!, { confirm: false });
  const template = await readTemplate(odoo, id);
  const write = (confirm: boolean, count: number) => async () =>
    perSecond(await orders(count), (some) => writeAll(writer, some, confirm));
  const found = await inTurn(rounds, {
    writer: write(false, many),
    create: async () => perSecond(await orders(few), (some) => createEach(odoo, template, some)),
    load: async () => perSecond(await orders(many), (some) => loadAll(odoo, template, some, false)),
    'load, two at once': async () =>
      perSecond(await orders(many), (some) => loadAtOnce(odoo, template, some)),
    'writer, confirmed': write(true, batch),
    'load, confirmed': async () =>
      perSecond(await orders(batch), (some) => loadAll(odoo, template, some, true)),
  });
  const of = (...names: string[]) => Object.fromEntries(names.map((name) => [name, median(found[name]!)]));
  const unit = 'orders a second';
  return [
    measure('landing, against one create each', unit, of('writer', 'create'), { atLeast: 5 }),
    measure('landing, against bare load of 50', unit, of('writer', 'load'), { atLeast: 0.9 }),
    measure('landing, against bare load of 50, two at once', unit, of('writer', 'load, two at once'), {
      atLeast: 0.9,
    }),
    measure('landing and confirming', unit, of('writer, confirmed', 'load, confirmed')),
  ];
};

async function order(number: number): Promise<CanonicalOrder> {
  const mapped = JSON.stringify(await map(JSON.parse(orderBody(number))));
  return JSON.parse(mapped) as CanonicalOrder;
}

async function perSecond(
  orders: CanonicalOrder[],
  write: (orders: CanonicalOrder[]) => Promise<void>,
): Promise<number> {
  const started = performance.now();
  await write(orders);
  return (orders.length * 1000) / (performance.now() - started);
}

async function writeAll(writer: OrderWriter, orders: CanonicalOrder[], confirm: boolean): Promise<void> {
  await Promise.all(orders.map((one) => writer.write(one, { confirm })));
}

/** An order of the writer's, for the floors to repeat: database ids of all it refers to. */
interface Template {
  head: Record<string, number>;
  lines: { product: number; uom: number; taxes: number[] }[];
}

async function readTemplate(odoo: Odoo, id: number): Promise<Template> {
  const [head] = await odoo.call<Record<string, [number, string]>[]>('sale.order', 'search_read', {
    domain: [['id', '=', id]],
    fields: ['partner_id', 'partner_invoice_id', 'partner_shipping_id', 'pricelist_id'],
  });
  const lines = await odoo.call<Record<string, never>[]>('sale.order.line', 'search_read', {
    domain: [['order_id', '=', id]],
    fields: ['product_id', 'product_uom_id', 'tax_ids'],
    order: 'sequence, id',
  });
  const ids = Object.entries(head!).flatMap(([name, value]) =>
    Array.isArray(value) ? [[name, value[0]]] : [],
  );
  return {
    head: Object.fromEntries(ids) as Record<string, number>,
    lines: lines.map((line) => ({
      product: line['product_id']![0],
      uom: line['product_uom_id']![0],
      taxes: line['tax_ids']!,
    })),
  };
}

const placed = ({ placedAt }: CanonicalOrder): string => placedAt.slice(0, 19).replace('T', ' ');

async function createEach(odoo: Odoo, { head, lines }: Template, orders: CanonicalOrder[]): Promise<void> {
  for (const one of orders) {
    const order_line = one.lines.map(({ name, quantity, unitPrice }, at) => [
      0,
      0,
      {
        name,
        product_id: lines[at]!.product,
        product_uom_id: lines[at]!.uom,
        product_uom_qty: Number(quantity),
        price_unit: Number(unitPrice),
        tax_ids: [[6, 0, lines[at]!.taxes]],
      },
    ]);
    const values = { ...head, client_order_ref: one.number, date_order: placed(one), order_line };
    await odoo.call('sale.order', 'create', { vals_list: [values] });
  }
}

async function loadAll(
  odoo: Odoo,
  template: Template,
  orders: CanonicalOrder[],
  confirm: boolean,
): Promise<void> {
  for (let at = 0; at < orders.length; at += batch) {
    const rows = orders.slice(at, at + batch).flatMap((one) => rowsOf(template, one));
    const { ids, messages } = await odoo.call<{ ids: number[] | false; messages: unknown[] }>(
      'sale.order',
      'load',
      {
        fields: Object.keys(rows[0]!),
        data: rows.map((row) => Object.values(row)),
        context: { tracking_disable: true },
      },
    );
    if (!ids) throw new Error(`Odoo refused the floor's rows: ${JSON.stringify(messages)}`);
    if (confirm) await odoo.call('sale.order', 'action_confirm', { ids });
  }
}

/** As the writer does, which has two batches under way. */
async function loadAtOnce(odoo: Odoo, template: Template, orders: CanonicalOrder[]): Promise<void> {
  const batches = [orders.slice(0, batch), orders.slice(batch)];
  await Promise.all(batches.map((some) => loadAll(odoo, template, some, false)));
}

/** The columns the writer sends too. */
function rowsOf({ head, lines }: Template, one: CanonicalOrder): Record<string, string>[] {
  const id = `bench.order_${one.number}`;
  const ofOrder: Record<string, string> = { id, client_order_ref: one.number, date_order: placed(one) };
  for (const [name, value] of Object.entries(head)) ofOrder[`${name}/.id`] = String(value);
  return one.lines.map(({ name, quantity, unitPrice }, at) => {
    const empty = Object.fromEntries(Object.keys(ofOrder).map((column) => [column, '']));
    return {
      ...(at === 0 ? ofOrder : empty),
      'order_line/id': `${id}_line_${at}`,
      'order_line/name': name,
      'order_line/product_id/.id': String(lines[at]!.product),
      'order_line/product_uom_id/.id': String(lines[at]!.uom),
      'order_line/product_uom_qty': quantity,
      'order_line/price_unit': unitPrice,
      'order_line/tax_ids/.id': lines[at]!.taxes.join(),
    };
  });
}
