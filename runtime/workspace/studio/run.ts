/** Runs a mapping that is being written on one message, as the hub would, and says all that a person wants to know of it. */
import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { asCoded, type CodedError } from '../../errors/coded-error.ts';
import { fieldCheck, readFields } from '../../map/fields.ts';
import { compile, compileMapping, mappingVariables } from '../../map/mapping.ts';
import { readSchema, type Violation } from '../../schema/schema.ts';
import type { LookupOptions, ValueMaps } from '../../values/value-maps.ts';
import { exactJson } from '../../verify/exact-json.ts';
import type { Known } from './known.ts';
import { rootField } from './field-nodes.ts';
import { readExpression, type Reading } from './reading.ts';
import { addMessage, emptyShape, type Shape } from './shape.ts';
import { placeIn, targetsOf, wrongNames, type Target, type WrongName } from './told.ts';
import { pairsOf, tokensOf } from './tokens.ts';

export interface RunWanted {
  /** `shopify.order`. */
  name: string;
  text: string;
  /** JSON. */
  message: string;
  /** `$event` and `$webhook`, JSON. */
  bindings?: string | undefined;
  /** The schema of the result: `schemas/order.v1.json`. */
  schema?: string | undefined;
}

interface At {
  line: number;
  column: number;
}

export interface Used {
  map: string;
  value: string;
  source?: string;
  /** Undefined where the map has no entry. */
  to?: string;
}

export interface RunAnswer {
  /** Of the expression or of its run; `line` where it is known. */
  error?: { code: string; message: string } & Partial<At>;
  /** Undefined while it is no expression. */
  wrong?: (WrongName & At)[];
  targets?: Target[];
  /** JSON, for people. */
  result?: string;
  isCut?: boolean;
  violations?: Violation[];
  used: Used[];
  notCompiled?: string;
  /** Milliseconds of the run itself. */
  took?: number;
}

/** Milliseconds after which the place of a failure is not searched. */
const mostToSearch = 1000;
const mostShown = 400_000;

/** `message` is what `wanted.message` holds. */
export async function runStudio(wanted: RunWanted, message: unknown, known: Known): Promise<RunAnswer> {
  const told = readStudio(wanted, message, known);
  if (told.error) return told;
  try {
    return { ...told, ...(await evaluated(wanted, message, known, told.used)) };
  } catch (thrown) {
    return { ...told, error: errorOf(asCoded(thrown), `${wanted.name}.jsonata`) };
  }
}

/** What can be said without running it, which is there at once. */
export function readStudio({ name, text }: RunWanted, message: unknown, known: Known): RunAnswer {
  try {
    const reading = read(text, message, known);
    const wrong = wrongNames(reading, text).map((one) => ({ ...one, ...placeIn(text, one.at.from) }));
    return { wrong, targets: targetsOf(reading), used: [] };
  } catch (thrown) {
    return { error: errorOf(asCoded(thrown), `${name}.jsonata`), used: [] };
  }
}

/** The same message comes again with each change of the text. */
let last = { message: undefined as unknown, shape: emptyShape() };

function shapeOf(message: unknown): Shape {
  if (last.message !== message) last = { message, shape: addMessage(emptyShape(), message) };
  return last.shape;
}

export function read(text: string, message: unknown, known: Known): Reading {
  return readExpression(
    compile('JSONata', text).ast(),
    rootField(shapeOf(message), known.shape),
    pairsOf(tokensOf(text)),
  );
}

async function evaluated(
  { name, text, bindings, schema }: RunWanted,
  message: unknown,
  known: Known,
  used: Used[],
): Promise<Partial<RunAnswer>> {
  const title = `${name}.jsonata`;
  const given = bindings ? (exactJson(bindings) as Record<string, unknown>) : {};
  const mapping = (values: ValueMaps) =>
    compileMapping({
      dir: known.dir,
      inline: text,
      title,
      values,
      partners: known.partners,
      documentTypes: known.documentTypes,
      variables: mappingVariables,
    });
  const strict = mapping(noting(known.values, used));
  const { notCompiled } = strict;
  const begun = performance.now();
  try {
    const result = await strict.run(message, given);
    const took = performance.now() - begun;
    return {
      ...shown(result),
      ...verdict(known.dir, schema, result),
      ...unnamedField(known.dir, name, message),
      ...(notCompiled !== undefined && { notCompiled }),
      took,
    };
  } catch (thrown) {
    const error = asCoded(thrown);
    // What else is missing would be seen one by one.
    if (error.code === 'VALUE_UNMAPPED')
      await mapping(noting(lenient(known.values), used))
        .run(message, given)
        .catch(() => {});
    const isQuick = performance.now() - begun < mostToSearch;
    return { error: { ...errorOf(error, title), ...(isQuick && (await strict.where(message, given))) } };
  }
}

function shown(result: unknown): Pick<RunAnswer, 'result' | 'isCut'> {
  const text = JSON.stringify(result, null, 2) ?? '';
  return text.length > mostShown ? { result: text.slice(0, mostShown), isCut: true } : { result: text };
}

function verdict(dir: string, schema: string | undefined, result: unknown): Partial<RunAnswer> {
  const file = schema && join(dir, schema);
  return file && existsSync(file) ? { violations: readSchema(file).violations(result ?? null) } : {};
}

/** FIELD_UNKNOWN. */
function unnamedField(dir: string, name: string, message: unknown): Partial<RunAnswer> {
  const fields = readFields(join(dir, 'mappings', `${name}.fields.yaml`));
  try {
    if (fields) fieldCheck(fields)(message);
    return {};
  } catch (thrown) {
    return { error: errorOf(asCoded(thrown), name) };
  }
}

function errorOf({ code, message, facts }: CodedError, title: string): NonNullable<RunAnswer['error']> {
  const { line, column } = facts;
  const place = typeof line === 'number' && typeof column === 'number' ? { line, column } : {};
  const names = [`${title}:`, 'JSONata:'].map(
    (one) => `${one}${line === undefined ? '' : `${line}:${column}:`} `,
  );
  const plainly = names.reduce(
    (rest, start) => (rest.startsWith(start) ? rest.slice(start.length) : rest),
    message,
  );
  return { code, message: plainly, ...place };
}

/** Writes down what is looked up, each once. */
function noting(values: ValueMaps, used: Used[]): ValueMaps {
  const note = (map: string, value: string, { source }: LookupOptions, to: string | undefined): void => {
    if (used.some((one) => one.map === map && one.value === value && one.source === source)) return;
    used.push({ map, value, ...(source !== undefined && { source }), ...(to !== undefined && { to }) });
  };
  return {
    ...values,
    lookup(map, value, options = {}) {
      const to = values.lookup(map, value, options);
      note(map, value, options, to);
      return to;
    },
    require(map, value, options = {}) {
      note(map, value, options, values.lookup(map, value, options));
      return values.require(map, value, options);
    },
  };
}

function lenient(values: ValueMaps): ValueMaps {
  return { ...values, require: (map, value, options) => values.lookup(map, value, options) ?? value };
}
