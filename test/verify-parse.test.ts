/** What the hub makes of a body that is proved: data, or a reason that quotes nothing of it. */
import assert from 'node:assert/strict';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { dataOf, parseJson, textOf } from '../runtime/verify/parse.ts';
import { verify, type Verified } from '../runtime/verify/verify.ts';

const of = (body: string | Buffer): Verified =>
  verify('bearer', {}, ['token'], {
    rawBody: Buffer.from(body as string),
    headers: { authorization: 'Bearer token' },
    receivedAt: 0,
  });
const told = (body: string | Buffer): unknown => {
  try {
    return parseJson(of(body));
  } catch (error) {
    assert.ok(error instanceof CodedError, String(error));
    return [error.code, error.message, error.facts];
  }
};
const lists = (levels: number, inside = '1'): string => '['.repeat(levels) + inside + ']'.repeat(levels);
const objects = (levels: number): string => '{"a":'.repeat(levels) + '1' + '}'.repeat(levels);
const brackets = '[{'.repeat(150);
const tooDeep = ['BODY_NOT_JSON', 'The body nests too deep', {}];
const noText = ['TEXT_INVALID', 'The body holds a character that is no text: NUL, or half of a pair', {}];

describe('a body of JSON', () => {
  const rows: [title: string, body: string | Buffer, expected: unknown][] = [
    ['data', '{"id":"e1","n":[1,null]}', { id: 'e1', n: [1, null] }],
    ['a number that a number cannot hold', '{"id":12345678901234567890}', { id: '12345678901234567890' }],
    ['what is no UTF-8', Buffer.from([0x22, 0xe9, 0x22]), ['BODY_NOT_JSON', 'The body is not UTF-8', {}]],
    ['nothing', '', ['BODY_NOT_JSON', 'The body is empty', {}]],
    ['blanks', ' \r\n\t', ['BODY_NOT_JSON', 'The body is empty', {}]],
    ['a fault with a place', '{"secret"}', ['BODY_NOT_JSON', 'The body is not JSON', { position: 9 }]],
    ['a fault without one', '[', ['BODY_NOT_JSON', 'The body is not JSON', {}]],
    ['text that says a place', 'at position 7', ['BODY_NOT_JSON', 'The body is not JSON', {}]],
    ['a text without its end', '["a', ['BODY_NOT_JSON', 'The body is not JSON', { position: 3 }]],
    ['NUL in an id', String.raw`{"id":"a\u0000"}`, noText],
    ['half of a pair in an id', String.raw`{"id":"\uD83D"}`, noText],
    ['both halves', String.raw`{"id":"\ud83d\ude00"}`, { id: '😀' }],
    ['NUL in a note', String.raw`{"note":"a\u0000b"}`, { note: 'ab' }],
  ];
  for (const [title, body, expected] of rows) it(`of ${title}`, () => assert.deepEqual(told(body), expected));
});

describe('levels of a body', () => {
  const siblings = '{},[],'.repeat(300);
  const taken: [title: string, json: string][] = [
    ['200 lists', lists(200)],
    ['200 objects', objects(200)],
    ['200 behind many that are closed', `[${siblings}${lists(199)}]`],
    ['a long flat list', `[${'1,'.repeat(500)}1]`],
    ['brackets in a text', JSON.stringify([brackets])],
    ['brackets in a key', JSON.stringify({ [brackets]: 1 })],
    ['brackets in a text alone', JSON.stringify(brackets)],
    ['brackets behind an empty text', JSON.stringify(['', brackets, ''])],
    ['brackets behind a quote in a text', JSON.stringify([`"${brackets}`, `a"${brackets}`])],
    ['brackets behind a text that ends with a backslash', JSON.stringify(['\\', brackets, 'a\\', brackets])],
    ['brackets behind an odd and an even text', JSON.stringify(['a', brackets, 'ab', brackets])],
  ];
  for (const [title, json] of taken)
    it(`${title} are taken`, () => assert.deepEqual(told(json), JSON.parse(json)));

  const refused: [title: string, json: string][] = [
    ['201 lists', lists(201)],
    ['201 objects', objects(201)],
    ['201 behind many that are closed', `[${siblings}${lists(200)}]`],
    ['201 behind closed objects alone', `[${'{},'.repeat(300)}${lists(200)}]`],
    ['201 behind closed lists alone', `[${'[],'.repeat(300)}${lists(200)}]`],
    ['201 behind texts', `["a","","ab","\\"","\\\\",${lists(200)}]`],
    ['201 with values before them', `[1,2,${'[1,2,'.repeat(200)}1${']'.repeat(201)}`],
    ['201 without their ends', '['.repeat(201)],
  ];
  for (const [title, json] of refused)
    it(`${title} are refused`, () => {
      assert.deepEqual(told(json), tooDeep);
      assert.throws(() => dataOf(json), { name: 'RangeError', message: 'More than 200 levels' });
    });
});

describe('a body of text', () => {
  it('is UTF-8, or else Latin-1', () => {
    assert.equal(textOf(of('Grüße 😀')), 'Grüße 😀');
    assert.equal(textOf(of(Buffer.from([0x47, 0xe9]))), 'Gé');
    assert.equal(textOf(of('')), '');
  });
});
