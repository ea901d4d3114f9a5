/** The written docs: examples stand in real files, functions give what the table says, links lead somewhere. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { mappingFunctions } from '../runtime/map/functions.ts';
import { compileMapping } from '../runtime/map/mapping.ts';
import { loadPartners } from '../runtime/partners/partners.ts';
import { loadValueMaps, valueMaps } from '../runtime/values/value-maps.ts';

const root = resolve(import.meta.dirname, '..');
const pages = [
  'CONTRIBUTING.md',
  'README.md',
  'docs/architecture.md',
  ...globSync('docs/{analysts,operations,operators}/*.md', { cwd: root }),
];
const read = (page: string) => readFileSync(join(root, page), 'utf8');

const unindented = (text: string) => text.replaceAll(/^ +/gm, '');

describe('written docs', () => {
  for (const page of pages) {
    it(`${page} quotes YAML and JSONata from the file it names`, () => {
      for (const [, before = '', code = ''] of read(page).matchAll(
        /([^\n]*)\n+```(?:yaml|jsonata)\n(.*?)```/gs,
      )) {
        const file = /from `([^`]+)`:$/i.exec(before)?.[1];
        assert.ok(file, `no file is named before:\n${code}`);
        assert.ok(unindented(read(file)).includes(unindented(code)), `not in ${file}:\n${code}`);
      }
    });

    it(`${page} has no dead link`, () => {
      for (const [, target = ''] of read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
        assert.ok(existsSync(join(root, dirname(page), target)), `${target} is not there`);
      }
    });

    it(`${page} names only files that exist`, () => {
      const named = read(page).matchAll(/`((?:flows|definitions|nodes|runtime|test|cli)\/[\w./-]+)`/g);
      for (const [, file = ''] of named) assert.ok(existsSync(join(root, file)), `${file} is not there`);
    });
  }

  describe('the functions of mappings', () => {
    const table = read('docs/analysts/mappings.md').matchAll(/^\| `(\$(\w+)\(.*?)` +\| `(.*?)` +\|/gm);
    const rows = [...table].map(([, example = '', name = '', gives = '']) => ({ example, name, gives }));
    const values = loadValueMaps(join(root, 'definitions/values'));
    const partners = loadPartners(join(root, 'definitions/partners'));

    for (const { example, gives } of rows) {
      it(`${example} gives ${gives}`, async () => {
        const mapping = compileMapping({ dir: root, inline: example, values, partners });
        if (/^[A-Z]+$/.test(gives)) await assert.rejects(mapping.run({}), { code: gives });
        else assert.equal(JSON.stringify(await mapping.run({})), gives);
      });
    }

    it('are all in the table', () => {
      const functions = Object.keys(mappingFunctions(valueMaps([])));
      assert.deepEqual([...new Set(rows.map(({ name }) => name))].toSorted(), functions.toSorted());
    });
  });
});
