/** A node with every kind of field, for the editor tests. */
import { Type } from 'typebox';

const definition = {
  type: 'all-fields',
  summary: 'Has a field of every kind.',
  help: 'Takes a message.\n\n- one\n- two',
  icon: 'fa-truck',
  color: '#C7E0F4',
  inputs: 1,
  outputs: [
    { name: 'written', description: 'It stands in the target.' },
    { name: 'refused', description: 'It cannot be written.' },
  ],
  labelFrom: 'source',
  config: Type.Object({
    connection: Type.String({
      title: 'Connection',
      description: 'Where to.',
      configNode: 'sample-connection',
    }),
    source: Type.String({
      title: 'Source',
      description: 'Prefix of ids.',
      pattern: '^[a-z]+$',
      default: 'shop',
    }),
    mode: Type.Union([Type.Literal('draft'), Type.Literal('confirm', { title: 'Confirm the order' })], {
      title: 'Then',
      description: 'What becomes of the written order.',
      default: 'confirm',
    }),
    wait: Type.Integer({
      title: 'Collect for',
      description: 'Orders that come within this time go in one call.',
      minimum: 0,
      maximum: 1000,
      default: 10,
      unit: 'ms',
    }),
    strict: Type.Boolean({ title: 'Strict totals', description: 'Refuses other totals.', default: true }),
    secrets: Type.Array(Type.String({ secret: true }), {
      title: 'Secrets',
      description: 'Active secrets, the newest first.',
      default: ['${SHOP_SECRET}'],
    }),
    expression: Type.String({
      title: 'Mapping',
      description: 'JSONata over the message.',
      format: 'jsonata',
      default: '{ "id": id }',
    }),
  }),
};

interface Registry {
  nodes: { createNode(node: object, config: object): void; registerType(type: string, make: object): void };
}

export default Object.assign(
  (RED: Registry) => {
    RED.nodes.registerType('all-fields', function make(this: object, config: object) {
      RED.nodes.createNode(this, config);
    });
  },
  { definition },
);
