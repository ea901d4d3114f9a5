/** X12 interchanges: read with every envelope checked and answered by 997 or TA1, and written. ASC X12.5, X12.6; 997 of 004010. */
import { X12parser } from 'x12-parser';
import { CodedError } from '../errors/coded-error.ts';
import {
  elementsOf,
  invalid,
  segment,
  testError,
  textOf,
  type Address,
  type Answer,
  type EdiDocument,
  type Interchange,
  type Segment,
  type Taken,
  type Takes,
} from './document.ts';

/** GS01 of what is written. */
const groupOf: Record<string, string> = {
  '810': 'IN',
  '846': 'IB',
  '850': 'PO',
  '855': 'PR',
  '856': 'SH',
  '860': 'PC',
  '940': 'OW',
  '945': 'SW',
  '997': 'FA',
};

const separators = { element: '*', component: '>', segment: '~' };
const control = /[*>~\r\n]/;

/**
 * Throws EDI_INVALID for a text that is no single interchange. `takes`: the types of transaction sets that are taken;
 * others are answered as rejected, and so is a test where none is expected.
 */
export async function readX12(text: string, takes: Takes | Taken): Promise<Interchange> {
  if (!/^ISA[^A-Za-z0-9\s]/.test(text) || text.length < 106)
    throw invalid('An X12 interchange begins with a whole ISA');
  const segments = await segmentsOf(text);
  const [isa] = segments;
  const head = {
    standard: 'x12' as const,
    sender: { qualifier: textOf(isa, 5), id: textOf(isa, 6) },
    receiver: { qualifier: textOf(isa, 7), id: textOf(isa, 8) },
    control: textOf(isa, 13),
    test: textOf(isa, 15) === 'T',
  };
  if (!/^\d{1,9}$/.test(head.control)) throw invalid('ISA13 is no control number');
  if (segments.slice(1).some(({ tag }) => tag === 'ISA')) throw invalid('There is more than one interchange');
  const { types, test } = typeof takes === 'function' ? takes(head) : takes;
  const groups = groupsOf(segments);
  const envelope =
    envelopeError(segments, groups.length) ??
    testError('020', head.test, groups.length > 0 ? test : undefined);
  if (envelope) {
    const [code, finding] = envelope;
    const ta1 = segment('TA1', head.control, textOf(isa, 9), textOf(isa, 10), 'R', code);
    return { ...head, documents: [], findings: [finding], answer: { type: 'TA1', segments: [ta1] } };
  }
  const read = groups.map((group) => readGroup(group, head, types));
  const acknowledgements = segments
    .filter(({ tag }) => tag === 'TA1')
    .map((ta1) => acknowledgement(ta1, head));
  // An answer is not answered.
  const answers = read.filter(({ isAnswer }) => !isAnswer).flatMap(({ answer }) => answer);
  return {
    ...head,
    documents: [...acknowledgements, ...read.flatMap(({ documents }) => documents)],
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

async function segmentsOf(text: string): Promise<Segment[]> {
  const parser = new X12parser('utf8');
  const found: Segment[] = [];
  parser.end(text.trimEnd());
  for await (const { name, ...elements } of parser as AsyncIterable<Record<string, string>>) {
    const values: string[][] = [];
    for (const [key, value] of Object.entries(elements))
      (values[Number.parseInt(key) - 1] ??= []).push(value);
    if (name) found.push(segment(name, ...values.map((parts) => (parts.length > 1 ? parts : parts[0]))));
  }
  return found;
}

interface Group {
  gs: Segment;
  ge?: Segment;
  sets: { st: Segment; se?: Segment; body: Segment[] }[];
  /** Segments that stand in no transaction set. */
  stray: number;
}

function groupsOf(segments: readonly Segment[]): Group[] {
  const groups: Group[] = [];
  let [group, set]: [Group | undefined, Group['sets'][number] | undefined] = [undefined, undefined];
  for (const one of segments) {
    const { tag } = one;
    if (tag === 'GS') groups.push((group = { gs: one, sets: [], stray: 0 }));
    else if (tag === 'ST' && group) group.sets.push((set = { st: one, body: [] }));
    else if (tag === 'SE' && set) set = void (set.se = one);
    else if (tag === 'GE' && group) [group, set] = [void (group.ge = one), undefined];
    else if (set) set.body.push(one);
    else if (group) group.stray += 1;
  }
  return groups;
}

/** Of TA1: the note code and what it means here. */
function envelopeError(segments: readonly Segment[], groups: number): [string, string] | undefined {
  const last = segments.at(-1);
  if (last?.['tag'] !== 'IEA') return ['023', 'The interchange has no end, IEA'];
  if (Number(textOf(last, 2)) !== Number(textOf(segments[0], 13)))
    return ['001', `IEA02 is ${textOf(last, 2)}, ISA13 is ${textOf(segments[0], 13)}`];
  if (Number(textOf(last, 1)) !== groups)
    return ['021', `IEA01 says ${textOf(last, 1)} groups, there are ${groups}`];
  return undefined;
}

function readGroup(
  { gs, ge, sets, stray }: Group,
  { control: interchange, test }: Pick<Interchange, 'control' | 'test'>,
  supported: readonly string[],
): { documents: EdiDocument[]; findings: string[]; answer: Segment[]; isAnswer: boolean } {
  const [kind, number, version] = [textOf(gs, 1), textOf(gs, 6), textOf(gs, 8)];
  const groupError = groupErrorOf(ge, number, sets.length, stray);
  const checked = sets.map(({ st, se, body }) => {
    const [type, ref] = [textOf(st, 1), textOf(st, 2)];
    const error = groupError ?? setErrorOf(type, ref, se, body, supported);
    const document: EdiDocument = {
      standard: 'x12', type, version, interchange, group: number, control: ref, test, segments: body,
    }; // prettier-ignore
    return { type, ref, error, document };
  });
  const accepted = checked.filter(({ error }) => !error).length;
  const said = Number(textOf(ge, 1)) || sets.length;
  const status = groupError || accepted === 0 ? 'R' : accepted < checked.length ? 'P' : 'A';
  return {
    isAnswer: kind === 'FA',
    documents: checked.filter(({ error }) => !error).map(({ document }) => document),
    findings: checked
      .filter(({ error }) => error)
      .map(({ type, ref, error }) => `${type} ${ref}: ${error![1]}`),
    answer: [
      segment('AK1', kind, number),
      ...checked.flatMap(({ type, ref, error }) => [
        segment('AK2', type, ref),
        error && !groupError ? segment('AK5', 'R', error[0]) : segment('AK5', groupError ? 'R' : 'A'),
      ]),
      segment('AK9', status, String(said), String(sets.length), String(accepted), groupError?.[0]),
    ],
  };
}

/** Of AK9. */
function groupErrorOf(
  ge: Segment | undefined,
  number: string,
  sets: number,
  stray: number,
): [string, string] | undefined {
  if (!ge) return ['3', 'the group has no end, GE'];
  if (Number(textOf(ge, 2)) !== Number(number)) return ['4', `GE02 is ${textOf(ge, 2)}, GS06 is ${number}`];
  if (Number(textOf(ge, 1)) !== sets || stray > 0)
    return ['5', `GE01 says ${textOf(ge, 1)} transaction sets, there are ${sets}`];
  return undefined;
}

/** Of AK5. */
function setErrorOf(
  type: string,
  ref: string,
  se: Segment | undefined,
  body: readonly Segment[],
  supported: readonly string[],
): [string, string] | undefined {
  if (!se) return ['2', 'it has no end, SE'];
  if (textOf(se, 2) !== ref) return ['3', `SE02 is ${textOf(se, 2)}`];
  if (Number(textOf(se, 1)) !== body.length + 2)
    return ['4', `SE01 says ${textOf(se, 1)} segments, there are ${body.length + 2}`];
  if (!/^[0-9]{3}$/.test(type)) return ['6', 'ST01 is no transaction set'];
  if (!supported.includes(type)) return ['1', 'it is not taken here'];
  return undefined;
}
