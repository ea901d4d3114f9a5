/** What partners say in an order by EDIFACT, and what becomes of it: read, or refused by what is named. */
import assert from 'node:assert/strict';
import type { EdiDocument } from '../runtime/edi/document.ts';
import { edifact, mapped, shown, type Order } from './edi-order-kit.ts';

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
