/** An entry that is added to a value map's file: one more item, and not a byte of what stood there is another. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { filesEnding } from '../runtime/definitions/read-yaml.ts';
import { withEntry } from '../runtime/values/add-entry.ts';
import { readValueMap } from '../runtime/values/value-maps.ts';

const head = 'map: tax\nowner: finance\nsummary: Taxes\n';
const add = (text: string, entry: Parameters<typeof withEntry>[2]): string =>
  withEntry('values/tax.yaml', text, entry);

describe('an entry added to a value map', () => {
  for (const file of filesEnding('definitions/values', '.yaml'))
    it(`leaves every line of ${basename(file)} as it was`, () => {
      const text = readFileSync(file, 'utf8');
      const entry = { from: "O'Hara: 50% #1", to: '0123', source: 'acme' };
      const after = withEntry(file, text, entry);
      const before = text.replace(/ \[\]\n$/, '\n');
      assert.ok(after.startsWith(before));
      assert.equal(
        after.slice(before.length),
        `  - from: "O'Hara: 50% #1"\n    to: '0123'\n    source: acme\n`,
      );
      assert.deepEqual(readValueMap(file, after).entries.at(-1), entry);
    });

  it('keeps comments, the way of writing and what comes after the entries', () => {
    const text =
      'entries:\n- from: A # first\n  to: B\n  # about C\n- {from: C, to: D}\nmap: tax\nowner: f\nsummary: s\n';
    assert.equal(
      add(text, { from: 'E', to: 'F' }),
      'entries:\n- from: A # first\n  to: B\n  # about C\n- {from: C, to: D}\n- from: E\n  to: F\nmap: tax\nowner: f\nsummary: s\n',
    );
    assert.equal(
      add(`${head}entries: [{ from: A, to: B }]`, { from: 'E', to: 'F' }),
      `${head}entries: [{ from: A, to: B }, {"from":"E","to":"F"}]`,
    );
    assert.equal(
      add(`${head}entries:\n  - from: A\n    to: B`, { from: 'E', to: 'F' }),
      `${head}entries:\n  - from: A\n    to: B\n  - from: E\n    to: F\n`,
    );
  });

  it('is refused where the map has one that holds at the same time, or a field is malformed', () => {
    const text = `${head}entries:\n  - from: A\n    to: B\n`;
    assert.throws(() => add(text, { from: 'A', to: 'C' }), {
      code: 'CONFIG_INVALID',
      message: /two entries/,
    });
    assert.throws(() => add(text, { from: 'C', to: '' }), { code: 'CONFIG_INVALID' });
    assert.throws(() => add(text, { from: 'C', to: 'D', factor: 'many' }), { message: /factor/ });
    assert.doesNotThrow(() => add(text, { from: 'A', to: 'C', source: 'acme' }));
  });
});
