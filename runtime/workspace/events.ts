/** Events for who keeps them: which there are, what a changed schema breaks, and a schema proposed from a message. */
import { posix } from 'node:path';
import { brokenPromises, type Broken } from '../events/compatibility.ts';
import type { Catalogue } from '../events/catalogue.ts';
import { asCoded } from '../errors/coded-error.ts';
import { ownSchema, type Json } from '../schema/schema.ts';
import type { Workbench } from './files.ts';
import { promises } from './promises.ts';

export interface EventRow {
  type: string;
  version: string;
  owner: string;
  summary: string;
  compatibility: string;
  /** `definitions/schemas/order.v1.json`. */
  schema: string;
}

export function eventRows({ types, get }: Catalogue): EventRow[] {
  return types.map((type) => {
    const { version, owner, summary, compatibility, schema } = get(type);
    return { type, version, owner, summary, compatibility, schema: schemaPath(schema) };
  });
}

/** As an event's file says it, as a path of the workspace. */
export function schemaPath(schema: string): string {
  return posix.join('definitions/events', schema);
}

export interface Verdict {
  /** Why it is no schema at all. */
  invalid?: string;
  /** By which events, for the schema may be that of several. */
  broken: Broken[];
}

/** Of a schema against the one that is saved, by the promises that are saved with the events. */
export async function verdict(bench: Workbench, path: string, schema: Json): Promise<Verdict> {
  const invalid = whyNoSchema(schema);
  if (invalid !== undefined) return { invalid, broken: [] };
  const told = await promises(bench.now().definitionsDir, new Map([[path, JSON.stringify(schema)]]));
  return { broken: told ? brokenPromises(told.before, told.now) : [] };
}

function whyNoSchema(schema: Json): string | undefined {
  try {
    ownSchema(schema).check({});
    return undefined;
  } catch (error) {
    const { cause } = asCoded(error);
    return cause instanceof Error ? cause.message : 'unknown';
  }
}

const titled = (name: string): string => {
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/[_-]+/g, ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** Nothing of the message's data stands in it. What is there is asked for; a list is what its items have together. */
export function proposedSchema(samples: readonly unknown[], name?: string): Json {
  const title = name === undefined ? {} : { title: titled(name) };
  const known = samples.filter((one) => one !== null && one !== undefined);
  const kinds = new Set(known.map(kindOf));
  const [kind] = kinds;
  if (kinds.size !== 1 || kind === undefined) return title;
  if (kind === 'array')
    return { ...title, type: 'array', items: proposedSchema((known as unknown[][]).flat()) };
  if (kind !== 'object')
    return { ...title, type: kind, ...(kind === 'string' && formatOf(known as string[])) };
  const objects = known as Json[];
  const names = [...new Set(objects.flatMap((one) => Object.keys(one)))];
  return {
    ...title,
    type: 'object',
    required: names.filter((one) =>
      objects.every((object) => object[one] !== undefined && object[one] !== null),
    ),
    properties: Object.fromEntries(
      names.map((one) => [
        one,
        proposedSchema(
          objects.map((object) => object[one]),
          one,
        ),
      ]),
    ),
  };
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'array' : typeof value;
}

function formatOf(texts: readonly string[]): Json {
  const all = (pattern: RegExp): boolean => texts.every((text) => pattern.test(text));
  if (all(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/)) return { format: 'date-time' };
  return all(/^\d{4}-\d\d-\d\d$/) ? { format: 'date' } : {};
}
