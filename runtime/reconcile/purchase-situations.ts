/** What can be wrong in the chain from a purchase order to its payment. */
import type { Told } from './break-classes.ts';

export const purchaseSituations = {
  'received more': {
    stage: 'receipt',
    class: 'quantity',
    cause: 'More has arrived than was ordered.',
    repair: 'Count with the warehouse. Send the goods back, or order them as well.',
  },
  'receipt quantity': {
    stage: 'receipt',
    class: 'quantity',
    cause: 'The receipt in Odoo has another quantity than the warehouse reported.',
    repair: 'Count with the warehouse, and correct the receipt.',
  },
  'receipt missing': {
    stage: 'receipt',
    class: 'missing',
    cause: 'The warehouse reported goods, and their receipt in Odoo is not done, or gone.',
    repair: 'Do the receipt in Odoo, or replay the report of the warehouse.',
  },
  'receipt extra': {
    stage: 'receipt',
    class: 'extra',
    cause: 'A receipt was done in Odoo that the warehouse of this order did not report.',
    repair: 'Ask the warehouse whether the goods are there; return the receipt in Odoo where they are not.',
  },
  'not refunded': {
    stage: 'supplier return',
    class: 'missing',
    cause: 'Goods went back to the supplier, and no credit note of theirs takes them off.',
    repair: 'Ask the supplier for the credit note, and post it against the bill.',
  },
  'refunded only': {
    stage: 'supplier return',
    class: 'extra',
    cause: 'A credit note of the supplier takes off what did not go back.',
    repair: 'Where it is a rebate, note it. Otherwise book the return, or ask the supplier what it is for.',
  },
  'not billed': {
    stage: 'bill',
    class: 'missing',
    cause: 'Goods have arrived, and no bill has them.',
    repair: 'Ask the supplier for the bill; at the end of the month accrue it.',
  },
  'billed more': {
    stage: 'bill',
    class: 'quantity',
    cause: 'More is billed than has arrived.',
    repair: 'Do not pay it yet: ask the warehouse for the goods, or the supplier for a credit note.',
  },
  'bill twice': {
    stage: 'bill',
    class: 'duplicate',
    cause: 'Two bills say the same, and goods have arrived for one.',
    repair: 'Cancel the second bill, or reverse it; see that it is not paid.',
  },
  'bill unlinked': {
    stage: 'bill',
    class: 'unlinked',
    cause:
      'A bill names the purchase order and is linked to none of its lines, so the order counts as not billed.',
    repair: 'Cancel it and make the bill from the purchase order.',
  },
  'bill price': {
    stage: 'bill',
    class: 'price',
    cause: 'A line is billed at another price than it was ordered.',
    repair:
      'Ask the buyer which price was agreed; have the supplier credit the difference, or change the order.',
  },
  'bill total': {
    stage: 'bill',
    class: 'price',
    cause: 'The lines of the bill agree, and its total is another than that of the order.',
    repair: 'Compare the taxes and the added lines of the bill with those of the order.',
  },
  'bill currency': {
    stage: 'bill',
    class: 'price',
    cause: 'The bill is in another currency than the purchase order, so their money cannot be compared.',
    repair: 'Ask the buyer which currency was agreed; set the bill right, or accept it as it is.',
  },
  'bill rounding': {
    stage: 'bill',
    class: 'tax rounding',
    cause: 'The bills of the order differ from its total by cents.',
    repair: 'Book the cents as rounding, or allow for them in definitions/reconciliation.yaml.',
  },
  'bill not posted': {
    stage: 'posting',
    class: 'missing',
    cause: 'The bill is a draft: it stands in no account.',
    repair: 'Check it and post it.',
  },
  'bill of another period': {
    stage: 'posting',
    class: 'period',
    cause: 'The bill counts in another month than its goods.',
    repair: 'Set it back to a draft and correct its date; where the month is closed, accrue it.',
  },
  'bill payment unlinked': {
    stage: 'payment',
    class: 'unlinked',
    cause: 'A payment to the supplier is booked and set against nothing, while its bill is open.',
    repair: 'Reconcile the payment with the bill in Odoo.',
  },
  'bill paid twice': {
    stage: 'payment',
    class: 'duplicate',
    cause: 'The same bill is paid a second time.',
    repair: 'Look at the statement. Cancel the second payment, or ask for the money back.',
  },
  'bill paid more': {
    stage: 'payment',
    class: 'extra',
    cause: 'More was paid to the supplier than is billed.',
    repair: 'Ask for the money back, or keep it for the next bill.',
  },
  'bill written off': {
    stage: 'payment',
    class: 'extra',
    cause: 'More of a bill was given up than the limit allows.',
    repair: 'Have it approved, or take the write-off back.',
  },
} as const satisfies Record<string, Told>;

export type PurchaseSituation = keyof typeof purchaseSituations;
