/** Flow node: lets the answer to an interchange go when all of its documents are staged. */
import { Type } from 'typebox';
import { CodedError } from '../../runtime/errors/coded-error.ts';
import type { Delivery } from '../../runtime/hub/deliveries.ts';
import { defineNode } from '../../runtime/node-red/define-node.ts';

/** What the node edi read adds to each document. */
export interface Due {
  interchange: string;
  /** How many documents there are. */
  documents: number;
  /** The answer's payload; an answer itself has none. */
  answer?: unknown;
}

export default defineNode({
  type: 'edi-staged',
  use: 'check',
  summary: 'Lets the answer to an interchange go when all of its documents are staged.',
  help: `Stands behind the nodes that publish the documents of **edi read**. When the last one of an interchange has come, its
997 or CONTRL leaves. Where one fails none leaves: the sender tries again, and is answered then.`,
  icon: 'fa-check',
  color: '#E2D5A8',
  config: Type.Object({}),
  inputs: 1,
  outputs: [{ name: 'answer', description: 'payload is {partner, type, segments}: the 997 or CONTRL.' }],
  start({ delivery: deliveryOf, send }) {
    /** How many documents of each interchange have come. What fails is forgotten with its delivery. */
    const come = new WeakMap<Delivery, Map<string, number>>();
    return {
      input(msg) {
        const delivery = deliveryOf(msg);
        const due = msg['edi'] as Due | undefined;
        if (!delivery || !due) throw new CodedError('CONFIG_INVALID', 'edi staged works behind edi read');
        const counts = come.get(delivery) ?? new Map<string, number>();
        come.set(delivery, counts);
        const count = (counts.get(due.interchange) ?? 0) + 1;
        counts.set(due.interchange, count);
        if (count === due.documents && due.answer) send('answer', { ...msg, payload: due.answer });
      },
    };
  },
});
