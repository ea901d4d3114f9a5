/** Flow node: takes EDI interchanges apart, checks them, counts each once, and says what is to be answered. */
import { Type } from 'typebox';
import { keepRefused } from '../../runtime/dead/refused.ts';
import { countOnce, type Counted } from '../../runtime/edi/interchanges/count-once.ts';
import { readInterchanges, type Read } from '../../runtime/edi/interchanges/edi.ts';
import { CodedError } from '../../runtime/errors/coded-error.ts';
import { note, type Delivery, type FlowContext } from '../../runtime/hub/deliveries.ts';
import { defineNode } from '../../runtime/node-red/define-node.ts';

interface Store {
  leaseMs: number;
  keepMs: number;
}

type Whole = Exclude<Read, { error: unknown }>;

export default defineNode({
  type: 'edi-read',
  use: 'check',
  summary: 'Takes EDI interchanges apart, checks them, counts each once, and says what is to be answered.',
  help: `\`msg.payload\` is the text of one or several interchanges, X12 or EDIFACT. The partner is
the one with its addresses; what is from nobody, or for somebody else, fails with
**EDI_PARTNER_UNKNOWN**. Where others came with it, these are taken all the same, and it is kept as an exception.

Each transaction set or message leaves by **documents**: \`payload\` is {partner, standard, type, version, interchange,
control, segments}. A segment has its elements by name: \`segments.BEG03\`, \`segments[DTM01[0]='137'].DTM01[1]\`. Numbers
of EDIFACT have a dot as their decimal mark, whatever UNA tells.

Separators, counts, control numbers, types, and the segments and elements of each type are checked.
What is wrong does not leave; it stands in the answer, which goes to the partner: a 997, a TA1 when the envelope is
wrong, or a CONTRL. A 997, TA1 or CONTRL itself is not answered.

An interchange counts once. The same again is nothing new; another one under the same control number is refused by TA1
025 or CONTRL 26, unless nothing was taken of the first.`,
  icon: 'fa-file-text-o',
  color: '#E2D5A8',
  config: Type.Object({
    store: Type.String({ title: 'Store', description: 'Where claims are kept.', configNode: 'store' }),
    types: Type.String({
      title: 'Types',
      description:
        'Those the flow works on, with blanks between: 850 ORDERS. Others are answered as not taken.',
      minLength: 1,
      placeholder: '850 ORDERS',
    }),
  }),
  inputs: 1,
  outputs: [
    { name: 'documents', description: 'One message for each document without an error.' },
    {
      name: 'answer',
      description:
        'payload is {partner, type, segments}: the 997, TA1 or CONTRL where no document was taken. Else it leaves **edi staged**.',
    },
  ],
  start({ config, hub, flowContext, use, delivery: deliveryOf, send }) {
    const store = use<Store>(config.store, 'Store');
    const types = config.types.trim().split(/\s+/);
    return {
      async input(msg) {
        if (typeof msg.payload !== 'string')
          throw new CodedError('EDI_INVALID', 'The payload is no text: webhook verify reads it as text');
        const delivery = deliveryOf(msg);
        if (!delivery)
          throw new CodedError('CONFIG_INVALID', 'edi read needs a webhook or a consumed event before it');
        const { partners, documentTypes } = hub;
        const read = readInterchanges(msg.payload, { partners, documentTypes, types });
        const refused = read.filter((one) => 'error' in one);
        const whole = read.filter((one): one is Whole => 'interchange' in one);
        if (whole.length === 0) throw refused[0]!.error;
        const held = {
          claims: delivery.claims,
          leaseMs: Math.max(store.leaseMs, delivery.timeLimitMs),
          keepMs: store.keepMs,
        };
        // All are counted before anything leaves, so that what is at work elsewhere leaves nothing half done here.
        const counted = [];
        for (const { interchange, digest } of whole) {
          const of = { partner: interchange.partner.partner, interchange, digest };
          counted.push(await countOnce(hub.guard, of, held));
        }
        for (const { error, digest, text } of refused)
          await keepRefused(hub, {
            flow: flowContext.flow,
            flowVersion: flowContext.flowVersion,
            type: 'message.refused.v1',
            subject: 'interchange',
            digest,
            data: { text },
            error,
          });
        for (const [at, { interchange }] of whole.entries()) {
          const { partner, documents, answer, duplicate, control } = interchange;
          const { is } = counted[at]!;
          noteInterchange(delivery, flowContext, interchange, is);
          if (is === 'repeated') continue;
          const staged = is === 'new' ? documents : [];
          const due = is === 'new' ? answer : duplicate;
          const payload = due && { partner: partner.partner, interchange: control, ...due };
          const edi = {
            interchange: `${partner.partner}/${control}`,
            documents: staged.length,
            answer: payload,
          };
          for (const document of staged)
            send('documents', { ...msg, edi, payload: { partner: partner.partner, ...document } });
          if (staged.length === 0 && payload) send('answer', { ...msg, payload });
        }
        const first = counted[0]!;
        if (first.is === 'repeated' && counted.every(({ is }) => is === 'repeated'))
          delivery.repeated = { result: first.result };
      },
    };
  },
});

function noteInterchange(
  delivery: Delivery,
  flowContext: FlowContext,
  { partner, documents, control, findings }: Whole['interchange'],
  is: Counted['is'],
): void {
  const what =
    is === 'new' ? [`${documents.length} documents`, ...findings] : [`The control number is ${is}`];
  note(delivery, flowContext, is === 'repeated' ? 'superseded' : 'mapped', {
    reference: `${partner.partner}/${control}`,
    detail: what.join('; ').slice(0, 500),
  });
}
