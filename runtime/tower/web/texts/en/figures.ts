/** The figures of the business: what each is called, and how it is counted. */
export const figures = {
  title: 'Figures',
  span: 'Counted over',
  'span.7': '7 days',
  'span.30': '30 days',
  'span.90': '90 days',
  print: 'Print',
  printed: 'From {from} to {to}, in days of UTC. Orders of the process {process}.',
  none: 'There are no objectives: write definitions/objectives.yaml, and the figures it names are shown here.',
  all: 'All figures',
  figure: 'Figure',
  value: 'Now',
  target: 'Objective',
  state: 'State',
  counted: 'Counted',
  owner: 'Team',
  tier: 'Tier',
  met: 'met',
  missed: 'missed',
  open: 'not measurable',
  clear: 'nothing waits',
  least: 'at least {target}',
  most: 'at most {target}',
  leastWithin: 'at least {target} within {within}',
  mostWithin: 'at most {target} within {within}',
  of: '{hits} of {count}',
  left: {
    one: '{count} more cannot be judged and is not counted.',
    other: '{count} more cannot be judged and are not counted.',
  },
  formula: 'Formula',
  basis: 'Basis',
  half: 'Half took no longer than {median}, nine of ten no longer than {most}.',
  oldest: 'The oldest waits since {time}.',
  byPartner: 'By partner',
  byWarehouse: 'By warehouse',
  byFlow: 'By flow',
  byVersion: 'By version of the process',
  byRelease: 'By release that ran when it began',
  name: 'Name',
  share: 'Share',
  unknown: 'not known',
  day: 'Day',
  worse: 'Release {version} made it worse: {after} since {since}, and {before} before.',
  worseCounts: '{count} were counted since, {earlier} before.',
  rollback:
    'Put the release {version} back: crossdock rollback --to ENVIRONMENT --version {version}. Look first whether something else changed on that day.',
  rolled: 'It does not run any more, or there is none before it.',
  businessDays: { one: '{count} business day', other: '{count} business days' },
  parts: 'By partner, warehouse, version and release',
  lead: 'Each figure says what is counted. What cannot be counted has none: it is never shown as zero.',
  said: 'The last is {last}, the lowest {lowest}.',
  nothingDrawn: 'Nothing was counted on any day.',
  drawn: 'Each day',
  'missing.process': 'This hub has no such process.',
  'missing.nothing': 'Nothing of this kind happened in this time.',
  'missing.requested':
    'No order says when the customer wants it: the facts of the process have no “requested”.',
  'missing.lag': 'No channel has told the hub yet that it took a change of stock.',
  'missing.reconciliation': 'No reconciliation has run.',
  'missing.clear': 'Nothing waits now.',
  'order-acceptance.title': 'Order acceptance',
  'order-acceptance.formula':
    'orders confirmed in Odoo within the limit ÷ (orders confirmed + orders that wait longer than the limit)',
  'order-acceptance.basis':
    'From when the order came (order.received) to when it stood confirmed in Odoo (order.confirmed), by the clock of the hub. It counts on the day it was confirmed; what waits too long counts today. An order that is held counts as one that waits.',
  'order-ageing.title': 'Order ageing',
  'order-ageing.formula': 'open orders that came no longer ago than the limit ÷ all open orders',
  'order-ageing.basis':
    'Orders that came (order.received) and whose process is neither done nor cancelled at that moment.',
  'shipment-confirmation.title': 'Shipment confirmation',
  'shipment-confirmation.formula': 'shipments booked in Odoo within the limit ÷ shipments booked',
  'shipment-confirmation.basis':
    'From when the goods left, as the warehouse says (shippedAt), to when the shipment stood in Odoo (shipment.booked). Without what was handed over at a till. One that is not booked yet is not counted here, but is an exception or late in the work queue.',
  'invoice-backlog.title': 'Invoice backlog',
  'invoice-backlog.formula':
    'shipments without an invoice that were booked no longer ago than the limit ÷ all shipments without an invoice',
  'invoice-backlog.basis':
    'From when the shipment was booked (shipment.booked; of services: order.confirmed) to when an invoice was posted (invoice.posted): the first invoice is that of the first shipment. It ends with the order.',
  'payment-matching.title': 'Payment matching',
  'payment-matching.formula':
    'payments booked to an invoice at once ÷ (payments booked + payments that became exceptions)',
  'payment-matching.basis':
    'Payments booked in Odoo (payment.booked), and exceptions of payments (payment.received) by the day of their first failure. One that failed and was booked later counts once, as failed. A discarded one is not counted.',
  'webhook-refusals.title': 'Refused webhooks',
  'webhook-refusals.formula': 'webhooks refused ÷ (webhooks refused + webhooks taken)',
  'webhook-refusals.basis':
    'Answers of the hub to webhooks, by hour. Without those that came again, and without what is refused because the hub is full: that stands in the log only.',
  'touchless.title': 'Touchless orders',
  'touchless.formula': 'orders done that nobody had to look at ÷ orders done',
  'touchless.basis':
    'Orders whose process is done, by the day it was. Somebody had to look: a step was late or failed and a person was asked, a person acted, or an exception bears the number of the order. What was tried again by itself does not count. Cancelled orders are not counted.',
  'inventory-lag.title': 'Inventory lag',
  'inventory-lag.formula': 'changes of stock acknowledged by the channel within the limit ÷ changes of stock',
  'inventory-lag.basis':
    'Levels that a channel has taken (stock.level.acknowledged), by the day it did: from the change in Odoo, whose time is of whole seconds, to the answer of the channel. Several changes of an article that wait are one, since the first of them. What waits too long counts as late today; only articles that the channel has taken before, and still sells, can wait. A level that does not say when it changed is not counted.',
  'reconciliation-breaks.title': 'Reconciliation breaks',
  'reconciliation-breaks.formula': 'orders with a break that somebody has to act on ÷ orders compared',
  'reconciliation-breaks.basis':
    'The last reconciliation of each day, by its cut-off. What is only a matter of timing is no break here. Orders that only Odoo has are compared too.',
  'line-fill.title': 'Line fill',
  'line-fill.formula':
    'articles of orders whose whole quantity left with the first shipment ÷ articles of orders',
  'line-fill.basis':
    'Orders of which nothing is left to ship, by the day of that. Compared is the quantity that was ordered last; where it was ordered in another unit than the article has, the quantity that left in all. An article of which nothing left may be a service: it is not counted.',
  'backorder-rate.title': 'Backorders',
  'backorder-rate.formula':
    'orders with something left to ship after their first shipment ÷ orders with a first shipment',
  'backorder-rate.basis':
    'Transfers of the order that were open in Odoo when the first shipment was booked, by the day of that.',
  'otif.title': 'On time, in full',
  'otif.formula':
    'orders that left whole by their date ÷ (orders that left whole + open orders whose date is over)',
  'otif.basis':
    'By the day the order was whole; an open one whose date is over counts today. When it left is what the warehouse says (shippedAt). It is about leaving, not about arriving.',
  'perfect-order.title': 'Perfect orders',
  'perfect-order.formula':
    'orders done that left whole by their date, with one shipment, without a return, and that nobody had to look at ÷ orders done that were shipped',
  'perfect-order.basis': 'Orders whose process is done, by the day it was.',
  'days-to-cash.title': 'Days to cash',
  'days-to-cash.formula': 'orders paid within the limit ÷ orders paid',
  'days-to-cash.basis':
    'From when the order came (order.received) to when the last payment it needed was booked (payment.booked), by the day of that. Orders that nobody has paid are not counted.',
  'date.promised':
    'The date is the one the process promises: the plan of its step shipment, counted from when the order was confirmed.',
  'date.requested': 'The date is the one the customer asked for: “requested” in the facts of the process.',
};
