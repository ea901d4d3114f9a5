/** Faults as people and programs make them in Odoo itself, each in an order of its own. */
import type { Odoo } from '../../runtime/odoo/client.ts';
import type { Situation } from '../../runtime/reconcile/situations.ts';

/** Of a hundred orders, how many live which life; all of these are right. */
export const mix = {
  complete: 45,
  unpaid: 20,
  unshipped: 12,
  partial: 8,
  returned: 5,
  cancelled: 4,
  edited: 4,
  held: 2,
} as const;
export type Life = keyof typeof mix;

export interface Fault {
  order: string;
  situation: Situation;
  timing?: true;
}

interface World {
  odoo: Odoo;
  source: string;
  /** Numbers of orders by how they live. */
  lives: ReadonlyMap<Life, readonly string[]>;
  log(text: string): void;
}

interface Order {
  id: number;
  lines: number[];
  invoices: number[];
  pickings: number[];
}

/** What is done to an order that lives so. */
interface Kind {
  situation: Situation;
  life: Life;
  timing?: true;
  plant(odoo: Odoo, order: Order): Promise<unknown>;
}

const write = (odoo: Odoo, model: string, ids: number[], vals: object) =>
  odoo.call(model, 'write', { ids, vals });
const redo = async (odoo: Odoo, invoice: number, vals: object) => {
  await odoo.call('account.move', 'button_draft', { ids: [invoice] });
  await write(odoo, 'account.move', [invoice], vals);
  await odoo.call('account.move', 'action_post', { ids: [invoice] });
};
const receivable = async (odoo: Odoo, invoice: number): Promise<number[]> => {
  const rows = await odoo.call<{ id: number }[]>('account.move.line', 'search_read', {
    domain: [
      ['move_id', '=', invoice],
      ['display_type', '=', 'payment_term'],
    ],
    fields: ['id'],
  });
  return rows.map(({ id }) => id);
};
const paymentOf = async (odoo: Odoo, invoice: number): Promise<number> => {
  const rows = await odoo.call<{ id: number }[]>('account.payment', 'search_read', {
    domain: [['invoice_ids', 'in', [invoice]]],
    fields: ['id'],
  });
  return rows[0]!.id;
};
const day = (offset: number): string => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
/** The last day of the month before. */
const monthBefore = (): string => {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 0)).toISOString().slice(0, 10);
};

const kinds: readonly Kind[] = [
  {
    situation: 'not invoiced',
    life: 'unpaid',
    async plant(odoo, { invoices }) {
      await odoo.call('account.move', 'button_draft', { ids: invoices });
      await odoo.call('account.move', 'button_cancel', { ids: invoices });
    },
  },
  {
    situation: 'invoice twice',
    life: 'unpaid',
    async plant(odoo, { invoices }) {
      const copies = await odoo.call<number[]>('account.move', 'copy', { ids: invoices });
      await write(odoo, 'account.move', copies, { invoice_date: day(0) });
      await odoo.call('account.move', 'action_post', { ids: copies });
    },
  },
  {
    situation: 'line price',
    life: 'complete',
    plant: (odoo, { lines }) => write(odoo, 'sale.order.line', [lines[0]!], { price_unit: 11.5 }),
  },
  {
    situation: 'payment unlinked',
    life: 'complete',
    plant: async (odoo, { invoices }) =>
      odoo.call('account.move.line', 'remove_move_reconcile', { ids: await receivable(odoo, invoices[0]!) }),
  },
  {
    situation: 'not credited',
    life: 'complete',
    plant: (odoo, { pickings }) => takeBack(odoo, pickings[0]!),
  },
  {
    situation: 'invoice rounding',
    life: 'unpaid',
    async plant(odoo, { invoices: [invoice] }) {
      const [tax] = await odoo.call<{ id: number; amount_currency: number }[]>(
        'account.move.line',
        'search_read',
        {
          domain: [
            ['move_id', '=', invoice],
            ['display_type', '=', 'tax'],
          ],
          fields: ['amount_currency'],
        },
      );
      const amount = Math.round((tax!.amount_currency - 0.01) * 100) / 100;
      await redo(odoo, invoice!, { line_ids: [[1, tax!.id, { amount_currency: amount, balance: amount }]] });
    },
  },
  {
    situation: 'line missing',
    life: 'unshipped',
    async plant(odoo, { id, lines }) {
      await odoo.call('sale.order', 'action_cancel', { ids: [id] });
      await odoo.call('sale.order', 'action_draft', { ids: [id] });
      await odoo.call('sale.order.line', 'unlink', { ids: [lines[1]!] });
      await odoo.call('sale.order', 'action_confirm', { ids: [id] });
    },
  },
  {
    situation: 'shipped more',
    life: 'complete',
    async plant(odoo, { lines }) {
      const moves = await odoo.call<{ id: number }[]>('stock.move', 'search_read', {
        domain: [
          ['sale_line_id', '=', lines[0]],
          ['state', '=', 'done'],
        ],
        fields: ['id'],
      });
      await write(odoo, 'stock.move', [moves[0]!.id], { quantity: 5 });
    },
  },
  {
    situation: 'order missing',
    life: 'unshipped',
    async plant(odoo, { id }) {
      await odoo.call('sale.order', 'action_cancel', { ids: [id] });
      await odoo.call('sale.order', 'unlink', { ids: [id] });
    },
  },
  {
    situation: 'line extra',
    life: 'unshipped',
    async plant(odoo, { id, lines }) {
      const [line] = await odoo.call<{ product_id: [number, string] }[]>('sale.order.line', 'read', {
        ids: [lines[1]!],
        fields: ['product_id'],
      });
      await odoo.call('sale.order.line', 'create', {
        vals_list: [{ order_id: id, product_id: line!.product_id[0], product_uom_qty: 1, price_unit: 5 }],
      });
    },
  },
  {
    situation: 'order twice',
    life: 'unshipped',
    async plant(odoo, { id }) {
      const [copy] = await odoo.call<number[]>('sale.order', 'copy', { ids: [id] });
      await odoo.call('sale.order', 'action_confirm', { ids: [copy!] });
    },
  },
  {
    situation: 'not posted',
    life: 'unpaid',
    plant: (odoo, { invoices }) => odoo.call('account.move', 'button_draft', { ids: invoices }),
  },
  {
    situation: 'other period',
    life: 'unpaid',
    plant: (odoo, { invoices: [invoice] }) =>
      redo(odoo, invoice!, { invoice_date: monthBefore(), date: monthBefore() }),
  },
  {
    situation: 'not invoiced',
    timing: true,
    life: 'unpaid',
    plant: (odoo, { invoices: [invoice] }) => redo(odoo, invoice!, { invoice_date: day(2), date: day(2) }),
  },
  {
    situation: 'payment missing',
    life: 'complete',
    async plant(odoo, { invoices: [invoice] }) {
      const payment = await paymentOf(odoo, invoice!);
      await odoo.call('account.payment', 'action_draft', { ids: [payment] });
      await odoo.call('account.payment', 'action_cancel', { ids: [payment] });
    },
  },
  {
    situation: 'paid twice',
    life: 'complete',
    async plant(odoo, { invoices: [invoice] }) {
      const [copy] = await odoo.call<number[]>('account.payment', 'copy', {
        ids: [await paymentOf(odoo, invoice!)],
      });
      await odoo.call('account.payment', 'action_post', { ids: [copy!] });
    },
  },
  {
    situation: 'line quantity',
    life: 'unshipped',
    plant: (odoo, { lines }) => write(odoo, 'sale.order.line', [lines[0]!], { product_uom_qty: 7 }),
  },
  {
    situation: 'cancelled in Odoo only',
    life: 'unshipped',
    plant: (odoo, { id }) => odoo.call('sale.order', 'action_cancel', { ids: [id] }),
  },
];

/** All that came back of a transfer, as a clerk books it. */
async function takeBack(odoo: Odoo, picking: number): Promise<void> {
  const context = { active_model: 'stock.picking', active_ids: [picking], active_id: picking };
  const [wizard] = await odoo.call<number[]>('stock.return.picking', 'create', {
    vals_list: [{ picking_id: picking }],
    context,
  });
  const returns = await odoo.call<{ id: number; move_quantity: number }[]>(
    'stock.return.picking.line',
    'search_read',
    { domain: [['wizard_id', '=', wizard]], fields: ['move_quantity'] },
  );
  for (const { id, move_quantity: quantity } of returns)
    await write(odoo, 'stock.return.picking.line', [id], { quantity });
  const answer = await odoo.call<{ res_id: number }>('stock.return.picking', 'action_create_returns', {
    ids: [wizard!],
    context,
  });
  const moves = await odoo.call<{ id: number; product_uom_qty: number }[]>('stock.move', 'search_read', {
    domain: [['picking_id', '=', answer.res_id]],
    fields: ['product_uom_qty'],
  });
  for (const { id, product_uom_qty: quantity } of moves)
    await write(odoo, 'stock.move', [id], { quantity, picked: true });
  await odoo.call('stock.picking', 'button_validate', { ids: [answer.res_id] });
}

/** One of each kind, the last orders of each life first. */
export async function planted({ odoo, lives, log }: World): Promise<Fault[]> {
  const left = new Map([...lives].map(([life, numbers]) => [life, [...numbers]]));
  const faults: Fault[] = [];
  for (const { situation, life, timing, plant } of kinds) {
    const order = left.get(life)?.pop();
    if (order === undefined) throw new Error(`There are too few orders that are ${life}`);
    log(`${situation}: ${order}`);
    await plant(odoo, await readOrder(odoo, order));
    faults.push({ order, situation, ...(timing && { timing }) });
  }
  return faults;
}

async function readOrder(odoo: Odoo, number: string): Promise<Order> {
  const [row] = await odoo.call<
    { id: number; order_line: number[]; invoice_ids: number[]; picking_ids: number[] }[]
  >('sale.order', 'search_read', {
    domain: [['client_order_ref', '=', number]],
    fields: ['order_line', 'invoice_ids', 'picking_ids'],
  });
  const { id, order_line: lines, invoice_ids: invoices, picking_ids: pickings } = row!;
  return { id, lines, invoices, pickings };
}
