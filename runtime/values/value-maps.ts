/** Value maps: what a partner's value is called in Odoo, governed in one file a map. */
import { basename } from 'node:path';
import Type, { type Static } from 'typebox';
import { filesEnding, readYaml } from '../definitions/read-yaml.ts';
import { CodedError } from '../errors/coded-error.ts';
import { ownSchema } from '../schema/schema.ts';

const Day = Type.String({ format: 'date' });

const ValueMapFile = Type.Object(
  {
    map: Type.String({ pattern: '^[a-z][a-z0-9-]*$' }),
    owner: Type.String({ minLength: 1 }),
    summary: Type.String({ minLength: 1 }),
    entries: Type.Array(
      Type.Object(
        {
          /** Without blanks around it: what is looked up is trimmed. */
          from: Type.String({ pattern: '^\\S(.*\\S)?$' }),
          to: Type.String({ minLength: 1 }),
          /** Of units: how many of `to` one of `from` is. Default 1. */
          factor: Type.Optional(Type.String({ pattern: '^(?=.*[1-9])[0-9]{1,9}([.][0-9]{1,6})?$' })),
          /** Holds for this article only, by its internal reference in Odoo; goes before an entry for all. */
          article: Type.Optional(Type.String({ minLength: 1 })),
          /** Holds for this partner only; goes before an entry for all. */
          source: Type.Optional(Type.String({ minLength: 1 })),
          /** First and last day it holds, UTC. */
          since: Type.Optional(Day),
          until: Type.Optional(Day),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);

const schema = ownSchema(ValueMapFile);

export type ValueMap = Static<typeof ValueMapFile>;
export type Entry = ValueMap['entries'][number];

export interface LookupOptions {
  /** The partner the value comes from: `shopify`. */
  source?: string;
  /** What it is said of, by its internal reference in Odoo. */
  article?: string;
  /** The moment that decides between entries of different periods, ISO 8601. Default: now. */
  at?: string;
}

export interface Meaning {
  /** What it is called in Odoo. */
  to: string;
  /** Decimal; only units have one. */
  factor?: string;
}

export interface ValueMaps {
  readonly names: readonly string[];
  /** The entry that holds, or undefined. Throws CodedError MAPPING_INVALID for a map that does not exist. */
  find(map: string, value: string, options?: LookupOptions): Meaning | undefined;
  /** Its `to`. */
  lookup(map: string, value: string, options?: LookupOptions): string | undefined;
  /** As lookup, but throws CodedError VALUE_UNMAPPED with facts {map, value, source}. */
  require(map: string, value: string, options?: LookupOptions): string;
}

/** Reads every `*.yaml` of the folder. Throws CodedError CONFIG_INVALID that names file and line. */
export function loadValueMaps(dir: string): ValueMaps {
  return valueMaps(filesEnding(dir, '.yaml').map((file) => readValueMap(file)));
}

/** The map of this file; `text`: what is to stand in it. Throws as loadValueMaps does. */
export function readValueMap(file: string, text?: string): ValueMap {
  const map = readYaml<ValueMap>(file, schema, text);
  if (`${map.map}.yaml` !== basename(file))
    throw wrong(file, `calls its map ${map.map}; both names must be the same`);
  rejectBackward(file, map.entries);
  rejectOverlaps(file, map.entries);
  return map;
}

/** Value maps from data that is known to be right; for tests and for no maps at all: `valueMaps([])`. */
export function valueMaps(maps: readonly ValueMap[]): ValueMaps {
  const byName = new Map(maps.map(({ map, entries }) => [map, Map.groupBy(entries, ({ from }) => from)]));

  const find: ValueMaps['find'] = (map, value, options = {}) => {
    const entries = byName.get(map);
    if (!entries) throw new CodedError('MAPPING_INVALID', `There is no value map ${map}`, { map });
    const day = dayOf(options.at);
    const holding = (entries.get(value.trim()) ?? []).filter((entry) => holds(entry, day));
    const fits = (wanted: string | undefined, said: string | undefined) =>
      said === undefined || said === wanted;
    const fitting = holding.filter(
      ({ source, article }) => fits(options.source, source) && fits(options.article, article),
    );
    return fitting.toSorted((a, b) => precision(b) - precision(a))[0];
  };
  const lookup: ValueMaps['lookup'] = (map, value, options) => find(map, value, options)?.to;

  return {
    names: [...byName.keys()],
    find,
    lookup,
    require(map, value, options = {}) {
      const to = lookup(map, value, options);
      if (to !== undefined) return to;
      const { source } = options;
      throw new CodedError('VALUE_UNMAPPED', `The value map ${map} has no entry for '${value}'`, {
        map,
        value,
        source,
      });
    },
  };
}

/** What is said of one article goes before what a partner says of all. */
function precision({ source, article }: Entry): number {
  return (article === undefined ? 0 : 2) + (source === undefined ? 0 : 1);
}

function dayOf(at: string | undefined): string {
  const time = at === undefined ? new Date() : new Date(at);
  if (Number.isNaN(time.getTime()))
    throw new CodedError('MAPPING_FAILED', 'The time of a look-up is not ISO 8601');
  return time.toISOString().slice(0, 10);
}

function holds({ since, until }: Entry, day: string): boolean {
  return (since === undefined || since <= day) && (until === undefined || day <= until);
}

function rejectBackward(file: string, entries: readonly Entry[]): void {
  for (const { from, since, until } of entries) {
    if (since !== undefined && until !== undefined && until < since)
      throw wrong(file, `has an entry for '${from}' that ends before it begins`);
  }
}

/** On every day, a value of a partner must have one meaning. */
function rejectOverlaps(file: string, entries: readonly Entry[]): void {
  const same = Map.groupBy(entries, ({ from, source, article }) => JSON.stringify([from, source, article]));
  for (const group of same.values()) {
    const inOrder = group.toSorted((a, b) => (a.since ?? '').localeCompare(b.since ?? ''));
    for (const [index, entry] of inOrder.entries()) {
      const next = inOrder[index + 1];
      if (next && (entry.until === undefined || next.since === undefined || next.since <= entry.until)) {
        throw wrong(file, `has two entries for '${entry.from}' that hold at the same time`);
      }
    }
  }
}

function wrong(file: string, message: string): CodedError {
  return new CodedError('CONFIG_INVALID', `${file} ${message}`, { file });
}
