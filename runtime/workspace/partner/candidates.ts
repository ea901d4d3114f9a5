/** The ways a request could be signed, by what its headers look like. */
import { digestsIn } from './digests.ts';
import type { Pasted } from './request.ts';
import type { Signing } from './signing.ts';

export interface Candidate {
  /** Where the signature would stand. */
  header: string;
  signings: Signing[];
}

/** By the header that only this scheme has. */
const named: readonly [header: string, Signing][] = [
  ['webhook-signature', { scheme: 'standard-webhooks' }],
  ['svix-signature', { scheme: 'standard-webhooks' }],
  ['webhook-signature', { scheme: 'bigcommerce' }],
  ['x-shopify-hmac-sha256', { scheme: 'shopify' }],
  ['stripe-signature', { scheme: 'stripe' }],
  ['x-wc-webhook-signature', { scheme: 'woocommerce' }],
  ['x-hub-signature-256', { scheme: 'github' }],
  ['x-hmac-signature', { scheme: 'easypost' }],
  ['hmacsignature', { scheme: 'adyen', level: 'body' }],
  ['signature-input', { scheme: 'http-message-signatures' }],
];

export const timed = [
  '{timestamp}.{body}',
  '{timestamp}{body}',
  '{timestamp}:{body}',
  'v0:{timestamp}:{body}',
  '{timestamp}\n{body}',
  '{timestamp}|{body}',
  '{body}{timestamp}',
  '{body}.{timestamp}',
  '{timestamp} {body}',
];
const withId = ['{id}.{timestamp}.{body}', '{id}{timestamp}{body}', '{timestamp}.{id}.{body}'];
const idOnly = ['{id}.{body}', '{id}{body}', '{id}:{body}'];

export function candidatesOf(pasted: Pasted): Candidate[] {
  return [...byName(pasted), ...asStripe(pasted), ...byDigest(pasted), ...byToken(pasted)];
}

function byName({ headers, body }: Pasted): Candidate[] {
  const found = named
    .filter(([header]) => Object.hasOwn(headers, header))
    .map(([header, signing]) => ({ header, signings: [signing] }));
  return body.includes('"hmacSignature"')
    ? [...found, { header: 'hmacSignature', signings: [{ scheme: 'adyen', level: 'items' }] }]
    : found;
}

/** `t=1492774577,v1=5257…` in a header of its own name. */
function asStripe({ headers }: Pasted): Candidate[] {
  return Object.entries(headers)
    .filter(([header, value]) => header !== 'stripe-signature' && /(^|,) *t=\d+ *,/.test(`${value},`))
    .filter(([, value]) => /(^|,) *v1=[0-9a-f]{64}/.test(value))
    .map(([header]) => ({ header, signings: [{ scheme: 'stripe', header }] }));
}

function byDigest({ headers, url }: Pasted): Candidate[] {
  const times = Object.keys(headers).filter((name) => /^\d{10}$/.test(headers[name]!));
  const ids = Object.keys(headers).filter(
    (name) => /(^|-)(id|nonce|delivery|request)/.test(name) && !times.includes(name),
  );
  const address = addressOf(url, headers['host']);
  return Object.entries(headers).flatMap(([header, value]) => {
    const signings = digestsIn(value).flatMap((found): Signing[] => {
      const base: Signing = { scheme: 'hmac', header, ...found };
      const over = (templates: string[], more: Partial<Signing>): Signing[] =>
        templates.map((template) => ({ ...base, ...more, template }));
      return [
        base,
        ...times.flatMap((timestampHeader) => over(timed, { timestampHeader })),
        ...ids.flatMap((idHeader) => over(idOnly, { idHeader })),
        ...times.flatMap((timestampHeader) =>
          ids.flatMap((idHeader) => over(withId, { timestampHeader, idHeader })),
        ),
        ...(address ? over([`${address}{body}`, `{body}${address}`], {}) : []),
      ];
    });
    return signings.length > 0 ? [{ header, signings }] : [];
  });
}

/** Square and Trello sign the address too. It is a part of the signed text as it stands. */
function addressOf(url: string, host: string | undefined): string | undefined {
  const whole = /^https?:/.test(url)
    ? url
    : host && url.startsWith('/')
      ? `https://${host}${url}`
      : undefined;
  return whole !== undefined && whole.length < 180 && !/[{}\s]/.test(whole) ? whole : undefined;
}

function byToken({ headers }: Pasted): Candidate[] {
  return Object.entries(headers)
    .filter(([header, value]) =>
      header === 'authorization'
        ? /^bearer /i.test(value)
        : /key|token|secret/.test(header) && value.length >= 8,
    )
    .map(([header]) => ({
      header,
      signings: [{ scheme: 'bearer', ...(header !== 'authorization' && { header }) }],
    }));
}
