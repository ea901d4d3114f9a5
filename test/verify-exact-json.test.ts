/** Numbers and keys of a partner's JSON: what stays a number, what stays the text it was, what is dropped. */
import assert from 'node:assert/strict';
import { exactJson } from '../runtime/verify/exact-json.ts';

describe('a number of JSON', () => {
  it('stays a number where a double holds each of its digits, however it is written', () => {
    const rows: [numeral: string, expected: number][] = [
      ['1e1', 10],
      ['1e2', 100],
      ['1E3', 1000],
      ['1.0e1', 10],
      ['1.5e1', 15],
      ['1.50e+1', 15],
      ['100e-2', 1],
      ['-5e-1', -0.5],
      ['-0.5e0', -0.5],
      ['0.050e1', 0.5],
      ['10203e-2', 102.03],
      ['0e5', 0],
      ['0.0e-5', 0],
      ['-0e1', -0],
      ['5e-324', 5e-324],
      ['1e-7', 0.0000001],
      ['100.0000000000000', 100],
      ['0.1000000000000000', 0.1],
    ];
    for (const [numeral, expected] of rows) assert.deepEqual(exactJson(`[${numeral}]`), [expected], numeral);
  });

  it('is the text it was where a digit, the first too, would change', () => {
    for (const numeral of [
      '3e-324',
      '1e-400',
      '-1e-400',
      '1e400',
      '-1e400',
      '1e21',
      '-9007199254740993',
      '9.9999999999999999999',
      '-0.1234567890123456789',
      '1234567890.12345678e0',
    ])
      assert.deepEqual(exactJson(`{"a":[${numeral}]}`), { a: [numeral] }, numeral);
  });
});

describe('a key of JSON that could reach a prototype', () => {
  it('is dropped with its value, and nothing else is', () => {
    const rows: [text: string, expected: unknown][] = [
      ['{"constructor":null,"a":1}', { constructor: null, a: 1 }],
      ['{"constructor":"ACME"}', { constructor: 'ACME' }],
      ['{"constructor":5}', { constructor: 5 }],
      ['{"constructor":{"name":"x"}}', { constructor: { name: 'x' } }],
      ['{"constructor":{"prototype":1},"a":1}', { a: 1 }],
      [
        '{"other":{"prototype":1},"n":12345678901234567890}',
        { other: { prototype: 1 }, n: '12345678901234567890' },
      ],
      ['{"other":null,"n":12345678901234567890}', { other: null, n: '12345678901234567890' }],
    ];
    for (const [text, expected] of rows) assert.deepEqual(exactJson(text), expected, text);
    assert.deepEqual(Object.keys(exactJson('{"__proto__":5,"b":{"__proto__":null}}') as object), ['b']);
  });
});

describe('JSON without any such number or key', () => {
  it('nests as deep as it likes', () => {
    assert.ok(Array.isArray(exactJson('['.repeat(200_000) + ']'.repeat(200_000))));
  });
});
