/** EDI: one byte deleted or changed in what makes the structure is found, or changes nothing but a text. */
import assert from 'node:assert/strict';
import { elementName, type EdiDocument, type Segment } from '../runtime/edi/document.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { edifactText, known, orderEdifact, orderX12, read, x12Text } from './edi-kit.ts';

const texts = {
  'an order': x12Text('850', [orderX12]),
  'two orders': x12Text('850', [orderX12, ['BEG*00*SA*PO-8**20261102', 'PO1*1*1*EA*3**VN*B-1', 'CTT*1']]),
  'an order of lines': x12Text('850', [orderX12]).replaceAll('~', '~\n'),
  'an order with charges': x12Text('850', [
    [
      'BEG*00*NE*PO-9**20261102',
      'CUR*BY*USD',
      'REF*DP*12',
      'DTM*002*20261110',
      'N1*ST*Store*92*7',
      'PO1*1*2*EA*85.00**VN*A-1*UP*012345678905',
      'SAC*C*D240*VI*FRT*1500',
      'PO4*6*1*EA',
      'CTT*1',
      'AMT*TT*185.00',
    ],
  ]),
  'an invoice': x12Text('810', [
    ['BIG*20261102*INV-1**PO-1', 'REF*VN*77', 'IT1*1*2*EA*9.25**VN*A-1', 'TDS*1850', 'CTT*1'],
  ]),
  'a shipment': x12Text('945', [
    ['W06*N*S00042*20261104*NS-5512', 'N9*CN*1Z9', 'LX*1', 'W12*CC*12*12*0*EA**VN*A-1', 'W03*12*40*LB'],
  ]),
  'a ship notice': x12Text('856', [
    ['BSN*00*S-1*20261102*0905', 'HL*1**S', 'TD5**2*UPSN', 'HL*2*1*I', 'LIN**VN*A-1', 'SN1**2*EA', 'CTT*2'],
  ]),
  'an EDIFACT order': edifactText('ORDERS', [orderEdifact]),
  'two EDIFACT orders': edifactText('ORDERS', [
    orderEdifact,
    [
      'BGM+220+ORD-8001+9',
      "FTX+AAI+++Mind ?'the?' gap",
      'LIN+1++4012345123456:EN',
      'QTY+21:3:PCE',
      'PRI+AAA:4',
    ],
  ]),
  'an EDIFACT order without UNA': edifactText('ORDERS', [orderEdifact], ''),
  'an EDIFACT invoice': edifactText('INVOIC', [
    [
      'BGM+380+INV-2026+9',
      'DTM+137:20261102:102',
      'RFF+ON:ORD-7001',
      'CUX+2:EUR:4',
      'LIN+1++4012345123456:EN',
      'QTY+47:12:PCE',
      'MOA+203:111.00',
      'PRI+AAA:9.25',
      'TAX+7+VAT+++:::21',
      'UNS+S',
      'MOA+86:134.31',
      'CNT+2:1',
    ],
  ]),
};

/** Where the structure stands: separators, terminators, tags, and all of the envelopes. */
function structure(text: string): number[] {
  const isX12 = text.startsWith('ISA');
  const begins = text.search(/ST\*\d{3}\*|UNH\+/);
  const parts = isX12
    ? /[*>~]|(?<=[~\n])[A-Z][A-Z0-9]{1,2}(?=\*)|(?<=~\n?)(?:ST|SE|GE|IEA)[^~]*/g
    : /[+:']|(?<=')[A-Z]{3}(?=\+)|(?<=')(?:UNH|UNT|UNZ)[^']*/g;
  const found = [...text.matchAll(parts)].flatMap(({ index, 0: part }) =>
    Array.from(part, (_, at) => index + at),
  );
  return [...new Set([...Array(begins).keys(), ...found])];
}

/** Names, addresses and notes: a text may have swallowed the element behind it. */
const texted = new Set(['N3', 'N4', 'PID', 'NAD', 'FTX', 'IMD']);

/** Each document without its free texts: which segments, with which codes and numbers. */
function facts(documents: readonly EdiDocument[]): string {
  const told = documents.map(({ standard, type, control, segments }) => {
    const { elements } = known.get(standard, type)!;
    const factsOf = (one: Segment) => {
      const tag = String(one['tag']);
      if (texted.has(tag)) return [tag];
      const values = (elements.get(tag) ?? []).flatMap((kinds, at) => {
        const parts = [one[elementName(tag, at + 1)] ?? []].flat();
        return kinds.map((kind, c) => (kind.startsWith('a') ? '' : (parts[c] ?? '')));
      });
      return [tag, ...values];
    };
    return [type, control, segments.map(factsOf)];
  });
  return JSON.stringify(told);
}

/**
 * A text that swallows an element that many leave out: the function of a message, and the amount of a charge. The
 * mappings refuse a charge without one.
 */
const unnoticed = /BGM\+\d+\+[^+']*\[\+\]|FRT\[\*\]1500/;

describe('EDI of which one byte is wrong', () => {
  const replacements = ['', 'X', '0', ' ', '\n', '*', '~', ':', "'"];

  for (const [what, text] of Object.entries(texts))
    it(`${what} is refused, answered with a finding, or only a text has changed`, () => {
      const right = read(text);
      assert.deepEqual(right.findings, []);
      const expected = facts(right.documents);
      const silent: string[] = [];
      const mutants = structure(text).flatMap((at) => replacements.map((other) => [at, other] as const));
      for (const [at, other] of mutants) {
        try {
          const { documents, findings } = read(text.slice(0, at) + other + text.slice(at + 1));
          if (findings.length > 0 || facts(documents) === expected) continue;
          const around = `${text.slice(Math.max(0, at - 16), at)}[${text[at]}]${text.slice(at + 1, at + 9)}`;
          if (!unnoticed.test(around)) silent.push(`${JSON.stringify(other)} in ${around}`);
        } catch (error) {
          if (!(error instanceof CodedError && error.code === 'EDI_INVALID')) throw error;
        }
      }
      assert.ok(mutants.length > 1000);
      assert.deepEqual(silent, []);
    });
});
