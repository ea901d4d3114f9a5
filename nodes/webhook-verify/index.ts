/** Flow node: lets through what the partner signed, and parses it; everything else is refused. */
import { hash } from 'node:crypto';
import { Type } from 'typebox';
import { asCoded, CodedError } from '../../runtime/errors/coded-error.ts';
import { note } from '../../runtime/hub/deliveries.ts';
import type { Hub } from '../../runtime/hub/hub.ts';
import { choice, defineNode } from '../../runtime/node-red/define-node.ts';
import { documents } from '../../runtime/partners/partners.ts';
import {
  activeSecrets,
  demandSource,
  sendersOf,
  type Sender,
  type Senders,
} from '../../runtime/partners/senders.ts';
import { followed, madeOf } from '../../runtime/secrets/following.ts';
import { parseJson, textOf } from '../../runtime/verify/parse.ts';
import { algorithms, encodings, type Unverified } from '../../runtime/verify/scheme.ts';
import { schemeNames, type SchemeName } from '../../runtime/verify/schemes.ts';
import { isWooPing, optionsOf, verifier, type SigningSettings } from '../../runtime/verify/verify.ts';

const contents = ['json', 'text'] as const;
const says = ['', ...documents] as const;

export default defineNode({
  type: 'webhook-verify',
  use: 'check',
  summary: "Checks a webhook's signature on the bytes as they came; only then is the message parsed.",
  help: `The secrets come from the environment, never from the flow. Name several, separated by blanks, while a secret is
being changed: each of them is active. What another value is, the next webhook is checked with.

A wrong or missing signature leaves by **refused** with \`msg.error\` and is answered **401 SIGNATURE_INVALID**; a signed
time outside the replay window **401 TIMESTAMP_STALE**. Nobody has to wire that answer. WooCommerce's unsigned first
ping is answered 200.

Messages in the canonical model name their source themselves. **What it says** binds that to the secret: a partner
with \`direct:\` signs with its own secrets and says its own name; the secrets of this node say
only names that have neither a file nor an intake of their own. Anything else is **403 SOURCE_FORBIDDEN**.

**standard-webhooks** takes the headers \`webhook-id\` and so on, or Svix's \`svix-id\`; a secret \`whsec_\` proves
signatures v1, a public key \`whpk_\` signatures v1a (Ed25519). **http-message-signatures** is RFC 9421 by hmac-sha256 and
ed25519, with the same secrets; \`<keyid>=\` before a secret makes it the key of this id only. The signature must say
when it was \`created\` and cover \`content-digest\`. A secret that cannot be one of its scheme stops the node.

Not supported: RSA, ECDSA and other algorithms of asymmetric keys, certificates (Amazon SNS, PayPal, mutual TLS), JWT, and of
RFC 9421 parameters of components and \`@target-uri\`, \`@scheme\`, \`@query-param\`.`,
  icon: 'fa-shield',
  color: '#A9D6C5',
  labelFrom: 'scheme',
  config: Type.Object({
    scheme: choice(schemeNames, {
      group: 'Signature',
      title: 'Scheme',
      description: 'How this partner signs.',
      default: 'standard-webhooks',
    }),
    secrets: Type.String({
      group: 'Signature',
      title: 'Secrets',
      description:
        'Name of the environment variable that holds the active secrets, separated by blanks. Empty only where every sender has its own.',
      secret: true,
      placeholder: '${SHOPIFY_WEBHOOK_SECRETS}',
      default: '',
    }),
    says: choice(says, {
      group: 'Message',
      title: 'What it says',
      description:
        "Documents of the canonical model, whose source must be the sender. Empty: the partner's own shape.",
      default: '',
    }),
    content: choice(contents, {
      group: 'Message',
      title: 'Content',
      description: 'What the partner sends: JSON, or a text such as EDI.',
      default: 'json',
    }),
    windowSeconds: Type.Integer({
      group: 'Signature',
      when: { scheme: ['standard-webhooks', 'bigcommerce', 'stripe', 'http-message-signatures', 'hmac'] },
      title: 'Replay window',
      description: 'How far a signed time may be off. Only for schemes that sign a time.',
      default: 300,
      minimum: 1,
      maximum: 86400,
      unit: 'seconds',
    }),
    level: choice(['items', 'body'] as const, {
      group: 'Signature',
      when: { scheme: ['adyen'] },
      title: 'What is signed',
      description: 'adyen: each item of a payment notification, or the body of a platform webhook.',
      default: 'items',
    }),
    header: Type.String({
      group: 'Signature',
      when: { scheme: ['hmac', 'bearer', 'stripe'] },
      title: 'Header',
      description:
        'hmac and bearer: the header that holds the signature or token. stripe: of a sender that signs as Stripe does.',
      default: '',
      placeholder: 'X-Signature',
    }),
    algorithm: choice(algorithms, {
      group: 'Signature',
      when: { scheme: ['hmac'] },
      title: 'Algorithm',
      description: 'hmac: the digest.',
      default: 'sha256',
    }),
    encoding: choice(encodings, {
      group: 'Signature',
      when: { scheme: ['hmac'] },
      title: 'Encoding',
      description: 'hmac: how the signature is written. base64-any: for URLs too, and without = at its end.',
      default: 'hex',
    }),
    prefix: Type.String({
      group: 'Signature',
      when: { scheme: ['hmac'] },
      title: 'Prefix',
      description: 'hmac: what stands before the signature.',
      default: '',
    }),
    template: Type.String({
      group: 'Signature',
      when: { scheme: ['hmac'] },
      title: 'Signed text',
      description: 'hmac: made of {body}, {timestamp} and {id}.',
      default: '{body}',
    }),
    timestampHeader: Type.String({
      group: 'Signature',
      when: { scheme: ['hmac'] },
      title: 'Time header',
      description: 'hmac: the header that holds {timestamp}, in Unix seconds.',
      default: '',
    }),
    idHeader: Type.String({
      group: 'Signature',
      when: { scheme: ['hmac'] },
      title: 'Id header',
      description: 'hmac: the header that holds {id}.',
      default: '',
    }),
  }),
  inputs: 1,
  intake: true,
  outputs: [
    {
      name: 'verified',
      description:
        'payload is the parsed message; webhook.verified tells scheme, topic, sender id, partner and digest.',
    },
    { name: 'refused', description: 'error is {code, message}. The sender is answered without any wire.' },
  ],
  start({ config, hub, flowContext, secret, delivery: deliveryOf, send }) {
    const { scheme, says } = config;
    const shared = secret('secrets');
    if (says && config.content === 'text')
      throw new CodedError('CONFIG_INVALID', 'A text names no source: leave what it says empty');
    const own = says ? hub.partners.direct.map(({ variable }) => variable) : [];
    const texts = () => [shared(), ...own.map((variable) => process.env[variable] ?? '')].join('\n');
    const checking = madeOf(texts, () => checkingBy(config, shared(), hub));
    let lacking = checking().missing.map((variable) => hub.missing.add(variable, flowContext.flow, true));
    let watched = (): void => {};
    const unfollow = followed(texts, () => {
      for (const found of lacking) found();
      watched();
      watched = hub.targets.add(`${flowContext.step} (${flowContext.flow})`, async () => void checking());
      lacking =
        attempted(checking)?.missing.map((name) => hub.missing.add(name, flowContext.flow, true)) ?? [];
    });
    const reserved = (source: string) => hub.partners.names.has(source) || hub.authority.sources.has(source);
    return {
      close() {
        unfollow();
        watched();
        for (const found of lacking) found();
      },
      input(msg) {
        const webhook = msg['webhook'] as { unverified: Unverified } | undefined;
        const delivery = deliveryOf(msg);
        if (!webhook || !delivery)
          throw new CodedError('CONFIG_INVALID', 'webhook verify works behind a webhook in');
        const { unverified } = webhook;
        if (scheme === 'woocommerce' && isWooPing(unverified))
          return note(delivery, flowContext, 'dropped', { detail: 'The first ping of WooCommerce' });
        let unset: CodedError | undefined;
        try {
          const { check, senders, ...known } = checking();
          unset = known.unset;
          const verified = check(unverified);
          const payload = config.content === 'text' ? textOf(verified) : parseJson(verified);
          const sender: Sender = senders[verified.keyIndex]!;
          if (says) demandSource(payload, sender, reserved);
          const { rawBody, ...proved } = verified;
          const digest = hash('sha256', rawBody, 'base64url');
          const identity = { ...proved, digest, ...(sender.partner && { partner: sender.partner }) };
          delivery.verified = true;
          send('verified', { ...msg, payload, webhook: { ...webhook, verified: identity } });
        } catch (error) {
          const refusal = asCoded(error);
          // It may be right, by a secret that is not known here.
          const coded = refusal.code === 'SIGNATURE_INVALID' && unset ? unset : refusal;
          hub.deliveries.fail(delivery.id, coded, flowContext.step);
          send('refused', { ...msg, error: { code: coded.code, message: coded.message } });
        }
      },
    };
  },
});

interface Checking {
  check: ReturnType<typeof verifier>;
  senders: readonly Sender[];
  missing: readonly string[];
  /** Where some sender's secret is not known here. */
  unset?: CodedError;
}

/** Throws CodedError CONFIG_INVALID for secrets that cannot be some of the scheme, SETTING_MISSING where there are none. */
function checkingBy(
  config: SigningSettings & { scheme: SchemeName; says: (typeof says)[number] },
  shared: string,
  hub: Pick<Hub, 'partners'>,
): Checking {
  const active = activeSecrets(shared);
  const { all: senders, missing }: Senders = config.says
    ? sendersOf(config.says, active, hub.partners, process.env)
    : { all: active.map((secret) => ({ secret })), missing: [] };
  const unset = new CodedError('SETTING_MISSING', `The environment has no ${missing.join(' ')}`, {
    missing: missing[0],
  });
  if (senders.length === 0 && missing.length > 0) throw unset;
  const check = verifier(
    config.scheme,
    optionsOf(config),
    senders.map(({ secret }) => secret),
  );
  return { check, senders, missing, ...(missing.length > 0 && { unset }) };
}

function attempted<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
