/** A config node for the editor tests. */
import { Type } from 'typebox';

const definition = {
  type: 'sample-connection',
  kind: 'config',
  summary: 'A system to write to.',
  help: 'For tests.',
  icon: 'fa-plug',
  color: '#C7E0F4',
  inputs: 0,
  outputs: [],
  labelFrom: 'url',
  config: Type.Object({
    url: Type.String({ title: 'Address', description: 'Of the system.', default: '${SAMPLE_URL}' }),
    key: Type.String({ title: 'API key', description: 'Where the key is.', secret: true }),
  }),
};

interface Registry {
  nodes: { createNode(node: object, config: object): void; registerType(type: string, make: object): void };
}

export default Object.assign(
  (RED: Registry) => {
    RED.nodes.registerType('sample-connection', function make(this: object, config: object) {
      RED.nodes.createNode(this, config);
    });
  },
  { definition },
);
