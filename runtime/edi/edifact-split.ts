/** The segments of one EDIFACT interchange, as its UNA parts them. ISO 9735. */
import { componentsOf, invalid, mostSegments, segment, type Segment } from './document.ts';

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
  const append = (some: string) => (elements.at(-1)![elements.at(-1)!.length - 1] += some);
  const marks = Object.values(by).filter((mark) => mark !== ' ');
  const next = new RegExp(`[${marks.map((mark) => `\\${mark}`).join('')}]`, 'g');
  let from = 0;
  for (let found = next.exec(text); found; found = next.exec(text)) {
    const [mark] = found;
    append(text.slice(from, found.index));
    from = next.lastIndex;
    if (mark === by.release) {
      append(text[from] ?? '');
      from = next.lastIndex += 1;
    } else if (mark === by.terminator) {
      if (segments.push(segmentOf(elements)) > mostSegments)
        throw invalid(`More than ${mostSegments} segments`);
      elements = [['']];
    } else if (mark === by.element) {
      if (elements.push(['']) > 100) throw invalid('A segment has more than 99 elements');
    } else if (mark === by.component) {
      if (elements.at(-1)!.push('') > 99) throw invalid('An element has more than 99 components');
    } else {
      isRepeated = true;
      append(mark);
    }
  }
  append(text.slice(from));
  // What was cut off is a segment too, so that it is missed nowhere.
  if (elements.length > 1 || !/^[\s\p{Cc}]*$/u.test(elements[0]!.join('')))
    segments.push(segmentOf(elements));
  return { segments, isRepeated };
}

function segmentOf(elements: readonly string[][]): Segment {
  const [tags = [''], ...values] = elements;
  // What stands between a terminator and the next tag are the ends of lines. A tag has no components: with them it is none.
  return segment(
    tags.join(':').replace(/^[\r\n]+/, ''),
    ...values.map((parts) => (parts.length > 1 ? parts : parts[0])),
  );
}
