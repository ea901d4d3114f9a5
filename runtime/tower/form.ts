/** What a form for a JSON Schema looks like: fields a person fills in; what a form cannot show is edited as JSON. */
import { isMap, listOf, mapOf, type Json } from '../schema/schema.ts';

interface Named {
  /** The property; of the whole it is empty. */
  name: string;
  title: string;
  help?: string;
  required: boolean;
}

export type Field = Named &
  (
    | { kind: 'text'; pattern?: string; format?: string }
    | { kind: 'choice'; choices: string[] }
    | { kind: 'number' | 'yesno' | 'json' }
    | { kind: 'group'; fields: Field[] }
    /** A list of objects: a row each. */
    | { kind: 'table'; columns: Field[] }
  );

/** Nested deeper, or by itself without end, it is JSON. */
const deepest = 8;

export function formOf(schema: object): Field {
  return fieldOf({ name: '', required: true, schema: schema as Json, root: schema as Json, depth: 0 });
}

interface SchemaField {
  name: string;
  required: boolean;
  schema: Json;
  root: Json;
  depth: number;
}

function fieldOf(place: SchemaField): Field {
  const schema = resolved(place.schema, place.root);
  const { name, required } = place;
  const help = schema['description'];
  const named: Named = {
    name,
    title: String(schema['title'] ?? name),
    ...(typeof help === 'string' && { help }),
    required,
  };
  const type = typeOf(schema);
  const choices = schema['enum'];
  const json: Field = { ...named, kind: 'json' };
  if (place.depth > deepest) return json;
  if (Array.isArray(choices) && choices.every((one) => typeof one === 'string'))
    return { ...named, kind: 'choice', choices };
  if (type === 'boolean') return { ...named, kind: 'yesno' };
  if (type === 'number' || type === 'integer') return { ...named, kind: 'number' };
  if (type === 'string') return { ...named, kind: 'text', ...textRules(schema) };
  if (type === 'object') return groupOf(named, schema, place) ?? json;
  return type === 'array' ? (tableOf(named, schema, place) ?? json) : json;
}

function groupOf(named: Named, schema: Json, { root, depth }: SchemaField): Field | undefined {
  const fields = propertiesOf(schema, root, depth);
  return fields.length === 0 ? undefined : { ...named, kind: 'group', fields };
}

function tableOf(named: Named, schema: Json, { root, depth }: SchemaField): Field | undefined {
  const items = isMap(schema['items']) ? resolved(schema['items'], root) : {};
  if (typeOf(items) !== 'object') return undefined;
  const columns = propertiesOf(items, root, depth);
  return columns.length === 0 ? undefined : { ...named, kind: 'table', columns };
}

function propertiesOf(schema: Json, root: Json, depth: number): Field[] {
  const required = listOf(schema['required']);
  return Object.entries(mapOf(schema['properties'])).map(([name, one]) =>
    fieldOf({ name, required: required.includes(name), schema: mapOf(one), root, depth: depth + 1 }),
  );
}

/** What stands beside a `$ref` goes before what it leads to. References to other files stay as they are. */
function resolved(schema: Json, root: Json): Json {
  const ref = schema['$ref'];
  if (typeof ref !== 'string' || !/^#(\/|$)/.test(ref)) return schema;
  const steps = ref.split('/').slice(1);
  const target = steps.reduce<unknown>((at, step) => mapOf(at)[step], root);
  const { $ref: _ref, ...beside } = schema;
  return { ...mapOf(target), ...beside };
}

/** Of what may also be null, the other one; undefined where it can be several things. */
function typeOf({ type }: Json): string | undefined {
  const types = (Array.isArray(type) ? type : [type]).filter((one) => one !== 'null');
  return types.length === 1 && typeof types[0] === 'string' ? types[0] : undefined;
}

function textRules({ pattern, format }: Json): { pattern?: string; format?: string } {
  return {
    ...(typeof pattern === 'string' && { pattern }),
    ...(typeof format === 'string' && { format }),
  };
}
