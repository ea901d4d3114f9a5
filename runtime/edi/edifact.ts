/** UN/EDIFACT interchanges: read with every envelope and segment checked and answered by CONTRL, and written. ISO 9735-1, syntax 3; CONTRL D:3:UN. */
import { CodedError } from '../errors/coded-error.ts';
import { checkDocument, printable, problems, tagOf, type Fault } from './check-document.ts';
import {
  componentsOf,
  duplicates,
  elementsOf,
  invalid,
  isNumber,
  plain,
  segment,
  testError,
  textOf,
  type Answer,
  type EdiDocument,
  type Interchange,
  type Segment,
} from './document.ts';
import { splitEdifact } from './edifact-split.ts';
import type { Taken, Takes } from './takes.ts';
import type { X12Out } from './x12.ts';

/** Throws EDI_INVALID for a text that is no interchange. `takes` as for X12. */
export function readEdifact(text: string, takes: Takes | Taken): Interchange {
  const { mark, segments, error } = splitEdifact(text);
  const [unb] = segments;
  if (unb?.['tag'] !== 'UNB') throw invalid('An EDIFACT interchange begins with UNB');
  const uci = (action: string, code?: string, at?: string) =>
    segment('UCI', textOf(unb, 5), componentsOf(unb, 2), componentsOf(unb, 3), action, code, at);
  const refusal = (code: string, at: string): Answer => ({
    type: 'CONTRL',
    segments: [uci('4', code, at)],
  });
  const head = {
    standard: 'edifact' as const,
    sender: addressOf(unb, 2),
    receiver: addressOf(unb, 3),
    control: textOf(unb, 5),
    test: textOf(unb, 11) === '1',
    duplicate: refusal('26', 'UNB'),
  };
  if (!/^[ -~]{1,35}$/.test(head.control)) throw invalid('UNB05 is no control reference');
  const taken = typeof takes === 'function' ? takes(head) : takes;
  const { messages, stray } = messagesOf(segments);
  const isAnswer = messages.length > 0 && messages.every(({ unh }) => typeOf(unh) === 'CONTRL');
  const envelope: Wrong | undefined =
    (error ? ['21', error, 'UNB'] : undefined) ??
    unbError(unb) ??
    envelopeError(segments, messages.length, stray) ??
    (testError('25', head.test, isAnswer ? undefined : taken.test)?.concat('UNB') as Wrong | undefined);
  if (envelope) {
    const [code, finding, at] = envelope;
    return {
      ...head,
      documents: [],
      findings: [finding],
      ...(!isAnswer && { answer: refusal(code, at) }),
    };
  }
  const twice = duplicates(messages.map(({ unh }) => textOf(unh, 1)));
  const checked = messages.map((message) => checkMessage(message, { ...head, mark, twice }, taken));
  const answer = [
    uci('8'),
    ...checked.flatMap(({ document, error: wrong, faults }) => [
      segment(
        'UCM',
        plain(document.control),
        [document.type, ...document.version.split(':')].map(plain),
        wrong ? '4' : '7',
        wrong?.[0],
      ),
      ...faultsOf(faults),
    ]),
  ];
  return {
    ...head,
    documents: checked.filter(({ error: wrong }) => !wrong).map(({ document }) => document),
    findings: checked.flatMap(({ document, error: wrong }) =>
      wrong ? [`${printable(document.type)} ${printable(document.control)}: ${wrong[1]}`] : [],
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

function addressOf(unb: Segment, at: number) {
  const [id = '', qualifier] = componentsOf(unb, at);
  return { id, ...(qualifier && { qualifier }) };
}

interface Message {
  unh: Segment;
  unt?: Segment;
  body: Segment[];
}

function typeOf(unh: Segment): string {
  return componentsOf(unh, 2)[0] ?? '';
}

/** `stray`: segments that stand in no message. */
function messagesOf(segments: readonly Segment[]): { messages: Message[]; stray: string[] } {
  const [messages, stray]: [Message[], string[]] = [[], []];
  let open: Message | undefined;
  for (const [at, one] of segments.entries()) {
    const tag = String(one['tag']);
    if (at === 0 || (tag === 'UNZ' && at === segments.length - 1)) continue;
    if (tag === 'UNH') messages.push((open = { unh: one, body: [] }));
    else if (tag === 'UNT' && open) open = void (open.unt = one);
    else if (open) open.body.push(one);
    else stray.push(tag);
  }
  return { messages, stray };
}

/** Of UCI: the error of code list 0085, what it means here, and the segment it is in. */
type Wrong = [string, string, string];

function unbError(unb: Segment): Wrong | undefined {
  const [syntax = '', version = ''] = componentsOf(unb, 1);
  if (!/^UNO[A-Z]$/.test(syntax) || !/^[1-4]$/.test(version))
    return ['2', `UNB01 is ${printable(`${syntax}:${version}`)}`, 'UNB'];
  const [date = '', time = ''] = componentsOf(unb, 4);
  if (!/^(\d{6}|\d{8})$/.test(date) || !/^\d{4}$/.test(time)) return ['12', 'UNB04 is no time', 'UNB'];
  if (!/^1?$/.test(textOf(unb, 11))) return ['12', 'UNB11 is not 1', 'UNB'];
  return undefined;
}

function envelopeError(
  segments: readonly Segment[],
  messages: number,
  stray: readonly string[],
): Wrong | undefined {
  const last = segments.at(-1);
  if (last?.['tag'] !== 'UNZ') return ['13', 'The interchange has no end, UNZ', 'UNZ'];
  if (textOf(last, 2) !== textOf(segments[0], 5))
    return ['28', `UNZ02 is ${printable(textOf(last, 2))}, UNB05 is ${textOf(segments[0], 5)}`, 'UNZ'];
  if (stray.includes('UNG')) return ['15', 'Functional groups of EDIFACT are not taken', 'UNG'];
  if (!isNumber(textOf(last, 1), messages))
    return ['29', `UNZ01 says ${printable(textOf(last, 1))} messages, there are ${messages}`, 'UNZ'];
  if (stray.length > 0) return ['33', `${printable(stray[0]!)} stands in no message`, tagOf(stray[0]!)];
  if (messages === 0) return ['32', 'The interchange holds nothing', 'UNZ'];
  return undefined;
}

function checkMessage(
  { unh, unt, body }: Message,
  of: Pick<Interchange, 'control' | 'test'> & { mark: string | undefined; twice: ReadonlySet<string> },
  { types, known }: Takes,
): { document: EdiDocument; error: [string, string] | undefined; faults: Fault[] } {
  const [type = '', ...version] = componentsOf(unh, 2);
  const control = textOf(unh, 1);
  const document: EdiDocument = {
    standard: 'edifact', type, version: version.join(':'), interchange: of.control, control, test: of.test, segments: body,
  }; // prettier-ignore
  const described = known?.get('edifact', type);
  const error = ((): [string, string] | undefined => {
    if (!unt) return ['13', 'it has no end, UNT'];
    if (textOf(unt, 2) !== control) return ['28', `UNT02 is ${printable(textOf(unt, 2))}`];
    if (!isNumber(textOf(unt, 1), body.length + 2))
      return ['29', `UNT01 says ${printable(textOf(unt, 1))} segments, there are ${body.length + 2}`];
    if (!/^[A-Za-z0-9 .-]{1,14}$/.test(control)) return ['12', 'UNH01 is no reference'];
    if (!/^[A-Z0-9]{1,3}:[A-Z0-9]{1,3}:[A-Z]{1,3}(:[A-Z0-9]{0,6}){0,3}$/.test(document.version))
      return ['12', 'UNH02 tells no version'];
    if (of.twice.has(control)) return ['26', 'another message of the interchange has the same reference'];
    return types.includes(type) && (described || !known) ? undefined : ['12', 'it is not taken here'];
  })();
  if (error || !described) return { document, error, faults: [] };
  const { segments, faults, asks } = checkDocument(described, body, of.mark);
  return {
    document: { ...document, ...(asks && { asks }), segments },
    error: faults[0] && [problems[faults[0].problem].edifact, faults.map(({ why }) => why).join(', ')],
    faults,
  };
}

/** One UCS for a segment, one UCD for each of its elements. As many as help to find what is wrong. */
function faultsOf(faults: readonly Fault[]): Segment[] {
  const shown = faults.slice(0, 20).toSorted((one, other) => one.position - other.position);
  return shown.flatMap(({ position, problem, element, component }, at) => {
    const code = problems[problem].edifact;
    const place = [String((element ?? 0) + 1), ...(component ? [String(component)] : [])];
    const isSame = element !== undefined && shown[at - 1]?.position === position;
    return [
      ...(isSame ? [] : [segment('UCS', String(position), element ? undefined : code)]),
      ...(element ? [segment('UCD', code, place)] : []),
    ];
  });
}
