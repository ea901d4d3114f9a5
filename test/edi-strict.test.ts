/** EDI: what is damaged, torn off, doubled or misplaced is refused and named; what is only unusual is read. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countOnce } from '../runtime/edi/interchanges/count-once.ts';
import { readInterchanges } from '../runtime/edi/interchanges/edi.ts';
import { embeddedGuard } from '../runtime/guard/embedded.ts';
import { loadPartners } from '../runtime/partners/partners.ts';
import { openStore } from '../runtime/sqlite/store.ts';
import { answered, edifactText, known, orderEdifact, orderX12, read, x12Text } from './edi-kit.ts';

const x12 = x12Text('850', [orderX12]);
const edifact = edifactText('ORDERS', [orderEdifact]);
const changed = (text: string, from: string | RegExp, to: string) => {
  const other = text.replace(from, to);
  assert.notEqual(other, text);
  return other;
};

describe('X12 is strict', () => {
  for (const [what, text, expected] of [
    ['a torn off tag', changed(x12, 'PID*F', '*F'), ['AK3 ZZZ 7 1', 'AK5 R 5', 'AK9 R 1 1 0']],
    ['a damaged tag', changed(x12, 'CTT*2', '6CTT*2'), ['AK3 6CT 9 1', 'AK5 R 5', 'AK9 R 1 1 0']],
    ['half a tag', changed(x12, 'N1*ST', 'NX*ST'), null],
    [
      'the end of a line in a tag',
      changed(x12, 'PID*F', 'P\nID*F'),
      ['AK3 PID 7 1', 'AK5 R 5', 'AK9 R 1 1 0'],
    ],
    ['a segment of another type', changed(x12, 'PID*F', 'W12*F'), ['AK3 W12 7 6', 'AK5 R 5', 'AK9 R 1 1 0']],
    [
      'a segment in no loop',
      changed(x12, 'N1*ST*Store 7*92*0007', 'REF*ST*7'),
      ['AK3 N3 4 7', 'AK3 N4 5 7', 'AK5 R 5', 'AK9 R 1 1 0'],
    ],
    ['no first segment', changed(x12, 'BEG*00', 'NTE*00'), null],
    ['a line fewer than CTT says', changed(x12, 'PO1*2*3*EA*4.50**VN*A-2', 'PID*F****x'), null],
    [
      'a number that is none',
      changed(x12, '*12*EA', '*1x*EA'),
      ['AK3 PO1 6 8', 'AK4 2 6', 'AK5 R 5', 'AK9 R 1 1 0'],
    ],
    ['a date that is none', changed(x12, '**20261102~', '**2026110~'), null],
    [
      'two elements in one',
      changed(x12, 'VN*A-1', 'VNA-1'),
      ['AK3 PO1 6 8', 'AK4 6 5', 'AK4 7 1', 'AK5 R 5', 'AK9 R 1 1 0'],
    ],
    ['components where there are none', changed(x12, 'N1*ST*', 'N1*ST>'), null],
    ['more elements than there are', changed(x12, 'CTT*2', 'N3*a*b*c'), null],
    ['a control character', changed(x12, 'Lamp', 'La\u0000mp'), null],
    ['no ST', changed(x12, 'ST*850*0001~', ''), ['AK9 R 1 0 0 5']],
    ['a damaged ST', changed(x12, '~ST*', '~S*'), ['AK9 R 1 0 0 5']],
    ['a count that is no decimal', changed(x12, 'SE*10', 'SE*0xA'), ['AK5 R 4', 'AK9 R 1 1 0']],
    ['two GE', changed(x12, 'GE*1*42~', 'GE*1*42~GE*1*42~'), ['TA1 000000042 261102 0905 R 022']],
    [
      'a segment between group and end',
      changed(x12, 'IEA', 'REF*x~IEA'),
      ['TA1 000000042 261102 0905 R 022'],
    ],
    ['a segment before the group', changed(x12, 'GS*', 'N9*x~GS*'), ['TA1 000000042 261102 0905 R 022']],
    ['a segment after the end', `${x12}REF*x~`, ['TA1 000000042 261102 0905 R 023']],
    ['an empty interchange', `${x12.slice(0, 106)}IEA*0*000000042~`, ['TA1 000000042 261102 0905 R 022']],
    ['components parted as elements are', changed(x12, '*P*>', '*P**'), ['TA1 000000042 261102 0905 R 027']],
    ['a letter that ends segments', changed(x12, '*P*>~', '*P*>X'), ['TA1 000000042 261102 0905 R 004']],
    ['a group of another kind', changed(x12, 'GS*PO', 'GS*IN'), ['AK5 R', 'AK9 R 1 1 0 1']],
    ['a group of answers with an order', changed(x12, 'GS*PO', 'GS*FA'), ['AK5 R', 'AK9 R 1 1 0 1']],
    [
      'two transaction sets of one number',
      x12Text('850', [orderX12, orderX12]).replaceAll('*0002~', '*0001~'),
      ['AK5 R 23', 'AK5 R 23', 'AK9 R 2 2 0'],
    ],
    [
      'two groups of one number',
      changed(x12, 'IEA*1', `${x12.slice(106, x12.indexOf('IEA'))}IEA*2`),
      ['AK5 R', 'AK9 R 1 1 0 19', 'AK5 R', 'AK9 R 1 1 0 19'],
    ],
  ] as const)
    it(`${what} is refused`, () => {
      const [documents, ...answer] = answered(text);
      assert.equal(documents, '0');
      assert.notDeepEqual(read(text).findings, []);
      if (expected) assert.deepEqual(answer, expected);
      else assert.ok(answer.includes('AK5 R 5'), answer.join());
    });

  it('the finding says what and where', () => {
    assert.deepEqual(read(changed(x12, '*12*EA', '*1,2*EA')).findings, ['850 0001: PO102 is no number']);
    assert.deepEqual(read(changed(x12, 'CTT*2', 'CTT*3')).findings, [
      '850 0001: CTT01 says 3 lines, there are 2',
    ]);
    assert.deepEqual(read(changed(x12, 'PID*F', 'PX*F')).findings, [
      '850 0001: segment 7, PX, is none of 850',
    ]);
    assert.deepEqual(read(changed(x12, '~ST*', '~S*')).findings, [
      'group 42: GE01 says 1 transaction sets, there are 0',
    ]);
  });

  for (const [what, text] of [
    ['with the end of a line after each segment', x12.replaceAll('~', '~\r\n')],
    ['with the end of a line for each segment', x12.replaceAll('~', '\n')],
    ['wrapped at 80 columns', x12.replaceAll(/[^]{80}/g, '$&\r\n')],
    ['without the last terminator', x12.slice(0, -1)],
    ['with empty elements at the end', changed(x12, 'CTT*2', 'CTT*2**')],
    ['of syntax 5010', changed(changed(x12, '*U*00401', '*^*00501'), 'X*004010', 'X*005010')],
    ['padded by a gateway', `${x12}\r\n\u001A`],
  ] as const)
    it(`an interchange ${what} is read`, () => {
      const { documents, findings } = read(text);
      assert.deepEqual([documents[0]?.segments, findings], [read(x12).documents[0]?.segments, []]);
    });

  it('blanks at the ends of a text stay', () => {
    const { documents } = read(changed(x12, 'Store 7', ' Store 7  '));
    assert.equal(documents[0]?.segments[1]?.['N102'], ' Store 7  ');
  });
});

describe('EDIFACT is strict', () => {
  for (const [what, text, expected] of [
    [
      'two letters for a tag',
      changed(edifact, 'PIA+', 'PI+'),
      ['UCM 1 ORDERS:D:96A:UN:EAN008 4 15', 'UCS 6 15'],
    ],
    ['no tag', changed(edifact, 'PIA+', '+'), ['UCM 1 ORDERS:D:96A:UN:EAN008 4 15', 'UCS 6 15']],
    [
      'the end of a line in a tag',
      changed(edifact, 'PIA+', 'PI\r\nA+'),
      ['UCM 1 ORDERS:D:96A:UN:EAN008 4 15', 'UCS 6 15'],
    ],
    [
      'a segment of another type',
      changed(edifact, 'PIA+', 'CPS+'),
      ['UCM 1 ORDERS:D:96A:UN:EAN008 4 15', 'UCS 6 15'],
    ],
    [
      'no first segment',
      changed(edifact, 'BGM+220+ORD-7001+9', 'FTX+AAA'),
      ['UCM 1 ORDERS:D:96A:UN:EAN008 4 13', 'UCS 2 13'],
    ],
    [
      'a NUL',
      changed(edifact, 'Kaai', 'Ka\u0000ai'),
      ['UCM 1 ORDERS:D:96A:UN:EAN008 4 21', 'UCS 4', 'UCD 21 6'],
    ],
    [
      'a number that is none',
      changed(edifact, ':12:', ':1x:'),
      ['UCM 1 ORDERS:D:96A:UN:EAN008 4 19', 'UCS 7', 'UCD 19 2:2'],
    ],
    [
      'thousands that are parted',
      changed(edifact, ':9.25', ':1.009,25'),
      ['UCM 1 ORDERS:D:96A:UN:EAN008 4 19', 'UCS 8', 'UCD 19 2:2'],
    ],
    [
      'a comma that may part thousands',
      changed(edifact, ':12:', ':1,200:'),
      ['UCM 1 ORDERS:D:96A:UN:EAN008 4 19', 'UCS 7', 'UCD 19 2:2'],
    ],
    [
      'elements for components',
      changed(edifact, '+21:12', '+21+12'),
      ['UCM 1 ORDERS:D:96A:UN:EAN008 4 16', 'UCS 7', 'UCD 16 3', 'UCD 13 2:2'],
    ],
    ['components for elements', changed(edifact, 'LIN+1+', 'LIN+1:'), null],
    [
      'a line fewer than CNT says',
      changed(edifact, 'CNT+2:1', 'CNT+2:2'),
      ['UCM 1 ORDERS:D:96A:UN:EAN008 4 29', 'UCS 10', 'UCD 29 2'],
    ],
    [
      'a count that is no decimal',
      changed(edifact, 'UNT+11', 'UNT+0xB'),
      ['UCM 1 ORDERS:D:96A:UN:EAN008 4 29'],
    ],
    ['no UNH', changed(edifact, /UNH[^']*'/, ''), null],
    ['a damaged UNH', changed(edifact, 'UNH+', 'UNX+'), null],
    ['a segment outside', changed(edifact, 'UNZ', "RFF+ON:1'UNZ"), null],
    ['a segment after the end', `${edifact}RFF+ON:1'`, null],
    ['two ends of a message', changed(edifact, 'UNZ', "UNT+11+1'UNZ"), null],
    ['functional groups', changed(edifact, 'UNH+', "UNG+ORDERS'UNH+"), null],
    ['an unknown syntax', changed(edifact, 'UNOC:3', 'UNOC:9'), null],
    [
      'two messages of one reference',
      edifactText('ORDERS', [orderEdifact, orderEdifact])
        .replace('UNH+2', 'UNH+1')
        .replace(/(UNT\+\d+)\+2/, '$1+1'),
      ['UCM 1 ORDERS:D:96A:UN:EAN008 4 26', 'UCM 1 ORDERS:D:96A:UN:EAN008 4 26'],
    ],
  ] as const)
    it(`${what} is refused`, () => {
      const [documents, ...answer] = answered(text);
      assert.equal(documents, '0');
      assert.notDeepEqual(read(text).findings, []);
      if (expected) assert.deepEqual(answer, expected);
      else assert.match(answer.join(), /^UCI 42 \S+ \S+ 4 \d+|UCM 1 \S+ 4/);
    });

  it('separators that part nothing are refused', () => {
    for (const una of ["UNA::.? '", "UNA:+.+ '", 'UNA:+.? A', "UNA:+x? '"])
      assert.throws(() => read(edifactText('ORDERS', [orderEdifact], una)), { code: 'EDI_INVALID' }, una);
  });

  for (const [what, text] of [
    ['without UNA', edifact.slice(9)],
    ['of syntax 4', changed(changed(edifact, "UNA:+.? '", "UNA:+.?*'"), 'UNOC:3', 'UNOC:4')],
    ['with a line for each segment', edifact.replaceAll("'", "'\r\n")],
    ['wrapped at 80 columns', edifact.replaceAll(/[^]{80}/g, '$&\n')],
    ['with the end of a line in a text', changed(edifact, 'Waren', 'Wa\r\nren')],
    [
      'with a comma for the mark that UNA tells',
      changed(changed(edifact, 'UNA:+.', 'UNA:+,'), '9.25', '9,25'),
    ],
    ['with a comma and no UNA', changed(edifact.slice(9), '9.25', '9,25')],
    ['with a comma, though UNA tells a dot', changed(edifact, '9.25', '9,25')],
  ] as const)
    it(`an interchange ${what} is read`, () => {
      const { documents, findings } = read(text);
      assert.deepEqual([documents[0]?.segments, findings], [read(edifact).documents[0]?.segments, []]);
    });

  it('only numbers have their comma turned into a dot', () => {
    const { documents } = read(changed(edifact, 'Warenhuis NV', 'Waren, huis 1,5 NV').slice(9));
    assert.deepEqual(documents[0]?.segments[2]?.['NAD04'], 'Waren, huis 1,5 NV');
  });
});

describe('what suppliers and warehouses send', () => {
  for (const [type, body] of [
    ['810', ['BIG*20261102*INV-1**PO-1', 'N1*RE*Seller', 'IT1*1*2*EA*9.25**VN*A-1', 'TDS*1850', 'CTT*1']],
    [
      '856',
      ['BSN*00*S-1*20261102*0905', 'HL*1**S', 'TD5**2*UPSN', 'HL*2*1*I', 'LIN**VN*A-1', 'SN1**2*EA', 'CTT*2'],
    ],
    ['943', ['W06*N*D-1*20261102*S-1', 'N1*WH*House', 'W27*M*UPSN', 'W04*12*EA**VN*A-1', 'W03*12']],
    ['944', ['W17*F*20261102*R-1*D-1', 'N1*WH*House', 'W07*12*EA**VN*A-1', 'N9*LT*L-1', 'W14*12']],
  ] as const)
    it(`a ${type} is read`, () => {
      const { documents, findings } = read(x12Text(type, [[...body]]));
      assert.deepEqual([documents.length, findings], [1, []]);
    });
});

describe('what a sender may leave out', () => {
  for (const [what, from, to] of [
    ['the article number of a line', 'LIN+1++4012345123456:EN', 'LIN+1'],
    ['the function', '+ORD-7001+9', '+ORD-7001'],
    ['the number behind a qualifier', 'PIA+5+A-1:SA', 'PIA+5+:SA'],
  ] as const)
    it(`${what} in EDIFACT`, () => assert.deepEqual(read(changed(edifact, from, to)).findings, []));

  it('line numbers, names and a count of lines in X12', () => {
    const body = ['BEG*00*SA*PO-7**20261102', 'N1*ST**92*0007', 'PO1**12*EA*9.25**VN*A-1'];
    assert.deepEqual(read(x12Text('850', [body])).findings, []);
  });

  it('but an interchange has an end', () => {
    const segments = Array(200_001).fill('MSG*x').join('~');
    assert.throws(() => read(changed(x12, 'CTT*2', segments)), { code: 'EDI_INVALID' });
    assert.throws(() => read(changed(edifact, "UNS+S'", 'x+'.repeat(100))), { code: 'EDI_INVALID' });
  });
});

describe('several interchanges in one text', () => {
  const partners = loadPartners('definitions/partners');
  const of = (number: string) =>
    x12Text('850', [orderX12], number).replace('0012345678     ', '0079611234     ');
  const seen = (text: string) =>
    readInterchanges(text, { partners, documentTypes: known }).map((one) =>
      'error' in one ? one.error.code : `${one.interchange.control} ${one.interchange.documents.length}`,
    );

  it('are read each for itself', () => {
    assert.deepEqual(seen(`${of('000000051')}\r\n${of('000000052')}`), ['000000051 1', '000000052 1']);
    const wrapped = ['000000051', '000000052'].map((number) => of(number).replaceAll(/[^]{80}/g, '$&\n'));
    assert.deepEqual(seen(wrapped.join('\n')), ['000000051 1', '000000052 1']);
    assert.deepEqual(seen((of('000000051') + of('000000052')).replaceAll(/[^]{80}/g, '$&\n')), [
      '000000051 1',
      '000000052 1',
    ]);
    assert.deepEqual(seen(`${edifact}\n${edifact.slice(9)}${of('000000051')}`), [
      '42 1',
      '42 1',
      '000000051 1',
    ]);
  });

  it('a bad one does not lose the others', () => {
    for (const [bad, expected] of [
      [of('000000052').replace('0079611234     ', '0099999999     '), 'EDI_PARTNER_UNKNOWN'],
      [of('000000052').replace('ISA*00*', 'ISA*0*'), 'EDI_INVALID'],
      [of('000000052').replace(/IEA.*/, ''), '000000052 0'],
      [of('000000052').replace('SE*10', 'SE*11'), '000000052 0'],
    ] as const)
      assert.deepEqual(seen(of('000000051') + bad + of('000000053')), [
        '000000051 1',
        expected,
        '000000053 1',
      ]);
  });

  describe('count once', () => {
    let dir: string;
    let close: () => Promise<void>;
    let guard: ReturnType<typeof embeddedGuard>;
    beforeEach(() => {
      dir = mkdtempSync(join(tmpdir(), 'crossdock-edi-'));
      const store = openStore(join(dir, 'crossdock.db'));
      guard = embeddedGuard(store);
      close = () => guard.close().then(() => store.close());
    });
    afterEach(async () => {
      await close();
      rmSync(dir, { recursive: true, force: true });
    });

    /** As one message of a sender: what it comes to, and its claims kept or given back. */
    const send = async (text: string, works = true) => {
      const held: Parameters<typeof countOnce>[2] = { claims: [], leaseMs: 60_000, keepMs: 60_000 };
      const counted = [];
      for (const one of readInterchanges(text, { partners, documentTypes: known }))
        if ('interchange' in one)
          counted.push(await countOnce(guard, { ...one, partner: one.interchange.partner.partner }, held));
      for (const { claim, keepMs } of held.claims)
        await (works ? guard.commit(claim, 'ok', keepMs) : guard.release(claim));
      return counted.map(({ is }) => is);
    };
    const other = (text: string) => changed(text, '*12*EA', '*13*EA');

    it('the same again is nothing new, also with other ends of lines and in other company', async () => {
      assert.deepEqual(await send(of('000000051')), ['new']);
      assert.deepEqual(await send(of('000000051').replaceAll('~', '~\n')), ['repeated']);
      assert.deepEqual(await send(of('000000051') + of('000000052')), ['repeated', 'new']);
    });

    it('other content under the same number is a duplicate, and answered once', async () => {
      await send(of('000000051'));
      assert.deepEqual(await send(other(of('000000051'))), ['duplicate']);
      assert.deepEqual(await send(other(of('000000051'))), ['repeated']);
      assert.deepEqual(await send(of('000000054') + other(of('000000054')) + of('000000054')), [
        'new',
        'duplicate',
        'repeated',
      ]);
      const [one] = readInterchanges(of('000000051'), { partners, documentTypes: known });
      assert.ok(one && 'interchange' in one);
      const { segments } = one.interchange.duplicate;
      assert.deepEqual([segments[0]?.['TA104'], segments[0]?.['TA105']], ['R', '025']);
      const contrl = read(edifact).duplicate.segments[0];
      assert.deepEqual([contrl?.['UCI04'], contrl?.['UCI05']], ['4', '26']);
    });

    it('what failed here counts when it is tried again', async () => {
      assert.deepEqual(await send(of('000000051'), false), ['new']);
      assert.deepEqual(await send(of('000000051')), ['new']);
    });

    it('what was refused comes again, mended, under the same number', async () => {
      const bad = of('000000051').replace('SE*10', 'SE*11');
      assert.deepEqual(await send(bad), ['new']);
      assert.deepEqual(await send(bad), ['repeated']);
      assert.deepEqual(await send(of('000000051')), ['new']);
    });

    it('what is at work elsewhere is waited for', async () => {
      const [one] = readInterchanges(of('000000051'), { partners, documentTypes: known });
      assert.ok(one && 'interchange' in one);
      const of51 = { ...one, partner: 'midmart' };
      await countOnce(guard, of51, { claims: [], leaseMs: 60_000, keepMs: 60_000 });
      await assert.rejects(countOnce(guard, of51, { claims: [], leaseMs: 60_000, keepMs: 60_000 }), {
        code: 'CLAIM_IN_FLIGHT',
      });
    });
  });
});
