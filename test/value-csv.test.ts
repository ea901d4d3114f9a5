/** CSV of value maps, and two changes of one text: what is taken over, and what is named by its line. */
import assert from 'node:assert/strict';
import { imported as importedSheet, type Entry } from '../runtime/tower/web/workspace/values/csv.ts';
import { decoded, sheetOf } from '../runtime/tower/web/shared/sheet.ts';
import { merged } from '../runtime/tower/web/workspace/merge.ts';

const imported = (entries: readonly Entry[], text: string) => importedSheet(entries, sheetOf(text));
const faults = (text: string, entries: readonly Entry[] = []) =>
  imported(entries, text).wrong.map(({ line, why, field }) =>
    [line, why, ...(field ? [field] : [])].join(' '),
  );

describe('a CSV for a value map', () => {
  const entries = [
    { from: 'EA', to: 'Units' },
    { from: 'DZN', to: 'Units', factor: '12' },
  ];
  it('says what is new, changed and as it is; other entries stay', () => {
    const read = imported(
      entries,
      'from;to;factor\r\nEA;Units;\r\nDZN;Units;24\r\n"B;X";"say ""six""";6\r\n',
    );
    assert.deepEqual(read.wrong, []);
    assert.deepEqual([read.added.length, read.changed.length, read.same], [1, 1, 1]);
    assert.deepEqual(read.entries, [
      { from: 'EA', to: 'Units' },
      { from: 'DZN', to: 'Units', factor: '24' },
      { from: 'B;X', to: 'say "six"', factor: '6' },
    ]);
  });
  it('changes nothing by a column that is not there, and takes away by an empty cell', () => {
    const box = { from: 'BOX', to: 'Units', factor: '12', until: '2030-01-01' };
    assert.equal(imported([box], 'from,to\nBOX,Units\n').same, 1);
    assert.deepEqual(imported([box], 'from,to\nBOX,Pieces\n').entries, [{ ...box, to: 'Pieces' }]);
    assert.deepEqual(imported([box], 'from,to,factor\nBOX,Units,\n').entries, [
      { from: 'BOX', to: 'Units', until: '2030-01-01' },
    ]);
  });
  it('finds the entry that is meant also where the partner, the article or the first day is no column', () => {
    const acme = { from: 'EA', to: 'Units', source: 'acme', since: '2026-01-01' };
    assert.deepEqual(imported([acme], 'from,to\nEA,Pieces\n').entries, [{ ...acme, to: 'Pieces' }]);
    assert.deepEqual(imported([acme], 'from,to,source\nEA,Pieces,\n').entries.length, 2);
    assert.deepEqual(faults('from,to\nEA,Pieces\n', [acme, { from: 'EA', to: 'Units' }]), ['2 several']);
  });
  it('names bad rows by their line, doubles too', () => {
    const text =
      'from,to,since,until,factor\nA,,,,\nB,x,2026-02-30x,,\nC,x,,,0\nD,x,,,\nD,y,,,\nE,x,2026-02-01,2026-01-01,\n';
    assert.deepEqual(faults(text), [
      '2 missing to',
      '3 badDate since',
      '4 badFactor',
      '6 double',
      '7 backward',
    ]);
    assert.deepEqual(faults('a,b\n1,2\n'), ['1 noHeader']);
    assert.deepEqual(faults(''), ['1 noHeader']);
    assert.deepEqual(faults('from,to,price\n1,2,3\n'), ['1 unknownColumn price']);
    assert.deepEqual(faults('from,to,FROM\n1,2,3\n'), ['1 twice from']);
  });
  it('cuts nothing off: a row has the cells that the first line names', () => {
    assert.deepEqual(faults('from,to,factor\nA,x,1,5\nB,x\nC,x,2,,\n'), ['2 cells', '3 cells']);
    assert.deepEqual(faults('from,to,,\nA,x,,\nB,x,1,\n'), ['3 cells']);
  });
  it('names the line where a quote begins that never ends, and where one stands amiss', () => {
    assert.deepEqual(faults('from;to\nX;Y\n\nA;"5 inch\nB;Units\nC;Units\n'), ['4 openQuote']);
    assert.deepEqual(faults('from;to\nA;5" inch\nB;Units\n'), ['2 strayQuote']);
    assert.deepEqual(faults('from;to\nA;"5" inch\n'), ['2 strayQuote']);
    assert.deepEqual(faults('from;to\nA;"5 inch\nB;Units"\nC;\n'), ['2 newLine to', '4 missing to']);
  });
  it('counts the lines of the file, also behind a text over two lines, and of every system', () => {
    const lines = (text: string) => sheetOf(text).rows.map(({ line }) => line);
    assert.deepEqual(lines('from,to\n"a\nb",c\n\nd,e\n'), [1, 2, 5]);
    assert.deepEqual(lines('from,to\r\n"a\r\nb",c\r\n\r\nd,e\r\n'), [1, 2, 5]);
    assert.deepEqual(lines('from,to\r"a",c\r , \rd,e'), [1, 2, 4]);
  });
  it('may say its separator as Excel does', () => {
    const { added, wrong } = imported([], 'sep=;\r\nfrom;to\r\nA;"x;y"\r\nB;\r\n');
    assert.deepEqual([added, wrong.map(({ line }) => line)], [[{ from: 'A', to: 'x;y' }], [4]]);
    assert.equal(imported([], '\uFEFFsep=,\nfrom,to\nA,x\n').added.length, 1);
    assert.equal(imported([], 'from\tto\nA\tx\n').added.length, 1);
  });
  it('is refused where a letter was lost before', () => {
    assert.deepEqual(faults('from,to\nSt\uFFFDck,Units\n'), ['2 letters from']);
  });
});

describe('the bytes of a CSV', () => {
  const bytes = (...parts: (string | number[])[]) =>
    Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));
  it('are UTF-8, UTF-16 by its mark, else what Excel saves in Western Europe', () => {
    const text = 'from;to\nStück;€\n';
    assert.deepEqual(decoded(bytes(text)), { text, encoding: 'utf-8' });
    assert.deepEqual(decoded(bytes([0xef, 0xbb, 0xbf], text)), { text, encoding: 'utf-8' });
    const wide = Buffer.from(text, 'utf16le');
    assert.deepEqual(decoded(bytes([0xff, 0xfe], [...wide])), { text, encoding: 'utf-16le' });
    assert.deepEqual(decoded(bytes([0xfe, 0xff], [...wide.swap16()])), { text, encoding: 'utf-16be' });
    assert.deepEqual(decoded(bytes('from;to\nSt', [0xfc], 'ck;', [0x80], '\n')), {
      text,
      encoding: 'windows-1252',
    });
  });
  it('are refused where they are no text: a workbook, half a letter, a letter of another code page', () => {
    assert.equal(decoded(bytes('PK', [3, 4, 0x14, 0, 6, 0])), undefined);
    assert.equal(decoded(bytes([0xff, 0xfe, 0x41])), undefined);
    assert.equal(decoded(bytes('St', [0x81], 'ck')), undefined);
  });
});

describe('two changes of one text', () => {
  const before = 'a\nb\nc\nd\ne\n';
  it('fit together where they do not meet', () => {
    assert.equal(merged(before, 'a\nB\nc\nd\ne\n', 'a\nb\nc\nd\nE\nf\n'), 'a\nB\nc\nd\nE\nf\n');
  });
  it('are for a person where they meet', () => {
    assert.equal(merged(before, 'a\nB\nc\nd\ne\n', 'a\nX\nc\nd\ne\n'), undefined);
    assert.equal(merged(before, 'a\nb\nc\nd\ne\nmine\n', 'a\nb\nc\nd\ne\ntheirs\n'), undefined);
  });
});
