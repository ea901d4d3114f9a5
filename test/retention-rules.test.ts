/** definitions/retention.yaml: what is wrong in it is refused, and no kind of document is without a rule. */
import assert from 'node:assert/strict';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadRetention } from '../runtime/retention/rules.ts';

const project = readFileSync('definitions/retention.yaml', 'utf8');

describe('how long things are kept', () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'crossdock-rules-'))));
  afterEach(() => rmSync(dir, { recursive: true }));
  const load = (text: string) => {
    writeFileSync(join(dir, 'retention.yaml'), text);
    return loadRetention(dir)!;
  };

  it('stands in the file of the project; without one nothing goes', () => {
    const { steps, payloads, rollups, documents } = load(project);
    assert.deepEqual([steps, payloads, rollups.days], [400, 90, 1096]);
    assert.deepEqual(documents.get('edi-number'), { days: 400, ids: '*/*' });
    assert.deepEqual(documents.get('promotion'), { days: undefined });
    assert.equal(loadRetention(join(dir, 'nowhere')), undefined);
  });

  const wrong: Record<string, [string, string, RegExp]> = {
    'a time without its unit': ['steps: 400 days', 'steps: 400', /retention\.yaml:4.*steps/],
    'no time at all': ['payloads: 90 days', 'payloads: 0 days', /retention\.yaml:6.*payloads/],
    'an unknown setting': ['steps: 400 days', 'steps: 400 days\nlogs: 3 days', /logs/],
    'a part that is missing': ['letters: 400 days', '', /letters is missing/],
    'a kind that is kept for some time': [
      'promotion: { keep: for ever }',
      'promotion: { keep: long }',
      /promotion/,
    ],
    'payloads longer than their letters': [
      'payloads: 90 days',
      'payloads: 500 days',
      /payloads stand in letters/,
    ],
    'messages longer than their steps': ['messages: 7 days', 'messages: 500 days', /messages stand in steps/],
    'a memory that is too short': [
      'order-said: { keep: 400 days }',
      'order-said: { keep: 7 days }',
      /order-said .*30 days/,
    ],
    'an audit that would end': ['audit: for ever', 'audit: 3000 days', /audit is kept for ever/],
    'versions that are too short': ['versions: 400 days', 'versions: 3 days', /versions .*30 days/],
  };
  for (const [title, [from, to, message]] of Object.entries(wrong))
    it(`is refused with ${title}`, () => {
      assert.ok(project.includes(from));
      assert.throws(() => load(project.replace(from, to)), { code: 'CONFIG_INVALID', message });
    });

  it('is told for every kind of document that the hub writes, and for no other', () => {
    const files = globSync(['{runtime,nodes,cli}/**/*.ts', 'settings.ts']);
    const code = files.map((file) => readFileSync(file, 'utf8'));
    const all = code.join('\n');
    const kinds = files.flatMap((file, at) => kindsIn(file, code[at]!, all));
    assert.ok(kinds.length > 12, kinds.join());
    assert.deepEqual([...load(project).documents.keys()].toSorted(), [...new Set(kinds)].toSorted());
  });

  it('finds the kinds that code writes, or says that it can not', () => {
    const code =
      "const kind = 'a-b';\nawait documents.put(kind, id, x);\nhub.journal.documents.add('c', id, x)";
    assert.deepEqual(kindsIn('f.ts', code), ['a-b', 'c']);
    assert.throws(() => kindsIn('f.ts', 'documents?.put(kindOf(x), id, x)'), /f\.ts.*kindOf/);
  });
});

/** What is put, added or swapped: a literal, a constant of the same file, or one that another exports. */
function kindsIn(file: string, code: string, all = ''): string[] {
  return [...code.matchAll(/\bdocuments\??\s*\.(?:put|add|swap)\(\s*([^,]+),/g)].map(([call, first = '']) => {
    const [, literal] = /^'([^']+)'$/.exec(first) ?? [];
    const [, constant] = new RegExp(`\\bconst ${RegExp.escape(first)} = '([^']+)'`).exec(code) ?? [];
    const [, exported] = new RegExp(`\\bexport const ${RegExp.escape(first)} = '([^']+)'`).exec(all) ?? [];
    const kind = literal ?? constant ?? exported;
    assert.ok(kind !== undefined, `${file}: the kind of ${call} is neither a text nor a constant`);
    return kind;
  });
}
