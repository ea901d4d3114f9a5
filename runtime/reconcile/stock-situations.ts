/** What can be wrong between the stock of Odoo, what a warehouse counts, and what the channels were told. */
import type { Told } from './break-classes.ts';

export const stockSituations = {
  'stock missing': {
    stage: 'stock',
    class: 'missing',
    cause: 'Odoo has stock of an article that the warehouse does not count.',
    repair: 'Have it looked for; where it is lost, adjust the stock in Odoo.',
  },
  'stock extra': {
    stage: 'stock',
    class: 'extra',
    cause: 'The warehouse counts an article of which Odoo has nothing.',
    repair: 'Look for a receipt or a return that was not booked; else adjust the stock in Odoo.',
  },
  'stock quantity': {
    stage: 'stock',
    class: 'quantity',
    cause: 'The warehouse counts another quantity than Odoo has.',
    repair:
      'Count again; look for a transfer that one side has not booked, then adjust the side that is wrong.',
  },
  'channel quantity': {
    stage: 'channel',
    class: 'quantity',
    cause: 'The channel was told another quantity than Odoo can promise.',
    repair:
      'Look for the exception of its stock level in the work queue and replay it; change the stock once more else.',
  },
  'channel extra': {
    stage: 'channel',
    class: 'extra',
    cause: 'The channel was told of stock of an article that Odoo has no more.',
    repair: 'Take the article off in the channel, or set its stock to 0 there.',
  },
} as const satisfies Record<string, Told>;

export type StockSituation = keyof typeof stockSituations;
