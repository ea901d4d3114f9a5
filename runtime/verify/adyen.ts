/** Adyen: payment webhooks sign eight fields of each item; platform webhooks sign the body. https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures */
import { CodedError } from '../errors/coded-error.ts';
import { exactJson } from './exact-json.ts';
import { bodyField, mac, refuse, required, type Scheme } from './scheme.ts';

export interface AdyenOptions {
  /** `items` (default): `additionalData.hmacSignature` of each notification item. `body`: the header HmacSignature. */
  level?: 'items' | 'body';
}

type Fields = Record<string, unknown>;

export function adyen({ level }: AdyenOptions = {}): Scheme {
  const shared = {
    key(secret: string) {
      if (!/^(?:[0-9a-fA-F]{2})+$/.test(secret))
        throw new CodedError('CONFIG_INVALID', 'An Adyen HMAC key is written in hexadecimal digits');
      return Buffer.from(secret, 'hex');
    },
    expected: ((key, signed) => mac(key, signed, 'sha256', 'base64')) satisfies Scheme['expected'],
  };
  if (level === 'body') {
    return {
      ...shared,
      claim: (request) => ({
        proofs: [{ signed: [request.rawBody], presented: [required(request, 'hmacsignature')] }],
      }),
      identity: (request) => ({ senderIdSigned: false, topic: bodyField(request, 'type') }),
    };
  }
  return {
    ...shared,
    // What is outside of the eight fields is not proved: trust the item's amounts and references, nothing else.
    claim: (request) => ({
      proofs: notificationItems(request.rawBody).map((item) => ({
        signed: [signedText(item)],
        presented: [text(fields(item.additionalData).hmacSignature)],
      })),
    }),
    identity(request) {
      const items = notificationItems(request.rawBody);
      return {
        senderId: items.map((item) => `${text(item.pspReference)}/${text(item.eventCode)}`).join(','),
        senderIdSigned: true,
        topic: items.length === 1 ? text(items[0]!.eventCode) : undefined,
      };
    },
  };
}

/** Throws CodedError SIGNATURE_INVALID: what is no notification holds no signature. */
export function notificationItems(body: Buffer): Fields[] {
  let parsed: unknown;
  try {
    parsed = exactJson(body.toString('utf8'));
  } catch {
    throw refuse('The body is no notification of Adyen');
  }
  const items = fields(parsed).notificationItems;
  if (!Array.isArray(items) || items.length === 0) throw refuse('The body holds no notification item');
  return items.map((item) => fields(fields(item).NotificationRequestItem));
}

export function signedText(item: Fields): string {
  const amount = fields(item.amount);
  return [
    item.pspReference,
    item.originalReference,
    item.merchantAccountCode,
    item.merchantReference,
    amount.value,
    amount.currency,
    item.eventCode,
    item.success,
  ]
    .map(text)
    .join(':');
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function text(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'object') throw refuse('A signed field of a notification item is not a plain value');
  return String(value);
}
