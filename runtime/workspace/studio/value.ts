/** What is known of a part's result without running it: which fields of the message it is, and what it is made of. */
import type { Node } from '../../map/compile/tree.ts';
import type { FieldNode } from './field-nodes.ts';
import type { Span } from './tokens.ts';

export interface Value {
  /** The fields of the message that it is, as they are. */
  places: ReadonlySet<FieldNode>;
  /** The fields of the message that it is made of. */
  of: ReadonlySet<FieldNode>;
  /** Of an object that the expression builds. */
  fields?: ReadonlyMap<string, Built>;
  functions?: readonly Closure[];
  /** What else it is cannot be told. */
  open: boolean;
}

export interface Built {
  value: Value;
  /** The expressions that give it. */
  spans: readonly Span[];
}

export interface Closure {
  node: Node;
  scope: Scope;
  context: Value;
}

export interface Scope {
  outer: Scope | undefined;
  names: Map<string, Value>;
}

const none: ReadonlySet<FieldNode> = new Set();
export const nothing: Value = { places: none, of: none, open: false };
export const anything: Value = { places: none, of: none, open: true };

export function ofPlaces(places: ReadonlySet<FieldNode>, open = false): Value {
  return { places, of: places, open };
}

/** Made of these by work that is not followed. */
export function madeOf(...values: readonly Value[]): Value {
  return { places: none, of: together(values.map(({ of }) => of)), open: true };
}

/** One of these, or all in a list. */
export function either(...values: readonly Value[]): Value {
  const given = values.filter((one) => one !== nothing);
  if (given.length < 2) return given[0] ?? nothing;
  const fields = given.flatMap((one) => (one.fields ? [one.fields] : []));
  const functions = given.flatMap((one) => one.functions ?? []);
  return {
    places: together(given.map(({ places }) => places)),
    of: together(given.map(({ of }) => of)),
    open: given.some(({ open }) => open),
    ...(fields.length > 0 && { fields: merged(fields) }),
    ...(functions.length > 0 && { functions }),
  };
}

function merged(all: readonly ReadonlyMap<string, Built>[]): Map<string, Built> {
  const result = new Map<string, Built>();
  for (const fields of all)
    for (const [name, built] of fields) {
      const before = result.get(name);
      const same = (span: Span): boolean => !before?.spans.some(({ from }) => from === span.from);
      result.set(
        name,
        before
          ? {
              value: either(before.value, built.value),
              spans: [...before.spans, ...built.spans.filter(same)],
            }
          : built,
      );
    }
  return result;
}

function together(sets: readonly ReadonlySet<FieldNode>[]): ReadonlySet<FieldNode> {
  const [first = none, ...rest] = sets.filter(({ size }) => size > 0);
  return rest.length === 0 ? first : new Set([...first, ...rest.flatMap((one) => [...one])]);
}

export function lookUp(scope: Scope | undefined, name: string): Value | undefined {
  for (let at = scope; at; at = at.outer) {
    const found = at.names.get(name);
    if (found) return found;
  }
  return undefined;
}
