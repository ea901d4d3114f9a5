/** X12 interchanges: read with every envelope and segment checked and answered by 997 or TA1, and written. 997 of 004010. */
import { CodedError } from '../errors/coded-error.ts';
import { checkDocument, printable, problems, tagOf, type Fault } from './check-document.ts';
import {
  duplicates,
  elementsOf,
  invalid,
  isNumber,
  plain,
  segment,
  testError,
  textOf,
  type Address,
  type Answer,
  type Asks,
  type EdiDocument,
  type Interchange,
  type Segment,
} from './document.ts';
import type { Taken, Takes } from './takes.ts';
import { isaError, splitX12 } from './x12-split.ts';

/** GS01 of the types that are read or written. */
const groupOf: Record<string, string> = {
  '810': 'IN',
  '846': 'IB',
  '850': 'PO',
  '855': 'PR',
  '856': 'SH',
  '860': 'PC',
  '865': 'CA',
  '940': 'OW',
  '943': 'AR',
  '944': 'RE',
  '945': 'SW',
  '997': 'FA',
};

const separators = { element: '*', component: '>', segment: '~' };
const control = /[*>~\r\n]/;

/** A code of the answer, and what it means here. */
type Wrong = [string, string];

/**
 * Throws EDI_INVALID for a text that is no interchange. `takes`: the types of transaction sets that are taken; others
 * are answered as rejected, and so is a test where none is expected.
 */
export function readX12(text: string, takes: Takes | Taken): Interchange {
  const { isa, segments, error } = splitX12(text);
  const ta1 = (code: string): Answer => ({
    type: 'TA1',
    segments: [segment('TA1', textOf(isa, 13), plain(textOf(isa, 9)), plain(textOf(isa, 10)), 'R', code)],
  });
  const head = {
    standard: 'x12' as const,
    sender: { qualifier: textOf(isa, 5), id: textOf(isa, 6) },
    receiver: { qualifier: textOf(isa, 7), id: textOf(isa, 8) },
    control: textOf(isa, 13),
    test: textOf(isa, 15) === 'T',
    duplicate: ta1('025'),
  };
  if (!/^\d{1,9}$/.test(head.control)) throw invalid('ISA13 is no control number');
  const taken = typeof takes === 'function' ? takes(head) : takes;
  const parts = partsOf(segments);
  const { groups, ta1s } = parts;
  const isAnswer = groups.every(isOfAnswers);
  const envelope =
    error ??
    isaError(isa) ??
    envelopeError(isa, parts) ??
    testError('020', head.test, isAnswer ? undefined : taken.test);
  if (envelope) {
    const [code, finding] = envelope;
    const refused = { ...head, documents: [], findings: [finding] };
    // Two that answer each other's TA1 would do so for ever.
    return ta1s.length > 0 && groups.length === 0 ? refused : { ...refused, answer: ta1(code) };
  }
  const twice = duplicates(groups.map(({ gs }) => textOf(gs, 6)));
  const read = groups.map((group) => readGroup(group, twice, head, taken));
  // An answer is not answered.
  const answers = read.filter((one) => !one.isAnswer).flatMap(({ answer }) => answer);
  return {
    ...head,
    documents: [
      ...ta1s.map((ta1) => acknowledgement(ta1, head)),
      ...read.flatMap(({ documents }) => documents),
    ],
    findings: read.flatMap(({ findings }) => findings),
    ...(answers.length > 0 && { answer: { type: '997', segments: answers } satisfies Answer }),
  };
}

/** A TA1 stands in no transaction set. */
function acknowledgement(
  ta1: Segment,
  { control: interchange, test }: Pick<Interchange, 'control' | 'test'>,
): EdiDocument {
  return {
    standard: 'x12',
    type: 'TA1',
    version: '',
    interchange,
    control: `TA1-${textOf(ta1, 1)}`,
    test,
    segments: [ta1],
  };
}

export interface X12Out {
  ours: Address;
  theirs: Address;
  version: string;
  test: boolean;
  /** 1 to 999,999,999: of interchange and group. */
  number: number;
  time: Date;
}

/** One interchange with one document, or with a TA1. Throws EDI_VALUE_INVALID for a value X12 cannot carry. */
export function writeX12(type: string, body: readonly Segment[], out: X12Out): string {
  const [date, clock] = [
    out.time.toISOString().slice(0, 10).replaceAll('-', ''),
    out.time.toISOString().slice(11, 16).replace(':', ''),
  ];
  const number = String(out.number).padStart(9, '0');
  const isa = [
    'ISA', '00', ' '.repeat(10), '00', ' '.repeat(10),
    out.ours.qualifier ?? 'ZZ', out.ours.id.padEnd(15), out.theirs.qualifier ?? 'ZZ', out.theirs.id.padEnd(15),
    date.slice(2), clock, 'U', '00401', number, '0', out.test ? 'T' : 'P', separators.component,
  ].join(separators.element); // prettier-ignore
  const end = `IEA*${type === 'TA1' ? 0 : 1}*${number}`;
  const lines = body.map(line);
  if (type === 'TA1') return [isa, ...lines, end, ''].join(separators.segment);
  const group = groupOf[type];
  if (!group) throw new CodedError('EDI_VALUE_INVALID', `${type} is not written`, { type });
  return [
    isa,
    `GS*${group}*${out.ours.id}*${out.theirs.id}*${date}*${clock}*${out.number}*X*${out.version}`,
    `ST*${type}*0001`,
    ...lines,
    `SE*${lines.length + 2}*0001`,
    `GE*1*${out.number}`,
    end,
    '',
  ].join(separators.segment);
}

/** What a 997 or TA1 says of what was sent: by the control number of its group (997) or interchange (TA1). */
export function x12Verdict(document: Pick<EdiDocument, 'segments'>): {
  number: string;
  accepted: boolean;
  codes: string[];
} {
  const { segments } = document;
  const ta1 = segments.find((one) => one['tag'] === 'TA1');
  if (ta1) {
    const code = textOf(ta1, 5);
    const codes = Number(code) > 0 ? [code] : [];
    return { number: String(Number(textOf(ta1, 1))), accepted: ['A', 'E'].includes(textOf(ta1, 4)), codes };
  }
  const of = (tag: string) => segments.filter((one) => one['tag'] === tag);
  const status = textOf(of('AK9')[0], 1);
  const codes = [
    ...of('AK9').flatMap((one) => [5, 6, 7, 8, 9].map((at) => textOf(one, at))),
    ...of('AK5').flatMap((one) => [2, 3, 4, 5, 6].map((at) => textOf(one, at))),
  ];
  return {
    number: textOf(of('AK1')[0], 2),
    accepted: status === 'A' || status === 'E',
    codes: [...new Set(codes.filter(Boolean))],
  };
}

function line(one: Segment): string {
  const { tag, elements } = elementsOf(one);
  const texts = elements.map((value, at) => {
    const parts = [value].flat();
    if (parts.some((part) => control.test(part)))
      throw new CodedError(
        'EDI_VALUE_INVALID',
        `${tag}${String(at + 1).padStart(2, '0')} holds a separator of X12`,
        {
          element: `${tag}${String(at + 1).padStart(2, '0')}`,
        },
      );
    return parts.join(separators.component);
  });
  return [tag, ...texts].join(separators.element).replace(/[*]+$/, '');
}

interface Group {
  gs: Segment;
  ge?: Segment;
  sets: { st: Segment; se?: Segment; body: Segment[] }[];
  /** Segments that stand in no transaction set. */
  stray: string[];
}

interface Parts {
  groups: Group[];
  ta1s: Segment[];
  /** Segments that stand in no group. */
  stray: string[];
  iea: Segment | undefined;
}

function partsOf(segments: readonly Segment[]): Parts {
  const parts: Parts = { groups: [], ta1s: [], stray: [], iea: undefined };
  let [group, set]: [Group | undefined, Group['sets'][number] | undefined] = [undefined, undefined];
  for (const [at, one] of segments.entries()) {
    const tag = String(one['tag']);
    if (tag === 'IEA' && at === segments.length - 1) parts.iea = one;
    else if (tag === 'GS') [group, set] = [{ gs: one, sets: [], stray: [] }, undefined];
    else if (tag === 'ST' && group) group.sets.push((set = { st: one, body: [] }));
    else if (tag === 'SE' && set) set = void (set.se = one);
    else if (tag === 'GE' && group) [group, set] = [void (group.ge = one), undefined];
    else if (set) set.body.push(one);
    else if (group) group.stray.push(tag);
    else if (tag === 'TA1') parts.ta1s.push(one);
    else parts.stray.push(tag);
    if (group && parts.groups.at(-1) !== group) parts.groups.push(group);
  }
  return parts;
}

/** Of TA1: the note code and what it means here. */
function envelopeError(isa: Segment, { groups, ta1s, stray, iea }: Parts): Wrong | undefined {
  if (!iea) return ['023', 'The interchange has no end, IEA'];
  if (!isNumber(textOf(iea, 2), textOf(isa, 13)))
    return ['001', `IEA02 is ${printable(textOf(iea, 2))}, ISA13 is ${textOf(isa, 13)}`];
  if (!isNumber(textOf(iea, 1), groups.length))
    return ['021', `IEA01 says ${printable(textOf(iea, 1))} groups, there are ${groups.length}`];
  if (stray.length > 0) return ['022', `${printable(stray[0]!)} stands in no functional group`];
  if (groups.length + ta1s.length === 0) return ['022', 'The interchange holds nothing'];
  return undefined;
}

function isOfAnswers({ gs, sets }: Group): boolean {
  return textOf(gs, 1) === 'FA' && sets.every(({ st }) => textOf(st, 1) === '997');
}

function readGroup(
  group: Group,
  groupsTwice: ReadonlySet<string>,
  { control: interchange, test }: Pick<Interchange, 'control' | 'test'>,
  takes: Takes,
): { documents: EdiDocument[]; findings: string[]; answer: Segment[]; isAnswer: boolean } {
  const { gs, ge, sets } = group;
  const [kind, number, version] = [textOf(gs, 1), textOf(gs, 6), textOf(gs, 8)];
  const groupError = groupErrorOf(group, groupsTwice);
  const twice = duplicates(sets.map(({ st }) => textOf(st, 2)));
  const checked = sets.map((set) => {
    const [type, ref] = [textOf(set.st, 1), textOf(set.st, 2)];
    const { segments, faults, error, asks } = groupError
      ? { segments: [], faults: [], error: groupError, asks: undefined }
      : checkSet(set, twice, takes);
    const document: EdiDocument = {
      standard: 'x12', type, version, interchange, group: number, control: ref, test, ...(asks && { asks }), segments,
    }; // prettier-ignore
    return { type, ref, error, faults, document };
  });
  const accepted = checked.filter(({ error }) => !error).length;
  const said = Number(/^\d{1,6}$/.exec(textOf(ge, 1))?.[0] ?? sets.length);
  const status = groupError || accepted === 0 ? 'R' : accepted < checked.length ? 'P' : 'A';
  return {
    isAnswer: isOfAnswers(group),
    documents: checked.filter(({ error }) => !error).map(({ document }) => document),
    findings: groupError
      ? [`group ${printable(number)}: ${groupError[1]}`]
      : checked
          .filter(({ error }) => error)
          .map(({ type, ref, error }) => `${printable(type)} ${printable(ref)}: ${error![1]}`),
    answer: [
      segment('AK1', plain(kind), plain(number)),
      ...checked.flatMap(({ type, ref, error, faults }) => [
        segment('AK2', plain(type), plain(ref)),
        ...faultsOf(faults),
        error && !groupError ? segment('AK5', 'R', error[0]) : segment('AK5', groupError ? 'R' : 'A'),
      ]),
      segment('AK9', status, String(said), String(sets.length), String(accepted), groupError?.[0]),
    ],
  };
}

/** Of AK9. */
function groupErrorOf({ gs, ge, sets, stray }: Group, twice: ReadonlySet<string>): Wrong | undefined {
  const [kind, number] = [textOf(gs, 1), textOf(gs, 6)];
  if (!/^\d{1,9}$/.test(number)) return ['6', 'GS06 is no control number'];
  if (!/^\d{6}[A-Z0-9]{0,6}$/.test(textOf(gs, 8))) return ['2', 'GS08 is no version'];
  if (!ge) return ['3', 'the group has no end, GE'];
  if (!isNumber(textOf(ge, 2), number)) return ['4', `GE02 is ${printable(textOf(ge, 2))}`];
  if (!isNumber(textOf(ge, 1), sets.length))
    return ['5', `GE01 says ${printable(textOf(ge, 1))} transaction sets, there are ${sets.length}`];
  if (stray.length > 0) return ['5', `${printable(stray[0]!)} stands in no transaction set`];
  if (sets.length === 0) return ['5', 'it holds no transaction set'];
  if (twice.has(number)) return ['19', 'another group has the same control number'];
  const other = sets.map(({ st }) => textOf(st, 1)).find((type) => (groupOf[type] ?? kind) !== kind);
  if (other) return ['1', `GS01 is ${printable(kind)}, a ${other} is of ${groupOf[other]}`];
  return undefined;
}

function checkSet(
  { st, se, body }: Group['sets'][number],
  twice: ReadonlySet<string>,
  { types, known }: Takes,
): { segments: Segment[]; faults: Fault[]; error: Wrong | undefined; asks?: Asks | undefined } {
  const [type, ref] = [textOf(st, 1), textOf(st, 2)];
  const error = ((): Wrong | undefined => {
    if (!se) return ['2', 'it has no end, SE'];
    if (textOf(se, 2) !== ref) return ['3', `SE02 is ${printable(textOf(se, 2))}`];
    if (!isNumber(textOf(se, 1), body.length + 2))
      return ['4', `SE01 says ${printable(textOf(se, 1))} segments, there are ${body.length + 2}`];
    if (!/^[0-9]{3}$/.test(type)) return ['6', 'ST01 is no transaction set'];
    if (!/^[A-Za-z0-9]{1,9}$/.test(ref)) return ['7', 'ST02 is no control number'];
    if (twice.has(ref)) return ['23', 'another transaction set of the group has the same control number'];
    return types.includes(type) ? undefined : ['1', 'it is not taken here'];
  })();
  if (error || !known) return { segments: body, faults: [], error };
  const described = known.get('x12', type);
  if (!described) return { segments: body, faults: [], error: ['1', 'it is not taken here'] };
  const { segments, faults, asks } = checkDocument(described, body);
  return { segments, faults, asks, error: faults[0] && ['5', faults.map(({ why }) => why).join(', ')] };
}

/** As many as help to find what is wrong. */
const mostFaults = 20;

/** One AK3 for a segment, one AK4 for each of its elements. */
function faultsOf(faults: readonly Fault[]): Segment[] {
  const shown = faults.slice(0, mostFaults).toSorted((one, other) => one.position - other.position);
  return shown.flatMap(({ tag, position, problem, element, component }, at) => {
    const code = problems[problem].x12;
    const ak3 = segment('AK3', tagOf(tag), String(position), undefined, element ? '8' : code);
    const isSame = shown[at - 1]?.position === position && element !== undefined;
    if (!element) return [ak3];
    const place = component ? [String(element), String(component)] : String(element);
    return [...(isSame ? [] : [ak3]), segment('AK4', place, undefined, code)];
  });
}
