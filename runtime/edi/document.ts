/** EDI as the flows see it: documents of named segments, whatever the syntax on the line. */
import { CodedError } from '../errors/coded-error.ts';

/** Of one interchange. */
export const mostSegments = 200_000;

export type Standard = 'x12' | 'edifact';

export const asks = ['order', 'replacement', 'cancellation'] as const;

/** What a partner wants of us. */
export type Asks = (typeof asks)[number];

/**
 * The elements by the name they have in every implementation guide, `BEG03` or `DTM01`: text, or a list of texts where
 * the element has components. Elements that are not there are left out. `tag` is the segment's name.
 */
export interface Segment {
  [element: string]: string | string[];
}

export interface Address {
  /** X12: ISA05 or ISA07; EDIFACT: component 2 of UNB02 or UNB03. */
  qualifier?: string;
  id: string;
}

/** A transaction set or message, without its envelope. */
export interface EdiDocument {
  standard: Standard;
  /** `850`, `ORDERS`. */
  type: string;
  /** `004010`; `D:96A:UN:EAN008`. */
  version: string;
  /** Control number of the interchange, and of the document in it. */
  interchange: string;
  control: string;
  /** Of the functional group. Only X12 has one. */
  group?: string;
  test: boolean;
  /** Of a type that says by a code what it is for. */
  asks?: Asks;
  segments: Segment[];
}

export interface Interchange {
  standard: Standard;
  sender: Address;
  receiver: Address;
  control: string;
  test: boolean;
  /** Those in which no error was found. */
  documents: EdiDocument[];
  /** What is wrong with the others: `850 0001: SE01 says 30 segments, there are 33`. */
  findings: string[];
  /** Segments that answer it: of a 997, a TA1 or a CONTRL. Undefined when the interchange itself is such an answer. */
  answer?: Answer;
  /** What answers it where its control number came before with another content. */
  duplicate: Answer;
}

export interface Answer {
  /** `TA1` stands in no document of its own. */
  type: '997' | 'TA1' | 'CONTRL';
  segments: Segment[];
}

/** A segment from its elements in their order; those that are undefined or empty are left out. */
export function segment(tag: string, ...elements: (string | string[] | undefined)[]): Segment {
  const named = elements.map((value, at) => [elementName(tag, at + 1), value] as const);
  return {
    tag,
    ...(Object.fromEntries(named.filter(([, value]) => value !== undefined && value !== '')) as Segment),
  };
}

/** Its elements in their order, with empty text for those left out. Throws EDI_VALUE_INVALID for what is no element. */
export function elementsOf(one: Segment): { tag: string; elements: (string | string[])[] } {
  const { tag: given, ...named } = one;
  const first = Object.keys(named)[0] ?? '';
  const tag = String(given ?? first.slice(0, -2));
  const elements: (string | string[])[] = [];
  for (const [name, value] of Object.entries(named)) {
    const at = Number(name.slice(tag.length));
    const text =
      typeof value === 'string' || (Array.isArray(value) && value.every((part) => typeof part === 'string'));
    if (!name.startsWith(tag) || !/^\d\d$/.test(name.slice(tag.length)) || at === 0 || !text)
      throw new CodedError(
        'EDI_VALUE_INVALID',
        `${name} is no element of ${tag || 'a segment'}, or not text`,
        {
          element: name,
        },
      );
    elements[at - 1] = value;
  }
  return { tag, elements: Array.from(elements, (value) => value ?? '') };
}

export function elementName(tag: string, at: number): string {
  return `${tag}${String(at).padStart(2, '0')}`;
}

/** The text of an element, or of its first component. */
export function textOf(one: Segment | undefined, at: number): string {
  const value = one?.[elementName(String(one['tag']), at)];
  return (Array.isArray(value) ? value[0] : value) ?? '';
}

export function componentsOf(one: Segment | undefined, at: number): string[] {
  return [one?.[elementName(String(one['tag']), at)] ?? []].flat();
}

/** The envelope's error where a test comes and none is taken, or the other way round: its code, and what it means. */
export function testError(
  code: string,
  isTest: boolean,
  expected: boolean | undefined,
): [string, string] | undefined {
  if (expected === undefined || isTest === expected) return undefined;
  return [code, isTest ? 'The interchange is a test' : 'The interchange is no test'];
}

export function invalid(why: string): CodedError {
  return new CodedError('EDI_INVALID', why);
}

/** Those that are there more than once. */
export function duplicates(all: readonly string[]): Set<string> {
  const seen = new Set<string>();
  return new Set(all.filter((one) => seen.size === seen.add(one).size));
}

/** What an answer says of a text that may be damaged. */
export function plain(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9 .-]/g, '').slice(0, 35);
}

/** Decimal digits, and this number. */
export function isNumber(text: string, expected: number | string): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) === Number(expected);
}
