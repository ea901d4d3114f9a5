/** Flow node: turns a partner's message into the canonical model, and checks the result. */
import { Type } from 'typebox';
import { note } from '../../runtime/hub/deliveries.ts';
import { compileMapping, mappingVariables } from '../../runtime/map/mapping.ts';
import { defineNode } from '../../runtime/node-red/define-node.ts';

export default defineNode({
  type: 'canonical-map',
  use: 'map',
  summary: "Maps a partner's message to the canonical model and checks the result against its schema.",
  help: `The mapping is JSONata: a tested mapping, or an expression written here.
It sees \`msg.payload\` as its input, and \`$event\` and \`$webhook\`. Ids and money stay text: use \`$add\`,
\`$sub\`, \`$mul\` for money, and \`$value(map, key)\` for value maps.

A result that does not fit the schema fails the message with **SCHEMA_INVALID** and the paths of the wrong
fields, such as \`lines/0/sku\`. Nothing is lost: the message waits as an exception until it is replayed.`,
  icon: 'fa-random',
  color: '#C7D8F0',
  labelFrom: 'file',
  config: Type.Object({
    file: Type.String({
      refers: 'mapping',
      title: 'Mapping file',
      description: 'A mapping of its own, with its tests. Empty: the expression below.',
      default: '',
      placeholder: 'shopify.order',
    }),
    expression: Type.String({
      lines: 12,
      title: 'Expression',
      description: 'JSONata, used when no file is named.',
      format: 'jsonata',
      default: '',
    }),
    schema: Type.String({
      refers: 'schema',
      title: 'Schema',
      description: 'What the result must fit. Empty: no check.',
      default: '',
      placeholder: 'order.v1',
    }),
    into: Type.String({
      title: 'Into',
      description:
        'Property of the message that gets the result. The payload stays as it is when it is another.',
      default: 'payload',
      pattern: '^[a-z][A-Za-z0-9]*$',
    }),
  }),
  inputs: 1,
  outputs: [{ name: 'mapped', description: 'The result in payload, or where Into says.' }],
  start({ config, hub, flowContext, delivery: deliveryOf, send }) {
    const { file, expression, schema, into } = config;
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
        const result = await mapping.run(msg.payload, { event: msg.event, webhook: msg['webhook'] });
        const delivery = deliveryOf(msg);
        if (delivery) note(delivery, flowContext, 'mapped', { detail: mapping.name });
        send('mapped', { ...msg, [into]: result });
      },
    };
  },
});
