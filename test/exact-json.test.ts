import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { exactJson } from '../runtime/verify/exact-json.ts';
import { parseJson } from '../runtime/verify/parse.ts';
import { sign } from '../runtime/verify/sign.ts';
import { verify } from '../runtime/verify/verify.ts';

describe('exact JSON', () => {
  it('integers beyond 2^53 − 1 stay the text they were', () => {
    assert.deepEqual(
      exactJson('{"a":9007199254740991,"b":9007199254740992,"c":[-12345678901234567890],"d":1e30}'),
      { a: 9007199254740991, b: '9007199254740992', c: ['-12345678901234567890'], d: '1e30' },
    );
    assert.equal(exactJson('12345678901234567890'), '12345678901234567890');
  });
  it('fractions stay text only where digits would change', () => {
    assert.deepEqual(
      exactJson('[0.1, 1.50000000000000000, 0.1234567890123456789, 1e-2, 1e400, 1e-400, -0.0, 0e5, 2.5E+1]'),
      [0.1, 1.5, '0.1234567890123456789', 0.01, '1e400', '1e-400', -0, 0, 25],
    );
  });
  it('every integer comes back as it was written', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), (integer) => {
        const { id } = exactJson(`{"id": ${integer}}`) as { id: unknown };
        assert.equal(String(id), String(integer));
        assert.equal(typeof id === 'number', Number.isSafeInteger(Number(integer)));
      }),
    );
  });
  it('any other JSON is what JSON.parse gives', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        if (/__proto__|constructor/.test(text)) return;
        // Numbers as text, for exactJson may leave them so.
        const asText = (_key: string, v: unknown) => (typeof v === 'number' ? String(v) : v);
        assert.equal(JSON.stringify(exactJson(text), asText), JSON.stringify(JSON.parse(text), asText));
      }),
    );
  });
  it('__proto__ and constructor.prototype reach no prototype, however they are written', () => {
    for (const text of [
      '{"__proto__":{"polluted":1},"a":1}',
      '{"\\u005f_proto_\\u005F":{"polluted":1},"a":1}',
      '{"constructor":{"prototype":{"polluted":1}},"a":1}',
      '{"\\u0063onstructor":{"prototype":{"polluted":1}},"a":1}',
    ]) {
      const parsed = exactJson(text) as Record<string, unknown>;
      assert.deepEqual(Object.keys(parsed), ['a'], text);
      const copy = Object.assign({}, parsed) as { polluted?: unknown };
      assert.equal(copy.polluted, undefined);
      assert.equal(({} as { polluted?: unknown }).polluted, undefined);
    }
    assert.deepEqual(exactJson('{"constructor":"ACME Building"}'), { constructor: 'ACME Building' });
  });
  it('a numeral of a whole body costs no quadratic time', () => {
    const zeros = '0'.repeat(1_000_000);
    for (const text of [`1.${zeros}1`, `1e-${'9'.repeat(1_000_000)}`, `0.${zeros}1`])
      assert.equal(exactJson(text), text);
    assert.equal(exactJson(`1.${zeros}`), 1);
  });
});

describe('parseJson', () => {
  function received(bytes: string | Buffer) {
    const { headers, body } = sign('github', {}, 'secret', bytes);
    return verify('github', {}, ['secret'], { rawBody: body, headers, receivedAt: 0 });
  }
  const parse = (body: string | Buffer): unknown => parseJson(received(body));
  it('a NUL or half of a pair is refused, in values and in names; whole pairs are text', () => {
    for (const text of ['{"id":"1\\u00002"}', '[{"id":"\\uD83D"}]', '{"\\uDE00":1}', '["\\ud83dx\\ude00"]'])
      assert.throws(() => parse(text), { code: 'TEXT_INVALID' }, text);
    assert.deepEqual(parse('["\\ud83d\\ude00", "\\\\u0000"]'), ['😀', '\\u0000']);
  });
  it('a note or a name loses it', () => {
    assert.deepEqual(parse('{"id":"1","note":"two\\u0000 lines","customer":{"first_name":"A\\ud83d"}}'), {
      id: '1',
      note: 'two lines',
      customer: { first_name: 'A\ufffd' },
    });
  });
  const thrownBy = (body: string | Buffer): CodedError => {
    try {
      parse(body);
    } catch (error) {
      assert.ok(error instanceof CodedError && error.code === 'BODY_NOT_JSON', String(error));
      return error;
    }
    assert.fail('parsed');
  };

  it('parses exactly', () => {
    assert.deepEqual(parse('{"id":12345678901234567890,"é":"✓"}'), { id: '12345678901234567890', é: '✓' });
  });
  it('BODY_NOT_JSON for what is not JSON, empty or not UTF-8', () => {
    for (const body of ['', ' \n', 'a=1', '<a/>', '{"a":1,}', '{} {}', "{'a':1}", 'NaN', '01'])
      thrownBy(body);
    for (const bytes of [
      [0xff, 0xfe],
      [0x22, 0xc3, 0x22],
      [0x22, 0xed, 0xa0, 0x80, 0x22],
    ])
      assert.match(thrownBy(Buffer.from(bytes)).message, /UTF-8/);
  });
  it('says where, and quotes nothing of the body', () => {
    assert.equal(thrownBy('{"a":1,}').facts.position, 7);
    const { message, facts, cause } = thrownBy(`{"card":"4111" at position 99 ${'x'.repeat(60)}`);
    assert.equal(facts.position, 15);
    assert.doesNotMatch(message, /4111|card/);
    assert.equal(cause, undefined);
    assert.equal(thrownBy('at position 99').facts.position, undefined);
  });
  it('too deep nesting is BODY_NOT_JSON where numbers must stay exact', () => {
    assert.match(thrownBy(`${'['.repeat(200_000)}1e30${']'.repeat(200_000)}`).message, /deep/);
  });
});
