/** Compiles a mapping and runs it: JSONata with guardrails, exact helper functions, and a schema for the result. */
import { readFileSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import type { ExprNode } from 'jsonata';
import { LRUCache } from 'lru-cache';
import { decoded } from '../definitions/strict-yaml.ts';
import { loadDocumentTypes, type DocumentTypes } from '../edi/document-types.ts';
import { CodedError } from '../errors/coded-error.ts';
import type { Partners } from '../partners/partners.ts';
import { readSchema, type Schema } from '../schema/schema.ts';
import { valueMaps, type ValueMaps } from '../values/value-maps.ts';
import { fieldCheck, readFields } from './fields.ts';
import { mappingFunctions } from './functions.ts';
import { builtins, interpreted, jsonata, type Expression, type Options } from './jsonata.ts';
import { guardrails } from './limits.ts';
import { unknownName } from './names.ts';
import { plain } from './plain.ts';
import { BoundedRegExp, isRunaway } from './regex.ts';

export interface MappingSource {
  /** Folder that `file` and `schema` are relative to, and must lie in: `definitions`. */
  dir: string;
  /** `mappings/shopify.order.jsonata`; or the expression itself as `inline`. */
  file?: string;
  inline?: string;
  /** What errors call an inline expression. */
  title?: string;
  /** JSON Schema the result must fit: `schemas/order.v1.json`. */
  schema?: string;
  values?: ValueMaps;
  partners?: Pick<Partners, 'rules'>;
  /** Default: those of `dir`, read when a document comes. */
  documentTypes?: DocumentTypes;
  /** Variables each run is given as `bindings`, without their `$`. Default, of a file: `mappingVariables`. */
  variables?: readonly string[];
}

/** Variables of every mapping file, and of an expression in its place. */
export const mappingVariables = ['event', 'webhook'] as const;

export interface Mapping {
  /** File name, or `inline mapping`. */
  readonly name: string;
  /** `$id` of the result's schema. */
  readonly dataschema?: string;
  /** What in it is left to the interpreter, which is slower; undefined when all is compiled. */
  readonly notCompiled: string | undefined;
  /**
   * The result as plain data. `bindings` are the variables of the expression, without their `$`.
   * Throws CodedError MAPPING_FAILED, VALUE_UNMAPPED, TOTALS_DIFFER, UNSUPPORTED, FIELD_UNKNOWN, or SCHEMA_INVALID with facts {path, rule, message}.
   */
  run(input: unknown, bindings?: Record<string, unknown>): Promise<unknown>;
  /** Where in the expression it fails with this; undefined where it does not, or nobody can say. */
  where(input: unknown, bindings?: Record<string, unknown>): Promise<Position | undefined>;
}

/** From 1. */
export interface Position {
  line: number;
  column: number;
}

// The types want the RegExp constructor itself; JSONata only ever says `new RegexEngine(regex)`.
const options = { ...guardrails, RegexEngine: BoundedRegExp } as unknown as Options;

/** Reads the files now: call it at deploy. Throws CodedError MAPPING_INVALID with facts {mapping, line, column}. */
export function compileMapping(source: MappingSource): Mapping {
  const { dir, file, inline, schema: schemaFile, values = valueMaps([]), partners } = source;
  const { variables = file === undefined ? [] : mappingVariables } = source;
  let { documentTypes } = source;
  if ((file === undefined) === (inline === undefined)) {
    throw new CodedError('MAPPING_INVALID', 'A mapping is either a file or an inline expression');
  }
  const name = file ?? source.title ?? 'inline mapping';
  const text = inline ?? readInside(dir, file ?? '');
  const expression = compile(name, text);
  requireMaps(name, expression, values);
  const schema = schemaFile === undefined ? undefined : schemaInside(dir, schemaFile);
  const functions = mappingFunctions(
    values,
    partners,
    () => (documentTypes ??= loadDocumentTypes(join(dir, 'edi'))),
  );
  const fields =
    file === undefined ? undefined : readFields(inside(dir, file).replace(/\.jsonata$/, '.fields.yaml'));
  const check = fields && fieldCheck(fields);
  requireNames(name, text, expression, new Set([...available, ...Object.keys(functions), ...variables]));

  return {
    name,
    get notCompiled() {
      return expression.notCompiled;
    },
    ...(schema?.id === undefined ? {} : { dataschema: schema.id }),
    async run(input, bindings = {}) {
      const result = await evaluate(name, expression, input, { ...bindings, ...functions });
      // What the mapping itself says of a message is more than that a field is new.
      check?.(input);
      schema?.assert(result);
      return result;
    },
    async where(input, bindings = {}) {
      try {
        await interpreted(text, options).evaluate(input, { ...bindings, ...functions });
      } catch (error) {
        const { position } = error as { position?: unknown };
        if (typeof position === 'number') return positionIn(text, error);
      }
      return undefined;
    },
  };
}

/** What an expression of Node-RED's own nodes is, where there are these variables and functions. Throws CodedError MAPPING_INVALID. */
export function checkExpression(text: string, variables: readonly string[]): Pick<Mapping, 'notCompiled'> {
  const expression = compile('JSONata', text);
  requireNames('JSONata', text, expression, new Set([...builtins, ...variables]));
  return expression;
}

// By text. Functions and variables come with each run, so one compiled expression serves every mapping of its text.
const compiled = new LRUCache<string, Expression>({ max: 500 });

/** Throws CodedError MAPPING_INVALID. */
export function compile(name: string, text: string): Expression {
  const known = compiled.get(text);
  if (known) return known;
  let expression: Expression;
  try {
    expression = jsonata(text, options);
  } catch (error) {
    throw invalidAt(name, text, error, messageOf(error));
  }
  rejectRunaways(name, text, expression);
  compiled.set(text, expression);
  return expression;
}

async function evaluate(
  name: string,
  expression: Expression,
  input: unknown,
  bindings: Record<string, unknown>,
): Promise<unknown> {
  try {
    return plain(await expression.evaluate(input, bindings));
  } catch (error) {
    if (error instanceof CodedError)
      throw new CodedError(error.code, error.message, { mapping: name, ...error.facts });
    throw new CodedError('MAPPING_FAILED', `${name}: ${messageOf(error)}`, { mapping: name });
  }
}

/** JSONata's message without the values of the payload that it quotes. */
export function messageOf(error: unknown): string {
  const { message, value, value2, code } = error as Record<'message' | 'value' | 'value2' | 'code', unknown>;
  if (typeof code !== 'string' || typeof message !== 'string') return 'the expression failed';
  const guardrail = ['D1011', 'D1012', 'D2015'].includes(code) || code.startsWith('S');
  if (guardrail) return message;
  return [value, value2]
    .filter((quoted) => quoted !== undefined)
    .reduce<string>((text, quoted) => text.replaceAll(JSON.stringify(quoted) ?? '\0', '…'), message);
}

function rejectRunaways(name: string, text: string, expression: Expression): void {
  for (const node of nodes(expression.ast())) {
    if (String(node.type) !== 'regex' || !(node.value instanceof RegExp) || !isRunaway(node.value.source))
      continue;
    const why = 'the regular expression can run away: a repeated group repeats or chooses inside';
    throw invalidAt(name, text, node, why);
  }
}

/** `$eval` would run what no check has seen. */
const available = [...builtins].filter((name) => name !== 'eval');

function requireNames(name: string, text: string, expression: Expression, known: ReadonlySet<string>): void {
  const unknown = unknownName(expression.ast(), known);
  if (unknown) throw invalidAt(name, text, unknown, unknown.why);
}

/** A map named by a literal must exist when the mapping is deployed, not when the first message comes. */
function requireMaps(name: string, expression: Expression, values: ValueMaps): void {
  for (const node of nodes(expression.ast())) {
    const map =
      node.type === 'function' && ['value', 'mapped'].includes(String(node.procedure?.value))
        ? node.arguments?.[0]
        : undefined;
    if (map?.type !== 'string' || values.names.includes(String(map.value))) continue;
    throw new CodedError('MAPPING_INVALID', `${name}: there is no value map ${map.value}`, {
      mapping: name,
      map: map.value,
    });
  }
}

/** Every node of the syntax tree; links back to nodes seen before are not followed. */
function nodes(root: unknown): ExprNode[] {
  const seen = new Set<object>();
  const found: ExprNode[] = [];
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null || part instanceof RegExp || seen.has(part)) return;
    seen.add(part);
    if ('type' in part) found.push(part as ExprNode);
    for (const child of Object.values(part)) visit(child);
  };
  visit(root);
  return found;
}

function invalidAt(name: string, text: string, at: unknown, why: string): CodedError {
  const { line, column } = positionIn(text, at);
  const message = `${name}:${line}:${column}: ${why}`;
  return new CodedError('MAPPING_INVALID', message, { mapping: name, line, column });
}

/** Line and column, from 1, where JSONata says the error is: its position is behind the token. */
function positionIn(text: string, at: unknown): Position {
  const { position = 0, token } = at as { position?: number; token?: unknown };
  const behind =
    text[position - 1] === '(' && text.slice(0, position - 1).endsWith(`$${String(token)}`) ? 2 : 0;
  const start = Math.max(0, position - behind - (typeof token === 'string' ? token.length : 0));
  const before = text.slice(0, start).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function schemaInside(dir: string, path: string): Schema {
  const file = inside(dir, path);
  try {
    return readSchema(file);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unknown';
    throw new CodedError(
      'MAPPING_INVALID',
      `The schema ${path} cannot be used: ${why}`,
      { schema: path },
      { cause },
    );
  }
}

function readInside(dir: string, path: string): string {
  const file = inside(dir, path);
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new CodedError(
      'MAPPING_INVALID',
      `The mapping ${path} cannot be read`,
      { mapping: path },
      { cause },
    );
  }
  const read = decoded(bytes);
  if (!('line' in read)) return read.text;
  const facts = { mapping: path, line: read.line, column: 1 };
  throw new CodedError('MAPPING_INVALID', `${path}:${read.line}:1: is not UTF-8`, facts);
}

function inside(dir: string, path: string): string {
  const file = resolve(dir, path);
  const way = relative(resolve(dir), file);
  if (way.startsWith('..') || isAbsolute(way)) {
    throw new CodedError('MAPPING_INVALID', `${path} lies outside the definitions`, { file: path });
  }
  return file;
}
