/** What a reconciliation compares: the orders as the hub knows them from its partners, and what Odoo has of them. */

/** Decimal text. */
export type Amount = string;
/** ISO 8601, UTC. */
export type Time = string;

export interface Facts {
  hub: readonly HubOrder[];
  odoo: readonly OdooOrder[];
}

/** An order as the events of its process tell it, up to the cut-off. */
export interface HubOrder {
  /** Its identity: the partner and its own id of the order. */
  source: string;
  id: string;
  number: string;
  /** When the hub first heard of it. */
  heard: Time;
  /** With tax; undefined where it was changed since and nobody told the new total. */
  gross?: Amount;
  currency?: string;
  /** Whether the prices of its lines are with tax. */
  taxIncluded: boolean;
  /** Waits for a person or its partner: nothing is due. */
  held: boolean;
  cancelled: boolean;
  /** Undefined where the hub only heard of it, and has no word of a sale order. */
  confirmed?: { sale: number; at: Time };
  /** As the partner said last. Undefined until it is confirmed or held. */
  lines?: readonly HubLine[];
  /** Also those told after the cut-off, so that nobody takes their transfers for unreported. */
  shipments: readonly HubGoods[];
  invoices: readonly HubMoney[];
  payments: readonly HubMoney[];
}

export interface HubLine {
  kind: 'line' | 'charge';
  /** The partner's id of it. */
  id: string;
  sku: string;
  quantity: Amount;
  uom?: string;
  price: Amount;
  /** Of the whole line. */
  discount: Amount;
}

/** What a warehouse did, as it is booked. */
export interface HubGoods {
  document: number;
  name: string;
  at: Time;
  /** In the product's own unit. */
  lines: readonly { sku: string; quantity: Amount }[];
}

export interface HubMoney {
  document: number;
  name: string;
  at: Time;
  total: Amount;
}

/** A sale order with all that hangs on it; what is dated after the cut-off is marked, not left out. */
export interface OdooOrder {
  id: number;
  name: string;
  /** Of its external id; undefined for one that nobody wrote through the hub. */
  key?: { source: string; id: string };
  /** The partner's number. */
  reference: string;
  customer: number;
  state: string;
  made: Time;
  currency: string;
  total: Amount;
  lines: readonly OdooLine[];
  invoices: readonly OdooInvoice[];
  /** Invoices of the same customer that name no order and say the same as one of this. */
  strays: readonly OdooInvoice[];
  /** Money of this order that is set against nothing, wholly or in part. */
  loose: readonly LoosePayment[];
  /** Payments that the hub booked for it and Odoo has no more, or has cancelled: their ids. */
  lostPayments: readonly number[];
}

export interface OdooLine {
  id: number;
  /** What it is of the partner's order, `off`: the discount of it; undefined for one that was added in Odoo. */
  of?: { kind: 'line' | 'charge' | 'rounding'; id: string; off?: true };
  sku: string;
  name: string;
  /** Shipped by the warehouse; otherwise a service, whose delivery nobody books. */
  goods: boolean;
  /** Invoiced when it is ordered, not when it is delivered. */
  byOrder: boolean;
  quantity: Amount;
  /** Without and with tax. */
  subtotal: Amount;
  total: Amount;
  moves: readonly OdooMove[];
}

/** Goods that left or came back; of a purchase goods that arrived, and went back. */
export interface OdooMove {
  picking: { id: number; name: string };
  /** `out`: the way that was ordered. */
  direction: 'out' | 'back';
  /** A return that is to be credited. */
  credited: boolean;
  /** In the unit of the order line, and in the product's own. */
  quantity: Amount;
  pieces: Amount;
  at: Time;
  /** Parts have moved for it: how many is what Odoo counts as delivered, and what was reported is no measure. */
  kit?: true;
}

export interface OdooInvoice {
  id: number;
  name: string;
  type: 'invoice' | 'credit';
  state: 'draft' | 'posted' | 'cancel';
  /** Of the accounts: 2026-11-29. */
  date: string;
  made: Time;
  total: Amount;
  /** Where it is not that of the order, money of the two is not compared. */
  currency?: string;
  lines: readonly OdooInvoiceLine[];
  settled: readonly Settled[];
}

export interface OdooInvoiceLine {
  /** Of the sale order; undefined where the invoice line is linked to none. */
  line?: number;
  /** That line is of another order. */
  other?: true;
  sku: string;
  quantity: Amount;
  subtotal: Amount;
  total: Amount;
}

/** What was set against an invoice. */
export interface Settled {
  /** By money, by a credit note, or by an entry that gives it up. */
  by: 'payment' | 'credit' | 'write-off';
  document: string;
  amount: Amount;
  /** Since when it counts. */
  at: Time;
}

export interface LoosePayment {
  /** `account.payment/42`, or an entry: `account.move/42`. */
  document: string;
  name: string;
  /** Why it is thought to be of this order: its memo says so, or the customer and the amount fit. */
  by: 'memo' | 'amount';
  /** `in`: as it was owed; to a supplier that is what was paid. */
  direction: 'in' | 'out';
  /** What of it is set against nothing. */
  open: Amount;
  at: Time;
}

/** What an order is called by its source: the same in the hub and in Odoo. */
export function keyOf({ source, id }: { source: string; id: string }): string {
  return `${source}/${id}`;
}
