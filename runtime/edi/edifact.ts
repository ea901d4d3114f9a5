/** UN/EDIFACT interchanges: read with every envelope checked and answered by CONTRL, and written. ISO 9735-1, syntax 3; CONTRL D:3:UN. */
import Parser from 'edifact/parser.js';
import { CodedError } from '../errors/coded-error.ts';
import {
  componentsOf,
  elementsOf,
  invalid,
  segment,
  testError,
  textOf,
  type EdiDocument,
  type Interchange,
  type Segment,
  type Taken,
  type Takes,
} from './document.ts';
import type { X12Out } from './x12.ts';

/** Throws EDI_INVALID for a text that is no single interchange. `takes` as for X12. */
export function readEdifact(text: string, takes: Takes | Taken): Interchange {
  const segments = segmentsOf(text);
  const [unb] = segments;
  if (unb?.['tag'] !== 'UNB') throw invalid('An EDIFACT interchange begins with UNB');
  if (segments.slice(1).some(({ tag }) => tag === 'UNB')) throw invalid('There is more than one interchange');
  if (segments.some(({ tag }) => tag === 'UNG')) throw invalid('Functional groups of EDIFACT are not taken');
  const head = {
    standard: 'edifact' as const,
    sender: addressOf(unb, 2),
    receiver: addressOf(unb, 3),
    control: textOf(unb, 5),
    test: textOf(unb, 11) === '1',
  };
  if (!head.control) throw invalid('UNB05 is no control reference');
  const { types, test } = typeof takes === 'function' ? takes(head) : takes;
  const messages = messagesOf(segments);
  const isAnswer = messages.every(({ unh }) => componentsOf(unh, 2)[0] === 'CONTRL');
  const uci = (action: string, error?: string, at?: string) =>
    segment('UCI', head.control, componentsOf(unb, 2), componentsOf(unb, 3), action, error, at);
  const atEnd = envelopeError(segments, messages.length);
  const envelope = atEnd ?? testError('25', head.test, isAnswer ? undefined : test);
  if (envelope) {
    const [code, finding] = envelope;
    return {
      ...head,
      documents: [],
      findings: [finding],
      answer: { type: 'CONTRL', segments: [uci('4', code, atEnd ? 'UNZ' : 'UNB')] },
    };
  }
  const checked = messages.map((message) => checkMessage(message, head, types));
  const answer = [
    uci('8'),
    ...checked.map(({ document, error }) =>
      segment(
        'UCM',
        document.control,
        [document.type, ...document.version.split(':')],
        error ? '4' : '7',
        error?.[0],
      ),
    ),
  ];
  return {
    ...head,
    documents: checked.filter(({ error }) => !error).map(({ document }) => document),
    findings: checked.flatMap(({ document, error }) =>
      error ? [`${document.type} ${document.control}: ${error[1]}`] : [],
    ),
    ...(!isAnswer && { answer: { type: 'CONTRL' as const, segments: answer } }),
  };
}

/** One interchange with one message; `version` is `D:96A:UN:EAN008`. Throws EDI_VALUE_INVALID for a value that is no text. */
export function writeEdifact(type: string, body: readonly Segment[], out: X12Out): string {
  const date = out.time.toISOString().slice(2, 10).replaceAll('-', '');
  const clock = out.time.toISOString().slice(11, 16).replace(':', '');
  const number = String(out.number);
  const address = ({ id, qualifier }: X12Out['ours']) => (qualifier ? [id, qualifier] : id);
  const unb = segment('UNB', ['UNOC', '3'], address(out.ours), address(out.theirs), [date, clock], number);
  if (out.test) unb['UNB11'] = '1';
  const whole = [
    unb,
    segment('UNH', '1', [type, ...(type === 'CONTRL' ? ['D', '3', 'UN'] : out.version.split(':'))]),
    ...body,
    segment('UNT', String(body.length + 2), '1'),
    segment('UNZ', '1', number),
  ];
  return `UNA:+.? '${whole.map(line).join('')}`;
}

/** What a CONTRL says of what was sent, by the control reference of its interchange. */
export function edifactVerdict({ segments }: Pick<EdiDocument, 'segments'>): {
  number: string;
  accepted: boolean;
  codes: string[];
} {
  const uci = segments.find((one) => one['tag'] === 'UCI');
  const messages = segments.filter((one) => one['tag'] === 'UCM');
  const refused = [textOf(uci, 4), ...messages.map((one) => textOf(one, 3))].includes('4');
  const codes = [textOf(uci, 5), ...messages.map((one) => textOf(one, 4))];
  return { number: textOf(uci, 1), accepted: !refused, codes: [...new Set(codes.filter(Boolean))] };
}

function line(one: Segment): string {
  const { tag, elements } = elementsOf(one);
  const escaped = (text: string): string => {
    if (/[\r\n]/.test(text))
      throw new CodedError('EDI_VALUE_INVALID', `${tag} holds the end of a line`, { element: tag });
    return text.replaceAll(/[?+:']/g, '?$&');
  };
  const texts = elements.map((value) =>
    [value]
      .flat()
      .map(escaped)
      .join(':')
      .replace(/(?<!\?):+$/, ''),
  );
  return `${[tag, ...texts].join('+').replace(/(?<!\?)[+]+$/, '')}'`;
}

function segmentsOf(text: string): Segment[] {
  const read: { name: string; elements: string[][] }[] = [];
  const parser = new Parser();
  parser.onopensegment = (name) => read.push({ name, elements: [] });
  parser.onelement = () => read.at(-1)!.elements.push([]);
  parser.oncomponent = (value) => read.at(-1)!.elements.at(-1)!.push(value);
  try {
    // Senders say UNOA and write small letters and umlauts all the same.
    parser.encoding('UNOY');
    parser.write(text.trim());
    parser.end();
  } catch {
    // Its message may quote the text.
    throw invalid('The text does not follow the syntax of EDIFACT');
  }
  return read.map(({ name, elements }) =>
    segment(name, ...elements.map((parts) => (parts.length > 1 ? parts : parts[0]))),
  );
}

function addressOf(unb: Segment, at: number) {
  const [id = '', qualifier] = componentsOf(unb, at);
  return { id, ...(qualifier && { qualifier }) };
}

interface Message {
  unh: Segment;
  unt?: Segment;
  body: Segment[];
}

function messagesOf(segments: readonly Segment[]): Message[] {
  const messages: Message[] = [];
  let open: Message | undefined;
  for (const one of segments) {
    if (one['tag'] === 'UNH') messages.push((open = { unh: one, body: [] }));
    else if (one['tag'] === 'UNT' && open) open = void (open.unt = one);
    else if (open && one['tag'] !== 'UNZ') open.body.push(one);
  }
  return messages;
}

/** Of UCI: the error of code list 0085, and what it means here. */
function envelopeError(segments: readonly Segment[], messages: number): [string, string] | undefined {
  const last = segments.at(-1);
  if (last?.['tag'] !== 'UNZ') return ['13', 'The interchange has no end, UNZ'];
  if (textOf(last, 2) !== textOf(segments[0], 5))
    return ['28', `UNZ02 is ${textOf(last, 2)}, UNB05 is ${textOf(segments[0], 5)}`];
  if (Number(textOf(last, 1)) !== messages)
    return ['29', `UNZ01 says ${textOf(last, 1)} messages, there are ${messages}`];
  return undefined;
}

function checkMessage(
  { unh, unt, body }: Message,
  { control: interchange, test }: Pick<Interchange, 'control' | 'test'>,
  supported: readonly string[],
): { document: EdiDocument; error: [string, string] | undefined } {
  const [type = '', ...version] = componentsOf(unh, 2);
  const control = textOf(unh, 1);
  const document: EdiDocument = {
    standard: 'edifact', type, version: version.join(':'), interchange, control, test, segments: body,
  }; // prettier-ignore
  const error = (): [string, string] | undefined => {
    if (!unt) return ['13', 'it has no end, UNT'];
    if (textOf(unt, 2) !== control) return ['28', `UNT02 is ${textOf(unt, 2)}`];
    if (Number(textOf(unt, 1)) !== body.length + 2)
      return ['29', `UNT01 says ${textOf(unt, 1)} segments, there are ${body.length + 2}`];
    return supported.includes(type) ? undefined : ['12', 'it is not taken here'];
  };
  return { document, error: error() };
}
