/** Flow node: writes an EDI interchange, with a control number of its own. */
import { Type } from 'typebox';
import type { Segment } from '../../runtime/edi/document.ts';
import { controlNumber, writeInterchange } from '../../runtime/edi/interchanges/edi.ts';
import { CodedError } from '../../runtime/errors/coded-error.ts';
import { note } from '../../runtime/hub/deliveries.ts';
import { defineNode } from '../../runtime/node-red/define-node.ts';

export default defineNode({
  type: 'edi-write',
  use: 'map',
  summary: 'Writes an EDI interchange for a partner.',
  help: `\`msg.payload\` is {partner, type, segments}; a segment has its elements by name: {"BEG01": "00", "BEG02": "SA"}. What
is left out stays empty. Addresses, version and standard are those of the partner's file.

The new \`msg.payload\` is {partner, type, standard, number, text}. The control number is the partner's next one, and the
same one when the same message is worked on again.

A value with a separator of X12 in it, or one that is no text, fails with **EDI_VALUE_INVALID** and the element's name.`,
  icon: 'fa-file-text',
  color: '#E2D5A8',
  config: Type.Object({}),
  inputs: 1,
  outputs: [{ name: 'written', description: 'payload.text is the interchange.' }],
  start({ hub, flowContext, delivery: deliveryOf, send }) {
    return {
      async input(msg) {
        const { partner: name, type, segments } = (msg.payload ?? {}) as Record<string, unknown>;
        const partner = hub.partners.get(String(name));
        if (!partner)
          throw new CodedError('EDI_PARTNER_UNKNOWN', `There is no partner ${String(name)}`, {
            partner: String(name),
          });
        const delivery = deliveryOf(msg);
        const cause = delivery?.cause;
        if (!cause) throw new CodedError('CONFIG_INVALID', 'edi write works behind an event consume');
        const document = { type: String(type), segments: [segments ?? []].flat() as Segment[] };
        const message = `${cause.replayof ?? cause.id}/${flowContext.step}`;
        const number = await controlNumber(hub.journal, partner.partner, message);
        const text = writeInterchange(partner, document, number, new Date(cause.time));
        note(delivery, flowContext, 'mapped', {
          detail: document.type,
          reference: `${partner.partner}/${number}`,
        });
        const { standard } = partner.edi;
        send('written', {
          ...msg,
          payload: { partner: partner.partner, type: document.type, standard, number: String(number), text },
        });
      },
    };
  },
});
