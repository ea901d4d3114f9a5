/** The sender's side of every scheme: for the demo, for tests, and for hubs that send webhooks themselves. */
import { randomUUID } from 'node:crypto';
import { notificationItems, signedText } from './adyen.ts';
import { CodedError } from '../errors/coded-error.ts';
import { signedHeaders } from './message-signatures.ts';
import type { Part, Scheme } from './scheme.ts';
import { schemes, type SchemeName, type VerifyOptions } from './schemes.ts';

export interface Stamp {
  /** Id of the delivery. Default a new UUID. Schemes whose id is in the body ignore it. */
  id?: string;
  /** Unix time in whole seconds. Default now. */
  timestamp?: number;
  /** Name of the event, where the scheme has a header for it. */
  topic?: string;
}

export interface Signed {
  headers: Record<string, string>;
  /** The bytes to send: the body as given, but for Adyen's items, which carry their signature inside. */
  body: Buffer;
}

type Known = Required<Stamp> & { mac: (...signed: Part[]) => string; body: Buffer; options: VerifyOptions };

const stamps: Record<SchemeName, (known: Known) => Record<string, string>> = {
  'standard-webhooks': standardWebhooks,
  bigcommerce: standardWebhooks,
  shopify: ({ mac, body, id, topic }) => ({
    'x-shopify-hmac-sha256': mac(body),
    'x-shopify-webhook-id': id,
    'x-shopify-topic': topic,
  }),
  stripe: ({ mac, body, timestamp, options }) => ({
    [options.stripe?.header?.toLowerCase() ?? 'stripe-signature']:
      `t=${timestamp},${mac(`${timestamp}.`, body)}`,
  }),
  woocommerce: ({ mac, body, id, topic }) => ({
    'x-wc-webhook-signature': mac(body),
    'x-wc-webhook-delivery-id': id,
    'x-wc-webhook-topic': topic,
  }),
  github: ({ mac, body, id, topic }) => ({
    'x-hub-signature-256': mac(body),
    'x-github-delivery': id,
    'x-github-event': topic,
  }),
  easypost: ({ mac, body }) => ({ 'x-hmac-signature': mac(body) }),
  adyen: ({ mac, body, options }) => ({ hmacsignature: options.adyen?.level === 'body' ? mac(body) : '' }),
  'http-message-signatures': ({ mac, body, timestamp }) => signedHeaders(body, timestamp, mac),
  hmac: genericHmac,
  bearer: ({ mac, options }) => {
    const name = options.bearer?.header?.toLowerCase() ?? 'authorization';
    return { [name]: name === 'authorization' ? `Bearer ${mac()}` : mac() };
  },
};

/** Throws CodedError CONFIG_INVALID as `verify` does, and SIGNATURE_INVALID for an Adyen body without items. */
export function sign(
  name: SchemeName,
  options: VerifyOptions,
  secret: string,
  body: Buffer | string,
  stamp: Stamp = {},
): Signed {
  const scheme: Scheme = schemes[name](options);
  const key = scheme.key(secret);
  const mac = (...signed: Part[]) => scheme.expected(key, signed);
  const bytes = Buffer.from(body);
  const { id = randomUUID(), timestamp = Math.floor(Date.now() / 1000), topic = '' } = stamp;
  if (!Number.isSafeInteger(timestamp))
    throw new CodedError('CONFIG_INVALID', 'A timestamp is in whole seconds');
  const headers = stamps[name]({ mac, body: bytes, id, timestamp, topic, options });
  const filled = Object.entries(headers).filter(([, value]) => value !== '');
  const inside = name === 'adyen' && options.adyen?.level !== 'body';
  return { headers: Object.fromEntries(filled), body: inside ? signItems(bytes, mac) : bytes };
}

function standardWebhooks({ mac, body, id, timestamp }: Known): Record<string, string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': mac(`${id}.${timestamp}.`, body),
  };
}

function genericHmac({ mac, body, id, timestamp, topic, options }: Known): Record<string, string> {
  const {
    header,
    template = '{body}',
    timestampHeader,
    timestampUnit,
    idHeader,
    topicHeader,
  } = options.hmac!;
  const time = String(timestampUnit === 'ms' ? timestamp * 1000 : timestamp);
  const signed = template.split(/(\{(?:body|timestamp|id)\})/).map((part) => {
    if (part === '{body}') return body;
    return part === '{timestamp}' ? time : part === '{id}' ? id : part;
  });
  const headers: Record<string, string> = { [header.toLowerCase()]: mac(...signed) };
  if (timestampHeader !== undefined) headers[timestampHeader.toLowerCase()] = time;
  if (idHeader !== undefined) headers[idHeader.toLowerCase()] = id;
  if (topicHeader !== undefined) headers[topicHeader.toLowerCase()] = topic;
  return headers;
}

function signItems(body: Buffer, mac: Known['mac']): Buffer {
  const items = notificationItems(body).map((item) => ({
    NotificationRequestItem: {
      ...item,
      additionalData: {
        ...(item.additionalData as object | undefined),
        hmacSignature: mac(signedText(item)),
      },
    },
  }));
  return Buffer.from(JSON.stringify({ ...JSON.parse(body.toString('utf8')), notificationItems: items }));
}
