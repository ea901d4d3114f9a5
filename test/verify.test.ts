import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CodedError } from '../runtime/errors/coded-error.ts';
import type { Unverified } from '../runtime/verify/scheme.ts';
import { schemeNames, type SchemeName, type VerifyOptions } from '../runtime/verify/schemes.ts';
import { sign, type Signed, type Stamp } from '../runtime/verify/sign.ts';
import { verifier, verify } from '../runtime/verify/verify.ts';
import { item, notification } from './verify/notification.ts';

interface Case {
  scheme: SchemeName;
  options: VerifyOptions;
  /** The headers that must be there and right. */
  proof: string[];
  timed?: boolean;
  /** The sender's id, whether the signature covers it, and the topic. */
  told: [senderId: string | undefined, signed: boolean, topic: string | undefined];
}

const timed = {
  header: 'X-Sig',
  template: 'v0:{timestamp}:{id}:{body}',
  prefix: 'v0=',
  timestampHeader: 'X-Time',
  idHeader: 'X-Id',
  topicHeader: 'X-Topic',
};
const inMilliseconds = {
  header: 'X-Sig',
  template: '{timestamp}{body}',
  encoding: 'hex-upper',
  timestampHeader: 'X-Time',
  timestampUnit: 'ms',
} as const;
const standard = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
const orders = 'orders/create';
const untold: Case['told'] = [undefined, false, undefined];
const cases: Record<string, Case> = {
  'standard-webhooks': {
    scheme: 'standard-webhooks',
    options: {},
    proof: standard,
    timed: true,
    told: ['d1', true, undefined],
  },
  bigcommerce: {
    scheme: 'bigcommerce',
    options: {},
    proof: standard,
    timed: true,
    told: ['d1', true, 'store/order'],
  },
  shopify: {
    scheme: 'shopify',
    options: {},
    proof: ['x-shopify-hmac-sha256'],
    told: ['d1', false, orders],
  },
  stripe: {
    scheme: 'stripe',
    options: {},
    proof: ['stripe-signature'],
    timed: true,
    told: ['e1', true, 'paid'],
  },
  woocommerce: {
    scheme: 'woocommerce',
    options: {},
    proof: ['x-wc-webhook-signature'],
    told: ['d1', false, orders],
  },
  github: { scheme: 'github', options: {}, proof: ['x-hub-signature-256'], told: ['d1', false, orders] },
  easypost: {
    scheme: 'easypost',
    options: {},
    proof: ['x-hmac-signature'],
    told: ['e1', true, 'tracker.updated'],
  },
  'adyen items': {
    scheme: 'adyen',
    options: {},
    proof: [],
    told: ['7914073381342284/AUTHORISATION', true, 'AUTHORISATION'],
  },
  'adyen body': {
    scheme: 'adyen',
    options: { adyen: { level: 'body' } },
    proof: ['hmacsignature'],
    told: [undefined, false, 'paid'],
  },
  'hmac of the body': {
    scheme: 'hmac',
    options: { hmac: { header: 'X-Sig', algorithm: 'sha512', encoding: 'base64' } },
    proof: ['x-sig'],
    told: untold,
  },
  'hmac with time and id': {
    scheme: 'hmac',
    options: { hmac: timed },
    proof: ['x-sig', 'x-time', 'x-id'],
    timed: true,
    told: ['d1', true, orders],
  },
  'hmac in milliseconds, upper case': {
    scheme: 'hmac',
    options: { hmac: inMilliseconds },
    proof: ['x-sig', 'x-time'],
    timed: true,
    told: untold,
  },
  'http-message-signatures': {
    scheme: 'http-message-signatures',
    options: {},
    proof: ['content-digest', 'signature-input', 'signature'],
    timed: true,
    told: untold,
  },
  bearer: { scheme: 'bearer', options: {}, proof: ['authorization'], told: untold },
  'bearer in a header of its own': {
    scheme: 'bearer',
    options: { bearer: { header: 'X-Token' } },
    proof: ['x-token'],
    told: untold,
  },
};
const names = Object.keys(cases);

// Bytes that are a key in each scheme: hexadecimal for Adyen, base64 for Standard Webhooks.
const [right, other, third] = ['c0ffee00', 'c0ffee11', 'c0ffee22'] as const;
const now = 1_790_000_000;
const bodyOf = ({ scheme, options }: Case): string =>
  scheme === 'adyen' && options.adyen === undefined
    ? notification(item)
    : '{"id":"e1","type":"paid","description":"tracker.updated","scope":"store/order","n":1130}';

function signed({ scheme, options }: Case, secret: string, body: string, stamp: Stamp = {}): Signed {
  return sign(scheme, options, secret, body, { id: 'd1', topic: 'orders/create', timestamp: now, ...stamp });
}

function arrived({ headers, body }: Signed, receivedAt = now * 1000): Unverified {
  return { rawBody: body, headers, receivedAt };
}

const coded = (code: string) => (error: unknown) => error instanceof CodedError && error.code === code;
const refuses = ({ scheme, options }: Case, request: Unverified, code = 'SIGNATURE_INVALID'): void =>
  assert.throws(() => verify(scheme, options, [right], request), coded(code));

describe('signature schemes', () => {
  it('every scheme stands in this test', () => {
    assert.deepEqual(
      [...new Set(names.map((name) => cases[name]!.scheme))].toSorted(),
      schemeNames.toSorted(),
    );
  });

  for (const [name, entry] of Object.entries(cases)) {
    const { scheme, options } = entry;
    const sent = signed(entry, right, bodyOf(entry));

    describe(name, () => {
      it('takes the right signature and gives the bytes as they came', () => {
        const verified = verify(scheme, options, [right], arrived(sent));
        assert.equal(verified.scheme, scheme);
        assert.equal(verified.keyIndex, 0);
        assert.equal(verified.rawBody, sent.body);
      });
      it("tells the sender's id, whether the signature covers it, and the topic", () => {
        const { senderId, senderIdSigned, topic } = verify(scheme, options, [right], arrived(sent));
        assert.deepEqual([senderId, senderIdSigned, topic], entry.told);
      });
      it('takes headers in any case', () => {
        const headers = Object.fromEntries(
          Object.entries(sent.headers).map(([k, v]) => [k.toUpperCase(), v]),
        );
        assert.equal(verify(scheme, options, [right], { ...arrived(sent), headers }).keyIndex, 0);
      });
      it('takes each active secret and says which', () => {
        assert.equal(verify(scheme, options, [other, third, right], arrived(sent)).keyIndex, 2);
      });
      it('refuses another secret', () => {
        refuses(entry, arrived(signed(entry, other, bodyOf(entry))));
      });
      if (scheme !== 'bearer') {
        it('refuses a tampered body', () => {
          const rawBody = Buffer.from(sent.body.toString().replace('1130', '1131'));
          assert.notDeepEqual(rawBody, sent.body);
          refuses(entry, { ...arrived(sent), rawBody });
        });
        it('refuses an empty body in place of the signed one', () => {
          refuses(entry, { ...arrived(sent), rawBody: Buffer.alloc(0) });
        });
      }
      for (const header of entry.proof) {
        it(`refuses a missing, empty, repeated, shortened or other ${header}`, () => {
          const value = sent.headers[header]!;
          for (const odd of [
            undefined,
            '',
            [value, value],
            value.slice(0, -1),
            `${value}0`,
            `x${value}`,
            '💥',
          ])
            refuses(entry, { ...arrived(sent), headers: { ...sent.headers, [header]: odd } });
        });
      }
      if (entry.timed) {
        it('takes a time up to the edge of the window, in the past and in the future', () => {
          for (const offS of [-300, 300])
            assert.equal(verify(scheme, options, [right], arrived(sent, (now + offS) * 1000)).keyIndex, 0);
          assert.equal(
            verify(scheme, { ...options, windowS: 900 }, [right], arrived(sent, (now + 900) * 1000)).keyIndex,
            0,
          );
        });
        it('TIMESTAMP_STALE outside of it', () => {
          for (const offMs of [-300_001, 300_001, Number.NaN])
            refuses(entry, arrived(sent, now * 1000 + offMs), 'TIMESTAMP_STALE');
          assert.throws(
            () => verify(scheme, { ...options, windowS: 10 }, [right], arrived(sent, now * 1000 + 11_000)),
            (error) => error instanceof CodedError && error.facts.offS === 11 && error.facts.windowS === 10,
          );
        });
        it('a wrong signature stays SIGNATURE_INVALID, however old', () => {
          refuses(entry, arrived(signed(entry, other, bodyOf(entry)), 0));
        });
      } else {
        it('has no window: an old delivery is still right', () => {
          assert.equal(verify(scheme, options, [right], arrived(sent, 0)).keyIndex, 0);
        });
      }
    });
  }

  it('sign → verify, for any body, id and time', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...names.filter((name) => name !== 'adyen items')),
        fc.uint8Array({ maxLength: 200 }),
        fc.stringMatching(/^[\w-]{1,40}$/),
        fc.integer({ min: 0, max: 4_000_000_000 }),
        (name, bytes, id, timestamp) => {
          const entry = cases[name]!;
          const sent = sign(entry.scheme, entry.options, right, Buffer.from(bytes), { id, timestamp });
          const verified = verify(
            entry.scheme,
            entry.options,
            [other, right],
            arrived(sent, timestamp * 1000),
          );
          assert.equal(verified.keyIndex, 1);
        },
      ),
    );
  });
  it('sign → verify, for any Adyen item', () => {
    const plain = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    const amount = fc.record({ value: fc.oneof(fc.maxSafeInteger(), fc.string()), currency: fc.string() });
    const any = fc.record(
      { pspReference: plain, merchantReference: plain, eventCode: plain, success: plain, amount },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 4 }), (items) => {
        const sent = sign('adyen', {}, right, notification(...items));
        assert.equal(verify('adyen', {}, [right], arrived(sent)).keyIndex, 0);
      }),
    );
  });
  it('malformed headers and bodies are SIGNATURE_INVALID and never another error', () => {
    const part = fc.oneof(
      fc.string(),
      fc.constantFrom('t=', 't=1', 'v1=', 'v1,', 'sha256=', 'v0=', 'hmac-sha256-hex=', 'Bearer ', `${now}`),
      fc.base64String(),
    );
    const text = fc.array(part, { maxLength: 5 }).map((parts) => parts.join(''));
    const value = fc.oneof(text, fc.array(text, { maxLength: 3 }), fc.constant(undefined));
    const body = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((json) => `{"notificationItems":[{"NotificationRequestItem":${json}}]}`),
      fc
        .json()
        .map((json) => `{"notificationItems":[{"NotificationRequestItem":{"additionalData":${json}}}]}`),
      fc.json().map((json) => `{"notificationItems":${json}}`),
    );
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.array(value, { maxLength: 3 }), body, (name, values, raw) => {
        const entry = cases[name]!;
        const headers = Object.fromEntries(entry.proof.map((header, index) => [header, values[index]]));
        refuses(entry, { rawBody: Buffer.from(raw), headers, receivedAt: now * 1000 });
      }),
      { numRuns: 1000 },
    );
  });
});

describe('settings and secrets that cannot work are CONFIG_INVALID', () => {
  const broken: [string, SchemeName, VerifyOptions, string[]][] = [
    ['no secret', 'github', {}, []],
    ['an empty secret', 'github', {}, [right, '  ']],
    ['a Standard Webhooks secret that is not base64', 'standard-webhooks', {}, ['whsec_!']],
    ['a Standard Webhooks secret that decodes to nothing', 'standard-webhooks', {}, ['whsec_A']],
    ['whsec_ alone', 'standard-webhooks', {}, ['whsec_']],
    ['an Adyen key that is not hexadecimal', 'adyen', {}, ['xyz']],
    ['an unknown scheme', 'toString' as SchemeName, {}, [right]],
    ['a window of nothing', 'stripe', { windowS: 0 }, [right]],
    ['a window that is no number', 'stripe', { windowS: Number.NaN }, [right]],
    ['hmac without a header', 'hmac', {}, [right]],
    ['an unknown algorithm', 'hmac', { hmac: { header: 'a', algorithm: 'md5' as 'sha1' } }, [right]],
    ['an unknown encoding', 'hmac', { hmac: { header: 'a', encoding: 'utf8' as 'hex' } }, [right]],
    ['a template without the body', 'hmac', { hmac: { header: 'a', template: 'x' } }, [right]],
    ['an unknown placeholder', 'hmac', { hmac: { header: 'a', template: '{foo}{body}' } }, [right]],
    ['one within text', 'hmac', { hmac: { header: 'a', template: 'v0:{time}:{body}' } }, [right]],
    ['{id} without a header', 'hmac', { hmac: { header: 'a', template: '{id}{body}' } }, [right]],
    [
      '{timestamp} without a header',
      'hmac',
      { hmac: { header: 'a', template: '{timestamp}{body}' } },
      [right],
    ],
    ['a time that is not signed', 'hmac', { hmac: { header: 'a', timestampHeader: 'b' } }, [right]],
  ];
  for (const [title, scheme, options, secrets] of broken)
    it(title, () => assert.throws(() => verifier(scheme, options, secrets), coded('CONFIG_INVALID')));

  it('braces that are literal text are not', () => {
    const entry: Case = {
      scheme: 'hmac',
      options: { hmac: { header: 'X-Sig', template: '{"b":{body}}' } },
      proof: [],
      told: [undefined, false, undefined],
    };
    assert.equal(verify('hmac', entry.options, [right], arrived(signed(entry, right, '1'))).keyIndex, 0);
  });
});
