/** Flow node: who gets this by EDI, and in which standard. */
import { Type } from 'typebox';
import { compileMapping } from '../../runtime/map/mapping.ts';
import { choice, defineNode } from '../../runtime/node-red/define-node.ts';

/** X12 transaction set and EDIFACT message of each kind of document. */
const kinds = {
  'order response': { x12: '855', edifact: 'ORDRSP' },
  'ship notice': { x12: '856', edifact: 'DESADV' },
  invoice: { x12: '810', edifact: 'INVOIC' },
  'stock report': { x12: '846', edifact: 'INVRPT' },
  'shipping order': { x12: '940', edifact: 'INSDES' },
} as const;
const names = Object.keys(kinds) as (keyof typeof kinds)[];

export default defineNode({
  type: 'edi-partner',
  use: 'check',
  summary: 'Asks whether a partner takes a document by EDI, and in which standard.',
  help: `When the definition of the partner says that it takes the document, the message leaves
by **x12** or **edifact**, and \`payload.edi\` is {partner, type}. Else it leaves by **none**: it is nobody's by EDI.`,
  icon: 'fa-exchange',
  color: '#E2D5A8',
  labelFrom: 'document',
  config: Type.Object({
    document: choice(names, {
      title: 'Document',
      description: 'What would be sent.',
      default: 'order response',
    }),
    partner: Type.String({
      title: 'Partner',
      description: 'JSONata that gives the name of the partner.',
      format: 'jsonata',
      default: 'payload.order.source',
    }),
  }),
  inputs: 1,
  outputs: [
    { name: 'x12', description: 'The partner takes it as X12.' },
    { name: 'edifact', description: 'The partner takes it as EDIFACT.' },
    { name: 'none', description: 'No partner takes it by EDI.' },
  ],
  start({ config, hub, send }) {
    const partnerOf = compileMapping({ dir: hub.definitionsDir, inline: config.partner });
    return {
      async input(msg) {
        const { payload, event } = msg;
        const name = await partnerOf.run({ payload, event });
        const partner = typeof name === 'string' ? hub.partners.get(name) : undefined;
        const { standard = 'x12', takes = [] } = partner?.edi ?? {};
        const type = kinds[config.document][standard];
        if (!partner || !takes.includes(type)) return send('none', msg);
        send(standard, { ...msg, payload: { ...(payload as object), edi: { partner: name, type } } });
      },
    };
  },
});
