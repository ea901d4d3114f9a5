/** Value maps: periods, partners, and files that are refused with file and line. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadValueMaps, valueMaps } from '../runtime/values/value-maps.ts';

const terms = valueMaps([
  {
    map: 'terms',
    owner: 'finance',
    summary: 'Terms',
    entries: [
      { from: 'NET30', to: 'old', until: '2026-06-30' },
      { from: 'NET30', to: 'new', since: '2026-07-01' },
      { from: 'NET30', to: 'of shopify', source: 'shopify', since: '2026-09-01', until: '2026-09-30' },
      { from: 'CASH', to: 'at once', source: 'shopify' },
    ],
  },
]);

describe('a value map', () => {
  const at = (time: string, source?: string) =>
    terms.lookup('terms', 'NET30', { at: time, ...(source === undefined ? {} : { source }) });

  it('holds since its first and until its last day, both counted, in UTC', () => {
    assert.equal(at('2020-01-01T00:00:00Z'), 'old');
    assert.equal(at('2026-06-30T23:59:59.999Z'), 'old');
    assert.equal(at('2026-07-01T00:00:00Z'), 'new');
    assert.equal(at('2026-06-30T22:00:00-05:00'), 'new');
    assert.equal(at('2026-07-01T01:00:00+02:00'), 'old');
  });

  it("takes the partner's own entry first, while it holds, then the one for all", () => {
    assert.equal(at('2026-08-31T12:00:00Z', 'shopify'), 'new');
    assert.equal(at('2026-09-01T00:00:00Z', 'shopify'), 'of shopify');
    assert.equal(at('2026-09-30T23:59:00Z', 'shopify'), 'of shopify');
    assert.equal(at('2026-10-01T00:00:00Z', 'shopify'), 'new');
    assert.equal(at('2026-09-15T00:00:00Z', 'woocommerce'), 'new');
    assert.equal(at('2026-09-15T00:00:00Z'), 'new');
  });

  it("never uses another partner's entry", () => {
    assert.equal(terms.lookup('terms', 'CASH', { source: 'shopify' }), 'at once');
    assert.equal(terms.lookup('terms', 'CASH', { source: 'woocommerce' }), undefined);
    assert.equal(terms.lookup('terms', 'CASH'), undefined);
  });

  it('takes what is said of the article first, then what the partner says of all', () => {
    const entries = [
      { from: 'CS', to: 'Units', factor: '6' },
      { from: 'CS', to: 'Units', factor: '10', source: 'midmart' },
      { from: 'CS', to: 'Units', factor: '24', article: 'A-1' },
      { from: 'CS', to: 'Units', factor: '48', article: 'A-1', source: 'midmart' },
    ];
    const uom = valueMaps([{ map: 'uom', owner: 'o', summary: 's', entries }]);
    const factor = (source?: string, article?: string) =>
      uom.find('uom', 'CS', { ...(source && { source }), ...(article && { article }) })?.factor;
    assert.deepEqual(
      [
        factor(),
        factor('midmart'),
        factor('acme', 'A-1'),
        factor('midmart', 'A-1'),
        factor('midmart', 'B-1'),
      ],
      ['6', '10', '24', '48', '10'],
    );
  });

  it('ignores blanks around the value, not its case', () => {
    assert.equal(terms.lookup('terms', ' NET30 ', { at: '2027-01-01T00:00:00Z' }), 'new');
    assert.equal(terms.lookup('terms', 'net30'), undefined);
  });

  it('says what is missing', () => {
    assert.throws(() => terms.require('terms', 'NET90', { source: 'shopify' }), {
      code: 'VALUE_UNMAPPED',
      facts: { map: 'terms', value: 'NET90', source: 'shopify' },
    });
    assert.throws(() => terms.lookup('none', 'x'), { code: 'MAPPING_INVALID', facts: { map: 'none' } });
    assert.throws(() => terms.lookup('terms', 'NET30', { at: 'yesterday' }), { code: 'MAPPING_FAILED' });
  });

  for (const name of ['constructor', '__proto__', 'toString']) {
    it(`has no entry ${name}`, () => assert.equal(terms.lookup('terms', name), undefined));
  }
});

describe('files of value maps', () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'crossdock-values-'))));
  afterEach(() => rmSync(dir, { recursive: true }));

  const load = (entries: string[], name = 'uom') => {
    const text = [`map: ${name}`, 'owner: master-data', 'summary: Units', 'entries:', ...entries];
    writeFileSync(join(dir, 'uom.yaml'), `${text.join('\n')}\n`);
    return loadValueMaps(dir);
  };

  it('are read, one map a file', () => {
    const maps = load(['  - { from: EA, to: Units }']);
    assert.deepEqual(maps.names, ['uom']);
    assert.equal(maps.require('uom', 'EA'), 'Units');
  });

  const overlapping: Record<string, string[]> = {
    'the same entry twice': ['{ from: EA, to: A }', '{ from: EA, to: B }'],
    'a shared day': ['{ from: EA, to: A, until: 2026-07-01 }', '{ from: EA, to: B, since: 2026-07-01 }'],
    'no end before a beginning': [
      '{ from: EA, to: A, since: 2026-01-01 }',
      '{ from: EA, to: B, since: 2026-07-01 }',
    ],
    'one period within another': [
      '{ from: EA, to: A, since: 2026-01-01, until: 2026-12-31 }',
      '{ from: EA, to: B, since: 2026-03-01, until: 2026-03-31 }',
    ],
    'a third within the first': [
      '{ from: EA, to: A, until: 2026-12-31 }',
      '{ from: X, to: B }',
      '{ from: EA, to: C, since: 2026-03-01 }',
    ],
    'the same article': ['{ from: CS, to: A, article: A-1 }', '{ from: CS, to: B, article: A-1 }'],
    'the same partner': ['{ from: EA, to: A, source: shopify }', '{ from: EA, to: B, source: shopify }'],
    'blanks around': ['{ from: EA, to: A }', "{ from: ' EA', to: B }"],
  };
  for (const [title, entries] of Object.entries(overlapping)) {
    it(`are refused for two meanings on one day: ${title}`, () => {
      assert.throws(() => load(entries.map((entry) => `  - ${entry}`)), {
        code: 'CONFIG_INVALID',
        message: /uom\.yaml/,
      });
    });
  }

  it('may have periods that follow each other, and entries of partners beside those for all', () => {
    const maps = load([
      '  - { from: EA, to: A, until: 2026-06-30 }',
      '  - { from: EA, to: B, since: 2026-07-01 }',
      '  - { from: EA, to: C, source: shopify }',
      '  - { from: EA, to: D, source: woocommerce }',
    ]);
    assert.equal(maps.require('uom', 'EA', { source: 'woocommerce' }), 'D');
  });

  const refused: [string, string[], RegExp][] = [
    [
      'a period that ends before it begins',
      ['  - { from: EA, to: A, since: 2026-02-01, until: 2026-01-01 }'],
      /uom\.yaml/,
    ],
    [
      'a day that does not exist',
      ['  - { from: EA, to: A }', '  - { from: B, to: A, since: 2026-02-30 }'],
      /uom\.yaml:6: entries\/1\/since /,
    ],
    [
      'an unknown field',
      ['  - from: EA', '    to: A', '    till: 2026-01-01'],
      /uom\.yaml:7: entries\/0\/till is not known/,
    ],
    ['an entry without meaning', ['  - { from: EA }'], /uom\.yaml:5: entries\/0\/to is missing/],
    [
      'a number where text is meant',
      ['  - { from: 655441491, to: WH }'],
      /uom\.yaml:5: entries\/0\/from must be string/,
    ],
    ['broken YAML', ['  - { from: EA'], /uom\.yaml:\d+: the file /],
  ];
  for (const [title, entries, message] of refused) {
    it(`are refused with file and line: ${title}`, () => {
      assert.throws(() => load(entries), { code: 'CONFIG_INVALID', message });
    });
  }

  it('are called as their map', () => {
    assert.throws(() => load([], 'units'), { code: 'CONFIG_INVALID', message: /uom\.yaml/ });
  });

  it('are in definitions that exist; a hub without maps has no folder of them', () => {
    assert.throws(() => loadValueMaps(join(dir, 'none', 'values')), { code: 'CONFIG_INVALID' });
    assert.deepEqual(loadValueMaps(join(dir, 'none')).names, []);
  });

  it('of the project are all right', () => {
    const folder = resolve(import.meta.dirname, '../definitions/values');
    const names = readdirSync(folder).map((file) => file.replace(/\.yaml$/, ''));
    assert.deepEqual(loadValueMaps(folder).names, names.toSorted());
  });
});
