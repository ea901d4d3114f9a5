/** EDI: one byte deleted or changed in what makes the structure is found, or changes nothing but a text. */
import assert from 'node:assert/strict';
import type { EdiDocument } from '../runtime/edi/document.ts';
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
      'SAC*C*D240***1500',
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
    ['BGM+220+B-8+9', "FTX+AAI+++Mind ?'the?' gap", 'LIN+1++4012345123456:EN', 'QTY+21:3:PCE', 'PRI+AAA:4'],
  ]),
  'an EDIFACT order without UNA': edifactText('ORDERS', [orderEdifact], ''),
  'an EDIFACT invoice': edifactText('INVOIC', [
    [
      'BGM+380+R-1+9',
      'DTM+137:20261102:102',
      'RFF+ON:B-7',
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

/** Where the structure stands: separators, terminators, tags, and all of the envelopes but names. */
function structure(text: string): number[] {
  const isX12 = text.startsWith('ISA');
  const separators = isX12 ? /[*>~]/g : /[+:']/g;
  const marks = [...text.matchAll(separators)].map(({ index }) => index);
  const [body, tags] = isX12 ? [106, /(?<=[~\n])[A-Z][A-Z0-9]{1,2}(?=\*)/g] : [0, /(?<=^|')[A-Z]{3}(?=\+)/g];
  const envelopes = isX12 ? /(?<=~\n?)(?:ST|SE|GE|IEA)[^~]*/g : /(?<=')(?:UNH|UNT|UNZ)[^']*/g;
  const spans = [...text.matchAll(tags), ...text.matchAll(envelopes)].flatMap(({ index, 0: found }) =>
    Array.from(found, (_, at) => index + at),
  );
  return [...new Set([...marks, ...spans.filter((at) => at >= body)])];
}

/** Each document without its free texts: which segments, with which codes and numbers. */
function facts(documents: readonly EdiDocument[]): unknown {
  return documents.map(({ standard, type, version, control, segments }) => {
    const elements = known.get(standard, type)!.elements;
    return [
      [type, version, control],
      segments.map((one) => {
        const tag = String(one['tag']);
        const told = (elements.get(tag) ?? []).flatMap((kinds, at) => {
          const value = [one[`${tag}${String(at + 1).padStart(2, '0')}`] ?? []].flat();
          return kinds.map((kind, c) => (kind === 'a' ? '' : (value[c] ?? '')));
        });
        return [tag, ...told];
      }),
    ];
  });
}

describe('EDI of which one byte is wrong', () => {
  const seen = { mutations: 0, refused: 0, found: 0, same: 0, texts: 0 };
  const replacements = ['', 'X', '0', '9', '*', '>', '~', '+', ':', "'", ' ', '\n', '\u0000', 'x'];

  for (const [what, text] of Object.entries(texts))
    it(`${what}: it is refused, answered with a finding, or only a text has changed`, () => {
      const right = read(text);
      assert.deepEqual(right.findings, []);
      const silent: string[] = [];
      for (const at of structure(text))
        for (const other of replacements) {
          if (text[at] === other) continue;
          seen.mutations += 1;
          const mutant = text.slice(0, at) + other + text.slice(at + 1);
          try {
            const { documents, findings } = read(mutant);
            if (findings.length > 0) seen.found += 1;
            else if (JSON.stringify(documents) === JSON.stringify(right.documents)) seen.same += 1;
            else if (JSON.stringify(facts(documents)) === JSON.stringify(facts(right.documents)))
              seen.texts += 1;
            else
              silent.push(
                `${JSON.stringify(other)} for ${text.slice(Math.max(0, at - 12), at)}[${text[at]}]${text.slice(at + 1, at + 12)}`,
              );
          } catch (error) {
            assert.ok(error instanceof CodedError && error.code === 'EDI_INVALID', String(error));
            seen.refused += 1;
          }
        }
      assert.deepEqual(silent, []);
    });

  after(() => console.log(seen));
});
