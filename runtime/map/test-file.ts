/** Runs the test file of a mapping: what is given, and what must come out of it. */
import { isDeepStrictEqual } from 'node:util';
import { basename, dirname, join, relative } from 'node:path';
import Type, { type Static } from 'typebox';
import { readYaml } from '../definitions/read-yaml.ts';
import { CodedError, asCoded } from '../errors/coded-error.ts';
import { ownSchema } from '../schema/schema.ts';
import { loadPartners } from '../partners/partners.ts';
import { loadValueMaps } from '../values/value-maps.ts';
import { compileMapping, mappingVariables, type Mapping } from './mapping.ts';

const TestFile = Type.Object(
  {
    /** JSON Schema the results must fit, from the definitions folder: `schemas/order.v1.json`. */
    schema: Type.Optional(Type.String({ minLength: 1 })),
    cases: Type.Array(
      Type.Object(
        {
          case: Type.String({ minLength: 1 }),
          given: Type.Unknown(),
          /** Variables of the expression, without their `$`. */
          bindings: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
          /** The whole result; or the error, with those of its facts that matter. */
          expect: Type.Optional(Type.Unknown()),
          expectError: Type.Optional(
            Type.Object({ code: Type.String() }, { additionalProperties: Type.Unknown() }),
          ),
        },
        { additionalProperties: false, oneOf: [{ required: ['expect'] }, { required: ['expectError'] }] },
      ),
      { minItems: 1 },
    ),
  },
  { additionalProperties: false },
);

export const mappingTests = ownSchema(TestFile);

export type Case = Static<typeof TestFile>['cases'][number];

export interface MappingTestResult {
  case: string;
  passed: boolean;
  /** Where result and expectation part, one line each: `lines/0/sku: expected "A-1", got "A-2"`. */
  differences: string[];
}

/**
 * Runs every case of `<name>.test.yaml` against `<name>.jsonata` beside it, with the value maps of the same definitions.
 * Throws CodedError CONFIG_INVALID for a wrong test file, MAPPING_INVALID for a wrong mapping.
 */
export async function runMappingTests(file: string): Promise<MappingTestResult[]> {
  const dir = dirname(dirname(file));
  const { schema: resultSchema, cases } = readYaml<Static<typeof TestFile>>(file, mappingTests);
  const mapping = compileMapping({
    dir,
    file: relative(dir, join(dirname(file), `${basename(file, '.test.yaml')}.jsonata`)),
    ...(resultSchema === undefined ? {} : { schema: resultSchema }),
    values: loadValueMaps(join(dir, 'values')),
    partners: loadPartners(join(dir, 'partners')),
    variables: mappingVariables,
  });
  const results: MappingTestResult[] = [];
  for (const one of cases) {
    const found = await differences(mapping, one);
    results.push({ case: one.case, passed: found.length === 0, differences: found });
  }
  return results;
}

async function differences(
  mapping: Mapping,
  { given, bindings, expect, expectError }: Case,
): Promise<string[]> {
  let result: unknown;
  try {
    result = await mapping.run(given, bindings);
  } catch (thrown) {
    const error = asCoded(thrown);
    if (!expectError) return [`failed with ${error.code}: ${error.message}`];
    return compare(expectError, factsOf(error, Object.keys(expectError)), '');
  }
  return expectError
    ? [`expected the error ${expectError.code}, but it gave a result`]
    : compare(expect, result, '');
}

function factsOf(error: CodedError, names: string[]): Record<string, unknown> {
  const facts: Record<string, unknown> = { ...error.facts, code: error.code };
  return Object.fromEntries(names.filter((name) => name in facts).map((name) => [name, facts[name]]));
}

function compare(expected: unknown, actual: unknown, path: string): string[] {
  if (isDeepStrictEqual(expected, actual)) return [];
  if (!isTree(expected) || !isTree(actual) || Array.isArray(expected) !== Array.isArray(actual)) {
    return [`${path || 'the result'}: expected ${show(expected)}, got ${show(actual)}`];
  }
  const names = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  return [...names].flatMap((name) => compare(expected[name], actual[name], path ? `${path}/${name}` : name));
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
