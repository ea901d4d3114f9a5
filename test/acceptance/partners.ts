/** The world around the hub in an acceptance run: a shop, a warehouse and a bank that send signed webhooks, each twice. */
import { setTimeout as sleep } from 'node:timers/promises';
import { sign } from '../../runtime/verify/sign.ts';
import { secrets } from '../e2e/hub-process.ts';

export interface Partners {
  order(
    id: string,
    lines: { sku: string; quantity: number; price: string }[],
    warehouse?: string,
  ): Promise<void>;
  /** The whole order as it is now. */
  update(id: string, lines: { sku: string; quantity: number; price: string }[]): Promise<void>;
  cancellation(id: string): Promise<void>;
  shipment(id: string, order: string, lines: { sku: string; quantity: number }[]): Promise<void>;
  returned(id: string, order: string, lines: { sku: string; quantity: number }[]): Promise<void>;
  /** Of the purchase order with this number. */
  receipt(id: string, number: string, lines: { sku: string; quantity: number }[]): Promise<void>;
  bill(id: string, number: string, total: number): Promise<void>;
  payment(id: string, order: string, amount: number, refund?: boolean): Promise<void>;
}

const rate = 0.15;

/** `url` is asked anew for each try: the hub may be started again meanwhile. */
export function partners(url: () => string, source: string): Partners {
  /** Until it is answered 202; then once more, as senders do that have lost the answer. */
  async function send(path: string, message: object): Promise<void> {
    const body = JSON.stringify(message);
    for (let accepted = 0; accepted < 2;) {
      const { headers } = sign('standard-webhooks', {}, secrets.partner, body);
      const response = await fetch(`${url()}/hooks${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      }).catch(() => undefined);
      if (response?.status === 202) accepted += 1;
      else if (response && ![409, 429, 503].includes(response.status))
        throw new Error(`${path} was answered ${response.status} ${await response.text()}`);
      else await sleep(200);
    }
  }
  const about = (id: string, order: string) => ({ source: `${source}-x`, id, order: { source, id: order } });
  const now = () => new Date().toISOString();
  const pieces = (lines: { sku: string; quantity: number }[]) =>
    lines.map(({ sku, quantity }) => ({ sku, quantity: String(quantity) }));

  function orderOf(id: string, items: { sku: string; quantity: number; price: string }[]): object {
    const lines = items.map(({ sku, quantity, price }, at) => ({
      id: String(at + 1),
      sku,
      name: `Article ${sku}`,
      quantity: String(quantity),
      unitPrice: price,
      taxes: [{ code: 'Tax 15%', rate: String(rate), amount: (Number(price) * quantity * rate).toFixed(2) }],
    }));
    const net = items.reduce((total, { quantity, price }) => total + quantity * Number(price), 0);
    const tax = lines.reduce((total, { taxes: [one] }) => total + Number(one!.amount), 0);
    return {
      source,
      id,
      number: `${source}-${id}`,
      placedAt: now(),
      currency: 'USD',
      customer: { id: `c-${id}`, name: `Customer ${id}` },
      pricesIncludeTax: false,
      lines,
      totals: { net: net.toFixed(2), tax: tax.toFixed(2), gross: (net + tax).toFixed(2) },
    };
  }

  return {
    order: (id, items, warehouse) =>
      send('/partners/orders', { ...orderOf(id, items), ...(warehouse && { warehouse }) }),
    update: (id, items) => send('/partners/updates', { ...orderOf(id, items), version: now() }),
    cancellation: (id) =>
      send('/partners/cancellations', { source, id, number: `${source}-${id}`, cancelledAt: now() }),
    shipment: (id, order, lines) =>
      send('/warehouse/shipments', { ...about(id, order), shippedAt: now(), lines: pieces(lines) }),
    receipt: (id, number, lines) =>
      send('/warehouse/receipts', {
        source: `${source}-x`,
        id,
        order: { number },
        receivedAt: now(),
        lines: pieces(lines),
      }),
    bill: (id, number, total) =>
      send('/suppliers/bills', {
        source: `${source}-x`,
        id,
        order: { number },
        number: `R-${id}`,
        date: now().slice(0, 10),
        total: total.toFixed(2),
      }),
    returned: (id, order, lines) =>
      send('/warehouse/returns', { ...about(id, order), returnedAt: now(), lines: pieces(lines) }),
    payment: (id, order, amount, refund) =>
      send('/payments', {
        ...about(id, order),
        amount: amount.toFixed(2),
        currency: 'USD',
        ...(refund && { refund }),
      }),
  };
}
