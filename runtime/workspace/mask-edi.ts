/** Personal data in X12 and EDIFACT: the segments that name people, and where in them. */
import type { Stand } from './mask-stand.ts';
import type { Kind } from './personal.ts';

type Places = Record<string, Record<number, Kind>>;

/** By segment and element, counted as the standard does. */
const x12: Places = {
  N1: { 2: 'name' },
  N2: { 1: 'name', 2: 'name' },
  N3: { 1: 'street', 2: 'street' },
  N4: { 1: 'city', 3: 'postcode' },
  NM1: { 3: 'name', 4: 'name', 5: 'name' },
  PER: { 2: 'name', 4: 'phone', 6: 'phone', 8: 'phone' },
  MSG: { 1: 'note' },
  NTE: { 2: 'note' },
};
const edifact: Places = {
  NAD: { 3: 'name', 4: 'name', 5: 'street', 6: 'city', 8: 'postcode' },
  COM: { 1: 'phone' },
  CTA: { 2: 'name' },
  FTX: { 3: 'note', 4: 'note' },
};

/** Undefined where the text is neither. */
export function maskedEdi(
  text: string,
  found: (path: string, kind: Kind) => boolean,
  stand: Stand,
): string | undefined {
  const isX12 = /^\s*ISA[^A-Za-z0-9\s]/.test(text);
  const service = /^\s*UNA(.)(.).(.).(.)/.exec(text);
  if (!isX12 && !service && !/^\s*UNB\+/.test(text)) return undefined;
  const start = text.trimStart();
  const [element, part, release, end] = isX12
    ? [start[3]!, start[104] ?? ':', '', start[105] ?? '~']
    : [service?.[2] ?? '+', service?.[1] ?? ':', service?.[3] ?? '?', service?.[4] ?? "'"];
  const places = isX12 ? x12 : edifact;
  let count = 0;
  const maskSegment = (segment: string): string => {
    const elements = split(segment, element, release);
    const tag = elements[0]!.trim();
    const own = places[tag];
    if (!own) return segment;
    count += 1;
    return elements
      .map((value, at) => {
        const kind = own[at];
        if (!kind || value === '') return value;
        const exact = kind === 'phone' && /@/.test(value) ? 'email' : kind;
        if (!found(`${tag}/${count}/${at}`, exact)) return value;
        const [first = '', ...rest] = split(value, part, release);
        if (exact === 'phone' || exact === 'postcode' || exact === 'email')
          return [stand(exact, first), ...rest].join(part);
        return [first, ...rest].map((one) => one && stand(exact, one)).join(part);
      })
      .join(element);
  };
  return split(text, end, release).map(maskSegment).join(end);
}

/** What stands behind the release character separates nothing. */
function split(text: string, by: string, release: string): string[] {
  const found = [''];
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]!;
    if (release && char === release) {
      found[found.length - 1] += char + (text[at + 1] ?? '');
      at += 1;
    } else if (char === by) found.push('');
    else found[found.length - 1] += char;
  }
  return found;
}
