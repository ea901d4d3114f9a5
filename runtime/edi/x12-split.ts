/** The segments of one X12 interchange, as its ISA parts them. ASC X12.5, X12.6. */
import { invalid, mostSegments, segment, textOf, type Segment } from './document.ts';

export interface X12Text {
  isa: Segment;
  /** All after ISA. */
  segments: Segment[];
  /** What is wrong with the separators: the note code of TA1, and what it means. */
  error: [string, string] | undefined;
}

/** Of ISA01 to ISA15; ISA16 is the separator behind the last of them. */
const lengths = [2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 0];

/** Throws EDI_INVALID where there is no whole ISA. */
export function splitX12(text: string): X12Text {
  const element = text[3] ?? '';
  const values = text.slice(4, 104).split(element);
  const terminator = text[105];
  const isWhole =
    /^ISA[^A-Za-z0-9\s]/.test(text) &&
    values.length === 16 &&
    lengths.every((length, at) => values[at]!.length === length);
  if (!isWhole || !terminator) throw invalid('An X12 interchange begins with a whole ISA');
  const [component, repeat] = [text[104]!, repetitionOf(text)];
  const error = separatorError({ element, component, terminator, repeat });
  const isa = segment('ISA', ...values.map((value) => value.trimEnd()));
  if (error) return { isa, segments: [], error };
  const segments = text
    .slice(106)
    .split(terminator, mostSegments + 1)
    .map((one) => one.replace(/^[\r\n]+/, ''));
  if (segments.length > mostSegments) throw invalid(`More than ${mostSegments} segments`);
  // After the last terminator, and between those that end a line, there is nothing.
  const isNothing = (one: string, at: number) =>
    one === '' ? /\s/.test(terminator) || at === segments.length - 1 : /^[\s\p{Cc}]+$/u.test(one);
  return {
    isa,
    segments: segments
      .filter((one, at) => !isNothing(one, at))
      .map((one) => {
        const [tag = '', ...elements] = one.split(element);
        if (elements.length > 99) throw invalid('A segment has more than 99 elements');
        return segment(
          tag,
          ...elements.map((value) => (value.includes(component) ? value.split(component) : value)),
        );
      }),
    error: repeat && text.slice(106).includes(repeat) ? ['024', 'An element is repeated'] : undefined,
  };
}

/** Versions before 00402 have none, nor has who goes on to say there which standard it is. */
function repetitionOf(text: string): string | undefined {
  return Number(text.slice(84, 89)) >= 402 && /[^A-Za-z0-9]/.test(text[82]!) ? text[82] : undefined;
}

function separatorError(of: {
  element: string;
  component: string;
  terminator: string;
  repeat: string | undefined;
}): [string, string] | undefined {
  const { element, component, terminator, repeat } = of;
  if (/[A-Za-z0-9 ]/.test(terminator) || terminator === element)
    return ['004', 'What follows ISA16 ends no segment'];
  if (/[A-Za-z0-9\s]/.test(component) || [element, terminator].includes(component))
    return ['027', 'ISA16 is no separator of components'];
  if (repeat && (/\s/.test(repeat) || [element, component, terminator].includes(repeat)))
    return ['024', 'ISA11 is no separator of repetitions'];
  return undefined;
}

/** What is wrong with the values of ISA: the note code of TA1, and what it means. */
export function isaError(isa: Segment): [string, string] | undefined {
  const tells = (at: number, form: RegExp) => form.test(textOf(isa, at));
  if (!tells(9, /^\d{6}$/)) return ['014', 'ISA09 is no date'];
  if (!tells(10, /^\d{4}$/)) return ['015', 'ISA10 is no time'];
  if (!tells(12, /^\d{5}$/)) return ['017', 'ISA12 is no version'];
  if (!tells(14, /^[01]$/)) return ['019', 'ISA14 is neither 0 nor 1'];
  if (!tells(15, /^[TP]$/)) return ['020', 'ISA15 is neither P nor T'];
  return undefined;
}
