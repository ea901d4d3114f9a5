/** Holds a document against what its mapping reads and what was decided to leave aside: the rest is never dropped silently. */
import { CodedError } from '../errors/coded-error.ts';
import { componentsOf, type Segment } from './document.ts';

/** The part of a document type that says what is read of it; `reads` and its neighbours hold items such as `PO1/SAC05-08`. */
export interface Read {
  type: string;
  standard: string;
  lines?: string;
  loops?: Record<string, string[]>;
  reads?: string[];
  ignored?: Record<string, string>;
  refused?: Record<string, string>;
}

/**
 * `PO1/N1/N3`: the loops it stands in, of those that any item names, then the segment. Of it the elements (`PO106-25`), the
 * components (`PRI01:1-2`), or all where its first element is one of these: `MOA(79|128)`.
 */
interface Item {
  place: string;
  qualifiers?: string[];
  elements: [number, number];
  components: [number, number];
  /** Why it is refused. */
  refused?: string;
}

const all: [number, number] = [1, Infinity];
const pattern =
  /^((?:[A-Z][A-Z0-9]{1,2}\/)*[A-Z][A-Z0-9]{1,2})(?:\(([^()]+)\))?(?:(\d\d)(?:-(\d\d))?)?(?::(\d)(?:-(\d))?)?$/;

/** Throws CodedError CONFIG_INVALID for what is no item. */
export function itemsOf(type: Read): Map<string, Item[]> {
  const items = [
    ...(type.reads ?? []).flatMap((names) => parsed(names)),
    ...Object.keys(type.ignored ?? {}).flatMap((names) => parsed(names)),
    ...Object.entries(type.refused ?? {}).flatMap(([names, refused]) =>
      parsed(names).map((item) => ({ ...item, refused })),
    ),
  ];
  return Map.groupBy(items, ({ place }) => place);
}

/** Of a list with blanks between: `REF PER01-02`. */
function parsed(names: string): Item[] {
  return names.split(' ').map((name) => {
    const [, place, qualifiers, from, to = from, first, last = first] = pattern.exec(name) ?? [];
    if (place === undefined)
      throw new CodedError('CONFIG_INVALID', `'${name}' names no segment or element of EDI`);
    return {
      place,
      ...(qualifiers !== undefined && { qualifiers: qualifiers.split('|') }),
      elements: from === undefined ? all : [Number(from), Number(to)],
      components: first === undefined ? all : [Number(first), Number(last)],
    };
  });
}

/**
 * The document itself. Throws CodedError UNSUPPORTED that names each segment and element which is refused, or neither
 * read nor ignored.
 */
export function understood<T extends { segments: readonly Segment[] }>(type: Read, document: T): T {
  const wrong = remarks(type, document.segments);
  if (wrong.length === 0) return document;
  const shown = wrong.slice(0, 5).join('; ') + (wrong.length > 5 ? `; and ${wrong.length - 5} more` : '');
  throw new CodedError('UNSUPPORTED', shown, { type: type.type });
}

function remarks(type: Read, segments: readonly Segment[]): string[] {
  const items = itemsOf(type);
  const found = placed(type, segments, items).flatMap(({ one, place, line }) => {
    const tag = String(one['tag']);
    const here = line === undefined ? '' : ` of line ${line}`;
    const fitting = (items.get(place) ?? []).filter(
      ({ qualifiers }) => !qualifiers || qualifiers.includes(componentsOf(one, 1)[0] ?? ''),
    );
    return partsOf(one).flatMap(({ element, component, name }) => {
      const covering = fitting.filter(
        ({ elements, components }) => within(element, elements) && within(component, components),
      );
      const refused = covering.find((item) => item.refused !== undefined)?.refused;
      if (refused !== undefined) return [`${tag}${here}: ${refused}`];
      if (covering.length > 0) return [];
      const what = fitting.length > 0 ? name : tag + qualifierOf(one, place, items);
      return [`${what}${here} is not understood here`];
    });
  });
  return [...new Set(found)];
}

/** What tells a segment from its like, where the list tells them apart by it. */
function qualifierOf(one: Segment, place: string, items: Map<string, Item[]>): string {
  return items.has(place) ? ` ${componentsOf(one, 1)[0] ?? ''}` : '';
}

function within(at: number, [from, to]: [number, number]): boolean {
  return at >= from && at <= to;
}

/** Where each segment stands. Only loops that some item names count: of the others the list says nothing. */
function placed(type: Read, segments: readonly Segment[], items: Map<string, Item[]>) {
  const heads = new Set([...items.keys()].flatMap((place) => place.split('/').slice(0, -1)));
  const loops = type.loops ?? {};
  let open: string[] = [];
  let line: { count: number; name?: string } = { count: 0 };
  return segments.map((one) => {
    const tag = String(one['tag']);
    open = open.slice(0, open.findLastIndex((head) => loops[head]?.includes(tag)) + 1);
    if (open.length === 0) {
      const begins = tag === type.lines;
      const count = line.count + (begins ? 1 : 0);
      line = begins ? { count, name: componentsOf(one, 1)[0] || String(count) } : { count };
    }
    const place = [...open.filter((head) => heads.has(head)), tag].join('/');
    if (loops[tag]) open = [...open, tag];
    return { one, place, line: line.name };
  });
}

function partsOf(one: Segment): { element: number; component: number; name: string }[] {
  const tag = String(one['tag']);
  return Object.keys(one)
    .filter((name) => name !== 'tag')
    .flatMap((name) => {
      const element = Number(name.slice(tag.length));
      const components = componentsOf(one, element);
      return components.flatMap((text, at) =>
        text === ''
          ? []
          : [{ element, component: at + 1, name: components.length > 1 ? `${name}:${at + 1}` : name }],
      );
    });
}
