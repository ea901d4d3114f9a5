/** Config node: how long claims are held and remembered. */
import { Type } from 'typebox';
import { defineNode } from '../../runtime/node-red/define-node.ts';

export default defineNode({
  type: 'store',
  kind: 'config',
  summary: 'The store that remembers which messages were counted.',
  help: `The embedded profile keeps claims in the hub's own file; the cluster profile keeps them in Redis
(\`REDIS_URL\`). Keep results longer than the sender goes on repeating a message: Shopify repeats for 4 hours,
Stripe for 3 days.`,
  icon: 'fa-database',
  color: '#D8BFD8',
  config: Type.Object({
    leaseSeconds: Type.Integer({
      title: 'Lease',
      description:
        "A claim whose work never ended is free again after this, or the flow's time limit if that is longer.",
      default: 30,
      minimum: 5,
      unit: 'seconds',
    }),
    keepDays: Type.Integer({
      title: 'Remember for',
      description: 'How long a repeated message is answered with its first answer.',
      default: 30,
      minimum: 1,
      unit: 'days',
    }),
  }),
  inputs: 0,
  outputs: [],
  start: ({ config }) => ({
    api: { leaseMs: config.leaseSeconds * 1000, keepMs: config.keepDays * 86_400_000 },
  }),
});
