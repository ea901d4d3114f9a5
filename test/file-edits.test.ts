/** Edits of definition files: what is not changed stays byte for byte, and what is written says what was meant. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parse } from 'yaml';
import { withJsonValue } from '../runtime/workspace/json-edit.ts';
import { differences, edited } from '../runtime/workspace/value-edits.ts';
import { editYaml, withYamlValue } from '../runtime/workspace/yaml-edit.ts';

const yamls = globSync('definitions/**/*.yaml').toSorted();
const jsons = globSync('definitions/schemas/*.json').toSorted();
const uom = readFileSync('definitions/values/uom.yaml', 'utf8');
const linesOf = (text: string): string[] => text.split('\n');

/** Lines of `before` that are not in `after`, and the other way round. */
function changedLines(before: string, after: string): { gone: string[]; come: string[] } {
  const [a, b] = [linesOf(before), linesOf(after)];
  let head = 0;
  while (head < a.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && a.at(-1 - tail) === b.at(-1 - tail) && tail < b.length - head) tail += 1;
  return { gone: a.slice(head, a.length - tail), come: b.slice(head, b.length - tail) };
}

describe('edits of YAML', () => {
  it('leave every file of the project as it is where nothing changes', () => {
    for (const file of yamls) {
      const text = readFileSync(file, 'utf8');
      assert.equal(withYamlValue(text, parse(text, { merge: true })), text, file);
    }
  });
  it('change one line of a value, its comment with it', () => {
    const limits = readFileSync('definitions/limits.yaml', 'utf8');
    assert.deepEqual(changedLines(limits, editYaml(limits, [{ set: ['requests'], value: 700 }])), {
      gone: ['requests: 500 # webhooks worked on at once, of all tiers together; more are answered 503'],
      come: ['requests: 700 # webhooks worked on at once, of all tiers together; more are answered 503'],
    });
  });
  it('add an entry at the end, and one in the middle below the comment of the one before', () => {
    const entry = { from: 'BX', to: 'Units', factor: '6' };
    const lines = ['  - from: BX', '    to: Units', "    factor: '6'"];
    const end = editYaml(uom, [{ insert: ['entries'], values: [entry] }]);
    assert.deepEqual(changedLines(uom, end), { gone: [], come: lines });
    const middle = editYaml(uom, [{ insert: ['entries'], at: 3, values: [entry] }]);
    assert.deepEqual(changedLines(uom, middle), { gone: [], come: lines });
    assert.deepEqual((parse(middle) as { entries: unknown[] }).entries[3], entry);
    assert.match(middle, /factor: '6'\n {2}# A unit that Odoo has not.*\n {2}- from: DZN/);
  });
  it('set, add and remove one field of an entry', () => {
    const set = editYaml(uom, [{ set: ['entries', 3, 'factor'], value: '24' }]);
    assert.deepEqual(changedLines(uom, set), { gone: ["    factor: '12'"], come: ["    factor: '24'"] });
    const added = editYaml(uom, [{ set: ['entries', 0, 'until'], value: '2026-12-31' }]);
    assert.deepEqual(changedLines(uom, added), { gone: [], come: ['    until: 2026-12-31'] });
    const removed = editYaml(uom, [{ remove: ['entries', 3, 'factor'] }]);
    assert.deepEqual(changedLines(uom, removed), { gone: ["    factor: '12'"], come: [] });
    const first = editYaml(uom, [{ remove: ['entries', 0] }]);
    assert.deepEqual(changedLines(uom, first), { gone: ['  - from: EA', '    to: Units'], come: [] });
  });
  it('fill an empty list, and write lists on one line where they stand so', () => {
    const vat = readFileSync('definitions/values/vat.yaml', 'utf8');
    const filled = editYaml(vat, [{ insert: ['entries'], values: [{ from: 'A DE', to: '0.19' }] }]);
    assert.match(filled, /^entries:\n {2}- from: A DE\n {4}to: '0.19'\n/m);
    assert.match(filled, /^# A1PA6795UKMFR9/m);
    const authority = readFileSync('definitions/authority.yaml', 'utf8');
    const edit = { insert: ['objects', 'account.move', 'flows'], values: ['tax-report'] };
    assert.deepEqual(changedLines(authority, editYaml(authority, [edit])), {
      gone: ['    flows: [money-to-odoo]'],
      come: ['    flows: [money-to-odoo, tax-report]'],
    });
  });
  it('say what was meant, whatever changes, and keep all comments of what stays', () => {
    const value = parse(uom) as { entries: { from: string; to: string; factor?: string }[] };
    const one = fc.record(
      { from: fc.string({ minLength: 1 }), to: fc.string({ minLength: 1 }) },
      { noNullPrototype: true },
    );
    const step = fc.record({ at: fc.nat(12), kind: fc.constantFrom('set', 'drop', 'add'), one });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), (steps) => {
        const next = structuredClone(value);
        for (const { at, kind, one: entry } of steps)
          if (kind === 'add') next.entries.splice(at, 0, entry);
          else if (kind === 'drop') next.entries.splice(at, 1);
          else if (next.entries[at]) next.entries[at].to = entry.to;
        const text = withYamlValue(uom, next);
        assert.deepEqual(parse(text), next);
        if (next.entries.length > 0) assert.match(text, /# A unit that Odoo has not/);
      }),
      { numRuns: 200 },
    );
  });
  it('refuse a text that is no YAML, with its line', () => {
    assert.throws(() => withYamlValue('a: [1\nb: 2\n', {}), { code: 'FILE_INVALID' });
  });

  it('begin a file that is not there yet', () => {
    const value = { map: 'mood', entries: [{ from: 'good', to: ['fine', 'well'] }] };
    const text = 'map: mood\nentries:\n  - from: good\n    to: [fine, well]\n';
    assert.equal(withYamlValue('', value), text);
  });
});

describe('edits of JSON', () => {
  it('leave every schema as it is where nothing changes', () => {
    for (const file of jsons) {
      const text = readFileSync(file, 'utf8');
      assert.equal(withJsonValue(text, JSON.parse(text)), text, file);
    }
  });
  it('touch only the lines of a field that is set, added or removed', () => {
    const text = readFileSync('definitions/schemas/order-cancellation.v1.json', 'utf8');
    const schema = JSON.parse(text) as { required: string[]; properties: Record<string, object> };
    const added = { ...schema, properties: { ...schema.properties, why: { title: 'Why', type: 'string' } } };
    const lines = ['    },', '    "why": {', '      "title": "Why",', '      "type": "string"'];
    const more = changedLines(text, withJsonValue(text, added));
    assert.deepEqual(more, { gone: [], come: lines });
    const required = { ...schema, required: [...schema.required, 'number'] };
    assert.deepEqual(changedLines(text, withJsonValue(text, required)), {
      gone: ['  "required": ["source", "id", "cancelledAt"],'],
      come: ['  "required": ["source", "id", "cancelledAt", "number"],'],
    });
    const { number: _gone, ...rest } = schema.properties;
    const less = withJsonValue(text, { ...schema, properties: rest });
    assert.deepEqual(JSON.parse(less), { ...schema, properties: rest });
    assert.equal(changedLines(text, less).come.length, 0);
  });
});

describe('differences of values', () => {
  it('lead from the one to the other', () => {
    const list = fc.array(fc.record({ a: fc.nat(3), b: fc.option(fc.nat(3), { nil: undefined }) }), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(list, list, (was, next) => {
        const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
        const edits = differences(plain(was), plain(next)).toReversed();
        assert.deepEqual(edited(plain(was), edits), plain(next));
      }),
    );
  });
});
