/** Config node: how flows use the broker that carries messages between them. */
import { Type } from 'typebox';
import { defineNode } from '../../runtime/node-red/define-node.ts';

export default defineNode({
  type: 'broker',
  kind: 'config',
  summary: 'The broker that carries messages between flows.',
  help: `The embedded profile keeps messages in the hub's own file; the cluster profile keeps them in RabbitMQ
quorum queues. Flows do not see the difference. The profile and its address come from the environment
(\`CROSSDOCK_PROFILE\`, \`AMQP_URL\`), never from a flow.`,
  icon: 'fa-exchange',
  color: '#E8D5B5',
  config: Type.Object({
    concurrency: Type.Integer({
      title: 'Concurrency',
      description: 'Messages a consuming flow works on at the same time, if its own node does not say.',
      default: 16,
      minimum: 1,
      maximum: 1000,
    }),
    policy: Type.String({
      refers: 'policy',
      title: 'Recovery policy',
      description: 'What becomes of a message that fails.',
      default: 'standard',
    }),
  }),
  inputs: 0,
  outputs: [],
  start: ({ config }) => ({ api: config }),
});
