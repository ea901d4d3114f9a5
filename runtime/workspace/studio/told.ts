/** What a reading says to a person: names that are in no message, and where each field of the result comes from. */
import type { Mark } from '../../tower/web/shared/props.ts';
import { isKnown, pathOf, type FieldNode } from './field-nodes.ts';
import type { NameRead, Reading } from './reading.ts';
import type { Span } from './tokens.ts';
import type { Value } from './value.ts';

export interface WrongName {
  /** `unknown`: in no message and no schema. `absent`: this message has none. */
  kind: 'unknown' | 'absent';
  name: string;
  /** The whole path. */
  path: string;
  /** Names like it that are there. */
  like: string[];
  at: Span;
}

/** In the order of the text. */
export function wrongNames({ names }: Reading, text: string): WrongName[] {
  return [...names.values()]
    .flatMap((read) => wrongName(read, text) ?? [])
    .toSorted((one, two) => one.at.from - two.at.from);
}

function wrongName({ name, to, places, isOther, contexts }: NameRead, text: string): WrongName | undefined {
  if (isOther || [...places].some(({ here }) => here)) return undefined;
  const [place] = places;
  const values = [...contexts];
  if (!place && !values.some(({ fields }) => fields)) return undefined;
  const states = [...places].map(isKnown);
  const kind = states.some((state) => state !== false) ? 'absent' : 'unknown';
  // Of a field that is not there, those in it are not there either: one mark is enough.
  if (place && [...places].every(({ above }) => above && !above.here && above.above)) {
    const cause = [...places].every(({ above }) => above && isKnown(above) === false);
    if (cause || kind === 'absent') return undefined;
  }
  const from = startOf(text, to, name);
  return {
    kind,
    name,
    path: place ? pathOf(place) : name,
    like: kind === 'unknown' ? namesLike(name, values) : [],
    at: { from, to },
  };
}

/** Quotes are part of it. */
function startOf(text: string, to: number, name: string): number {
  const quoted = /["'`]/.test(text[to - 1] ?? '');
  return Math.max(0, to - name.length - (quoted ? 2 : 0));
}

/** The names that can stand where this one does. */
export function namesIn(values: readonly Value[]): string[] {
  const names = values.flatMap(({ places, fields }) => [
    ...(fields?.keys() ?? []),
    ...[...places].flatMap(({ here, known }) => [
      ...(here?.below.keys() ?? []),
      ...(known?.below.keys() ?? []),
    ]),
  ]);
  return [...new Set(names)];
}

function namesLike(name: string, values: readonly Value[]): string[] {
  return namesIn(values)
    .map((one) => ({ one, apart: distance(name.toLowerCase(), one.toLowerCase()) }))
    .filter(({ one, apart }) => apart <= Math.max(1, Math.min(name.length, one.length) / 3))
    .toSorted((a, b) => a.apart - b.apart)
    .slice(0, 3)
    .map(({ one }) => one);
}

/** How many letters must change. */
function distance(one: string, two: string): number {
  let row = Array.from({ length: two.length + 1 }, (_, at) => at);
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...two].entries())
      next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (letter === other ? 0 : 1)));
    row = next;
  }
  return row.at(-1) ?? 0;
}

export interface Target {
  /** `lines.sku`. */
  path: string;
  /** The expressions that give it. */
  spans: readonly Span[];
  /** The fields of the message that it is made of. */
  sources: string[];
}

const deepest = 8;

/** The fields of the result, those in a field behind it. */
export function targetsOf({ result }: Reading): Target[] {
  const found: Target[] = [];
  const walk = ({ fields = new Map() }: Value, above: string, depth: number): void => {
    for (const [name, { value, spans }] of fields as NonNullable<Value['fields']>) {
      const path = above ? `${above}.${name}` : name;
      found.push({ path, spans, sources: sourcesOf(value.of) });
      if (depth < deepest) walk(value, path, depth + 1);
    }
  };
  walk(result, '', 0);
  return found;
}

function sourcesOf(places: ReadonlySet<FieldNode>): string[] {
  return [...new Set([...places].map(pathOf))].filter((path) => path !== '').toSorted();
}

export function placeIn(text: string, at: number): Pick<Mark, 'line' | 'column'> {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
