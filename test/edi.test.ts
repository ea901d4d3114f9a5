/** EDI: interchanges of X12 and EDIFACT are read, checked, answered and written. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Segment } from '../runtime/edi/document.ts';
import { loadDocumentTypes } from '../runtime/edi/document-types.ts';
import { readInterchanges } from '../runtime/edi/interchanges/edi.ts';
import { edifactVerdict, readEdifact, writeEdifact } from '../runtime/edi/edifact.ts';
import { loadPartners, type Partners } from '../runtime/partners/partners.ts';
import { readX12, writeX12, x12Verdict } from '../runtime/edi/x12.ts';

const material = '../shared/material/edi';
const out = {
  ours: { qualifier: 'ZZ', id: 'CROSSDOCK' },
  theirs: { qualifier: '01', id: '0012345678' },
  version: '004010',
  test: false,
  number: 42,
  time: new Date('2026-11-02T09:05:00Z'),
};
const unOut = {
  ...out,
  ours: { qualifier: '14', id: '4012345000009' },
  theirs: { qualifier: '14', id: '5412345000013' },
  version: 'D:96A:UN:EAN008',
};

const known = loadDocumentTypes('definitions/edi');

/** The only interchange of a text. */
function readOne(text: string, partners: Partners) {
  const [read, ...others] = readInterchanges(text, { partners, documentTypes: known });
  assert.equal(others.length, 0);
  if (read && 'interchange' in read) return read.interchange;
  throw read!.error;
}

const order: Segment[] = [
  { BEG01: '00', BEG02: 'SA', BEG03: 'PO-1', BEG05: '20261102' },
  { PO101: '1', PO102: '3', PO103: 'EA', PO104: '9.25', PO106: 'VP', PO107: 'A-1' },
  { CTT01: '1' },
];
const x12 = writeX12('850', order, out);
const edifact = writeEdifact(
  'ORDERS',
  [{ BGM01: '220', BGM02: 'PO-1', BGM03: '9' }, { DTM01: ['137', '20261102', '102'] }],
  unOut,
);

describe('X12', () => {
  it('is written with its envelopes', () => {
    assert.equal(
      x12.replaceAll('~', '\n'),
      `ISA*00*          *00*          *ZZ*CROSSDOCK      *01*0012345678     *261102*0905*U*00401*000000042*0*P*>
GS*PO*CROSSDOCK*0012345678*20261102*0905*42*X*004010
ST*850*0001
BEG*00*SA*PO-1**20261102
PO1*1*3*EA*9.25**VP*A-1
CTT*1
SE*5*0001
GE*1*42
IEA*1*000000042
`,
    );
  });

  it('is read by the names of the implementation guides', async () => {
    const { sender, receiver, control, documents, findings, answer } = readX12(x12, { types: ['850'] });
    assert.deepEqual([sender, receiver, control, findings], [out.ours, out.theirs, '000000042', []]);
    const { segments, ...head } = documents[0]!;
    assert.deepEqual(segments[1], { tag: 'PO1', ...order[1] });
    assert.deepEqual(head, {
      standard: 'x12',
      type: '850',
      version: '004010',
      interchange: '000000042',
      group: '42',
      control: '0001',
      test: false,
    });
    assert.deepEqual(
      answer?.segments.map((one) => Object.values(one).join('*')),
      ['AK1*PO*42', 'AK2*850*0001', 'AK5*A', 'AK9*A*1*1*1'],
    );
  });

  const codes = async (text: string, supported = ['850']) => {
    const { documents, answer } = readX12(text, { types: supported });
    return [
      documents.length,
      ...answer!.segments
        .filter(({ tag }) => tag !== 'AK1' && tag !== 'AK2')
        .map((one) => Object.values(one).join('*')),
    ];
  };
  const two = x12.replace('GE*1*', 'ST*850*0002~BEG*00*SA*PO-2~SE*9*0002~GE*2*');
  for (const [what, text, expected] of [
    ['a wrong count of segments', x12.replace('SE*5', 'SE*6'), [0, 'AK5*R*4', 'AK9*R*1*1*0']],
    [
      'another control number at the end',
      x12.replace('SE*5*0001', 'SE*5*0002'),
      [0, 'AK5*R*3', 'AK9*R*1*1*0'],
    ],
    ['no end of the transaction set', x12.replace('SE*5*0001~', ''), [0, 'AK5*R*2', 'AK9*R*1*1*0']],
    ['a wrong count of transaction sets', x12.replace('GE*1', 'GE*2'), [0, 'AK5*R', 'AK9*R*2*1*0*5']],
    [
      'another number at the end of the group',
      x12.replace('GE*1*42', 'GE*1*43'),
      [0, 'AK5*R', 'AK9*R*1*1*0*4'],
    ],
    ['no end of the group', x12.replace('GE*1*42~', ''), [0, 'AK5*R', 'AK9*R*1*1*0*3']],
    [
      'a segment between the transaction sets',
      x12.replace('GE*1', 'REF*X~GE*1'),
      [0, 'AK5*R', 'AK9*R*1*1*0*5'],
    ],
    [
      'a segment between the groups',
      x12.replace('IEA*1', 'REF*X~IEA*1'),
      [0, 'TA1*000000042*261102*0905*R*022'],
    ],
    ['one good and one bad', two, [1, 'AK5*A', 'AK5*R*4', 'AK9*P*2*2*1']],
    [
      'another control number of the interchange',
      x12.replace('IEA*1*000000042', 'IEA*1*000000043'),
      [0, 'TA1*000000042*261102*0905*R*001'],
    ],
    ['a wrong count of groups', x12.replace('IEA*1', 'IEA*2'), [0, 'TA1*000000042*261102*0905*R*021']],
    ['no end', x12.slice(0, 200), [0, 'TA1*000000042*261102*0905*R*023']],
  ] as const)
    it(`${what} is answered ${expected.slice(1).join(', ')}`, async () =>
      assert.deepEqual(await codes(text), expected));

  it('a transaction set that nobody takes is rejected', async () =>
    assert.deepEqual(await codes(x12, ['945']), [0, 'AK5*R*1', 'AK9*R*1*1*0']));

  it('an answer is read, and not answered', async () => {
    const { answer } = readX12(two, { types: ['850'] });
    const { documents, answer: again } = readX12(writeX12('997', answer!.segments, out), {
      types: ['997'],
    });
    assert.equal(again, undefined);
    assert.deepEqual(x12Verdict(documents[0]!), { number: '42', accepted: false, codes: ['4'] });
  });

  it('a 997 accepts with A, and with E though it found errors', () => {
    for (const [status, accepted] of [
      ['A', true],
      ['E', true],
      ['P', false],
      ['R', false],
      ['M', false],
    ] as const) {
      const answer: Segment[] = [
        { tag: 'AK1', AK101: 'PO', AK102: '42' },
        { tag: 'AK9', AK901: status, AK902: '1', AK903: '1', AK904: '1', AK905: '5' },
      ];
      assert.deepEqual(x12Verdict({ segments: answer }), { number: '42', accepted, codes: ['5'] }, status);
    }
  });

  it('a TA1 of the partner is read, and not answered', async () => {
    for (const [status, code, accepted, codes] of [
      ['R', '001', false, ['001']],
      ['A', '000', true, []],
      ['E', '018', true, ['018']],
    ] as const) {
      const ta1 = { TA101: '000000042', TA102: '261102', TA103: '0905', TA104: status, TA105: code };
      const { documents, findings, answer } = readX12(writeX12('TA1', [ta1], out), { types: ['850'] });
      assert.deepEqual([documents.length, documents[0]?.type, findings, answer], [1, 'TA1', [], undefined]);
      assert.deepEqual(x12Verdict(documents[0]!), { number: '42', accepted, codes });
    }
  });

  it('what is no interchange is refused', async () => {
    for (const text of [
      '',
      'hello',
      x12.slice(0, 90),
      `${'ISA*'.repeat(30)}`,
      x12.replace('000000042*0*P', 'ABC*0*P'),
    ])
      assert.throws(() => readX12(text, { types: ['850'] }), { code: 'EDI_INVALID' });
  });

  it('a value that it cannot carry is refused', () => {
    for (const wrong of [
      { N102: 'A*B' },
      { N102: 'A~B' },
      { N102: 1 },
      { N1: 'x' },
      { N102: 'x', N301: 'y' },
    ])
      assert.throws(() => writeX12('850', [wrong as never], out), { code: 'EDI_VALUE_INVALID' });
  });

  it('comes back as it was written', async () => {
    const value = fc.stringMatching(/^[A-Za-z0-9 .,/'+:?-]{0,11}[A-Za-z0-9]$/).map((text) => text.trim());
    const one = fc
      .array(fc.option(value, { nil: undefined }), { minLength: 1, maxLength: 9 })
      .filter((all) => all.some(Boolean));
    await fc.assert(
      fc.asyncProperty(fc.array(one, { maxLength: 8 }), async (rows) => {
        const body = rows.map(
          (row) =>
            Object.fromEntries([
              ['tag', 'N1'],
              ...row.flatMap((v, at) => (v ? [[`N1${String(at + 1).padStart(2, '0')}`, v]] : [])),
            ]) as Segment,
        );
        const { documents, findings } = readX12(writeX12('850', body, out), { types: ['850'] });
        assert.deepEqual([documents[0]!.segments, findings], [body, []]);
      }),
    );
  });
});

describe('EDIFACT', () => {
  it('is written with its envelopes', () => {
    assert.equal(
      edifact.replaceAll("'", "'\n").replace("UNA:+.? '\n", "UNA:+.? '"),
      `UNA:+.? 'UNB+UNOC:3+4012345000009:14+5412345000013:14+261102:0905+42'
UNH+1+ORDERS:D:96A:UN:EAN008'
BGM+220+PO-1+9'
DTM+137:20261102:102'
UNT+4+1'
UNZ+1+42'
`,
    );
  });

  it('is read, also with other separators and line ends', () => {
    const other = edifact
      .replace("UNA:+.? '", 'UNA|*.? !')
      .replaceAll(':', '|')
      .replaceAll('+', '*')
      .replaceAll("'", '!\r\n');
    for (const text of [edifact, other]) {
      const { sender, control, documents, findings, answer } = readEdifact(text, { types: ['ORDERS'] });
      assert.deepEqual([sender, control, findings], [unOut.ours, '42', []]);
      assert.deepEqual(documents[0]!.segments, [
        { tag: 'BGM', BGM01: '220', BGM02: 'PO-1', BGM03: '9' },
        { tag: 'DTM', DTM01: ['137', '20261102', '102'] },
      ]);
      assert.equal(documents[0]!.version, 'D:96A:UN:EAN008');
      assert.deepEqual(
        answer?.segments.map(({ UCI04, UCM03 }) => UCI04 ?? UCM03),
        ['8', '7'],
      );
    }
  });

  for (const [what, text, expected] of [
    ['a wrong count of segments', edifact.replace('UNT+4', 'UNT+5'), ['8', undefined, '4', '29']],
    ['another reference at the end', edifact.replace('UNT+4+1', 'UNT+4+2'), ['8', undefined, '4', '28']],
    ['no end of the message', edifact.replace("UNT+4+1'", ''), ['8', undefined, '4', '13']],
    ['a message nobody takes', edifact.replace('ORDERS', 'PRICAT'), ['8', undefined, '4', '12']],
    ['another control reference', edifact.replace('UNZ+1+42', 'UNZ+1+43'), ['4', '28', undefined, undefined]],
    ['a wrong count of messages', edifact.replace('UNZ+1', 'UNZ+2'), ['4', '29', undefined, undefined]],
    ['no end', edifact.replace("UNZ+1+42'", ''), ['4', '13', undefined, undefined]],
  ] as const)
    it(`${what} is answered ${expected.filter(Boolean).join(', ')}`, () => {
      const { documents, answer } = readEdifact(text, { types: ['ORDERS'] });
      const [uci, ucm] = answer!.segments;
      assert.equal(documents.length, 0);
      assert.deepEqual([uci?.['UCI04'], uci?.['UCI05'], ucm?.['UCM03'], ucm?.['UCM04']], expected);
    });

  it('an answer is read, and not answered', () => {
    const { answer } = readEdifact(edifact.replace('UNT+4', 'UNT+5'), { types: ['ORDERS'] });
    const { documents, answer: again } = readEdifact(writeEdifact('CONTRL', answer!.segments, unOut), {
      types: ['CONTRL'],
    });
    assert.equal(again, undefined);
    assert.deepEqual(edifactVerdict(documents[0]!), { number: '42', accepted: false, codes: ['29'] });
  });

  it('what is no interchange is refused', () => {
    for (const text of ['', 'hello', "UNB+UNOC:3'", edifact.slice(12), "UNA:+.? '", 'UNB+++++'])
      assert.throws(() => readEdifact(text, { types: ['ORDERS'] }), { code: 'EDI_INVALID' }, text);
  });

  it('comes back as it was written', () => {
    const value = fc
      .stringMatching(/^[A-Za-z0-9 .,/'+:?*~äß-]{0,11}[A-Za-z0-9'+:?]$/)
      .map((text) => text.trim());
    const element = fc.oneof(value, fc.array(value, { minLength: 2, maxLength: 4 }));
    const one = fc.array(element, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 8 }), (rows) => {
        const body = rows.map(
          (row) =>
            Object.fromEntries([['tag', 'ZZZ'], ...row.map((v, at) => [`ZZZ0${at + 1}`, v])]) as Segment,
        );
        const { documents, findings } = readEdifact(writeEdifact('ORDERS', body, unOut), {
          types: ['ORDERS'],
        });
        assert.deepEqual([documents[0]!.segments, findings], [body, []]);
      }),
    );
  });
});

describe('partners by EDI', () => {
  const read = (files: Record<string, string>) => {
    const dir = mkdtempSync(join(tmpdir(), 'crossdock-partners-'));
    try {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
      return loadPartners(dir);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  };
  const midmart = readFileSync('definitions/partners/midmart.yaml', 'utf8');

  it('send tests only where their file says so, and nothing else then', async () => {
    const ends = (test: boolean) => ({
      ...out,
      ours: { qualifier: '01', id: '0079611234' },
      theirs: { qualifier: 'ZZ', id: 'CROSSDOCK' },
      test,
    });
    const live = loadPartners('definitions/partners');
    const trial = read({ 'midmart.yaml': midmart.replace('edi:\n', 'edi:\n  test: true\n') });
    for (const [partners, isTest, expected] of [
      [live, false, [1, '997', undefined]],
      [live, true, [0, 'TA1', '020']],
      [trial, true, [1, '997', undefined]],
      [trial, false, [0, 'TA1', '020']],
    ] as const) {
      const text = writeX12('850', order, ends(isTest));
      const { documents, answer } = readOne(text, partners);
      assert.deepEqual([documents.length, answer?.type, answer?.segments[0]!['TA105']], expected);
    }
    // What only says that something arrived is taken however it is marked, or the two would answer each other for ever.
    const ta1 = { TA101: '000000042', TA102: '261102', TA103: '0905', TA104: 'A', TA105: '000' };
    const { documents, answer } = readOne(writeX12('TA1', [ta1], ends(true)), live);
    assert.deepEqual([documents.length, answer], [1, undefined]);
    const marked = writeEdifact('ORDERS', [{ BGM01: '220' }], { ...unOut, test: true });
    const uci = readEdifact(marked, { types: ['ORDERS'], test: false }).answer!.segments[0]!;
    assert.deepEqual([uci['UCI04'], uci['UCI05'], uci['UCI06']], ['4', '25', 'UNB']);
  });

  it('are found by both addresses and the standard', async () => {
    const partners = loadPartners('definitions/partners');
    const theirs = {
      ...out,
      ours: { qualifier: '01', id: '0079611234' },
      theirs: { qualifier: 'ZZ', id: 'CROSSDOCK' },
    };
    const { partner, documents } = readOne(`\uFEFF\n${writeX12('850', order, theirs)}`, partners);
    assert.deepEqual([partner.partner, documents.length], ['midmart', 1]);
    for (const wrong of [
      { ...theirs, ours: { qualifier: 'ZZ', id: '0079611234' } },
      { ...theirs, theirs: { qualifier: 'ZZ', id: 'SOMEBODY' } },
    ])
      assert.throws(() => readOne(writeX12('850', order, wrong), partners), {
        code: 'EDI_PARTNER_UNKNOWN',
      });
    assert.throws(() => readOne('order;1', partners), { code: 'EDI_INVALID' });
  });

  it('are refused, with the file, under another name, with the addresses of another, or with what nobody knows', () => {
    for (const [files, words] of [
      [{ 'a.yaml': midmart }, /a\.yaml/],
      [{ 'a.yaml': midmart.replace('midmart', 'a'), 'midmart.yaml': midmart }, /has the addresses of a/],
      [{ 'midmart.yaml': midmart.replace('x12', 'x13') }, /midmart\.yaml:\d/],
      [{ 'midmart.yaml': midmart.replace("'850'", 'order') }, /midmart\.yaml:1?\d/],
    ] as const)
      assert.throws(
        () => read(files),
        (error: Error) => words.test(error.message) && 'code' in error && error.code === 'CONFIG_INVALID',
      );
    assert.equal(loadPartners('no/such/folder').get('midmart'), undefined);
  });
});

describe('EDI of others', () => {
  for (const [file, type, segments] of [
    ['850.OK.edi', '850', 31],
    ['856.Crossdock.OK.edi', '856', 55],
    ['940.OK.edi', '940', 27],
  ] as const)
    it(`${file} is read without a finding`, async function () {
      if (!existsSync(`${material}/${file}`)) {
        console.warn(`      skipped: there is no ${material}/${file}`);
        this.skip();
      }
      const { documents, findings, answer } = readX12(readFileSync(`${material}/${file}`, 'utf8'), {
        types: [type],
        known,
      });
      assert.deepEqual([documents[0]?.type, documents[0]?.segments.length, findings], [type, segments, []]);
      assert.equal(answer?.segments.at(-1)?.['AK901'], 'A');
    });
});
