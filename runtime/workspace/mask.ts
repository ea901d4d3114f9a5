/** Takes personal data out of a message: what is left has the same form, and what was equal stays equal. */
import { CodedError } from '../errors/coded-error.ts';
import { exactJson } from '../verify/exact-json.ts';
import { csvPieces } from './mask-csv.ts';
import { maskedEdi } from './mask-edi.ts';
import { formPieces } from './mask-form.ts';
import { standing, type Stand } from './mask-stand.ts';
import { xmlPieces } from './mask-xml.ts';
import { kindOf, type Kind } from './personal.ts';

export interface MaskedField {
  /** `/customer/email`; in EDI the segment and element, `N1/2`. */
  path: string;
  kind: Kind;
}

export interface Masked {
  value: unknown;
  /** What could be masked, in the order of the message; those that were kept too. */
  fields: MaskedField[];
}

/**
 * `seed` is nobody's to guess: without it a masked postcode cannot be counted back. `keep`: paths that are left alone.
 * Throws CodedError REQUEST_INVALID for a text in which nobody can tell what is about a person.
 */
export function mask(message: unknown, seed: string, keep: ReadonlySet<string> = new Set()): Masked {
  const fields: MaskedField[] = [];
  const stands = new Map<string, string>();
  const work: Work = {
    stands,
    stand: standing(seed, stands),
    found: (path, kind) => {
      fields.push({ path, kind });
      return !keep.has(path);
    },
  };
  if (typeof message === 'string') return { value: maskedText(message, work), fields };
  const value = walk(message, [], '', own(work), (name) => shaped(name, work));
  const kept = new Set(fields.filter(({ path }) => keep.has(path)).map(({ path }) => path));
  const again = (path: string, one: string): string => (kept.has(path) ? one : named(path, one, work));
  return {
    value: walk(
      value,
      [],
      '',
      (_names, path, one) => (typeof one === 'number' ? one : again(path, one)),
      (name) => withStands(name, stands),
    ),
    fields,
  };
}

interface Work {
  stands: ReadonlyMap<string, string>;
  stand: Stand;
  found(path: string, kind: Kind): boolean;
}

type Leaf = (names: string[], path: string, value: string | number) => string | number;

/** What a value is by its own name and form. */
function own({ found, stand }: Work): Leaf {
  return (names, path, one) => {
    const kind = one === '' ? undefined : kindOf(names, one);
    if (!kind || !found(path, kind)) return one;
    const made = stand(kind, String(one));
    return typeof one === 'number' ? Number(made) : made;
  };
}

/** A text that names what was masked at its own field. */
function named(path: string, one: string, { stands, stand, found }: Work): string {
  const made = elsewhere(one, stands, stand);
  return made !== one && found(path, 'text') ? made : one;
}

/** A key that is an address or a number of a person. */
function shaped(name: string, { stand }: Work): string {
  const kind = kindOf([], name);
  return kind ? stand(kind, name) : name;
}

function maskedText(text: string, work: Work): string {
  const edi = maskedEdi(text, work.found, work.stand);
  if (edi !== undefined) return withStands(edi, work.stands);
  const pieces = formPieces(text) ?? xmlPieces(text) ?? csvPieces(text);
  if (!pieces)
    throw new CodedError(
      'REQUEST_INVALID',
      'This body is no JSON, EDI, form, XML or CSV with the names of its columns: what is about a person cannot be found in it, so it is not kept',
    );
  const leaf = own(work);
  const first = pieces.all.map(({ names, label, path, value }) => {
    const inside = nested(value, (whole) => walk(whole, names, path, leaf, (name) => shaped(name, work)));
    if (inside !== undefined) return inside;
    const isOwn = kindOf(names, value) !== undefined || label === undefined;
    return String(leaf(isOwn ? names : [...names, label], path, value));
  });
  return pieces.render(first.map((value, at) => named(pieces.all[at]!.path, value, work)));
}

function walk(
  value: unknown,
  names: string[],
  path: string,
  leaf: Leaf,
  key: (name: string) => string,
): unknown {
  if (typeof value === 'string')
    return nested(value, (inside) => walk(inside, names, path, leaf, key)) ?? leaf(names, path, value);
  if (typeof value === 'number') return leaf(names, path, value);
  if (Array.isArray(value)) return value.map((one, at) => walk(one, names, `${path}/${at}`, leaf, key));
  if (typeof value !== 'object' || value === null) return value;
  const held = value as Record<string, unknown>;
  // `{key: "_billing_phone", value: "…"}` names its value in another field.
  const label = [held['key'], held['name'], held['label']].find((one) => typeof one === 'string');
  return Object.fromEntries(
    Object.entries(held).map(([name, one]) => {
      const called =
        (name === 'value' || name === 'text') && typeof label === 'string'
          ? label.replace(/^_?(billing|shipping)_/, '')
          : name;
      const made = key(name);
      const escaped = made.replaceAll('~', '~0').replaceAll('/', '~1');
      return [made, walk(one, [...names, called], `${path}/${escaped}`, leaf, key)];
    }),
  );
}

/** JSON inside of a text, masked as such. */
function nested(text: string, masked: (inside: object) => unknown): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  let inside: unknown;
  try {
    inside = exactJson(text);
  } catch {
    return undefined;
  }
  const before = JSON.stringify(inside);
  const after = JSON.stringify(masked(inside as object));
  return after === before ? text : after;
}

/** Also as an address writes it: `robin%40example.com`. */
const address = /(?<![^\s@<>"'(),;:/=&?])[^\s@<>"'(),;:/=&?]+(?:@|%40)[^\s@<>"'(),;:/=&?%]+\.[a-z]{2,}/gi;
/** Shorter ones stand in other words by chance. */
const tellingLength = 5;

/** What was masked at its own field, in another one; and an address in a longer text. */
function elsewhere(text: string, stands: ReadonlyMap<string, string>, stand: Stand): string {
  const made = new Set(stands.values());
  if (made.has(text)) return text;
  const whole = stands.get(text);
  if (whole !== undefined && text.length >= tellingLength) return whole;
  const result = text.replaceAll(address, (one) => {
    if (made.has(one)) return one;
    if (one.includes('@')) return stand('email', one);
    const plain = one.replaceAll(/%40/g, '@').replaceAll(/%2b/gi, '+');
    return made.has(plain) ? one : stand('email', plain).replace('@', '%40');
  });
  return withStands(result, stands);
}

/** A short name counts as a word of its own only. */
function withStands(text: string, stands: ReadonlyMap<string, string>): string {
  let result = text;
  for (const [from, to] of stands)
    if (from.length >= tellingLength && /\D/.test(from)) result = result.replaceAll(from, () => to);
    else if (/^\p{Lu}\p{Ll}{2,}$/u.test(from) && result.includes(from))
      result = result.replaceAll(
        new RegExp(`(?<![\\p{L}\\p{N}_-])${from}(?![\\p{L}\\p{N}_-])`, 'gu'),
        () => to,
      );
  return result;
}
