/** Licences of what is shipped, as node_modules says them, and the page about it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dependenciesOf, whyNot } from '../cli/dependencies.ts';

describe('the dependencies of production', () => {
  const all = dependenciesOf('.');
  const one = (licence: string, name = 'x') => ({ name, version: '1.0.0', licence, direct: false });

  it('have licences that ask for no more than to be named', () => {
    assert.ok(all.length > 300, String(all.length));
    assert.deepEqual(all.map(whyNot).filter(Boolean), []);
  });

  it('would be refused with any other, with none, and with one that is looked at for another package', () => {
    for (const licence of [
      'GPL-3.0-only',
      'AGPL-3.0',
      'SSPL-1.0',
      'BUSL-1.1',
      'UNLICENSED',
      '',
      'MIT AND GPL-2.0',
    ])
      assert.match(whyNot(one(licence)) ?? '', /x 1\.0\.0 has the licence/, licence);
    assert.ok(whyNot(one('Artistic-2.0')));
    for (const licence of ['MIT', '(MIT OR GPL-3.0)', 'MIT AND ISC'])
      assert.equal(whyNot(one(licence)), undefined);
  });

  it('are all there that package.json names, and in the page', () => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const direct = all.filter((each) => each.direct);
    assert.deepEqual(direct.map(({ name }) => name).toSorted(), Object.keys(dependencies).toSorted());
    const page = readFileSync('docs/operators/dependencies.md', 'utf8');
    assert.match(page, /^As of \d{4}-\d\d-\d\d, commit [0-9a-f]{7,}\./m);
    for (const { name, version } of direct)
      assert.match(page, new RegExp(`^\\| ${name} +\\| ${version.replaceAll('.', '\\.')} `, 'm'), name);
  });
});
