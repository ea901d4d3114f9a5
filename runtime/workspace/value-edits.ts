/** What differs between two values of a file, as edits of single places; and edits applied to a value. */
import { isDeepStrictEqual } from 'node:util';

export type Path = readonly (string | number)[];

/** `insert` names a list, and the place in it before which the values go; by default they go to its end. */
export type ValueEdit =
  { set: Path; value: unknown } | { remove: Path } | { insert: Path; at?: number; values: unknown[] };

type Json = Record<string, unknown>;

/** All paths are those of `was`. */
export function differences(was: unknown, next: unknown, path: Path = []): ValueEdit[] {
  if (isDeepStrictEqual(was, next)) return [];
  if (Array.isArray(was) && Array.isArray(next) && was.length > 0 && next.length > 0)
    return ofLists(was, next, path);
  if (isObject(was) && isObject(next) && Object.keys(was).length > 0 && Object.keys(next).length > 0)
    return [
      ...Object.keys(was).flatMap((key): ValueEdit[] =>
        next[key] === undefined
          ? [{ remove: [...path, key] }]
          : differences(was[key], next[key], [...path, key]),
      ),
      ...Object.entries(next).flatMap(([key, value]): ValueEdit[] =>
        was[key] === undefined && value !== undefined ? [{ set: [...path, key], value }] : [],
      ),
    ];
  return [{ set: path, value: next }];
}

/** Each one sees what the ones before it have made. */
export function edited(value: unknown, edits: readonly ValueEdit[]): unknown {
  let next = structuredClone(value);
  for (const edit of edits) {
    if ('insert' in edit) {
      const list = valueAt(next, edit.insert);
      if (Array.isArray(list)) list.splice(edit.at ?? list.length, 0, ...edit.values);
      else next = put(next, edit.insert, [...edit.values]);
    } else if ('set' in edit) next = put(next, edit.set, edit.value);
    else drop(next, edit.remove);
  }
  return next;
}

function ofLists(was: readonly unknown[], next: readonly unknown[], path: Path): ValueEdit[] {
  const edits: ValueEdit[] = [];
  let [from, to] = [0, 0];
  for (const [stayed, stays] of [...sameItems(was, next), [was.length, next.length] as const]) {
    const changed = Math.min(stayed - from, stays - to);
    for (let index = 0; index < changed; index++)
      edits.push(...differences(was[from + index], next[to + index], [...path, from + index]));
    for (let index = from + changed; index < stayed; index++) edits.push({ remove: [...path, index] });
    if (stays > to + changed)
      edits.push({ insert: path, at: stayed, values: next.slice(to + changed, stays) });
    [from, to] = [stayed + 1, stays + 1];
  }
  return edits;
}

/** Places of items that stay, in order: all of head and tail, and of what is between as many as a look at each finds. */
function sameItems(was: readonly unknown[], next: readonly unknown[]): [number, number][] {
  const [a, b] = [was, next].map((list) => list.map((item) => JSON.stringify(item)));
  const same: [number, number][] = [];
  let head = 0;
  for (; head < a!.length && head < b!.length && a![head] === b![head]; head++) same.push([head, head]);
  const tail: [number, number][] = [];
  let [endA, endB] = [a!.length, b!.length];
  for (; endA > head && endB > head && a![endA - 1] === b![endB - 1];) tail.push([--endA, --endB]);
  const places = Map.groupBy(
    b!.slice(head, endB).map((text, index) => ({ text, at: head + index })),
    ({ text }) => text,
  );
  let last = head - 1;
  for (let index = head; index < endA; index++) {
    const found = places.get(a![index]!)?.find(({ at }) => at > last);
    if (!found) continue;
    last = found.at;
    same.push([index, last]);
  }
  return [...same, ...tail.toReversed()];
}

export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, step) => (inner as Json | undefined)?.[step], value);
}

function put(value: unknown, path: Path, next: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return next;
  const holder = (value ?? (typeof step === 'number' ? [] : {})) as Json;
  holder[step] = put(holder[step], rest, next);
  return holder;
}

function drop(value: unknown, path: Path): void {
  const holder = valueAt(value, path.slice(0, -1)) as Json | unknown[] | undefined;
  const step = path.at(-1);
  if (Array.isArray(holder)) holder.splice(Number(step), 1);
  else if (holder && step !== undefined) delete holder[step];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
