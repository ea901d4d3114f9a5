/** A purchase in the real Odoo, as a buyer and finance do it there. */
import type { Odoo } from '../../runtime/odoo/client.ts';

export interface Purchase {
  /** `P00042`. */
  number: string;
  product: number;
  /** Ids of its bills and transfers. */
  papers(): Promise<{ bills: number[]; transfers: number[] }>;
  /** Each of its bills in full. */
  pay(): Promise<void>;
}

/** What says of an article that stock is kept of it. */
export async function stockedGoods(odoo: Odoo): Promise<Record<string, unknown>> {
  const { storable, productType } = await odoo.dialect();
  return storable[0] === 'is_storable' ? { type: 'consu', is_storable: true } : { [productType]: 'product' };
}

/** A confirmed order of so many of a new article at 2.50, without tax, billed by what is received. */
export async function buy(odoo: Odoo, source: string, sku: string, quantity: number): Promise<Purchase> {
  const [product] = await odoo.call<[number]>('product.product', 'create', {
    vals_list: [
      { name: 'Bought', default_code: sku, ...(await stockedGoods(odoo)), purchase_method: 'receive' },
    ],
  });
  const [vendor] = await odoo.call<number[]>('res.partner', 'create', { vals_list: [{ name: source }] });
  const taxes = (await odoo.version()) >= 19 ? 'tax_ids' : 'taxes_id';
  const line = { name: sku, product_id: product, product_qty: quantity, price_unit: 2.5, [taxes]: [] };
  const [id] = await odoo.call<[number]>('purchase.order', 'create', {
    vals_list: [{ partner_id: vendor, order_line: [[0, 0, line]] }],
  });
  await odoo.call('purchase.order', 'button_confirm', { ids: [id] });
  const read = async () => {
    const fields = ['name', 'invoice_ids', 'picking_ids'];
    const [row] = await odoo.call<[{ name: string; invoice_ids: number[]; picking_ids: number[] }]>(
      'purchase.order',
      'read',
      { ids: [id], fields },
    );
    return row;
  };
  const papers = async () => {
    const { invoice_ids: bills, picking_ids: transfers } = await read();
    return { bills, transfers };
  };
  return {
    number: (await read()).name,
    product,
    papers,
    async pay() {
      for (const bill of (await papers()).bills) {
        const context = { active_model: 'account.move', active_ids: [bill] };
        const [wizard] = await odoo.call<[number]>('account.payment.register', 'create', {
          vals_list: [{}],
          context,
        });
        await odoo.call('account.payment.register', 'action_create_payments', { ids: [wizard], context });
      }
    },
  };
}
