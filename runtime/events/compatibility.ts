/** Whether events keep what they promise: a new version against the one of the last release, by their schemas. */
import { posix } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { listOf, mapOf, type Json } from '../schema/schema.ts';

/** Texts by path, as a release has them: `definitions/events/order.received.v1.yaml`. */
export type Texts = ReadonlyMap<string, string>;

export interface Broken {
  /** Path of the event's file. */
  path: string;
  type: string;
  /** `backward: data/lines/0/sku is required now`. */
  why: string;
}

interface Event {
  type: string;
  schema: string;
  compatibility: 'backward' | 'forward' | 'full' | 'none';
}

/**
 * Backward: who reads by the new schema can read what was written by the old one, such as what waits in a queue.
 * Forward: who reads by the old schema can read what is written by the new one. What was promised in the last release
 * counts; a new major version is another event.
 */
export function brokenPromises(before: Texts, now: Texts): Broken[] {
  return [...before].flatMap(([path, text]) => {
    if (!path.startsWith('definitions/events/')) return [];
    const [was, is] = [eventOf(text), eventOf(now.get(path) ?? '')];
    if (!was || !is) return [];
    const [old, fresh] = [schemaOf(before, path, was), schemaOf(now, path, is)];
    if (!old || !fresh) return [];
    const { compatibility, type } = was;
    const tell = (direction: string, found: string[]) =>
      found.map((why): Broken => ({ path, type, why: `${direction}: ${why}` }));
    return [
      ...(compatibility === 'backward' || compatibility === 'full'
        ? tell('backward', refuses(fresh, old, 'data'))
        : []),
      ...(compatibility === 'forward' || compatibility === 'full'
        ? tell('forward', refuses(old, fresh, 'data'))
        : []),
    ];
  });
}

function eventOf(text: string): Event | undefined {
  try {
    const { type, schema, compatibility } = (parse(text) ?? {}) as Partial<Event>;
    return type && schema && compatibility ? { type, schema, compatibility } : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined: it is no JSON, so nobody could write or read by it. */
function schemaOf(texts: Texts, path: string, { schema }: Event): Json | undefined {
  try {
    return mapOf(JSON.parse(texts.get(posix.join(posix.dirname(path), schema)) ?? '{}'));
  } catch {
    return undefined;
  }
}

/** Words that say nothing of what is allowed. */
const silent = new Set([
  '$schema',
  '$id',
  '$comment',
  '$defs',
  'title',
  'description',
  'examples',
  'default',
]);

/** What a reader may refuse of what a writer writes. What cannot be judged counts as refused. */
function refuses(reader: Json, writer: Json, at: string): string[] {
  const [wanted, given] = [listOf(reader['required']), listOf(writer['required'])];
  const [known, written] = [mapOf(reader['properties']), mapOf(writer['properties'])];
  const closed = reader['additionalProperties'] === false;
  return [
    ...wanted.filter((name) => !given.includes(name)).map((name) => `${at}/${name} is required by who reads`),
    ...Object.keys(written)
      .filter((name) => closed && !(name in known))
      .map((name) => `${at}/${name} is not known to who reads`),
    ...Object.keys(known).flatMap((name) =>
      name in written
        ? refuses(mapOf(known[name]), mapOf(written[name]), `${at}/${name}`)
        : writer['additionalProperties'] === false
          ? []
          : unsaid(mapOf(known[name]), `${at}/${name}`),
    ),
    ...('items' in reader || 'items' in writer
      ? refuses(mapOf(reader['items']), mapOf(writer['items']), `${at}/0`)
      : []),
    ...Object.keys(mapOf(reader['$defs'])).flatMap((name) =>
      name in mapOf(writer['$defs'])
        ? refuses(mapOf(mapOf(reader['$defs'])[name]), mapOf(mapOf(writer['$defs'])[name]), `${at}/${name}`)
        : [],
    ),
    ...Object.keys(reader)
      .filter((word) => !silent.has(word) && !['required', 'properties', 'items'].includes(word))
      .filter((word) => !allows(word, reader[word], writer[word]))
      .map((word) => `${at}: ${word} is another`),
  ];
}

/** Where an open writer may write anything, a reader that asks for something can refuse it. */
function unsaid(reader: Json, at: string): string[] {
  const asks = Object.keys(reader).some((word) => !silent.has(word));
  return asks ? [`${at} was free before`] : [];
}

function allows(word: string, reader: unknown, writer: unknown): boolean {
  if (isDeepStrictEqual(reader, writer)) return true;
  if (word === 'additionalProperties') return reader !== false || writer === false;
  if (word === 'enum' || word === 'type') {
    const taken = new Set<unknown>([reader].flat());
    return writer !== undefined && [writer].flat().every((one) => taken.has(one));
  }
  if (/^(min|exclusiveMin)/.test(word)) return typeof writer === 'number' && Number(reader) <= writer;
  if (/^(max|exclusiveMax)/.test(word)) return typeof writer === 'number' && Number(reader) >= writer;
  return false;
}
