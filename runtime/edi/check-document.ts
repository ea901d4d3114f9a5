/** Checks the segments of one document against those that its type has: tags, places, lengths, numbers and counts. */
import {
  componentsOf,
  elementName,
  elementsOf,
  segment,
  textOf,
  type Asks,
  type Segment,
} from './document.ts';
import type { DocumentType } from './document-types.ts';

/** What can be wrong, with its code: of AK304 or AK403 in X12, of list 0085 in EDIFACT. */
export const problems = {
  tag: { x12: '1', edifact: '15' },
  unknown: { x12: '6', edifact: '15' },
  place: { x12: '7', edifact: '15' },
  missing: { x12: '3', edifact: '13' },
  absent: { x12: '1', edifact: '13' },
  many: { x12: '3', edifact: '16' },
  long: { x12: '5', edifact: '39' },
  number: { x12: '6', edifact: '19' },
  date: { x12: '8', edifact: '12' },
  time: { x12: '9', edifact: '12' },
  character: { x12: '6', edifact: '21' },
  code: { x12: '7', edifact: '12' },
  count: { x12: '7', edifact: '29' },
} as const;

export interface Fault {
  tag: string;
  /** Of the segment in its document: ST and UNH are 1. */
  position: number;
  problem: keyof typeof problems;
  element?: number;
  /** From 1, where the element has components. */
  component?: number;
  /** `PO102 is no number`. */
  why: string;
}

/** The document as mappings read it, and what is wrong with it. `mark`: the decimal mark that UNA tells, if it does. */
export function checkDocument(
  type: DocumentType,
  body: readonly Segment[],
  mark?: string,
): { segments: Segment[]; faults: Fault[]; asks?: Asks } {
  const faults = [...placesOf(type, body)];
  const told = mark ?? bothMarks(type, body);
  const segments = body.map((one, at) => {
    const { tag, elements } = elementsOf(one);
    const kinds = type.elements.get(tag);
    if (!type.tags.has(tag) || !kinds) return one;
    const fault = (problem: Fault['problem'], what: string, element: number, component?: number) =>
      faults.push({
        tag,
        position: at + 2,
        problem,
        element,
        ...(component !== undefined && { component }),
        why: `${elementName(tag, element)} ${what}`,
      });
    const read = elements.map((value, n) => {
      const parts = [value].flat();
      const known = kinds[n];
      if (!known) {
        if (value !== '') fault('many', `is more than ${tag} has`, n + 1);
        return value;
      }
      if (parts.length > known.length) fault('many', `has ${parts.length} components`, n + 1);
      const checked = parts.map((text, c) => {
        const given = valueOf(text, (known[c] ?? 'a')[0]!, type.standard, told);
        if (typeof given === 'string') return given;
        fault(given.problem, given.what, n + 1, parts.length > 1 ? c + 1 : undefined);
        return text;
      });
      return Array.isArray(value) ? checked : checked[0]!;
    });
    for (const [element, component] of absent(kinds, elements))
      fault('absent', 'is missing', element, component);
    return segment(tag, ...read);
  });
  const count = countFault(type, segments);
  const asked = askedBy(type, segments[0]);
  return {
    segments,
    faults: [...faults, ...(count ? [count] : []), ...(asked.fault ? [asked.fault] : [])],
    ...(asked.asks && { asks: asked.asks }),
  };
}

function* placesOf(type: DocumentType, body: readonly Segment[]): Generator<Fault> {
  const loops = type.loops ?? {};
  /** The loops that are open, from the outermost. */
  let open: string[] = [];
  if (body[0]?.['tag'] !== type.begins)
    yield { tag: type.begins, position: 2, problem: 'missing', why: `it does not begin with ${type.begins}` };
  for (const [at, one] of body.entries()) {
    const tag = String(one['tag']);
    const fault = (problem: Fault['problem'], what: string): Fault => ({
      tag,
      position: at + 2,
      problem,
      why: `segment ${at + 2}, ${printable(tag)}, ${what}`,
    });
    if (!/^[A-Z][A-Z0-9]{1,2}$/.test(tag)) yield fault('tag', 'is no segment');
    else if (!type.tags.has(tag)) yield fault('unknown', `is none of ${type.type}`);
    else if (tag === type.begins && at > 0) yield fault('place', 'comes twice');
    else {
      const inner = open.findLastIndex((loop) => loops[loop]?.includes(tag));
      if (inner < 0 && !type.segments.includes(tag)) yield fault('place', 'stands where it cannot');
      else open = [...open.slice(0, inner + 1), ...(loops[tag] ? [tag] : [])];
    }
  }
}

/** The elements, and the components, that have to be there and are not. */
function* absent(
  kinds: readonly (readonly string[])[],
  elements: readonly (string | string[])[],
): Generator<[number, number?]> {
  const isThere = (at: number) => [elements[at] ?? ''].flat().some((text) => text !== '');
  for (const [at, components] of kinds.entries()) {
    const first = components[0]!;
    if (first.endsWith('!') && !isThere(at)) yield [at + 1];
    if (first.endsWith('&') && isThere(at) !== isThere(at + 1)) yield [isThere(at) ? at + 2 : at + 1];
    if ((elements[at] ?? '') === '') continue;
    const parts = [elements[at]!].flat();
    for (const [c, kind] of components.entries()) if (kind.endsWith('!') && !parts[c]) yield [at + 1, c + 1];
  }
}

/** Those above 7F are letters of a code page that was taken for Latin 1. */
const control = /(?![\x80-\x9F])\p{Cc}/u;

type Wrong = { problem: Fault['problem']; what: string };

/** Of one component: what it says, with a dot as its decimal mark and without ends of lines. */
function valueOf(text: string, kind: string, standard: 'x12' | 'edifact', mark?: string): string | Wrong {
  // EDIFACT has no ends of lines in its character sets: in a text they are those of the way.
  const given = standard === 'edifact' && kind === 'a' ? text.replaceAll(/[\r\n]+/g, '') : text;
  if (control.test(given)) return { problem: 'character', what: 'holds a control character' };
  if (given === '') return given;
  if (kind === 'r' || kind === 'n') return numberOf(given, kind, standard, mark);
  if (kind === 'd' && !/^(\d{6}|\d{8})$/.test(given)) return { problem: 'date', what: 'is no date' };
  if (kind === 't' && !/^\d{4,8}$/.test(given)) return { problem: 'time', what: 'is no time' };
  if (/^\d$/.test(kind) && given.trimEnd().length > Number(kind))
    return { problem: 'long', what: `has more than ${kind} characters` };
  return given;
}

function numberOf(text: string, kind: 'r' | 'n', standard: 'x12' | 'edifact', mark?: string): string | Wrong {
  const wrong: Wrong = { problem: 'number', what: 'is no number' };
  if (standard === 'x12')
    return (kind === 'n' ? /^-?\d+$/ : /^-?(\d+\.?\d*|\.\d+)$/).test(text) ? text : wrong;
  const [, whole, used, rest] = /^(-?\d*)(?:([.,])(\d*))?$/.exec(text) ?? [];
  if (whole === undefined || !/\d/.test(text)) return wrong;
  // The mark that UNA does not tell: before three digits it may be meant to part thousands.
  if (used && mark && used !== mark && rest?.length === 3)
    return {
      problem: 'number',
      what:
        mark === both
          ? `has ${used}, other numbers have the other mark`
          : `has ${used} where UNA tells ${mark}`,
    };
  return used ? `${whole}.${rest}` : text;
}

const both = 'both';

/** Where UNA tells no decimal mark and numbers have both, neither of them before three digits is plain. */
function bothMarks(type: DocumentType, body: readonly Segment[]): string | undefined {
  if (type.standard !== 'edifact') return undefined;
  const marks = body.flatMap((one) => {
    const { tag, elements } = elementsOf(one);
    return elements.flatMap((value, n) =>
      [value]
        .flat()
        .flatMap((text, c) =>
          type.elements.get(tag)?.[n]?.[c]?.startsWith('r') ? (text.match(/[.,]/g) ?? []) : [],
        ),
    );
  });
  return new Set(marks).size > 1 ? both : undefined;
}

function countFault(type: DocumentType, segments: readonly Segment[]): Fault | undefined {
  const [tag, element] = type.standard === 'x12' ? ['CTT', 'CTT01'] : ['CNT', 'CNT01'];
  const at = segments.findIndex(
    (one) => one['tag'] === tag && (tag === 'CTT' || componentsOf(one, 1)[0] === '2'),
  );
  if (!type.lines || at < 0) return undefined;
  const said = tag === 'CTT' ? textOf(segments[at], 1) : (componentsOf(segments[at], 1)[1] ?? '');
  const lines = segments.filter((one) => one['tag'] === type.lines).length;
  if (/^\d+$/.test(said) && Number(said) === lines) return undefined;
  return {
    tag: tag!,
    position: at + 2,
    problem: 'count',
    element: 1,
    why: `${element} says ${printable(said)} lines, there are ${lines}`,
  };
}

/** By the code of its first segment; one that is not known is not done here. */
function askedBy({ asks }: DocumentType, first: Segment | undefined): { asks?: Asks; fault?: Fault } {
  if (!asks || !first) return {};
  const element = Number(asks.by.slice(-2));
  const code = textOf(first, element);
  const known = asks.codes[code];
  if (known) return { asks: known };
  const why = `${asks.by} is ${printable(code)}, which is not done here`;
  return { fault: { tag: String(first['tag']), position: 2, problem: 'code', element, why } };
}

/** A text that may be anything, short enough for a finding. */
export function printable(text: string): string {
  const shown = text.replaceAll(/[^\x20-\x7E]/g, '?').slice(0, 20);
  return shown || 'nothing';
}

/** A segment's name as an answer can carry it. */
export function tagOf(tag: string): string {
  const clean = tag.replaceAll(/[^A-Z0-9]/g, '').slice(0, 3);
  return clean.length < 2 ? 'ZZZ' : clean;
}
