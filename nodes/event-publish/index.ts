/** Flow node: hands an event to the broker and goes on when it is durably stored. */
import { Type } from 'typebox';
import { deterministicId, envelope, type Envelope } from '../../runtime/envelope/envelope.ts';
import { written } from '../../runtime/envelope/written.ts';
import { demand } from '../../runtime/authority/authority.ts';
import { CodedError } from '../../runtime/errors/coded-error.ts';
import { tellNewest } from '../../runtime/journal/newest.ts';
import { remember } from '../../runtime/journal/remembered.ts';
import { notePublished, type Delivery } from '../../runtime/hub/deliveries.ts';
import type { Hub } from '../../runtime/hub/hub.ts';
import { compileMapping } from '../../runtime/map/mapping.ts';
import { namedBy } from '../../runtime/hub/published.ts';
import { defineNode } from '../../runtime/node-red/define-node.ts';
import { lastOfFlow } from '../../runtime/node-red/last.ts';
import { noteLevel } from '../../runtime/stock/waiting.ts';
import { stamp } from '../../runtime/broker/publishing.ts';

export default defineNode({
  type: 'event-publish',
  use: 'out',
  summary: 'Publishes an event and goes on when the broker has it durably.',
  help: `The data is checked against the event's schema in the catalogue first. The node completes when the broker has
confirmed that every subscribed flow's queue holds the event; without that the work fails and the sender tries again.
The same work done twice makes the same event id.

In the embedded profile a webhook's event that ends its flow is stored in one commit with the journal and the claim, when
all work on the webhook is done and before the sender is answered: where nothing is wired behind this node, and no
**catch** or **complete** node looks at the flow.

A webhook's message is published only after **webhook verify**.`,
  icon: 'fa-upload',
  color: '#E8D5B5',
  labelFrom: 'event',
  config: Type.Object({
    broker: Type.String({ title: 'Broker', description: 'How messages are carried.', configNode: 'broker' }),
    event: Type.String({
      refers: 'event',
      title: 'Event type',
      description: 'A type of the catalogue: order.received.v1.',
      minLength: 1,
      placeholder: 'order.received.v1',
    }),
    source: Type.String({
      refers: 'source',
      title: 'Source',
      description: 'Who says so: the partner. Empty: as the event that came in, or the flow.',
      default: '',
      placeholder: 'shopify',
    }),
    subject: Type.String({
      title: 'Business key',
      description: 'JSONata on payload, event and webhook: what people ask for, such as the order number.',
      format: 'jsonata',
      default: 'payload.number',
    }),
  }),
  inputs: 1,
  outputs: [{ name: 'published', description: 'The same message; event is the new envelope.' }],
  start({ config, node, RED, hub, flowContext, use, delivery: deliveryOf, send }) {
    use(config.broker, 'Broker');
    const definition = hub.catalogue.get(config.event);
    const { listeners, keep } = definition;
    const subjectOf = compileMapping({ dir: hub.definitionsDir, inline: config.subject });
    const required = keep !== 'newest' && listeners !== 'optional' && !definition.remember;
    const isLast = lastOfFlow(node, RED);
    return {
      async input(msg) {
        const delivery = deliveryOf(msg);
        const { payload, event, webhook } = msg;
        demandVerified(delivery, webhook);
        const subject = await subjectOf.run({ payload, event, webhook });
        if (typeof subject !== 'string' || subject === '') {
          throw new CodedError('KEY_MISSING', 'The business key expression gives no text', {
            event: config.event,
          });
        }
        hub.catalogue.validate(config.event, payload);
        const cause = delivery?.cause;
        const source = config.source || cause?.source || flowContext.flow;
        demand(hub.authority.wrongSource(config.event, source));
        const claim = delivery?.claims[0]?.claim.key;
        const message = envelope({
          id: deterministicId(
            config.event,
            source,
            subject,
            cause?.replayof ?? cause?.id ?? claim ?? delivery?.id ?? String(msg._msgid),
          ),
          source,
          type: config.event,
          subject,
          flow: flowContext.flow,
          flowversion: flowContext.flowVersion,
          ...(delivery && { correlationid: delivery.correlationId }),
          ...(cause && { causationid: cause.id }),
          // Which is newest is decided by what it was made from, also when that is done again later.
          ...(cause && keep === 'newest' && { time: cause.time }),
          data: payload,
        });
        const named = await namedBy(hub, message);
        await hub.backlog.admit(config.event, flowContext);
        stamp(message);
        if (delivery?.outbox && required && isLast()) {
          delivery.businessKey = subject;
          // As it is now, whatever becomes of the payload meanwhile.
          written(message);
          delivery.outbox.push({ message, flowContext, named });
          return;
        }
        await publish(hub, message, definition);
        if (delivery) {
          delivery.businessKey = subject;
          notePublished(delivery, flowContext, message, named);
        }
        const { data: _data, ...published } = message;
        send('published', { ...msg, event: published });
      },
    };
  },
});

/** A delivery that is over, by its time limit, vouches for nothing any more: the message must have been verified. */
function demandVerified(delivery: Delivery | undefined, webhook: unknown): void {
  if (delivery ? delivery.verified : !webhook || 'verified' in (webhook as object)) return;
  throw new CodedError('SIGNATURE_UNCHECKED', 'The message was not verified: wire webhook verify before');
}

/** And remembers what its definition says is remembered. */
async function publish(
  { broker, journal }: Hub,
  message: Envelope,
  { listeners, keep, remember: isKept }: ReturnType<Hub['catalogue']['get']>,
): Promise<void> {
  await broker.publish(message).catch((error: unknown) => {
    const unheard = error instanceof CodedError && error.code === 'EVENT_UNROUTABLE';
    if (!unheard || listeners !== 'optional') throw error;
  });
  if (keep === 'newest') await tellNewest(journal, message);
  const since = await noteLevel(journal.documents, message);
  if (isKept) await remember(journal.documents, message, since);
}
