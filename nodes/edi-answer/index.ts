/** Flow node: reads a partner's 997, TA1 or CONTRL; what it rejected becomes an exception. */
import { Type } from 'typebox';
import type { EdiDocument } from '../../runtime/edi/document.ts';
import { edifactVerdict } from '../../runtime/edi/edifact.ts';
import { x12Verdict } from '../../runtime/edi/x12.ts';
import { CodedError } from '../../runtime/errors/coded-error.ts';
import { note } from '../../runtime/hub/deliveries.ts';
import { defineNode } from '../../runtime/node-red/define-node.ts';

export default defineNode({
  type: 'edi-answer',
  use: 'check',
  summary: "Reads a partner's 997 or CONTRL; what it rejected becomes an exception.",
  help: `\`msg.payload\` is a document of **edi read**. \`msg.answer\` is {number, accepted, codes}; the number is the control
number that **edi write** gave. A rejection fails with **EDI_REJECTED** and waits for a person.`,
  icon: 'fa-check-square-o',
  color: '#E2D5A8',
  config: Type.Object({}),
  inputs: 1,
  outputs: [{ name: 'accepted', description: 'answer is {number, accepted, codes}.' }],
  start({ flowContext, delivery: deliveryOf, send }) {
    return {
      input(msg) {
        const document = msg.payload as EdiDocument & { partner: string };
        const answer = document.standard === 'x12' ? x12Verdict(document) : edifactVerdict(document);
        const { number, accepted, codes } = answer;
        const reference = `${document.partner}/${number}`;
        if (!accepted)
          throw new CodedError(
            'EDI_REJECTED',
            `${document.partner} rejected ${number} with ${codes.join(', ') || 'no code'}`,
            {
              partner: document.partner,
              number,
              codes: codes.join(' '),
            },
          );
        const delivery = deliveryOf(msg);
        if (delivery) note(delivery, flowContext, 'landed', { detail: 'accepted by the partner', reference });
        send('accepted', { ...msg, answer });
      },
    };
  },
});
