/** What the hub is compared with: by the name a figure has in the report, what each floor does and what it leaves out. */

export interface Floor {
  /** The benches that run it, and the name of its figures. */
  bench: string;
  name: string;
  does: string;
  /** That the hub does. */
  leavesOut: string;
}

export const floors: readonly Floor[] = [
  {
    bench: 'intake',
    name: 'raw',
    does: 'node:http; the signature; each webhook once; the body kept as it came, durably (one commit a turn in SQLite; a key in Redis and a confirmed publish to a quorum queue); then 202',
    leavesOut: 'limits, paths, a journal, an envelope, flows and nodes',
  },
  {
    bench: 'intake',
    name: 'maps inline',
    does: 'the same, and the Shopify mapping in stock JSONata before the 202',
    leavesOut: 'the same; the hub maps behind its queue',
  },
  {
    bench: 'drain',
    name: 'plain JS',
    does: '64 messages at once from one quorum queue; the whole Shopify mapping written by hand; a confirmed publish, then the acknowledgement',
    leavesOut:
      'order within a key, each message once, the state of the order, value maps and rules of partners, the check against the schema, a journal, limits',
  },
  {
    bench: 'drain',
    name: "the hub's engine",
    does: 'the same with the mapping in the engine the hub has, with its value maps',
    leavesOut: 'the same, but value maps',
  },
  {
    bench: 'drain',
    name: 'stock JSONata',
    does: 'the same with the mapping in JSONata as it is published',
    leavesOut: 'the same, and limits of time and depth',
  },
  {
    bench: 'landing',
    name: 'create',
    does: 'one `create` an order, one after the other, with all database ids known beforehand',
    leavesOut:
      'looking up customers, articles and taxes; external ids, so a lost answer makes an order twice',
  },
  {
    bench: 'landing',
    name: 'load',
    does: '`load` of 50 orders with the columns the writer sends, one call after the other',
    leavesOut: 'looking up; telling which order of a batch was refused; what a lost answer left behind',
  },
  {
    bench: 'landing',
    name: 'load, two at once',
    does: 'the same in two calls side by side, as the writer does',
    leavesOut: 'the same',
  },
  {
    bench: 'landing',
    name: 'load, confirmed',
    does: '`load` of 50 orders, then one `action_confirm` for all',
    leavesOut: 'the same',
  },
  {
    bench: 'latency',
    name: 'floor',
    does: 'intake that maps inline, one queue, then a `load` and an `action_confirm` an order; articles, tax and customer known beforehand',
    leavesOut: 'a queue for each step, order within a key, looking up, batches, a journal',
  },
  {
    bench: 'settle',
    name: 'plain',
    does: 'the same chain of nodes in Node-RED without the hub',
    leavesOut: 'telling when the work on a message has ended',
  },
  {
    bench: 'commands',
    name: 'bare node',
    does: '`node -e 0`',
    leavesOut: 'everything',
  },
  {
    bench: 'order-to-cash',
    name: 'one by one',
    does: '11 calls an order, from `load` to a payment of its own: confirmed, shipped, invoiced, posted, paid',
    leavesOut:
      'webhooks, queues, the process; looking up; what message a document is of, so a lost answer does it twice; several parts',
  },
  {
    bench: 'order-to-cash',
    name: '4 parallel',
    does: 'the same, four orders at once',
    leavesOut: 'the same',
  },
  {
    bench: 'order-to-cash',
    name: 'batched',
    does: 'the same calls for ten orders each, two such batches at once; one wizard pays ten invoices, each by a payment of its own',
    leavesOut:
      'the same; one order that Odoo refuses holds nine others; payments do not say which message they are of',
  },
];
