/** Checks data against a JSON Schema 2020-12 and names the fields that do not fit. */
import { readFileSync } from 'node:fs';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import { readOnce } from './read-cache.ts';
import { CodedError } from '../errors/coded-error.ts';

// ajv-formats is CommonJS; its types call the module itself the function, at run time it is `default`.
const addFormats = addFormatsModule.default;

export interface Violation {
  /** `lines/0/sku`; empty for the whole document. */
  path: string;
  /** JSON Schema keyword that refused: `required`, `pattern`, `type` … */
  rule: string;
  /** `is missing`, `must match pattern "…"`. Never the value. */
  message: string;
}

export interface Schema {
  /** `$id` of the schema: the envelope's `dataschema`. */
  readonly id?: string;
  /** The schema as JSON. */
  readonly text: string;
  /** The first violation, or undefined when the data fits. */
  check(data: unknown): Violation | undefined;
  /** All of them, one for each field. */
  violations(data: unknown): Violation[];
  /** Throws CodedError SCHEMA_INVALID with facts {path, rule, message, schema} of the first, and how many `violations`. */
  assert(data: unknown): void;
}

/** As `ownSchema`, for what a form gave: `check` fills in defaults and reads numbers and yes or no from text, in the data itself. */
export function formSchema(document: object): Schema {
  let validate: ValidateFunction | undefined;
  return schemaWith(document, () => (validate ??= formAjv.compile(document)));
}

/** A schema of the project's own. It is compiled when it is first used, for most commands use few. */
export function ownSchema(document: object): Schema {
  let validate: ValidateFunction | undefined;
  return schemaWith(document, () => (validate ??= ajv.compile(document)));
}

/** One for all, for it first compiles the schema of schemas. It keeps none by `$id`: a changed file has the same. */
const options = {
  strict: true,
  strictRequired: false,
  allowUnionTypes: true,
  addUsedSchema: false,
} as const;
const ajv = new Ajv2020(options);
/** Goes on after the first; only what did not fit is checked so. */
const thorough = new Ajv2020({ ...options, allErrors: true });
addFormats(ajv);
addFormats(thorough);
/** As many as a person reads. */
const mostViolations = 20;
/** Not strict: the schemas of forms say more than what fits. */
const formAjv = new Ajv2020({
  validateSchema: false,
  coerceTypes: true,
  useDefaults: true,
  strict: false,
  validateFormats: false,
  addUsedSchema: false,
});

function schemaWith(document: object, validator: () => ValidateFunction): Schema {
  const id = '$id' in document && typeof document.$id === 'string' ? document.$id : undefined;
  const check = (data: unknown) => firstViolation(validator(), data);
  const violations = (data: unknown): Violation[] => {
    const first = check(data);
    return first ? onePerField(first, allOf(document, data)) : [];
  };
  let text: string | undefined;
  return {
    ...(id === undefined ? {} : { id }),
    get text() {
      return (text ??= JSON.stringify(document));
    },
    check,
    violations,
    assert(data) {
      const found = violations(data);
      const [violation] = found;
      if (!violation) return;
      const all = found.map(({ path, message }) => `${path || 'The document'} ${message}`);
      const more = all.length > mostViolations ? `; and ${all.length - mostViolations} more` : '';
      const facts = { ...violation, violations: all.length, ...(id === undefined ? {} : { schema: id }) };
      throw new CodedError('SCHEMA_INVALID', `${all.slice(0, mostViolations).join('; ')}${more}`, facts);
    },
  };
}

/**
 * Reads and compiles a schema file. Throws an ordinary Error when the schema is wrong, or the file system's or
 * parser's; the caller knows which setting named it.
 */
export function readSchema(file: string): Schema {
  const text = readFileSync(file, 'utf8');
  const known = compiled.get(text);
  if (known) return known;
  const document = JSON.parse(text) as object;
  let validate: ValidateFunction | undefined;
  const compile = () => (validate ??= ajv.compile(document));
  // What compiled in an earlier run will again, when it is used.
  readOnce('schema 1', text, () => compile() !== undefined);
  const schema = schemaWith(document, compile);
  compiled.set(text, schema);
  return schema;
}

/** By text, so that a changed file is a new schema. */
const compiled = new Map<string, Schema>();

function firstViolation(validate: ValidateFunction, data: unknown): Violation | undefined {
  if (validate(data)) return undefined;
  const errors = validate.errors ?? [];
  const [error] = errors;
  const choice = errors.at(-1)?.keyword === 'anyOf' && errors.slice(0, -1).every(isConst);
  if (error && choice) return { path: pathOf(error), rule: 'enum', message: oneOf(errors.flatMap(allowed)) };
  if (!error) return { path: '', rule: 'false', message: 'is not allowed' };
  return { path: pathOf(error), rule: error.keyword, message: messageOf(error) };
}

function allOf(document: object, data: unknown): Violation[] {
  const validate = thoroughly.get(document) ?? thorough.compile(document);
  thoroughly.set(document, validate);
  validate(data);
  const errors = validate.errors ?? [];
  const choices = errors.filter(({ keyword }) => ['anyOf', 'oneOf', 'if'].includes(keyword));
  return errors
    .filter((error) => !choices.some((choice) => choice === error || isOtherWay(error, choice)))
    .map((error) => violationOf(error, errors));
}

/** Of several schemas one of which must fit, the first tells what is wrong. */
function isOtherWay({ schemaPath }: ErrorObject, choice: ErrorObject): boolean {
  return schemaPath.startsWith(`${choice.schemaPath}/`) && !schemaPath.startsWith(`${choice.schemaPath}/0/`);
}

const thoroughly = new WeakMap<object, ValidateFunction>();

/** One for each field, the given one first. */
function onePerField(first: Violation, others: readonly Violation[]): Violation[] {
  const byPath = new Map([first, ...others].toReversed().map((one) => [one.path, one]));
  byPath.delete(first.path);
  return [first, ...[...byPath.values()].toReversed()];
}

function violationOf(error: ErrorObject, all: readonly ErrorObject[]): Violation {
  const same = all.filter((one) => isConst(one) && one.instancePath === error.instancePath);
  if (isConst(error) && same.length > 1)
    return { path: pathOf(error), rule: 'enum', message: oneOf(same.flatMap(allowed)) };
  return { path: pathOf(error), rule: error.keyword, message: messageOf(error) };
}

/** The field that is wrong: for a missing or an unexpected one that field, not the object around it. */
function pathOf({ instancePath, params }: ErrorObject): string {
  const field = params.missingProperty ?? params.additionalProperty ?? params.unevaluatedProperty;
  const steps = instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (field !== undefined) steps.push(String(field));
  return steps.join('/');
}

function messageOf({ keyword, message, params }: ErrorObject): string {
  if (keyword === 'required') return 'is missing';
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') return 'is not known here';
  if (keyword === 'enum') return oneOf(params.allowedValues as unknown[]);
  return message ?? `breaks the rule ${keyword}`;
}

const isConst = ({ keyword }: ErrorObject): boolean => keyword === 'const';
const allowed = ({ params }: ErrorObject): unknown[] =>
  'allowedValue' in params ? [params.allowedValue] : [];
const oneOf = (values: unknown[]): string => `must be one of ${values.join(', ')}`;

/** What a document that was only parsed holds: anything may stand anywhere. */
export type Json = Record<string, unknown>;

export function isMap(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Empty where there is no map. */
export function mapOf(value: unknown): Json {
  return isMap(value) ? value : {};
}

/** Empty where there is no list. */
export function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
