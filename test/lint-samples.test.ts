/** Samples that cannot be used are told, and none goes with a release. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCatalogue } from '../runtime/events/catalogue.ts';
import { lintSamples } from '../runtime/lint/samples.ts';
import { readFileSet } from '../runtime/flow-file/file-set.ts';

describe('samples', () => {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-lint-samples-'));
  const definitionsDir = join(dir, 'definitions');
  const keep = (name: string, text: string) => writeFileSync(join(definitionsDir, 'samples', name), text);
  const sample = { source: 'shop', path: '/shop', taken: '2026-01-01T00:00:00Z', masked: [], body: {} };
  const flow = `flow: shop
version: 1.0.0
owner: test
tier: bulk
nodes:
  orders:
    type: webhook-in
    path: /shop
layout:
  orders: [100, 100]
`;
  const found = () =>
    lintSamples(new Map([['shop.yaml', flow]]), () => ['out'], {
      definitionsDir,
      catalogue: loadCatalogue(join(definitionsDir, 'events')),
    });

  before(() => cpSync('definitions', definitionsDir, { recursive: true }));
  after(() => rmSync(dir, { recursive: true, force: true }));

  it('are nothing to tell of where there are none', () => {
    rmSync(join(definitionsDir, 'samples'), { recursive: true, force: true });
    assert.deepEqual(found(), []);
  });

  it('are told of when they are none, of no webhook, or of an unknown event', () => {
    mkdirSync(join(definitionsDir, 'samples'));
    keep('good.json', JSON.stringify({ ...sample, event: 'orders/create' }));
    keep('known.json', JSON.stringify({ ...sample, event: 'order.received.v1' }));
    keep('broken.json', '{');
    keep('empty.json', '{}');
    keep('gone.json', JSON.stringify({ ...sample, path: '/gone' }));
    keep('unknown.json', JSON.stringify({ ...sample, event: 'order.lost.v1' }));
    assert.deepEqual(
      found().map(({ node, code, severity, file }) => [node, code, severity, file]),
      ['broken', 'empty', 'gone', 'unknown'].map((name) => [
        name,
        name === 'unknown' ? 'EVENT_UNKNOWN' : 'SAMPLE_INVALID',
        'warning',
        `definitions/samples/${name}.json`,
      ]),
    );
    assert.match(found()[0]!.message, /^is no sample: it is not JSON$/);
  });

  it('stay out of a release', async () => {
    const set = await readFileSet('flows', definitionsDir);
    assert.ok(set.has('definitions/limits.yaml'));
    assert.deepEqual(
      [...set.keys()].filter((path) => path.includes('samples')),
      [],
    );
  });
});
