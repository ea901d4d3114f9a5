/** Standard Webhooks, and Svix with its own names of the headers. https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
import { isSigned, signature } from './keys.ts';
import { bodyField, header, required, unixTime, type Key, type Scheme, type Unverified } from './scheme.ts';

export function standardWebhooks(key: (secret: string) => Key, topic?: string): Scheme {
  return {
    windowS: 300,
    key,
    expected: (key, signed) => `${version(key)},${signature(key, signed)}`,
    proves(key, { signed, presented }) {
      const head = `${version(key)},`;
      return presented.some(
        (text) => text.startsWith(head) && isSigned(key, signed, text.slice(head.length)),
      );
    },
    claim(request) {
      const vendor = vendorOf(request);
      const id = required(request, `${vendor}-id`);
      const timestamp = required(request, `${vendor}-timestamp`);
      const presented = required(request, `${vendor}-signature`).split(' ');
      return {
        proofs: [{ signed: [`${id}.${timestamp}.`, request.rawBody], presented }],
        signedAt: unixTime(timestamp),
      };
    },
    identity: (request) => ({
      senderId: header(request, `${vendorOf(request)}-id`),
      senderIdSigned: true,
      topic: topic && bodyField(request, topic),
    }),
  };
}

/** All three headers have the same first word. */
function vendorOf(request: Unverified): 'webhook' | 'svix' {
  const isSvix = header(request, 'webhook-id') === undefined && header(request, 'svix-id') !== undefined;
  return isSvix ? 'svix' : 'webhook';
}

function version(key: Key): 'v1' | 'v1a' {
  return Buffer.isBuffer(key) ? 'v1' : 'v1a';
}
