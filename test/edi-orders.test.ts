/** What partners say in an order by EDI, and what becomes of it: read, or refused by what is named. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadDocumentTypes } from '../runtime/edi/document-types.ts';
import type { EdiDocument } from '../runtime/edi/document.ts';
import { readEdifact } from '../runtime/edi/edifact.ts';
import { itemsOf } from '../runtime/edi/understood.ts';
import { readX12 } from '../runtime/edi/x12.ts';
import { compileMapping } from '../runtime/map/mapping.ts';
import { loadPartners } from '../runtime/partners/partners.ts';
import { loadValueMaps } from '../runtime/values/value-maps.ts';

const definitions = resolve(import.meta.dirname, '../definitions');
const known = loadDocumentTypes(join(definitions, 'edi'));
const values = loadValueMaps(join(definitions, 'values'));
const partners = loadPartners(join(definitions, 'partners'));

type Order = Record<string, any>;

function x12(lines: string): EdiDocument {
  const body = lines
    .trim()
    .split(/\s*~\s*/)
    .filter(Boolean);
  const text = [
    'ISA*00*          *00*          *01*0079611234     *ZZ*CROSSDOCK      *261102*0905*U*00401*000000317*0*P*>',
    'GS*PO*0079611234*CROSSDOCK*20261102*0905*317*X*004010',
    'ST*850*0001',
    ...body,
    `SE*${body.length + 2}*0001`,
    'GE*1*317',
    'IEA*1*000000317',
    '',
  ].join('~');
  return only(readX12(text, { types: ['850'], known }));
}

function edifact(lines: string): EdiDocument {
  const body = lines
    .trim()
    .split(/\s*'\s*/)
    .filter(Boolean);
  const text = [
    'UNB+UNOC:3+5412345000013:14+4012345000009:14+261102:0905+881',
    'UNH+1+ORDERS:D:96A:UN:EAN008',
    ...body,
    `UNT+${body.length + 2}+1`,
    'UNZ+1+881',
    '',
  ].join("'");
  return only(readEdifact(text, { types: ['ORDERS'], known }));
}

function only({ documents, findings }: ReturnType<typeof readX12>): EdiDocument {
  if (findings.length > 0) throw new Error(findings.join('; '));
  return documents[0]!;
}

const mappings = new Map<string, ReturnType<typeof compileMapping>>();

function mapped(document: EdiDocument): Promise<Order> {
  const name = `${document.standard}.order`;
  const file = `mappings/${name}.jsonata`;
  const schema = 'schemas/order.v1.json';
  const mapping =
    mappings.get(name) ??
    compileMapping({ dir: definitions, file, schema, values, partners, documentTypes: known });
  mappings.set(name, mapping);
  const partner = document.standard === 'x12' ? 'midmart' : 'brookfield';
  return mapping.run(
    { partner, ...document },
    { event: { time: '2026-11-03T08:00:00.000Z' } },
  ) as Promise<Order>;
}

/** What of an order money and quantity hang on. */
const shown = ({ lines, shipping = [], totals }: Order) => ({
  lines: lines.map((line: Order) =>
    [line.id, line.quantity, line.unitPrice, ...(line.discount ? [`-${line.discount}`] : [])].join(' '),
  ),
  ...(shipping.length > 0 && { charges: shipping.map(({ code, price }: Order) => `${code} ${price}`) }),
  gross: totals.gross,
});

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

const lamp = "LIN+1++4012345000016:EN'PIA+5+FURN_8888:SA'QTY+21:10:PCE'";
const brookfield = (rest: string, begin = "BGM+220+B-901+9'", summary = '') =>
  edifact(
    `${begin}DTM+137:20261102:102'NAD+BY+5412345000013::9++Brookfield NV+Kaaistraat 4+Antwerpen++2000+BE'CUX+2:EUR:9'${rest}UNS+S'${summary}`,
  );

describe('an order by EDIFACT', () => {
  const read: [string, () => EdiDocument, Order][] = [
    ['a net price', () => brookfield(`${lamp}PRI+AAA:40'`), { lines: ['1 10 40.00'], gross: '400.00' }],
    [
      'a decimal comma',
      () => brookfield(`${lamp}PRI+AAA:39,50'`),
      { lines: ['1 10 39.50'], gross: '395.00' },
    ],
    [
      'a price for a hundred',
      () => brookfield(`${lamp}PRI+AAA:85:::100:PCE'`),
      { lines: ['1 10 0.85'], gross: '8.50' },
    ],
    [
      'its basis one place too late',
      () => brookfield(`${lamp}PRI+AAA:85::::100:PCE'`),
      { lines: ['1 10 0.85'], gross: '8.50' },
    ],
    [
      'a gross price with a percentage and its amount',
      () => brookfield(`${lamp}PRI+AAB:40'ALC+A'PCD+3:10'MOA+204:40'`),
      { lines: ['1 10 40.00 -40.00'], gross: '360.00' },
    ],
    [
      'a gross and a net price, and what lies between',
      () => brookfield(`${lamp}MOA+203:380'PRI+AAA:38'PRI+AAB:40'ALC+A'RTE+1:2:1'`),
      { lines: ['1 10 40.00 -20.00'], gross: '380.00' },
    ],
    [
      'a net price that has the allowance in it',
      () => brookfield(`${lamp}MOA+203:360'PRI+AAA:36'ALC+A'MOA+204:40'`),
      { lines: ['1 10 36.00'], gross: '360.00' },
    ],
    [
      'a net price before the allowance, as the amount of the line tells',
      () => brookfield(`${lamp}MOA+203:360'PRI+AAA:40'ALC+A'MOA+204:40'`),
      { lines: ['1 10 40.00 -40.00'], gross: '360.00' },
    ],
    [
      'an allowance and freight of the order, with VAT, and all totals',
      () =>
        brookfield(
          `TAX+7+VAT+++:::21'ALC+A'PCD+1:10'ALC+C++++FC'MOA+23:15'${lamp}PRI+AAA:40'`,
          undefined,
          "MOA+79:400'MOA+125:375'MOA+176:78.75'MOA+86:453.75'MOA+131:-25'CNT+2:1'",
        ),
      { lines: ['1 10 40.00'], charges: ['allowance -40.00', 'FC 15.00'], gross: '453.75' },
    ],
    [
      'a total without tax',
      () => brookfield(`${lamp}PRI+AAA:40'TAX+7+VAT+++:::21'`, undefined, "MOA+86:400'"),
      { lines: ['1 10 40.00'], gross: '484.00' },
    ],
    [
      'packs it is ordered in',
      () => brookfield(`${lamp}QTY+59:6:PCE'PRI+AAA:40'`),
      { lines: ['1 10 40.00'], gross: '400.00' },
    ],
    [
      'percentages one after the other, as their steps say, with and without amounts',
      () =>
        brookfield(
          `${lamp}PRI+AAB:10'PRI+AAA:8.55'ALC+A+++1+TD'PCD+3:10'ALC+A+++2+TD'PCD+3:5'LIN+2++A:SA'QTY+21:10'PRI+AAB:10'ALC+A+++1+TD'PCD+3:10'MOA+204:10'ALC+A+++2+TD'PCD+3:5'MOA+204:4.5'`,
        ),
      { lines: ['1 10 10.00 -14.50', '2 10 10.00 -14.50'], gross: '171.00' },
    ],
    [
      'amounts of both percentages, each of the gross price',
      () => brookfield(`${lamp}PRI+AAB:10'ALC+A+++1+TD'PCD+3:10'MOA+204:10'ALC+A+++2+TD'PCD+3:5'MOA+204:5'`),
      { lines: ['1 10 10.00 -15.00'], gross: '85.00' },
    ],
    [
      'the same price twice, no allowance, and the price of one piece',
      () => brookfield(`${lamp}MOA+146:40'PRI+AAA:40'PRI+NTP:40'ALC+N'`),
      { lines: ['1 10 40.00'], gross: '400.00' },
    ],
    [
      'where it comes from, the shelf, and that it goes where the order goes',
      () =>
        brookfield(
          `${lamp}ALI+BE'QTY+113:10:PCE'PRI+AAA:40'LOC+7+541::9'LOC+14+R3'`,
          "BGM+220+B-905+9'NAD+DP+541::9'",
        ),
      { lines: ['1 10 40.00'], gross: '400.00' },
    ],
    [
      'no rate of VAT where there is none',
      () => brookfield(`TAX+7+VAT++++E'${lamp}PRI+AAA:40'`),
      { lines: ['1 10 40.00'], gross: '400.00' },
    ],
    [
      'prices for information',
      () => brookfield(`${lamp}PRI+AAA:40'PRI+AAE:69.99'`),
      { lines: ['1 10 40.00'], gross: '400.00' },
    ],
    [
      'without a function',
      () => brookfield(`${lamp}PRI+AAA:40'`, "BGM+220+B-902'"),
      { lines: ['1 10 40.00'], gross: '400.00' },
    ],
  ];
  for (const [name, document, expected] of read)
    it(`is read: ${name}`, async () => assert.deepEqual(shown(await mapped(document())), expected));

  it("is read: without a currency, for one who is billed and gets the goods, by the supplier's number", async () => {
    const { currency, billTo, shipTo, lines } = await mapped(
      edifact(
        "BGM+220+B-904+9'DTM+137:20261102:102'NAD+BS+290::92++Store 290+Main St 1+Gent++9000'LIN+1++ITEM-A:VP'QTY+21:3'PRI+NTP:6.31:CU'UNS+S'",
      ),
    );
    assert.deepEqual(
      [currency, billTo, lines[0].sku, lines[0].barcode],
      ['EUR', shipTo, 'ITEM-A', undefined],
    );
    assert.equal(shipTo.company, 'Store 290');
  });

  it("is read: an article by the buyer's number alone", async () => {
    const { lines } = await mapped(brookfield("LIN+1'PIA+5+KD77:IN'QTY+21:2:PCE'PRI+AAA:8.50'"));
    assert.deepEqual([lines[0].sku, lines[0].name], ['KD77', 'KD77']);
  });

  it('is read: addresses without a country, in free text, and a VAT number', async () => {
    const { billTo, shipTo, customer } = await mapped(
      brookfield(
        `${lamp}PRI+AAA:40'`,
        "BGM+220+B-903+9'NAD+BY+541::9++Brookfield NV+Kaaistraat 4+Antwerpen++2000'RFF+VA:BE0123456789'NAD+DP+542::9+Depot:Havenlaan 12:9000 Gent'",
      ),
    );
    assert.deepEqual([billTo.country, shipTo.country, customer.taxId], ['BE', 'BE', 'BE0123456789']);
    assert.deepEqual([shipTo.company, shipTo.street, shipTo.street2], ['Depot', 'Havenlaan 12', '9000 Gent']);
  });

  const refused: [string, () => EdiDocument, RegExp][] = [
    [
      'a change by parts',
      () => brookfield(`${lamp}PRI+AAA:40'`, "BGM+220+B-901+4'"),
      /BGM03 is 4, which is not done here/,
    ],
    [
      'a blanket order',
      () => brookfield(`${lamp}PRI+AAA:40'`, "BGM+221+B-901+9'"),
      /BGM01 is 221: a blanket order/,
    ],
    ['another kind of order', () => brookfield(`${lamp}PRI+AAA:40'`, "BGM+227+B-901+9'"), /BGM01 is 227/],
    ['no price', () => brookfield(lamp), /PRI of line 1 is missing/],
    ['no quantity', () => brookfield("LIN+4++A:EN'PRI+AAA:40'"), /QTY of line 4 is missing/],
    [
      'a price for another unit',
      () => brookfield(`${lamp}PRI+AAA:40:::1:KGM'`),
      /a price for KGM, QTY counts PCE/,
    ],
    [
      'a price nobody knows',
      () => brookfield(`${lamp}PRI+AAA:40'PRI+XYZ:2'`),
      /PRI of line 1: XYZ is no price/,
    ],
    [
      'two prices',
      () => brookfield(`${lamp}PRI+AAA:40'PRI+AAA:41'`),
      /PRI of line 1: there is more than one price/,
    ],
    [
      'an allowance that may be in the price already',
      () => brookfield(`${lamp}PRI+AAA:40'ALC+A'MOA+204:40'`),
      /ALC of line 1: it is not said/,
    ],
    [
      'an amount that is not the percentage',
      () => brookfield(`${lamp}PRI+AAB:40'ALC+A'PCD+3:10'MOA+204:41'`),
      /ALC of line 1: its amount.* 41 and 40.00/,
    ],
    [
      'an allowance that is billed back',
      () => brookfield(`${lamp}PRI+AAB:40'ALC+A++1'MOA+204:40'`),
      /ALC03 is 1/,
    ],
    [
      'two percentages',
      () => brookfield(`${lamp}PRI+AAB:40'ALC+A'PCD+3:10'ALC+A'PCD+3:5'`),
      /the second percentage/,
    ],
    [
      'a net price that is not what remains',
      () => brookfield(`${lamp}PRI+AAA:37'PRI+AAB:40'ALC+A'MOA+204:40'`),
      /PRI of line 1 says 37.00/,
    ],
    [
      'another amount of a line',
      () => brookfield(`${lamp}MOA+203:401'PRI+AAA:40'`),
      /MOA of line 1 says 401.00/,
    ],
    ['another total', () => brookfield(`${lamp}PRI+AAA:40'`, undefined, "MOA+86:401'"), /MOA 86 says 401.00/],
    [
      'a total nobody knows',
      () => brookfield(`${lamp}PRI+AAA:40'`, undefined, "MOA+52:4'"),
      /^MOA 52 is not understood here/,
    ],
    ['free goods', () => brookfield(`${lamp}QTY+192:1:PCE'PRI+AAA:40'`), /^QTY of line 1: free goods/],
    [
      'quantities by place',
      () => brookfield(`${lamp}PRI+AAA:40'LOC+7+541::9'QTY+11:4'`),
      /^QTY of line 1: quantities by place/,
    ],
    ['quantities by day', () => brookfield(`${lamp}PRI+AAA:40'SCC+1'`), /^SCC of line 1/],
    ['an address of a line', () => brookfield(`${lamp}PRI+AAA:40'NAD+DP+1::9'`), /^NAD of line 1/],
    [
      'two addresses',
      () => brookfield(`${lamp}PRI+AAA:40'`, "BGM+220+1+9'NAD+DP+1::9'NAD+DP+2::9'"),
      /NAD: there is more than one address/,
    ],
    [
      'two currencies',
      () => brookfield(`${lamp}PRI+AAA:40'`, "BGM+220+1+9'CUX+2:USD:9'"),
      /CUX: more than one currency, USD and EUR/,
    ],
    [
      'two rates of VAT',
      () => brookfield(`TAX+7+VAT+++:::21'TAX+7+VAT+++:::6'${lamp}PRI+AAA:40'`),
      /TAX of line 1 is missing, and the order has more than one rate/,
    ],
    [
      'a part of a piece that may be a thousand',
      () => brookfield("LIN+1++A:SA'QTY+21:1,200:PCE'PRI+AAA:2'"),
      /QTY of line 1 is 1.200 of pieces: a part of one, or thousands/,
    ],
    [
      'VAT without its rate',
      () => brookfield(`TAX+7+VAT++++S'${lamp}PRI+AAA:40'`),
      /TAX05 of the order is missing: the rate of VAT is not said/,
    ],
    [
      'another place of a line',
      () => brookfield(`${lamp}PRI+AAA:40'LOC+7+542::9'`, "BGM+220+B-906+9'NAD+DP+541::9'"),
      /LOC of line 1: a place of its own/,
    ],
    [
      'another quantity to deliver',
      () => brookfield(`${lamp}QTY+113:9:PCE'PRI+AAA:40'`),
      /QTY 113 of line 1 says 9/,
    ],
    [
      'another price of a piece',
      () => brookfield(`${lamp}MOA+146:41'PRI+AAA:40'`),
      /MOA 146 of line 1 says 41/,
    ],
    [
      'a dot before three digits where others have a comma, and nothing tells',
      () => brookfield("LIN+1++A:SA'QTY+21:1.000:PCE'PRI+AAA:2,50'"),
      /QTY01 has \., other numbers have the other mark/,
    ],
    ['another tax than VAT', () => brookfield(`${lamp}PRI+AAA:40'TAX+7+EXC+++:::5'`), /TAX of line 1 is EXC/],
    ['a line taken away', () => brookfield("LIN+1+2+A:EN'QTY+21:1'PRI+AAA:4'"), /LIN02 of line 1 is 2/],
    ['a sub-line', () => brookfield("LIN+1++A:EN+1:2'QTY+21:1'PRI+AAA:4'"), /^LIN of line 1: sub-lines/],
    ['a price of the shop', () => brookfield(`${lamp}PRI+AAA:40::SRP'`), /a price of the type SRP/],
    [
      'a payer',
      () => brookfield(`${lamp}PRI+AAA:40'`, "BGM+220+1+9'NAD+PR+1::9'"),
      /^NAD PR is not understood here/,
    ],
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

it('a partner may send only what is read', () => {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-partners-'));
  const file = readFileSync(join(definitions, 'partners/midmart.yaml'), 'utf8');
  writeFileSync(join(dir, 'midmart.yaml'), file.replace("sends: ['850']", "sends: ['850', '860']"));
  const isRead = (standard: 'x12' | 'edifact', type: string) =>
    known.get(standard, type)?.reads !== undefined;
  assert.throws(() => loadPartners(dir, isRead), { code: 'CONFIG_INVALID', message: /sends 860/ });
  rmSync(dir, { recursive: true });
});

describe('what is read of each kind of document', () => {
  const folder = join(definitions, 'mappings');
  const types = readdirSync(join(definitions, 'edi'))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.split('.') as ['x12' | 'edifact', string])
    .map(([standard, type]) => known.get(standard, type)!)
    .filter(({ type, reads = [] }) => reads.length > 0 && !['997', 'CONTRL'].includes(type));
  /** By its text: what it says it holds against the list. */
  const mappingOf = ({ standard, type }: (typeof types)[number]) => {
    const names: Record<string, string> = {
      '850': 'order',
      ORDERS: 'order',
      '945': 'shipment',
      '944': 'receipt',
      '810': 'bill',
      INVOIC: 'bill',
    };
    return readFileSync(join(folder, `${standard}.${names[type]}.jsonata`), 'utf8');
  };

  it('is a list of what the mappings name, no more and no less', () => {
    assert.ok(types.length >= 6);
    for (const one of types) {
      const text = mappingOf(one);
      assert.match(text, /\$understood\(\$\)/, `${one.type} is held against its list`);
      const tags = [...one.tags].toSorted((a, b) => b.length - a.length).join('|');
      const named = new Set(
        [...text.matchAll(new RegExp(`\\b(${tags})(\\d\\d)\\b`, 'g'))].map(([name]) => name),
      );
      const read = [...itemsOf({ ...one, ignored: {}, refused: {} })].flatMap(([place, items]) =>
        items.map(({ elements: [from, to] }) => ({ tag: place.split('/').at(-1)!, from, to })),
      );
      const isRead = (name: string) =>
        read.some(({ tag, from, to }) => name.startsWith(tag) && within(name.slice(tag.length), from, to));
      assert.deepEqual(
        [...named].filter((name) => !isRead(name)),
        [],
        `${one.type}: read, and not in the list`,
      );
      const by = one.asks?.by ?? '';
      const unread = read.filter(
        ({ tag }) => ![...named, by].some((name) => name.startsWith(tag)) && !text.includes(`'${tag}'`),
      );
      assert.deepEqual(unread, [], `${one.type}: in the list, and not read`);
    }
  });

  it('is refused or ignored with a reason, where it is not read', () => {
    for (const { type, ignored = {}, refused = {} } of types)
      for (const [names, why] of [...Object.entries(ignored), ...Object.entries(refused)])
        assert.ok(why.length > 10, `${type}: ${names}`);
  });

  function within(digits: string, from: number, to: number): boolean {
    return /^\d\d$/.test(digits) && Number(digits) >= from && Number(digits) <= to;
  }
});
