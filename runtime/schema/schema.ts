/** Checks data against a JSON Schema 2020-12 and names the first field that does not fit. */
import { readFileSync } from 'node:fs';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
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
  /** The first violation, or undefined when the data fits. */
  check(data: unknown): Violation | undefined;
  /** Throws CodedError SCHEMA_INVALID with facts {path, rule, message, schema}. */
  assert(data: unknown): void;
}

/** Throws an ordinary Error when the schema itself is wrong; the caller knows which setting named it. */
export function compileSchema(document: object): Schema {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
  addFormats(ajv);
  const validate = ajv.compile(document);
  const id = '$id' in document && typeof document.$id === 'string' ? document.$id : undefined;
  const check = (data: unknown) => firstViolation(validate, data);
  return {
    ...(id === undefined ? {} : { id }),
    check,
    assert(data) {
      const violation = check(data);
      if (!violation) return;
      const { path, rule, message } = violation;
      const facts = { path, rule, message, ...(id === undefined ? {} : { schema: id }) };
      throw new CodedError('SCHEMA_INVALID', `${path || 'The document'} ${message}`, facts);
    },
  };
}

/** Reads and compiles a schema file. Throws like compileSchema, or the file system's or parser's error. */
export function readSchema(file: string): Schema {
  const text = readFileSync(file, 'utf8');
  const known = compiled.get(text);
  if (known) return known;
  const schema = compileSchema(JSON.parse(text) as object);
  compiled.set(text, schema);
  return schema;
}

/** By text, so that a changed file is a new schema. */
const compiled = new Map<string, Schema>();

function firstViolation(validate: ValidateFunction, data: unknown): Violation | undefined {
  if (validate(data)) return undefined;
  const error = validate.errors?.[0];
  if (!error) return { path: '', rule: 'false', message: 'is not allowed' };
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
  if (keyword === 'enum') return `must be one of ${(params.allowedValues as unknown[]).join(', ')}`;
  return message ?? `breaks the rule ${keyword}`;
}
