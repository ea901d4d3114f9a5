/** Adyen's items: what is signed of them, and what is said of a body that holds none. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { notificationItems, signedText } from '../runtime/verify/adyen.ts';
import { verify } from '../runtime/verify/verify.ts';
import { item, notification } from './verify/notification.ts';

// The vector of Adyen's own libraries.
const key = '44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056';
const vector = {
  pspReference: '7914073381342284',
  originalReference: '',
  merchantAccountCode: 'TestMerchant',
  merchantReference: 'TestPayment-1407325143704',
  amount: { value: 1130, currency: 'EUR' },
  eventCode: 'AUTHORISATION',
  success: 'true',
  additionalData: { hmacSignature: 'coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0=' },
};
const run = (body: string, secret = key) =>
  verify('adyen', {}, [secret], { rawBody: Buffer.from(body), headers: {}, receivedAt: 0 });
const withMac = (one: object, text: string): object => ({
  ...one,
  additionalData: {
    hmacSignature: createHmac('sha256', Buffer.from(key, 'hex')).update(text).digest('base64'),
  },
});
const refused = (message: string) => ({ code: 'SIGNATURE_INVALID', message, facts: {} });

describe("Adyen's items", () => {
  it('are proved by the vector of its libraries, and told by reference and event', () => {
    const { keyIndex, senderId, senderIdSigned, topic } = run(notification(vector));
    assert.deepEqual(
      [keyIndex, senderId, senderIdSigned, topic],
      [0, '7914073381342284/AUTHORISATION', true, 'AUTHORISATION'],
    );
    assert.equal(run(notification(vector), key.toLowerCase()).keyIndex, 0);
  });

  it('are told all, and have no event of their own together', () => {
    const capture = { pspReference: 'P2', eventCode: 'CAPTURE', success: false };
    const { senderId, topic } = run(notification(vector, withMac(capture, 'P2::::::CAPTURE:false')));
    assert.deepEqual([senderId, topic], ['7914073381342284/AUTHORISATION,P2/CAPTURE', undefined]);
  });

  it('sign eight fields, of which each may be missing', () => {
    const rows: [fields: Record<string, unknown>, text: string][] = [
      [{}, ':::::::'],
      [{ pspReference: null, amount: null }, ':::::::'],
      [item, '7914073381342284::Shop:SO/1:1130:EUR:AUTHORISATION:true'],
      [{ originalReference: 'O1', success: false, amount: [1130] }, ':O1::::::false'],
      [{ merchantReference: '', amount: { value: 0 } }, '::::0:::'],
      [{ amount: 'EUR', eventCode: 5 }, '::::::5:'],
    ];
    for (const [fields, text] of rows) {
      assert.equal(signedText(fields), text);
      assert.equal(run(notification(withMac(fields, text))).keyIndex, 0, text);
    }
  });

  it('are items only where they are listed as such', () => {
    const body = '{"notificationItems":[{"NotificationRequestItem":{"success":true}},{},null,[1]]}';
    assert.deepEqual(notificationItems(Buffer.from(body)), [{ success: true }, {}, {}, {}]);
  });

  for (const [title, body, message] of [
    ['what is no JSON', 'live=false', 'The body is no notification of Adyen'],
    ['nothing', '', 'The body is no notification of Adyen'],
    ['a text', '"notificationItems"', 'The body holds no notification item'],
    ['null', 'null', 'The body holds no notification item'],
    ['a list', '[1]', 'The body holds no notification item'],
    ['an object without items', '{}', 'The body holds no notification item'],
    ['no item', notification(), 'The body holds no notification item'],
    ['items that are no list', '{"notificationItems":{"length":1}}', 'The body holds no notification item'],
    [
      'a field that is an object',
      notification({ ...vector, pspReference: { toString: 1 } }),
      'A signed field of a notification item is not a plain value',
    ],
    [
      'a signature that is a list',
      notification({ ...vector, additionalData: { hmacSignature: [vector.additionalData.hmacSignature] } }),
      'A signed field of a notification item is not a plain value',
    ],
    ['an item without a signature', notification(item), 'The signature does not match'],
    ['another item', notification({ ...vector, success: 'false' }), 'The signature does not match'],
    ['one more item', notification(vector, item), 'The signature does not match'],
  ] as const)
    it(`${title} is refused`, () => assert.throws(() => run(body), refused(message)));

  for (const secret of ['xyz', 'c0f', `${key} `, `0x${key}`, ''])
    it(`a key "${secret.slice(0, 8)}" of ${secret.length} signs is refused`, () =>
      assert.throws(() => run(notification(vector), secret), {
        code: 'CONFIG_INVALID',
        message:
          secret === ''
            ? 'A webhook needs at least one secret, and none may be empty'
            : 'An Adyen HMAC key is written in hexadecimal digits',
        facts: {},
      }));
});
