/** The file of a flow's tests: what is given, and what must come of it. */
import { basename } from 'node:path';
import Type, { type Static } from 'typebox';
import { readYaml } from '../definitions/read-yaml.ts';
import { CodedError } from '../errors/coded-error.ts';
import { ownSchema } from '../schema/schema.ts';

const closed = { additionalProperties: false };
const word = Type.String({ minLength: 1 });
const anything = Type.Record(Type.String(), Type.Unknown());
const listOf = <T extends Type.TSchema>(one: T) => Type.Array(one);

const Given = Type.Union([
  Type.Object(
    {
      /** Path of a webhook in, without `/hooks`. The body is signed as the flow's webhook verify asks. */
      webhook: Type.String({ pattern: '^/' }),
      body: Type.Unknown(),
      headers: Type.Optional(Type.Record(Type.String(), Type.String())),
      /** Signed with the secret of this partner of definitions/partners, not with the one the node names. */
      as: Type.Optional(word),
      /** As a stranger would send it. */
      unsigned: Type.Optional(Type.Boolean()),
    },
    closed,
  ),
  Type.Object(
    {
      /** Type of an event that the flow consumes. */
      event: word,
      data: Type.Unknown(),
      subject: Type.Optional(word),
      source: Type.Optional(word),
    },
    closed,
  ),
  Type.Object(
    {
      /** A node of the flow that begins work by itself: schedule, odoo changes. */
      from: word,
      /** What it sends. */
      payload: Type.Unknown(),
      subject: Type.Optional(word),
    },
    closed,
  ),
]);

const Stub = Type.Object(
  {
    status: Type.Optional(Type.Integer({ minimum: 200, maximum: 599 })),
    body: Type.Optional(Type.Unknown()),
  },
  closed,
);

const TestCase = Type.Object(
  {
    test: word,
    given: Type.Union([Given, listOf(Given)]),
    /** By the variable with the address, then by `GET /path`. */
    stubs: Type.Optional(Type.Record(Type.String(), Type.Record(Type.String(), Stub))),
    /** The same end, also when … */
    also: Type.Optional(Type.Array(Type.Enum(['duplicate', 'reorder', 'fail once']), { uniqueItems: true })),
    expect: Type.Object(
      {
        /** Of the last webhook. */
        answer: Type.Optional(Type.Object({ status: Type.Integer(), code: Type.Optional(word) }, closed)),
        /** All that are published, in their order; each has at least what is said here. */
        events: Type.Optional(listOf(anything)),
        /** All orders in Odoo, in their order; each has at least what is said here. */
        orders: Type.Optional(listOf(anything)),
        /** All calls of stubs, in their order. */
        calls: Type.Optional(listOf(anything)),
        /** All exceptions; none when this is left out. */
        exceptions: Type.Optional(listOf(anything)),
      },
      closed,
    ),
  },
  closed,
);

const TestFile = Type.Object(
  {
    flow: word,
    /** Other flows that work too; those left out take no message. */
    with: Type.Optional(listOf(word)),
    tests: Type.Array(TestCase, { minItems: 1 }),
  },
  closed,
);

export type Given = Static<typeof Given>;
export type TestCase = Static<typeof TestCase>;
export type TestFile = Static<typeof TestFile>;
export type Expected = TestCase['expect'];

const schema = ownSchema(TestFile);

/** Throws CodedError TEST_INVALID that names file and line. `text`: what stands in the file, where it is read already. */
export function readTestFile(file: string, text?: string): TestFile {
  try {
    const read = readYaml<TestFile>(file, schema, text);
    if (`${read.flow}.test.yaml` === basename(file)) return read;
    throw new CodedError('CONFIG_INVALID', `${file} tests ${read.flow}; both names must be the same`, {
      file,
    });
  } catch (error) {
    if (error instanceof CodedError) throw new CodedError('TEST_INVALID', error.message, error.facts);
    throw error;
  }
}
