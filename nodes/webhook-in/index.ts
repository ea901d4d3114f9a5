/** Flow node: takes a partner's webhook on a route of its own and answers when the flow's work on it is done. */
import { Type } from 'typebox';
import { asCoded } from '../../runtime/errors/coded-error.ts';
import { finishDelivery } from '../../runtime/hub/finish-delivery.ts';
import {
  demandResult,
  note,
  notePublished,
  type Delivery,
  type FlowContext,
} from '../../runtime/hub/deliveries.ts';
import type { Hub } from '../../runtime/hub/hub.ts';
import { edgeFor } from '../../runtime/interfaces/edges.ts';
import { accepted, refused, type Answer } from '../../runtime/intake/answer.ts';
import type { IntakeRequest } from '../../runtime/intake/route.ts';
import { defineNode } from '../../runtime/node-red/define-node.ts';
import { flowOf } from '../../runtime/tracing/origin.ts';
import { spanNow, traced, type Root } from '../../runtime/tracing/span.ts';

export default defineNode({
  type: 'webhook-in',
  use: 'in',
  summary: "Takes a partner's webhook and answers when the work on it is safely done.",
  help: `The route stands below \`/hooks\`. The answer is made by the hub, nobody wires it:

- **202** when every event the flow published is durably with the broker; **200** when it published none and did something
  else, such as a **drop**; **500 NOTHING_DONE** when nothing came of it;
- the first answer again when an idempotency guard knows the message;
- the error's own status with \`{code, message, id}\` when something refused it or failed, and \`Retry-After\`
  when the sender may try again. A failed message leaves nothing half-done.

\`msg.payload\` holds the bytes as they came. Wire a **webhook verify** next: only verified messages can be published.`,
  icon: 'fa-sign-in',
  color: '#A9D6C5',
  labelFrom: 'path',
  config: Type.Object({
    path: Type.String({
      title: 'Path',
      description: 'Below /hooks; a part may be a parameter: /shopify/:shop/orders.',
      placeholder: '/shopify/orders',
      pattern: '^/[\\w\\-./:]*$',
      minLength: 2,
    }),
    limitKb: Type.Integer({
      group: 'Limits',
      title: 'Size limit',
      description: 'A larger body is refused with 413.',
      default: 1024,
      minimum: 1,
      maximum: 102400,
      unit: 'kB',
    }),
    perSecond: Type.Integer({
      group: 'Limits',
      title: 'Rate limit',
      description: 'Requests a second on this route; more are answered 429 with Retry-After.',
      default: 200,
      minimum: 1,
      maximum: 100000,
      unit: 'per second',
    }),
    timeLimit: Type.Integer({
      group: 'Limits',
      title: 'Time limit',
      description: 'Work that takes longer is answered 503, so that the sender tries again.',
      default: 15,
      minimum: 1,
      maximum: 300,
      unit: 'seconds',
    }),
  }),
  inputs: 0,
  outputs: [
    { name: 'received', description: 'The request: bytes in payload, headers in webhook. Not verified yet.' },
  ],
  start({ config, hub, flowContext, send }) {
    const path = `/hooks${config.path}`;
    const root = ({ unverified, method }: IntakeRequest): Root => ({
      name: `${method} ${path}`,
      kind: 'server',
      at: new Date(unverified.receivedAt),
      attributes: { 'http.request.method': method, 'http.route': path, ...flowOf(flowContext) },
    });

    async function take({ id, unverified, params, query }: IntakeRequest): Promise<Answer> {
      const delivery = await hub.deliveries.run(
        {
          ...flowContext,
          correlationId: id,
          timeLimitMs: config.timeLimit * 1000,
          ...(hub.atOnce && { outbox: [] }),
        },
        ({ id: _delivery }) =>
          send('received', {
            payload: unverified.rawBody,
            webhook: { id, params, query, unverified },
            _delivery,
          }),
      );
      if (delivery.verified) hub.seen?.add(id, flowContext.flow, config.path, unverified);
      const said = await answer(hub, delivery, flowContext);
      spanNow()?.set('http.response.status_code', said.status);
      return said;
    }

    const remove = hub.intake.add({
      path,
      maxBytes: config.limitKb * 1024,
      tier: flowContext.tier,
      rate: { points: config.perSecond, perS: 1 },
      edge: edgeFor(hub.interfaces, config.path),
      handler: (request) =>
        traced(
          hub.tracing,
          () => root(request),
          () => take(request),
        ),
    });
    return { close: remove };
  },
});

/** The answer when the flow ended its work without an event: done, but nothing is staged. */
const nothingPublished = { status: 200, code: 'DONE', message: 'The message was worked on.' };

/** Finishes the delivery and returns the answer to the sender. */
async function answer(hub: Hub, delivery: Delivery, flowContext: FlowContext): Promise<Answer> {
  demandResult(delivery);
  const { steps, outbox = [], failure } = delivery;
  const worked = steps.length;
  if (!failure)
    for (const { message, flowContext: at, named } of outbox) notePublished(delivery, at, message, named);
  try {
    return await closed(hub, delivery, flowContext);
  } catch (error) {
    const coded = asCoded(error);
    if (failure || outbox.length === 0) return refused(failure ?? coded, delivery.correlationId);
    // Nothing of it was written, so nothing of it was published.
    steps.length = worked;
    delivery.failure = coded;
    delivery.failedAt = outbox[0]!.flowContext.step;
    // A full store says so itself, once.
    if (coded.code !== 'STORE_FULL')
      hub.log.error(
        { err: coded, flow: flowContext.flow, step: delivery.failedAt },
        'A webhook was not stored',
      );
    return closed(hub, delivery, flowContext).catch(() => refused(coded, delivery.correlationId));
  }
}

async function closed(hub: Hub, delivery: Delivery, flowContext: FlowContext): Promise<Answer> {
  const id = delivery.correlationId;
  const { failure, repeated } = delivery;
  const said = failure
    ? refused(failure, id)
    : ((repeated?.result as Answer | undefined) ??
      accepted(id, delivery.published.length > 0 ? {} : nothingPublished));
  if (failure)
    note(delivery, { ...flowContext, step: delivery.failedAt ?? flowContext.step }, 'refused', {
      code: failure.code,
      detail: failure.message,
    });
  else if (repeated) note(delivery, flowContext, 'duplicate', { reference: said.id });
  else
    note(delivery, flowContext, 'accepted', { durationMs: Math.round(performance.now() - delivery.begun) });
  await finishDelivery(hub, delivery, said);
  return said;
}
