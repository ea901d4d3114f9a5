/** Three texts of one file → one: what upstream changed, in the text of who changed it here, by node and key. */
import { isDeepStrictEqual } from 'node:util';
import { visit } from 'yaml';
import { readStrictly } from '../definitions/strict-yaml.ts';
import { NodeReference, nodeTag } from '../flow-file/format.ts';
import { patchedText, type Content } from '../flow-file/patch.ts';

/** Both changed it, and otherwise; what stands here stays. `at` is empty for the whole file. */
export interface Conflict {
  path: string;
  at: string;
  here: string;
  upstream: string;
}

export interface Merged {
  text: string;
  conflicts: Conflict[];
}

type Entries = Map<string, unknown>;

export function mergeText(path: string, base: string, here: string, upstream: string): Merged {
  if (here === base || here === upstream) return { text: upstream, conflicts: [] };
  if (upstream === base) return { text: here, conflicts: [] };
  const [was, own, next] = [base, here, upstream].map((text) => contentOf(path, text));
  if (!was || !own || !next) return wholeFile(path, here);
  const conflicts: Conflict[] = [];
  const merged = mergeValue(was, own, next, [], (at, mine, theirs) =>
    conflicts.push({ path, at: at.join(' / '), here: shown(mine), upstream: shown(theirs) }),
  ) as Content;
  if (isDeepStrictEqual(merged, own)) return { text: here, conflicts };
  return { text: written(path, here, own, merged), conflicts };
}

export function wholeFile(path: string, text: string): Merged {
  return { text, conflicts: [{ path, at: '', here: 'changed', upstream: 'changed' }] };
}

/** Undefined for what has no keys, and for YAML whose parts repeat others. */
function contentOf(path: string, text: string): Content | undefined {
  if (!/\.(yaml|json)$/.test(path)) return undefined;
  const { document, problem } = readStrictly(text, { tags: [nodeTag] });
  let repeats = false;
  visit(document, { Alias: () => void (repeats = true) });
  if (problem || repeats) return undefined;
  const content: unknown = document.toJS({ mapAsMap: true });
  return content instanceof Map ? (content as Content) : undefined;
}

function written(path: string, text: string, was: Content, next: Content): string {
  if (path.endsWith('.json')) return `${JSON.stringify(plain(next), null, 2)}\n`;
  return patchedText(readStrictly(text, { tags: [nodeTag] }).document, was, next);
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...(value as Entries)].map(([key, one]) => [key, plain(one)]));
}

type Tell = (at: string[], here: unknown, upstream: unknown) => void;

function mergeValue(base: unknown, here: unknown, upstream: unknown, at: string[], tell: Tell): unknown {
  if (isDeepStrictEqual(here, upstream) || isDeepStrictEqual(base, upstream)) return here;
  if (isDeepStrictEqual(base, here)) return upstream;
  if (here instanceof Map && upstream instanceof Map && (base instanceof Map || base === undefined))
    return mergeMaps((base ?? new Map()) as Entries, here as Entries, upstream as Entries, at, tell);
  const [was, own, next] = [base ?? [], here, upstream].map(byKey);
  if (was && own && next) return [...mergeMaps(was, own, next, at, tell).values()];
  // Where a box is drawn is nobody's loss.
  if (at[0] !== 'layout') tell(at, here, upstream);
  return here;
}

function mergeMaps(base: Entries, here: Entries, upstream: Entries, at: string[], tell: Tell): Entries {
  const merged = new Map<string, unknown>();
  const add = (key: string): void => {
    const value = mergeValue(base.get(key), here.get(key), upstream.get(key), [...at, key], tell);
    if (value !== undefined) merged.set(key, value);
  };
  for (const key of here.keys()) add(key);
  for (const key of upstream.keys()) if (!here.has(key)) add(key);
  return inOrder(merged, here, [...upstream.keys()]);
}

/** As here; what is new stands behind what it stands behind upstream. */
function inOrder(merged: Entries, here: Entries, upstream: readonly string[]): Entries {
  const order = [...here.keys()].filter((key) => merged.has(key));
  for (const [index, key] of upstream.entries())
    if (merged.has(key) && !here.has(key)) order.splice(order.indexOf(upstream[index - 1] ?? '') + 1, 0, key);
  return new Map(order.map((key) => [key, merged.get(key)]));
}

/** Texts by themselves, entries by what their first key says; undefined where that does not tell them apart. */
function byKey(value: unknown): Entries | undefined {
  if (!Array.isArray(value)) return undefined;
  const keys = value.map((item: unknown) =>
    item instanceof Map ? [...(item as Entries).values()][0] : item,
  );
  if (!keys.every((key) => typeof key === 'string') || new Set(keys).size < keys.length) return undefined;
  return new Map(keys.map((key, index) => [key as string, value[index] as unknown]));
}

function shown(value: unknown): string {
  if (value === undefined) return 'removed';
  if (value instanceof NodeReference) return value.name;
  return JSON.stringify(plain(value));
}
