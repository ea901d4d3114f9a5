/** Flow node: takes an EDI interchange apart, checks it, and says what is to be answered. */
import { Type } from 'typebox';
import { readInterchange } from '../../runtime/edi/edi.ts';
import { CodedError } from '../../runtime/errors/coded-error.ts';
import { note } from '../../runtime/hub/deliveries.ts';
import { defineNode } from '../../runtime/node-red/define-node.ts';

export default defineNode({
  type: 'edi-read',
  summary: 'Takes an EDI interchange apart, checks it, and says what is to be answered.',
  help: `\`msg.payload\` is the text of one interchange, X12 or EDIFACT. The partner is the one of \`definitions/partners\` with
its addresses; what is from nobody, or for somebody else, fails with **EDI_PARTNER_UNKNOWN**.

Each transaction set or message leaves by **documents**: \`payload\` is {partner, standard, type, version, interchange,
control, segments}. A segment has its elements by name: \`segments.BEG03\`, \`segments[DTM01[0]='137'].DTM01[1]\`.

Counts, control numbers and types are checked. What is wrong does not leave; it stands in the answer, which goes to
the partner: a 997, a TA1 when the envelope is wrong, or a CONTRL. A 997, TA1 or CONTRL itself is not answered.`,
  icon: 'fa-file-text-o',
  color: '#E2D5A8',
  config: Type.Object({}),
  inputs: 1,
  outputs: [
    { name: 'documents', description: 'One message for each document without an error.' },
    { name: 'answer', description: 'payload is {partner, type, segments}: the 997, TA1 or CONTRL.' },
  ],
  start({ hub, place, delivery: deliveryOf, send }) {
    return {
      async input(msg) {
        if (typeof msg.payload !== 'string')
          throw new CodedError('EDI_INVALID', 'The payload is no text: webhook verify reads it as text');
        const { partner, documents, answer, control, findings } = await readInterchange(
          msg.payload,
          hub.partners,
        );
        const delivery = deliveryOf(msg);
        const reference = `${partner.partner}/${control}`;
        if (delivery)
          note(delivery, place, 'mapped', {
            reference,
            detail: [`${documents.length} documents`, ...findings].join('; ').slice(0, 500),
          });
        for (const document of documents)
          send('documents', { ...msg, payload: { partner: partner.partner, ...document } });
        if (answer)
          send('answer', { ...msg, payload: { partner: partner.partner, interchange: control, ...answer } });
      },
    };
  },
});
