/** What partners say in an order by X12, and what becomes of it: read, or refused by what is named. */
import assert from 'node:assert/strict';
import type { EdiDocument } from '../runtime/edi/document.ts';
import { mapped, shown, x12, type Order } from './edi-order-kit.ts';

const chair = 'PO1*1*2*EA*70.00**VN*FURN_7777~';
const head = 'BEG*00*SA*4500099**20261102~ N1*ST*Harbour Stores 9*92*0009~ N3*1 Quay~ N4*Salem*MA*01970~';
const x12Order = (lines = chair, begin = head) =>
  x12(`${begin}${lines}CTT*${lines.split('PO1*').length - 1}~`);

describe('an order by X12', () => {
  const read: [string, () => EdiDocument, Order][] = [
    ['one line', () => x12Order(), { lines: ['1 2 70.00'], gross: '140.00' }],
    [
      'a price for a hundred, and one for a thousand',
      () => x12Order('PO1*1*300*EA*12.50*HP*VN*A~PO1*2*2000*EA*9*TP*VN*B~'),
      { lines: ['1 300 0.125', '2 2000 0.009'], gross: '55.50' },
    ],
    [
      'an allowance and freight of the order, a percentage off a line, and a charge on it',
      () =>
        x12(
          `BEG*00*SA*4500100**20261102~SAC*A*F800***1000*******02***Promotion~SAC*C*D240***500~${chair}SAC*A*C310***1400*3*10~SAC*C*H000****3*5~CTT*1~AMT*TT*128~`,
        ),
      {
        lines: ['1 2 70.00 -14.00'],
        charges: ['allowance -10.00', 'D240 5.00', 'fee 7.00'],
        gross: '128.00',
      },
    ],
    [
      'percentages off the order, without amounts',
      () => x12(`BEG*00*NE*4500101**20261102~SAC*A*I170****3*5~SAC*A*H000****3*6.29*****02~${chair}CTT*1~`),
      { lines: ['1 2 70.00'], charges: ['allowance -7.00', 'allowance -8.81'], gross: '124.19' },
    ],
    [
      'a rate for each piece off a line',
      () => x12Order(`${chair}SAC*A*C310******2.50~`),
      { lines: ['1 2 70.00 -5.00'], gross: '135.00' },
    ],
    [
      'what is no allowance',
      () => x12Order(`${chair}SAC*N*C310***1400~`),
      { lines: ['1 2 70.00'], gross: '140.00' },
    ],
    [
      'the total of each line',
      () => x12Order(`${chair}AMT*1*140~PO1*2*1*EA*40**VN*B~AMT*1*40.00~`),
      { lines: ['1 2 70.00', '2 1 40.00'], gross: '180.00' },
    ],
    [
      'lines without a number, and with the same',
      () => x12Order('PO1**2*EA*70**VN*A~PO1*1*3*EA*40**VN*B~PO1*1*1*EA*5**VN*C~PO1**1*EA*6**VN*D~'),
      { lines: ['1.2 2 70.00', '1 3 40.00', '1.3 1 5.00', '4 1 6.00'], gross: '271.00' },
    ],
    [
      'a wanted day for all of a line',
      () => x12Order(`${chair}SCH*2*EA***002*20261210~`),
      { lines: ['1 2 70.00'], gross: '140.00' },
    ],
    [
      'the price in the shop',
      () => x12Order(`${chair}CTP**RES*99.90~`),
      { lines: ['1 2 70.00'], gross: '140.00' },
    ],
    [
      "the line's own price again, as of a catalogue",
      () => x12Order(`${chair}CTP*WH*UCP*70.0~`),
      { lines: ['1 2 70.00'], gross: '140.00' },
    ],
    [
      'net, wholesale and unit of the line as what a price is for, and a dozen',
      () =>
        x12Order(
          'PO1*1*2*EA*5*NT*VN*A~PO1*2*2*EA*5*WH*PI*B~PO1*3*2*CA*5*CA*UK*10012345678902~PO1*4*24*EA*12*LD*SK*C~',
        ),
      { lines: ['1 2 5.00', '2 2 5.00', '3 2 5.00', '4 24 1.00'], gross: '54.00' },
    ],
    [
      'an allowance for information, and one in the prices of nobody',
      () => x12(`BEG*00*SA*4500103**20261102~SAC*A*I170***500*******15~SAC*N*C310~${chair}CTT*1~`),
      { lines: ['1 2 70.00'], gross: '140.00' },
    ],
    [
      'a rate for each case, with what it comes to',
      () => x12Order('PO1*1*40*CA*24.60**VN*A~SAC*A*C000***4000***1.00*CA*40**02~'),
      { lines: ['1 40 24.60 -40.00'], gross: '944.00' },
    ],
    [
      'parties that are told for information',
      () => x12Order(chair, `${head}N1*MF*Maker~N1*II*Issuer~N1*PE*Bank~`),
      { lines: ['1 2 70.00'], gross: '140.00' },
    ],
    [
      'a total of quantities',
      () => x12(`${head}${chair}CTT*1*2~`),
      { lines: ['1 2 70.00'], gross: '140.00' },
    ],
  ];
  for (const [name, document, expected] of read)
    it(`is read: ${name}`, async () => assert.deepEqual(shown(await mapped(document())), expected));

  it('is read: each release of a blanket order is an order', async () => {
    const release = (number: string) => mapped(x12Order(chair, `BEG*00*RL*BL-77*${number}*20261102~`));
    const [one, two] = [await release('001'), await release('002')];
    assert.deepEqual([one['id'], two['id']], ['BL-77//001', 'BL-77//002']);
    assert.deepEqual([one['number'], two['reference']], ['BL-77/001', 'BL-77/002']);
  });

  it('is read: one that replaces another is a version of it', async () => {
    const { id, version } = await mapped(x12Order(chair, 'BEG*05*SA*4500099**20261102~'));
    assert.deepEqual([id, version], ['4500099', '2026-11-03T08:00:00.000Z']);
  });

  it('is read: wanted days, whom it is for, and a store that has only a number', async () => {
    const { note, shipTo } = await mapped(
      x12Order(
        `${chair}DTM*010*20261201~`,
        'BEG*00*SA*4500102**20261102~DTM*002*20261214~N1*ST*Store 9*92*0009~N1*Z7*Store 4*92*0004~',
      ),
    );
    assert.equal(shipTo, undefined);
    assert.equal(
      note,
      'Ship to Store 9 (0009); Mark for Store 4 (0004); deliver 2026-12-14; line 1: ship 2026-12-01',
    );
  });

  it('is read: freight that is only named, and an end user, are told to people', async () => {
    const { note, shipping } = await mapped(
      x12Order(
        `${chair}SAC*C*D500~`,
        'BEG*00*SA*4500104**20261102~SAC*C*D240**********06***Freight~N1*EN*Ms Muster~',
      ),
    );
    assert.equal(shipping, undefined);
    assert.equal(
      note,
      'For Ms Muster; Freight is charged without an amount; line 1: Charge D500 is charged without an amount',
    );
  });

  it('is read: countries by three letters, and Canada by its postal code', async () => {
    const country = async (n4: string) => {
      const { shipTo } = await mapped(
        x12Order(chair, `BEG*00*SA*4500105**20261102~N1*ST*Store~N3*1 Way~N4*${n4}~`),
      );
      return shipTo.country;
    };
    assert.deepEqual(
      [
        await country('Reno*NV*89501*USA'),
        await country('Toronto*ON*M5V 1J1'),
        await country('Reno*NV*89501'),
      ],
      ['US', 'CA', 'US'],
    );
  });

  it("is read: an article by its model, or the vendor's style", async () => {
    const { lines } = await mapped(x12Order('PO1*1*2*EA*5**MG*M-1~PO1*2*2*EA*5**VA*S-1*UP*012345678905~'));
    assert.deepEqual(
      lines.map(({ sku }: Order) => sku),
      ['M-1', '012345678905'],
    );
  });

  it('is read: an article that has only a barcode', async () => {
    const { lines } = await mapped(x12Order('PO1*1*2*EA*5**UP*012345678905~'));
    assert.deepEqual([lines[0].sku, lines[0].barcode], ['012345678905', '012345678905']);
  });

  it('is read: what a case holds, for the value map to agree with', async () => {
    const { lines } = await mapped(x12Order('PO1*1*2*CA*480**VN*A~PO4*6*1*EA***********2~'));
    assert.deepEqual([lines[0].uom, lines[0].pack, lines[0].quantity], ['CA', '12', '2']);
  });

  const refused: [string, () => EdiDocument, RegExp][] = [
    [
      'a change by parts',
      () => x12Order(chair, 'BEG*04*SA*1**20261102~'),
      /BEG01 is 04, which is not done here/,
    ],
    ['a blanket order', () => x12Order(chair, 'BEG*00*BK*1**20261102~'), /BEG02 is BK: a blanket order/],
    ['another kind of order', () => x12Order(chair, 'BEG*00*CN*1**20261102~'), /BEG02 is CN/],
    ['a release without a number', () => x12Order(chair, 'BEG*00*RL*1**20261102~'), /BEG04 is missing/],
    [
      'a price basis nobody knows',
      () => x12Order('PO1*1*2*EA*70*PF*VN*A~'),
      /price-basis has no entry for 'PF'/,
    ],
    [
      'a price for pieces of cases',
      () => x12Order('PO1*1*2*CA*70*PE*VN*A~'),
      /PO105 of line 1 is a price for pieces, PO103 counts CA/,
    ],
    ['no price', () => x12Order('PO1*7*2*EA***VN*A~'), /PO104 of line 7 is missing/],
    ['no quantity', () => x12Order('PO1*7**EA*1**VN*A~'), /PO102 of line 7 is missing/],
    [
      'an amount that is not the percentage',
      () => x12Order(`${chair}SAC*A*C310***1500*3*10~`),
      /SAC of line 1: its amount.* 15.00 and 14.00/,
    ],
    [
      'an amount that is not the rate',
      () => x12Order(`${chair}SAC*A*C310***1500***1~`),
      /SAC of line 1: its amount.* 15.00 and 2.00/,
    ],
    [
      'an allowance that is billed back',
      () => x12Order(`${chair}SAC*A*C310***1500*******01~`),
      /SAC12 is 01/,
    ],
    ['an allowance of nothing', () => x12Order(`${chair}SAC*A*C310~`), /SAC of line 1: there is no amount/],
    [
      'a percentage of it is not said what',
      () => x12(`BEG*00*SA*1**20261102~SAC*A*F800****3*10~${chair}SAC*A*C310***1400~CTT*1~`),
      /SAC of the order: its amount.* 14.00 and 12.60/,
    ],
    ['a percentage of something else', () => x12Order(`${chair}SAC*A*C310****4*10~`), /SAC06 is 4/],
    ['a promotion', () => x12Order(`${chair}SAC*P*C310***1500~`), /SAC01 is P/],
    [
      'another total',
      () => x12(`${head}${chair}CTT*1~AMT*TT*139~`),
      /AMT02 says 139.00, the document comes to 140.00/,
    ],
    ['another total of a line', () => x12Order(`${chair}AMT*1*141~`), /AMT of line 1 says 141.00/],
    ['another total of quantities', () => x12(`${head}${chair}CTT*1*3~`), /CTT02 says 3.00/],
    [
      'quantities by store',
      () => x12Order(`${chair}SDQ*EA*92*0009*1*0010*1~`),
      /^SDQ of line 1: quantities by store/,
    ],
    ['sub-lines', () => x12Order(`${chair}SLN*1**I*2*EA*5~`), /^SLN of line 1/],
    ['an address of a line', () => x12Order(`${chair}N1*ST*Other~`), /^N1 of line 1/],
    [
      'quantities by day',
      () => x12Order(`${chair}SCH*1*EA***002*20261210~SCH*1*EA***002*20261211~`),
      /SCH of line 1: quantities by date/,
    ],
    ['a second price', () => x12Order(`${chair}CTP**UCP*60~`), /CTP of line 1: a second price/],
    ['a currency of its own', () => x12(`${head}CUR*BY*USD~${chair}CUR*BY*CAD~CTT*1~`), /^CUR of line 1/],
    ['two currencies', () => x12(`${head}CUR*BY*USD**SE*CAD~${chair}CTT*1~`), /CUR: more than one currency/],
    ['two addresses', () => x12Order(chair, `${head}N1*ST*Other~`), /N1: there is more than one address/],
    [
      'an end user with an address, and nobody to ship to',
      () => x12Order(chair, 'BEG*00*DS*1**20261102~N1*EN*Ms Muster~N3*9 Way~N4*Reno*NV*89501~'),
      /N1 ST is missing/,
    ],
    ['a party nobody knows', () => x12Order(chair, `${head}N1*PR*Payer~`), /^N1 PR is not understood here/],
    [
      'an amount nobody knows',
      () => x12(`${head}${chair}CTT*1~AMT*GV*140~`),
      /^AMT GV is not understood here/,
    ],
    ['a segment nobody reads', () => x12Order(`${chair}IT8*SC~`), /^IT8 of line 1 is not understood here/],
    [
      'an element nobody reads',
      () => x12Order(`${chair}SAC*A*C310***1400*****1*5~`),
      /^SAC11 of line 1 is not understood here/,
    ],
    ['tax', () => x12Order(`${chair}TXI*ST*5~`), /^TXI of line 1/],
  ];
  for (const [name, document, message] of refused)
    it(`is refused: ${name}`, async () => assert.rejects(async () => mapped(document()), { message }));
});

it('what nobody reads is another error than what is not done', async () => {
  const unknown = x12Order(`${chair}IT8*SC~`);
  await assert.rejects(mapped(unknown), {
    code: 'FIELD_UNKNOWN',
    facts: { type: '850', mapping: 'mappings/x12.order.jsonata' },
  });
  await assert.rejects(mapped(x12Order(`${chair}IT8*SC~SDQ*EA*92*0009*2~`)), { code: 'UNSUPPORTED' });
});
