/** The signature schemes by name. */
import { adyen, type AdyenOptions } from './adyen.ts';
import { hmac, type HmacOptions } from './hmac.ts';
import { standardKey } from './keys.ts';
import { messageSignatures } from './message-signatures.ts';
import { bodyField, header, mac, refuse, required, unixTime, utf8Key } from './scheme.ts';
import type { Encoding, Key, Part, Scheme } from './scheme.ts';
import { standardWebhooks } from './standard-webhooks.ts';

export interface BearerOptions {
  /** Default `Authorization`, which wants `Bearer <token>`; any other header holds the token alone. */
  header?: string;
}

/** Settings of a scheme; each scheme reads its own and ignores the others. */
export interface VerifyOptions {
  /** Seconds a signed time may be off, either way. Default 300. Only schemes that sign a time have one. */
  windowS?: number;
  hmac?: HmacOptions;
  adyen?: AdyenOptions;
  bearer?: BearerOptions;
  stripe?: StripeOptions;
}

export interface StripeOptions {
  /** Of another sender that signs the same way. Default `Stripe-Signature`. */
  header?: string;
}

/** https://docs.stripe.com/webhooks#verify-manually */
function stripe({ header: name = 'stripe-signature' }: StripeOptions = {}): Scheme {
  return {
    windowS: 300,
    key: utf8Key,
    expected: (key, signed) => `v1=${mac(key, signed, 'sha256', 'hex')}`,
    claim(request) {
      const items = required(request, name)
        .split(',')
        .map((item) => item.trim());
      const times = items.filter((item) => item.startsWith('t='));
      if (times.length !== 1) throw refuse(`The header ${name} has no single timestamp`);
      const timestamp = times[0]!.slice(2);
      return {
        proofs: [
          {
            signed: [`${timestamp}.`, request.rawBody],
            presented: items,
          },
        ],
        signedAt: unixTime(timestamp),
      };
    },
    identity: inBody('type'),
  };
}

/** Id and topic are keys of the body. */
function inBody(topic: string): Scheme['identity'] {
  return (request) => ({
    senderId: bodyField(request, 'id'),
    senderIdSigned: true,
    topic: bodyField(request, topic),
  });
}

/** Id and topic are headers outside of the signature; of the ids the first that is there. */
function inHeaders(ids: readonly string[], topic: string): Scheme['identity'] {
  return (request) => ({
    senderId: ids.map((name) => header(request, name)).find((id) => id !== undefined),
    senderIdSigned: false,
    topic: header(request, topic),
  });
}

/** A MAC of the body alone, in one header. */
function bodyMac(
  spec: { header: string; encoding: Encoding; prefix?: string },
  identity: Scheme['identity'],
): Scheme {
  return {
    key: utf8Key,
    expected: (key, signed) => (spec.prefix ?? '') + mac(key, signed, 'sha256', spec.encoding),
    claim: (request) => ({
      proofs: [{ signed: [request.rawBody], presented: [required(request, spec.header)] }],
    }),
    identity,
  };
}

/** https://docs.easypost.com/guides/webhooks-guide */
const easypost: Scheme = {
  ...bodyMac(
    { header: 'x-hmac-signature', encoding: 'hex', prefix: 'hmac-sha256-hex=' },
    inBody('description'),
  ),
  key: (secret) => utf8Key(secret.normalize('NFKD')),
};

/** A shared token proves the sender but not the body. */
function bearer({ header: name = 'authorization' }: BearerOptions = {}): Scheme {
  return {
    key: utf8Key,
    expected: (key: Key, _signed: readonly Part[]) => key.toString(),
    claim(request) {
      const value = required(request, name);
      if (name.toLowerCase() !== 'authorization') return { proofs: [{ signed: [], presented: [value] }] };
      const token = /^bearer +(\S.*)$/i.exec(value)?.[1];
      if (token === undefined) throw refuse('The header authorization holds no bearer token');
      return { proofs: [{ signed: [], presented: [token] }] };
    },
    identity: () => ({ senderIdSigned: false }),
  };
}

export const schemes = {
  'standard-webhooks': () => standardWebhooks(standardKey),
  shopify: () =>
    bodyMac(
      { header: 'x-shopify-hmac-sha256', encoding: 'base64' },
      inHeaders(['x-shopify-webhook-id', 'x-shopify-event-id'], 'x-shopify-topic'),
    ),
  stripe: (options) => stripe(options.stripe),
  woocommerce: () =>
    bodyMac(
      { header: 'x-wc-webhook-signature', encoding: 'base64' },
      inHeaders(['x-wc-webhook-delivery-id'], 'x-wc-webhook-topic'),
    ),
  github: () =>
    bodyMac(
      { header: 'x-hub-signature-256', encoding: 'hex', prefix: 'sha256=' },
      inHeaders(['x-github-delivery'], 'x-github-event'),
    ),
  // Standard Webhooks whose key is the text of the app's client secret.
  bigcommerce: () => standardWebhooks(utf8Key, 'scope'),
  easypost: () => easypost,
  adyen: (options) => adyen(options.adyen),
  'http-message-signatures': () => messageSignatures(),
  hmac: (options) => hmac(options.hmac),
  bearer: (options) => bearer(options.bearer),
} as const satisfies Record<string, (options: VerifyOptions) => Scheme>;

export type SchemeName = keyof typeof schemes;
export const schemeNames = Object.keys(schemes) as SchemeName[];
