/** Flow node: counts a message once, whatever the sender repeats. */
import { createHash } from 'node:crypto';
import { Type } from 'typebox';
import { deterministicId, envelope } from '../../runtime/envelope/envelope.ts';
import { CodedError } from '../../runtime/errors/coded-error.ts';
import type { Hub } from '../../runtime/hub/hub.ts';
import { compileMapping } from '../../runtime/map/mapping.ts';
import { defineNode, type FlowMessage, type Place } from '../../runtime/node-red/define-node.ts';

interface Store {
  leaseMs: number;
  keepMs: number;
}

export default defineNode({
  type: 'idempotency-guard',
  summary: 'Counts a message once: repetitions are answered as the first was.',
  help: `The guard claims the message's key. When the flow's work is done the claim is kept together with the answer; when
it failed the claim is given back, so that the sender's next try counts.

- the same message again: leaves by **repeated**, and the sender gets the first answer once more;
- the same message while the first is still at work: 409 with \`Retry-After\`;
- the same key with another content: **CLAIM_CONFLICT**, kept as an exception, never dropped silently.`,
  icon: 'fa-clone',
  color: '#D8BFD8',
  config: Type.Object({
    store: Type.String({ title: 'Store', description: 'Where claims are kept.', configNode: 'store' }),
    key: Type.String({
      title: 'Key',
      description: 'JSONata on payload, event and webhook: what makes two messages the same.',
      format: 'jsonata',
      default: 'payload.id',
    }),
    scope: Type.String({
      title: 'Scope',
      description: "Keys of different scopes never meet. Empty: the flow's name.",
      default: '',
    }),
  }),
  inputs: 1,
  outputs: [
    { name: 'new', description: 'Not counted before.' },
    { name: 'repeated', description: 'Counted before; the work is done already.' },
  ],
  start({ config, hub, place, use, delivery: deliveryOf, send }) {
    const store = use<Store>(config.store, 'Store');
    const keyOf = compileMapping({ dir: hub.definitionsDir, inline: config.key });
    return {
      async input(msg) {
        const delivery = deliveryOf(msg);
        if (!delivery)
          throw new CodedError('CONFIG_INVALID', 'A guard needs a webhook or a consumed event before it');
        const { payload, event, webhook } = msg;
        const value = await keyOf.run({ payload, event, webhook });
        if (typeof value !== 'string' || value === '') {
          throw new CodedError('KEY_MISSING', 'The key expression gives no text', { node: place.step });
        }
        const key = `${config.scope || place.flow}/${value}`;
        const content = fingerprint(msg);
        const claimed = await hub.guard.claim({ key, fingerprint: content, leaseMs: store.leaseMs });
        if (claimed.state === 'new') {
          delivery.claims.push({ claim: claimed.claim, keepMs: store.keepMs });
          send('new', msg);
        } else if (claimed.state === 'done') {
          delivery.repeated = { result: claimed.result };
          send('repeated', msg);
        } else if (claimed.state === 'in-flight') {
          throw new CodedError('CLAIM_IN_FLIGHT', 'The same message is being worked on', { key });
        } else {
          const conflict = new CodedError('CLAIM_CONFLICT', 'The same key came with another content', {
            key,
          });
          // A consumed event is kept by the node that consumed it.
          if (!delivery.cause) await bury(hub, place, { value, content, msg, conflict });
          throw conflict;
        }
      },
    };
  },
});

/** Of the bytes as they came, or of the data for an event. */
function fingerprint(msg: FlowMessage): string {
  const webhook = msg['webhook'] as { unverified?: { rawBody?: Buffer } } | undefined;
  const content = webhook?.unverified?.rawBody ?? JSON.stringify(msg.payload);
  return createHash('sha256').update(content).digest('base64');
}

/** The second message waits for a person; the same one again is the same exception. */
async function bury(
  hub: Hub,
  { flow, flowVersion }: Place,
  {
    value,
    content,
    msg,
    conflict,
  }: { value: string; content: string; msg: FlowMessage; conflict: CodedError },
): Promise<void> {
  const now = new Date().toISOString();
  const known = { source: flow, type: 'message.conflict.v1', subject: value, flow, flowversion: flowVersion };
  await hub.journal.bury({
    id: `${flow}/${value}/${content}`,
    queue: flow,
    flow,
    flowVersion,
    message: envelope({ ...known, id: deterministicId(flow, value, content), data: msg.payload }),
    code: conflict.code,
    reason: conflict.message,
    facts: conflict.facts,
    firstFailed: now,
    firstCode: conflict.code,
    firstReason: conflict.message,
    lastFailed: now,
    attempts: 1,
    history: [{ time: now, code: conflict.code, detail: conflict.message, flowVersion }],
    state: 'open',
  });
}
