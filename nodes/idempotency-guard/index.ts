/** Flow node: counts a message once, whatever the sender repeats. */
import { hash } from 'node:crypto';
import { Type } from 'typebox';
import { keepRefused } from '../../runtime/dead/refused.ts';
import type { Envelope } from '../../runtime/envelope/envelope.ts';
import { storable } from '../../runtime/envelope/text.ts';
import { CodedError } from '../../runtime/errors/coded-error.ts';
import { newerThan } from '../../runtime/journal/newest.ts';
import { note, type Delivery, type FlowContext } from '../../runtime/hub/deliveries.ts';
import type { Hub } from '../../runtime/hub/hub.ts';
import { compileMapping } from '../../runtime/map/mapping.ts';
import { choice, defineNode, type FlowMessage } from '../../runtime/node-red/define-node.ts';
import { overtakenBy, type Change } from '../../runtime/recovery/record.ts';

interface Store {
  leaseMs: number;
  keepMs: number;
}

export default defineNode({
  type: 'idempotency-guard',
  use: 'once',
  summary: 'Counts a message once: repetitions are answered as the first was.',
  help: `The guard claims the message's key. When the flow's work is done the claim is kept together with the answer; when
it failed the claim is given back, so that the sender's next try counts.

- the same message again: leaves by **repeated**, and the sender gets the first answer once more;
- the same message while the first is still at work: 409 with \`Retry-After\`;
- the same key with another content: **CLAIM_CONFLICT**, kept as an exception, never dropped silently.

So the key must name the event, not the record: what a partner may send again with other content, such as a corrected
order, is another event, with a key of its own. \`webhook.verified.digest\` tells two contents apart. Where a sender
changes a count or a list of its own at each try, **Content** says what is compared instead of the bytes.

Behind **event consume** it keeps the changes of a record in order too, when **Record** is set:

- a version older than one that has landed leaves by **superseded** and changes nothing;
- a change that **needs** another before it, while nothing of the record has landed: **PREDECESSOR_MISSING**. The
  message is parked, and goes on by itself when the record has landed. With **Too early** on \`leave\` it leaves by
  **early** instead, and is no change of the record; on \`count\` it is one, the first.

Without **Count once** nothing is claimed: only the order of changes is looked at.

Of an event whose definition says \`keep: newest\`, only the newest of a business key counts: an older one that still waits
leaves by **superseded**.

A version has landed when the whole flow's work on it is done. Where versions of a record share an id, the key holds
the version too: \`payload.id & '/' & payload.updated_at\`.`,
  icon: 'fa-clone',
  color: '#D8BFD8',
  config: Type.Object({
    store: Type.String({ title: 'Store', description: 'Where claims are kept.', configNode: 'store' }),
    key: Type.String({
      group: 'Count once',
      when: { claim: [true] },
      title: 'Key',
      description: 'JSONata on payload, event and webhook: what makes two messages the same.',
      format: 'jsonata',
      default: 'payload.id',
    }),
    content: Type.String({
      group: 'Count once',
      when: { claim: [true] },
      title: 'Content',
      description:
        'JSONata that gives a text: what must be the same when the key comes again. Empty: the bytes.',
      format: 'jsonata',
      default: '',
    }),
    claim: Type.Boolean({
      group: 'Count once',
      title: 'Count once',
      description: 'Off: the same message may pass again, and only its record is looked at.',
      default: true,
    }),
    scope: Type.String({
      title: 'Scope',
      description: "Keys and records of different scopes never meet. Empty: the flow's name.",
      default: '',
    }),
    record: Type.String({
      group: 'Order of changes',
      title: 'Record',
      description: 'JSONata: which record the message changes. Empty: order is not looked at.',
      format: 'jsonata',
      default: '',
    }),
    version: Type.String({
      group: 'Order of changes',
      when: { record: 'given' },
      title: 'Version',
      description: 'JSONata: text that sorts, an ISO time or a counter with leading zeros. Empty: none.',
      format: 'jsonata',
      default: '',
    }),
    needs: Type.String({
      group: 'Order of changes',
      when: { record: 'given' },
      title: 'Needs a predecessor',
      description: 'JSONata, true or false: the message changes a record that must have landed before.',
      format: 'jsonata',
      default: '',
    }),
    early: choice(['park', 'leave', 'count'] as const, {
      group: 'Order of changes',
      when: { record: 'given', needs: 'given' },
      title: 'Too early',
      description:
        'What becomes of a message whose predecessor is missing: it waits; it leaves by early; it leaves by early and is the first change of the record.',
      default: 'park',
    }),
  }),
  inputs: 1,
  outputs: [
    { name: 'new', description: 'Not counted before.' },
    { name: 'repeated', description: 'Counted before; the work is done already.' },
    { name: 'superseded', description: 'A newer version of the record has landed; nothing is to be done.' },
    {
      name: 'early',
      description: 'Nothing of the record it needs has landed, and it does not wait for that.',
    },
  ],
  start({ config, hub, flowContext, use, delivery: deliveryOf, send }) {
    const store = use<Store>(config.store, 'Store');
    const scope = config.scope || flowContext.flow;
    const compile = (inline: string) => compileMapping({ dir: hub.definitionsDir, inline });
    if (!config.claim && !config.record)
      throw new CodedError('CONFIG_INVALID', 'A guard that does not count once takes a record');
    const keyOf = config.claim ? compile(config.key) : undefined;
    const contentOf = config.content ? compile(config.content) : undefined;
    const changeOf = config.record ? changes(config, compile, scope) : undefined;
    const placed = async (delivery: Delivery, seen: Seen): Promise<Placing> => {
      const newest = await overtaking(hub, delivery.cause);
      if (newest !== undefined)
        return passedOver(delivery, flowContext, 'A newer one of the same subject', newest);
      const change = await changeOf?.(seen);
      return change && placedByRecord(hub, flowContext, delivery, change, config.early);
    };
    return {
      async input(msg) {
        const delivery = deliveryOf(msg);
        if (!delivery)
          throw new CodedError('CONFIG_INVALID', 'A guard needs a webhook or a consumed event before it');
        const { payload, event, webhook } = msg;
        const seen = { payload, event, webhook };
        const placing = await placed(delivery, seen);
        const counts = placing === undefined || (placing === 'early' && config.early === 'count');
        if (!counts || !keyOf) {
          send(placing ?? 'new', msg);
          return;
        }
        const value = textOf(await keyOf.run(seen), 'key');
        const key = `${scope}/${value}`;
        const content = contentOf ? textOf(await contentOf.run(seen), 'content') : fingerprint(msg);
        const leaseMs = Math.max(store.leaseMs, delivery.timeLimitMs);
        const claimed = await hub.guard.claim({ key, fingerprint: content, leaseMs });
        if (claimed.state === 'new') {
          delivery.claims.push({ claim: claimed.claim, keepMs: store.keepMs });
          send(placing ?? 'new', msg);
        } else if (claimed.state === 'done') {
          delivery.repeated = { result: claimed.result };
          send('repeated', msg);
        } else if (claimed.state === 'in-flight') {
          // A partner retries at its own pace; an event comes again when the claim is free for certain.
          const facts = delivery.cause ? { key, retryAfterMs: claimed.retryAfterMs } : { key };
          throw new CodedError('CLAIM_IN_FLIGHT', 'The same message is being worked on', facts);
        } else {
          const conflict = new CodedError('CLAIM_CONFLICT', 'The same key came with another content', {
            key,
          });
          // A consumed event is kept by the node that consumed it.
          if (!delivery.cause)
            await keepRefused(hub, {
              flow: flowContext.flow,
              flowVersion: flowContext.flowVersion,
              type: 'message.conflict.v1',
              subject: value,
              digest: content,
              data: payload,
              error: conflict,
            });
          throw conflict;
        }
      },
    };
  },
});

/** The id of a newer event of the same subject, where only the newest of them counts; undefined otherwise. */
async function overtaking(hub: Hub, cause: Envelope | undefined): Promise<string | undefined> {
  const known = cause !== undefined && hub.catalogue.types.includes(cause.type);
  if (!known || hub.catalogue.get(cause.type).keep !== 'newest') return undefined;
  return newerThan(hub.journal, cause);
}

/** The output for a message that its record keeps out; undefined where the message goes on as `new`. */
type Placing = 'superseded' | 'early' | undefined;

async function placedByRecord(
  hub: Hub,
  flowContext: FlowContext,
  delivery: Delivery,
  change: Change,
  early: 'park' | 'leave' | 'count',
): Promise<Placing> {
  if (!delivery.cause)
    throw new CodedError('CONFIG_INVALID', 'record: keeps order only behind event consume');
  const { record, version, needs } = change;
  const landed = await hub.journal.version(record);
  const isEarly = needs && landed === undefined;
  if (isEarly && early === 'leave') return 'early';
  const newer = overtakenBy(landed, isEarly && early === 'count' ? { ...change, needs: false } : change);
  if (newer !== undefined)
    return passedOver(delivery, flowContext, `Version ${version}; ${newer} has landed`, record);
  delivery.changes.push(change);
  return isEarly ? 'early' : undefined;
}

function passedOver(
  delivery: Delivery,
  flowContext: FlowContext,
  detail: string,
  reference: string,
): 'superseded' {
  note(delivery, flowContext, 'superseded', { detail, reference });
  return 'superseded';
}

type Seen = Record<'payload' | 'event' | 'webhook', unknown>;

/** The record that the message changes. Throws CodedError KEY_MISSING or TEXT_INVALID. */
function changes(
  config: { record: string; version: string; needs: string },
  compile: (expression: string) => { run(input: unknown): Promise<unknown> },
  scope: string,
): (seen: Seen) => Promise<Change> {
  const recordOf = compile(config.record);
  const versionOf = config.version ? compile(config.version) : undefined;
  const needsOf = config.needs ? compile(config.needs) : undefined;
  return async (seen) => ({
    record: `${scope}/${textOf(await recordOf.run(seen), 'record')}`,
    version: versionOf ? textOf(await versionOf.run(seen), 'version') : '',
    needs: (await needsOf?.run(seen)) === true,
  });
}

function textOf(value: unknown, setting: string): string {
  if (typeof value === 'string' && value !== '') return storable(value, `The ${setting}`);
  throw new CodedError('KEY_MISSING', `The ${setting} expression gives no text`, { setting });
}

/** The digest of the bytes as they came, or of the data for an event. */
function fingerprint(msg: FlowMessage): string {
  const webhook = msg['webhook'] as
    { unverified?: { rawBody?: Buffer }; verified?: { digest?: string } } | undefined;
  // Claims are kept in this alphabet.
  const digest = webhook?.verified?.digest;
  if (digest) return `${digest.replaceAll('-', '+').replaceAll('_', '/')}=`;
  const content = webhook?.unverified?.rawBody ?? JSON.stringify(msg.payload);
  return hash('sha256', content, 'base64');
}
