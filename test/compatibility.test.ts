/** Events keep what they promise from release to release. */
import assert from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { brokenPromises } from '../runtime/events/compatibility.ts';

const event = 'definitions/events/order.received.v1.yaml';
const texts = (schema: object, compatibility: string) =>
  new Map([
    [
      event,
      `type: order.received.v1\nversion: 1.0.0\nschema: ../schemas/order.v1.json\ncompatibility: ${compatibility}\n`,
    ],
    ['definitions/schemas/order.v1.json', JSON.stringify(schema)],
  ]);
const broken = (was: object, is: object, compatibility = 'backward') =>
  brokenPromises(texts(was, compatibility), texts(is, compatibility)).map(({ why }) => why);

const text = { type: 'string', minLength: 1 };
const base = {
  type: 'object',
  additionalProperties: false,
  required: ['id'],
  properties: { id: text, note: text },
};
const without = { ...base, properties: { id: text } };

describe('the promises of events', () => {
  for (const [what, was, is, backward, forward] of [
    ['the same', base, base, 0, 0],
    ['other words for people', base, { ...base, title: 'Order', description: 'New' }, 0, 0],
    ['a new optional field', without, base, 0, 1],
    ['a field that is gone', base, without, 1, 0],
    ['a field that is required now', base, { ...base, required: ['id', 'note'] }, 1, 0],
    ['a field that is optional now', { ...base, required: ['id', 'note'] }, base, 0, 1],
    [
      'longer texts at least',
      base,
      { ...base, properties: { id: { ...text, minLength: 2 }, note: text } },
      1,
      0,
    ],
    ['one more value', { enum: ['a'] }, { enum: ['a', 'b'] }, 0, 1],
    ['another pattern', { pattern: '^a' }, { pattern: '^b' }, 1, 1],
    ['another type', { type: 'string' }, { type: ['string', 'integer'] }, 0, 1],
    ['inside a list', { items: base }, { items: without }, 1, 0],
    ['inside $defs', { $defs: { line: base } }, { $defs: { line: without } }, 1, 0],
    ['a field that was free before', { type: 'object' }, { type: 'object', properties: { id: text } }, 1, 0],
  ] as const)
    it(`${what}: ${backward ? 'breaks' : 'keeps'} backward, ${forward ? 'breaks' : 'keeps'} forward`, () => {
      assert.deepEqual(
        [broken(was, is).length, broken(was, is, 'forward').length, broken(was, is, 'full').length],
        [backward, forward, backward + forward],
      );
      assert.deepEqual(broken(was, is, 'none'), []);
    });

  it('say which field, of which event', () => {
    const [one] = brokenPromises(texts(base, 'backward'), texts(without, 'backward'));
    assert.deepEqual(one, {
      path: event,
      type: 'order.received.v1',
      why: 'backward: data/note is not known to who reads',
    });
  });

  it('of an event that is new, gone or unreadable are none', () => {
    const before = texts(base, 'full');
    assert.deepEqual(brokenPromises(before, new Map()), []);
    assert.deepEqual(brokenPromises(new Map(), before), []);
    assert.deepEqual(brokenPromises(before, new Map([...before, [event, ': [']])), []);
  });

  /** A small language of schemas, each with the documents that fit it. */
  const scalar = fc.constantFrom<object>(
    { type: 'string' },
    { type: 'string', minLength: 2 },
    { type: ['string', 'integer'] },
    { enum: ['a', 'bb'] },
    { enum: ['a'] },
    { type: 'integer', minimum: 0 },
    { type: 'integer', minimum: 0, maximum: 9 },
  );
  const object = (inner: fc.Arbitrary<object>) =>
    fc
      .record({
        properties: fc.dictionary(fc.constantFrom('a', 'b', 'c'), inner),
        required: fc.subarray(['a', 'b', 'c']),
        closed: fc.boolean(),
      })
      .map(({ properties, required, closed }) => ({
        type: 'object',
        properties,
        required: required.filter((name) => name in properties),
        ...(closed && { additionalProperties: false }),
      }));
  const schema = object(
    fc.oneof(scalar, object(scalar), fc.record({ type: fc.constant('array'), items: scalar })),
  );
  const value = fc.constantFrom<unknown>('a', 'bb', 'x', '', 0, 7, 12, [], ['a'], [3]);
  const document = fc.dictionary(
    fc.constantFrom('a', 'b', 'c', 'd'),
    fc.oneof(value, fc.dictionary(fc.constantFrom('a', 'b', 'd'), value)),
  );

  it('that are kept mean that every old document can be read', () => {
    const ajv = new Ajv2020({ strict: false });
    let kept = 0;
    fc.assert(
      fc.property(
        schema,
        schema,
        fc.array(document, { minLength: 5, maxLength: 20 }),
        (was, is, documents) => {
          if (broken(was, is).length > 0) return;
          kept += 1;
          const [writes, reads] = [ajv.compile(was), ajv.compile(is)];
          for (const one of documents) if (writes(one)) assert.ok(reads(one), JSON.stringify([was, is, one]));
        },
      ),
      { numRuns: 1500 },
    );
    assert.ok(kept > 15, `only ${kept} pairs kept their promise`);
  });
});
