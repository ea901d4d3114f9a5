/** Which fields messages have: of a message, of several together, of a JSON Schema. Items of a list are taken as one. */
import { isMap, mapOf, type Json } from '../../schema/schema.ts';

export interface Shape {
  below: Map<string, Shape>;
  /** What is in it is not known: all names can be. */
  open: boolean;
  /** `text`, `number`, `yes or no`, `list` … as a person says. */
  kinds: Set<string>;
  /** One value, of a plain field. */
  example?: unknown;
}

export function emptyShape(): Shape {
  return { below: new Map(), open: false, kinds: new Set() };
}

/** Adds what this message has. */
export function addMessage(shape: Shape, value: unknown): Shape {
  if (Array.isArray(value)) {
    shape.kinds.add('list');
    for (const item of value) addMessage(shape, item);
  } else if (isMap(value)) {
    shape.kinds.add('object');
    for (const [name, field] of Object.entries(value)) addMessage(shapeIn(shape, name), field);
  } else if (value !== undefined) {
    shape.kinds.add(value === null ? 'null' : typeof value);
    if (value !== null) shape.example ??= value;
  }
  return shape;
}

function shapeIn(shape: Shape, name: string): Shape {
  const known = shape.below.get(name) ?? emptyShape();
  shape.below.set(name, known);
  return known;
}

const deepest = 12;

/** Adds what a document of this schema can have. */
export function addSchema(shape: Shape, schema: unknown, root: unknown = schema, depth = 0): Shape {
  const one = followed(mapOf(schema), root);
  const fields = mapOf(one['properties']);
  const ways = ['anyOf', 'oneOf', 'allOf'].flatMap((name) => listIn(one[name]));
  const isObject = [one['type']].flat().includes('object');
  if (depth > deepest || (isObject && Object.keys(fields).length === 0 && ways.length === 0))
    shape.open = true;
  else {
    for (const [name, field] of Object.entries(fields))
      addSchema(shapeIn(shape, name), field, root, depth + 1);
    if (isMap(one['items'])) addSchema(shape, one['items'], root, depth + 1);
    for (const way of [...ways, one['then'], one['else']].filter(isMap))
      addSchema(shape, way, root, depth + 1);
  }
  for (const type of [one['type']].flat()) if (typeof type === 'string') shape.kinds.add(type);
  return shape;
}

function followed(schema: Json, root: unknown): Json {
  const name = /^#\/\$defs\/([^/]+)$/.exec(String(schema['$ref']))?.[1];
  return name === undefined ? schema : { ...mapOf(mapOf(mapOf(root)['$defs'])[name]), ...schema };
}

function listIn(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export interface TargetField {
  /** `lines.sku`. */
  path: string;
  required: boolean;
  type: string;
  title?: string;
}

/** The fields a result can have, in the order of the schema. */
export function fieldsOf(schema: unknown): TargetField[] {
  const found = new Map<string, TargetField>();
  const walk = (part: unknown, above: string, depth: number): void => {
    const one = followed(mapOf(part), schema);
    for (const way of ['anyOf', 'oneOf', 'allOf'].flatMap((name) => listIn(one[name])))
      walk(way, above, depth + 1);
    if (isMap(one['items'])) walk(one['items'], above, depth + 1);
    for (const [name, field] of depth > deepest ? [] : Object.entries(mapOf(one['properties']))) {
      const path = above ? `${above}.${name}` : name;
      const own = followed(mapOf(field), schema);
      const required = listIn(one['required']).includes(name);
      const title = own['description'] ?? own['title'];
      const known = { path, required, type: [own['type']].flat().filter(Boolean).join(' / ') };
      if (!found.has(path)) found.set(path, typeof title === 'string' ? { ...known, title } : known);
      walk(field, path, depth + 1);
    }
  };
  walk(schema, '', 0);
  return [...found.values()];
}
