/** What a new partner can send: which canonical event it becomes, and what its own is called. */

export interface Sent {
  /** The canonical event. */
  becomes: string;
  /** The end of the names of its mapping and schema: `acme.order`. */
  noun: string;
  /** The end of the name of its own event: `acme.order.created.v1`. */
  event: string;
}

export const sent = {
  orders: { becomes: 'order.received.v1', noun: 'order', event: 'order.created' },
  updates: { becomes: 'order.update.received.v1', noun: 'order-update', event: 'order.updated' },
  cancellations: {
    becomes: 'order.cancellation.received.v1',
    noun: 'cancellation',
    event: 'order.cancelled',
  },
  shipments: { becomes: 'shipment.received.v1', noun: 'shipment', event: 'shipment.created' },
  returns: { becomes: 'return.received.v1', noun: 'return', event: 'return.created' },
  receipts: { becomes: 'receipt.received.v1', noun: 'receipt', event: 'receipt.created' },
  payments: { becomes: 'payment.received.v1', noun: 'payment', event: 'payment.created' },
} as const satisfies Record<string, Sent>;

export type Sends = keyof typeof sent;
export const sends = Object.keys(sent) as Sends[];
