/** Flow node: keeps business processes in step with their events. */
import { Type } from 'typebox';
import { CodedError } from '../../runtime/errors/coded-error.ts';
import { note } from '../../runtime/hub/deliveries.ts';
import { defineNode } from '../../runtime/node-red/define-node.ts';
import type { Envelope } from '../../runtime/envelope/envelope.ts';
import { processEngine } from '../../runtime/process/engine/engine.ts';

export default defineNode({
  type: 'business-process',
  use: 'once',
  summary:
    'Keeps each business process in step: counts its events, asks for what comes next, says what is late.',
  help: `Takes the events of a process, from an **event consume** before it.
Each event is counted once for its instance, such as the order; what the file asks for then is published. Events may come
in any order and more than once.

A step that is late, or whose message became an exception, is retried, paused, taken back, or somebody is asked, as its
file says. An instance keeps the version of the file that it began with. \`crossdock process\` shows what is under way.`,
  icon: 'fa-sitemap',
  color: '#E2D9A9',
  labelFrom: 'process',
  config: Type.Object({
    broker: Type.String({ title: 'Broker', description: 'How messages are carried.', configNode: 'broker' }),
    process: Type.String({
      refers: 'process',
      title: 'Process',
      description: 'The process that is kept in step.',
      minLength: 1,
      placeholder: 'order-to-cash',
    }),
    look: Type.Integer({
      title: 'Look',
      description: 'How often it looks for what is late or has failed.',
      default: 10,
      minimum: 1,
      maximum: 3600,
      unit: 'seconds',
    }),
  }),
  inputs: 1,
  outputs: [{ name: 'counted', description: 'The same message; process is {key, number, state}.' }],
  start({ config, hub, flowContext, use, delivery: deliveryOf, send }) {
    use(config.broker, 'Broker');
    const definition = hub.processes.get(config.process);
    if (!definition) throw new CodedError('CONFIG_INVALID', `There is no process ${config.process}`);
    const { definitionsDir, journal, broker, catalogue } = hub;
    const engine = processEngine({ definition, definitionsDir, journal, broker, catalogue });
    const kept = engine.keep();
    kept.catch((error: unknown) => hub.log.warn({ err: error }, 'The process could not be kept'));
    let looking: Promise<void> | undefined;
    const timer = setInterval(() => {
      looking ??= engine
        .poll()
        .catch((error: unknown) => hub.log.warn({ err: error }, 'The process is looked at later'))
        .finally(() => (looking = undefined));
    }, config.look * 1000).unref();
    return {
      async input(msg) {
        const instance = await engine.take({ ...msg.event, data: msg.payload } as unknown as Envelope);
        const delivery = deliveryOf(msg);
        if (!instance) {
          if (delivery)
            note(delivery, flowContext, 'dropped', { detail: `${config.process} does not read it` });
          return;
        }
        const { key, number, state } = instance;
        if (delivery) {
          delivery.came = true;
          delivery.businessKey ||= number || key;
        }
        send('counted', { ...msg, process: { key, number, state } });
      },
      async close() {
        clearInterval(timer);
        await looking;
      },
    };
  },
});
