/** Flow node: leaves a message out by a decision, with the reason in the trace. */
import { Type } from 'typebox';
import { note } from '../../runtime/hub/deliveries.ts';
import { defineNode } from '../../runtime/node-red/define-node.ts';

export default defineNode({
  type: 'drop',
  use: 'out',
  summary: 'Leaves a message out on purpose, and says why.',
  help: `For what a flow sees and has nothing to do with: wire the output of a **switch** to it that catches the rest. The trace
shows the message as \`dropped\`, with the reason.

Work that ends elsewhere and came to nothing is an exception, **NOTHING_DONE**: so nothing is lost by a wire that is
missing.`,
  icon: 'fa-ban',
  color: '#D9D9D9',
  labelFrom: 'reason',
  config: Type.Object({
    reason: Type.String({
      title: 'Reason',
      description: 'Why nothing is done, for whoever asks what became of the message.',
      minLength: 1,
      placeholder: 'What failed was never paid.',
    }),
  }),
  inputs: 1,
  outputs: [],
  start({ config, flowContext, delivery: deliveryOf }) {
    return {
      input(msg) {
        const delivery = deliveryOf(msg);
        if (delivery) note(delivery, flowContext, 'dropped', { detail: config.reason });
      },
    };
  },
});
