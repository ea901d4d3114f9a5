/** The segments of one EDIFACT interchange, as its UNA parts them. ISO 9735. */
import { componentsOf, invalid, segment, type Segment } from './document.ts';

interface Service {
  component: string;
  element: string;
  release: string;
  terminator: string;
  /** Syntax 4 parts repeated elements by it; a blank is none. */
  repeat: string;
}

export interface EdifactText {
  /** The decimal mark, where UNA tells one. */
  mark: string | undefined;
  segments: Segment[];
  /** What the sender's syntax has and we do not take. */
  error: string | undefined;
}

/** Throws EDI_INVALID where the characters of UNA part nothing. */
export function splitEdifact(text: string): EdifactText {
  const una = /^UNA([^]{6})/.exec(text)?.[1];
  const [component, element, mark, release, repeat, terminator] = [...(una ?? ":+.? '")] as [
    string, string, string, string, string, string,
  ]; // prettier-ignore
  const service = { component, element, release, terminator, repeat };
  const used = [component, element, terminator, ...[release, repeat].filter((one) => one !== ' ')];
  if (used.some((one) => /[A-Za-z0-9\s]/.test(one)) || new Set(used).size < used.length)
    throw invalid('The characters of UNA do not part segments, elements and components');
  if (una && !/[.,]/.test(mark)) throw invalid('The decimal mark of UNA is neither a dot nor a comma');
  const { segments, isRepeated } = piecesOf(una ? text.slice(9) : text, service);
  // Before syntax 4 the fifth character of UNA means nothing.
  const isRepeating = isRepeated && componentsOf(segments[0], 1)[1] === '4';
  return { mark: una && mark, segments, error: isRepeating ? 'An element is repeated' : undefined };
}

function piecesOf(text: string, by: Service): { segments: Segment[]; isRepeated: boolean } {
  const segments: Segment[] = [];
  let isRepeated = false;
  let elements: string[][] = [['']];
  const append = (char: string) => (elements.at(-1)![elements.at(-1)!.length - 1] += char);
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]!;
    if (char === by.release && char !== ' ') {
      at += 1;
      append(text[at] ?? '');
    } else if (char === by.terminator) {
      segments.push(segmentOf(elements));
      elements = [['']];
    } else if (char === by.element) elements.push(['']);
    else if (char === by.component) elements.at(-1)!.push('');
    else {
      isRepeated ||= char === by.repeat && char !== ' ';
      append(char);
    }
  }
  // What was cut off is a segment too, so that it is missed nowhere.
  if (elements.length > 1 || !/^[\s\p{Cc}]*$/u.test(elements[0]!.join('')))
    segments.push(segmentOf(elements));
  return { segments, isRepeated };
}

function segmentOf(elements: readonly string[][]): Segment {
  const [tags = [''], ...values] = elements;
  if (values.length > 99) throw invalid('A segment has more than 99 elements');
  // What stands between a terminator and the next tag are the ends of lines. A tag has no components: with them it is none.
  return segment(
    tags.join(':').replace(/^[\r\n]+/, ''),
    ...values.map((parts) => (parts.length > 1 ? parts : parts[0])),
  );
}
