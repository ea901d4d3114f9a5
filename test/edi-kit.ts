/** EDI texts for tests: whole interchanges around the segments of a document. */
import { loadDocumentTypes } from '../runtime/edi/document-types.ts';
import { readEdifact } from '../runtime/edi/edifact.ts';
import { interchangesOf } from '../runtime/edi/lines.ts';
import { readX12 } from '../runtime/edi/x12.ts';

export const known = loadDocumentTypes('definitions/edi');

const kinds: Record<string, string> = {
  '810': 'IN',
  '850': 'PO',
  '856': 'SH',
  '860': 'PC',
  '940': 'OW',
  '943': 'AR',
  '944': 'RE',
  '945': 'SW',
};

/** One interchange with one group of these documents; segments are ended by `~`. */
export function x12Text(type: string, bodies: string[][], number = '000000042'): string {
  const sets = bodies.map((body, at) => {
    const control = String(at + 1).padStart(4, '0');
    return [`ST*${type}*${control}`, ...body, `SE*${body.length + 2}*${control}`];
  });
  return [
    `ISA*00*          *00*          *01*0012345678     *ZZ*CROSSDOCK      *261102*0905*U*00401*${number}*0*P*>`,
    `GS*${kinds[type]}*0012345678*CROSSDOCK*20261102*0905*${Number(number)}*X*004010`,
    ...sets.flat(),
    `GE*${bodies.length}*${Number(number)}`,
    `IEA*1*${number}`,
    '',
  ].join('~');
}

export function edifactText(type: string, bodies: string[][], una = "UNA:+.? '"): string {
  const messages = bodies.map((body, at) => [
    `UNH+${at + 1}+${type}:D:96A:UN:EAN008`,
    ...body,
    `UNT+${body.length + 2}+${at + 1}`,
  ]);
  return `${una}${[
    'UNB+UNOC:3+5412345000013:14+4012345000009:14+261102:0905+42',
    ...messages.flat(),
    `UNZ+${bodies.length}+42`,
  ].join("'")}'`;
}

export const orderX12 = [
  'BEG*00*SA*PO-7**20261102',
  'N1*ST*Store 7*92*0007',
  'N3*5 Mill Lane',
  'N4*Oakland*CA*94607*US',
  'PO1*1*12*EA*9.25**VN*A-1',
  'PID*F****Lamp',
  'PO1*2*3*EA*4.50**VN*A-2',
  'CTT*2',
];

export const orderEdifact = [
  'BGM+220+ORD-7001+9',
  'DTM+137:20261102:102',
  'NAD+BY+5412345000013::9++Warenhuis NV+Kaai 4+Antwerpen++2000+BE',
  'LIN+1++4012345123456:EN',
  'PIA+5+A-1:SA',
  'QTY+21:12:PCE',
  'PRI+AAA:9.25',
  'UNS+S',
  'CNT+2:1',
];

const types = ['850', '860', '810', '856', '940', '943', '944', '945', 'ORDERS', 'DESADV', 'INVOIC'];

/** The first interchange of a text. */
export function read(given: string) {
  const [text = ''] = interchangesOf(given);
  return text.startsWith('ISA') ? readX12(text, { types, known }) : readEdifact(text, { types, known });
}

/** The answer as it goes out, without what names the interchange. */
export function answered(text: string): string[] {
  const { documents, answer } = read(text);
  const lines = (answer?.segments ?? []).map((one) =>
    Object.values(one)
      .map((value) => [value].flat().join(':'))
      .join(' '),
  );
  return [String(documents.length), ...lines.filter((line) => !/^(AK1|AK2|UCI 42 \S+ \S+ 8)/.test(line))];
}
