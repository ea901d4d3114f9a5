/** Flow node: turns a partner's message into the canonical model, and checks the result. */
import { Type } from 'typebox';
import { note } from '../../runtime/hub/deliveries.ts';
import { compileMapping, mappingVariables } from '../../runtime/map/mapping.ts';
import { defineNode } from '../../runtime/node-red/define-node.ts';

export default defineNode({
  type: 'canonical-map',
  summary: "Maps a partner's message to the canonical model and checks the result against its schema.",
  help: `The mapping is JSONata: a tested file of \`definitions/mappings\`, or an expression written here.
It sees \`msg.payload\` as its input, and \`$event\` and \`$webhook\`. Ids and money stay text: use \`$add\`,
\`$sub\`, \`$mul\` for money, and \`$value(map, key)\` for value maps.

A result that does not fit the schema fails the message with **SCHEMA_INVALID** and the paths of the wrong
fields, such as \`lines/0/sku\`. Nothing is lost: the message waits as an exception until it is replayed.`,
  icon: 'fa-random',
  color: '#C7D8F0',
  labelFrom: 'file',
  config: Type.Object({
    file: Type.String({
      title: 'Mapping file',
      description: 'A file of definitions/mappings, without its ending. Empty: the expression below.',
      default: '',
      placeholder: 'shopify.order',
    }),
    expression: Type.String({
      title: 'Expression',
      description: 'JSONata, used when no file is named.',
      format: 'jsonata',
      default: '',
    }),
    schema: Type.String({
      title: 'Schema',
      description: 'A schema of definitions/schemas that the result must fit: order.v1. Empty: no check.',
      default: '',
      placeholder: 'order.v1',
    }),
  }),
  inputs: 1,
  outputs: [{ name: 'mapped', description: 'The result in payload.' }],
  start({ config, hub, place, delivery: deliveryOf, send }) {
    const { file, expression, schema } = config;
    const mapping = compileMapping({
      dir: hub.definitionsDir,
      ...(file ? { file: `mappings/${file}.jsonata` } : { inline: expression }),
      ...(schema && { schema: `schemas/${schema}.json` }),
      values: hub.values,
      partners: hub.partners,
      documentTypes: hub.documentTypes,
      variables: mappingVariables,
    });
    return {
      async input(msg) {
        const payload = await mapping.run(msg.payload, { event: msg.event, webhook: msg['webhook'] });
        const delivery = deliveryOf(msg);
        if (delivery) note(delivery, place, 'mapped', { detail: mapping.name });
        send('mapped', { ...msg, payload });
      },
    };
  },
});
