/** The catalogue of events: which types there are, who owns them and what their data looks like. */
import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import Type, { type Static } from 'typebox';
import { filesEnding, readYaml } from '../definitions/read-yaml.ts';
import { CodedError } from '../errors/coded-error.ts';
import { checkNames } from '../names/check-names.ts';
import { ownSchema, readSchema, type Json, type Schema } from '../schema/schema.ts';

const EventFile = Type.Object(
  {
    type: Type.String({ pattern: '^[a-z][a-z0-9-]*([.][a-z][a-z0-9-]*)+[.]v[1-9][0-9]*$' }),
    /** Semantic version; its first number is the one in the type. */
    version: Type.String({ pattern: '^[1-9][0-9]*[.][0-9]+[.][0-9]+$' }),
    /** The flow that publishes it and answers for it. */
    owner: Type.String({ pattern: '^[a-z][a-z0-9-]*$' }),
    summary: Type.String({ minLength: 1 }),
    /** JSON Schema of the data, as a path from this file. */
    schema: Type.String({ minLength: 1 }),
    /** What a new version may do to those who read the old one. */
    compatibility: Type.Enum(['backward', 'forward', 'full', 'none']),
    /** Newest: of those that wait, about the same subject, only the newest need be worked on. Default all. */
    keep: Type.Optional(Type.Enum(['all', 'newest'])),
    /** The hub keeps the data of each for a time, and the last of each subject: figures and reconciliation read them. */
    remember: Type.Optional(Type.Boolean()),
    /** What is done with it can not be taken back: money moves, or a partner is told. */
    irreversible: Type.Optional(Type.Boolean()),
    /** The field of the data that holds the day on which it is booked. */
    booked: Type.Optional(Type.String({ minLength: 1 })),
    /** Its name in the external id of what it becomes in Odoo: an order, or the attachment of another record. */
    becomes: Type.Optional(Type.String({ minLength: 1 })),
    /** Optional: it tells what happened, and nobody has to take it. Default required: without a queue it is not published. */
    listeners: Type.Optional(Type.Enum(['required', 'optional'])),
    /**
     * What people call what it is about: kind, in their words, to where that stands in the data: `document.name`, and
     * `lines.sku` of each line. Search finds it by these.
     */
    names: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^[A-Za-z][A-Za-z0-9 -]*$' }),
        Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*([.][A-Za-z_][A-Za-z0-9_]*)*$' }),
        { minProperties: 1 },
      ),
    ),
  },
  { additionalProperties: false },
);

const schema = ownSchema(EventFile);

export interface EventDefinition extends Static<typeof EventFile> {
  /** `$id` of the schema, for the envelope. */
  dataschema?: string;
}

export interface Catalogue {
  readonly types: readonly string[];
  /** Throws CodedError EVENT_UNKNOWN with facts {type}. */
  get(type: string): EventDefinition;
  /** Throws CodedError EVENT_UNKNOWN, or SCHEMA_INVALID with facts {path, rule, message, schema}. */
  validate(type: string, data: unknown): void;
}

/** Reads every `*.yaml` of the folder. Throws CodedError CONFIG_INVALID that names the file. */
export function loadCatalogue(dir: string): Catalogue {
  const events = new Map<string, { definition: EventDefinition; dataSchema: Schema }>();
  for (const file of filesEnding(dir, '.yaml')) {
    const definition = readYaml<EventDefinition>(file, schema);
    const { type, version } = definition;
    if (`${type}.yaml` !== basename(file)) throw wrong(file, `defines ${type}; both names must be the same`);
    if (!type.endsWith(`.v${version.split('.')[0]}`))
      throw wrong(file, `has version ${version}, its type another`);
    const dataSchema = schemaOf(file, definition.schema);
    if (definition.names) checkNames(file, definition.names, documentOf(file, definition.schema));
    if (dataSchema.id !== undefined) definition.dataschema = dataSchema.id;
    events.set(type, { definition, dataSchema });
  }

  const find = (type: string) => {
    const event = events.get(type);
    if (!event) throw new CodedError('EVENT_UNKNOWN', `No event ${type} is defined`, { type });
    return event;
  };
  return {
    types: [...events.keys()],
    get: (type) => find(type).definition,
    validate: (type, data) => find(type).dataSchema.assert(data),
  };
}

function schemaOf(file: string, path: string): Schema {
  try {
    return readSchema(resolve(dirname(file), path));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unknown';
    throw new CodedError(
      'CONFIG_INVALID',
      `${file}: the schema ${path} cannot be used: ${why}`,
      { file },
      { cause },
    );
  }
}

function documentOf(file: string, path: string): Json {
  return JSON.parse(readFileSync(resolve(dirname(file), path), 'utf8')) as Json;
}

function wrong(file: string, message: string): CodedError {
  return new CodedError('CONFIG_INVALID', `${file} ${message}`, { file });
}
