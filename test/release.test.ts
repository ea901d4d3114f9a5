/** Releases: the same content is the same digest, nothing in one can be changed, and what is not right is not cut. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, createPublicKey } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { bundleText, readBundle, sealBundle, verifyBundle, type Bundle } from '../runtime/release/bundle.ts';
import { keyId } from '../runtime/signature/signature.ts';
import { cutRelease, type CutOptions } from '../runtime/authoring/cut.ts';
import { listReleases } from '../runtime/release/releases.ts';
import { outputsOf, project, types } from './lint/project.ts';

const { privateKey: key } = generateKeyPairSync('ed25519');
const trusted = new Map([[keyId(createPublicKey(key)), createPublicKey(key)]]);
const coded = (code: string) => (error: unknown) => error instanceof CodedError && error.code === code;

describe('releases', () => {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-release-'));
  const at = (path: string): string => join(dir, path);
  for (const part of ['flows', 'definitions']) cpSync(part, at(part), { recursive: true });
  after(() => rmSync(dir, { recursive: true }));

  const options = (more: Partial<CutOptions> = {}): CutOptions => ({
    flowsDir: at('flows'),
    definitionsDir: at('definitions'),
    releasesDir: at('releases'),
    facts: { outputsOf, writesOf: (type) => types.paletteType(type)?.writes },
    project: project({}, at('definitions')),
    key,
    by: 'anna',
    now: new Date('2026-01-02T03:04:05Z'),
    test: async () => ({ passed: 3, failed: 0 }),
    ...more,
  });
  const edit = (path: string, from: string, to: string): void =>
    writeFileSync(at(path), readFileSync(at(path), 'utf8').replace(from, to));
  let first: Bundle;

  it('holds every flow and definition, says who cut it, and is vouched for', async () => {
    first = await cutRelease(options({ note: 'The first one' }));
    const { manifest } = first;
    assert.equal(manifest.version, '1.0.0');
    assert.equal(manifest.author, 'anna');
    assert.deepEqual(manifest.changelog, ['The first one', 'first release']);
    assert.ok(manifest.names.includes('ODOO_API_KEY') && manifest.types.includes('odoo-order'));
    assert.ok('flows/order-capture.yaml' in first.files && 'definitions/values/tax.yaml' in first.files);
    assert.ok(!Object.keys(first.files).some((path) => path.includes('environments')));
    verifyBundle(readBundle(readFileSync(at('releases/1.0.0.json'), 'utf8')), trusted);
  });

  it('is the same digest for the same content', () => {
    const { files: _files, ...manifest } = first.manifest;
    assert.equal(sealBundle(manifest, new Map(Object.entries(first.files)), key).digest, first.digest);
  });

  it('one changed byte anywhere is refused', function () {
    this.timeout(180_000);
    const text = Buffer.from(bundleText(first));
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.integer({ min: 1, max: 255 }), (position, flip) => {
        const broken = Buffer.from(text);
        broken[position] = broken[position]! ^ flip;
        assert.throws(
          () => verifyBundle(readBundle(broken.toString()), trusted),
          (error) => coded('RELEASE_INVALID')(error) || coded('RELEASE_UNTRUSTED')(error),
        );
      }),
      { numRuns: 400, seed: 1 },
    );
  });

  it('of a key that is not trusted is refused', () => {
    assert.throws(() => verifyBundle(first, new Map()), coded('RELEASE_UNTRUSTED'));
  });

  it('is not cut when nothing changed', async () => {
    await assert.rejects(cutRelease(options()), coded('RELEASE_UNCHANGED'));
  });

  it('proposes its version and tells what changed', async () => {
    edit('flows/order-to-odoo.yaml', 'concurrency: 100', 'concurrency: 50');
    const { manifest } = await cutRelease(options({ by: 'ben' }));
    assert.equal(manifest.version, '1.0.1');
    assert.equal(manifest.previous, first.digest);
    assert.deepEqual(manifest.changelog, ['order-to-odoo: node orders: concurrency 100 → 50']);
  });

  it('is not cut with errors of the linter, with failing tests, or below the last version', async () => {
    edit('flows/order-to-odoo.yaml', 'concurrency: 50', 'concurrency: 60');
    await assert.rejects(
      cutRelease(options({ test: async () => ({ passed: 2, failed: 1 }) })),
      coded('RELEASE_REFUSED'),
    );
    await assert.rejects(cutRelease(options({ version: '1.0.1' })), coded('CONFIG_INVALID'));
    edit('flows/order-to-odoo.yaml', 'types:\n      - order.received.v1', 'types:\n      - order.lost.v1');
    await assert.rejects(cutRelease(options()), coded('RELEASE_REFUSED'));
    edit('flows/order-to-odoo.yaml', 'order.lost.v1', 'order.received.v1');
    assert.deepEqual(
      (await listReleases(at('releases'))).map(({ manifest }) => manifest.version),
      ['1.0.1', '1.0.0'],
    );
  });

  it('is not cut while an event breaks its promise to those who read it', async () => {
    const level = 'definitions/schemas/stock-level.v1.json';
    const known = readFileSync(at(level), 'utf8');
    const { required, ...rest } = JSON.parse(known) as { required: string[] };
    writeFileSync(at(level), JSON.stringify({ ...rest, required: [...required, 'owner'] }));
    await assert.rejects(cutRelease(options()), (error: Error) => {
      assert.match(error.message, /stock\.level\.changed\.v1\.yaml:1 \(EVENT_INCOMPATIBLE\)/);
      return coded('RELEASE_REFUSED')(error);
    });
    writeFileSync(at(level), known);
  });

  describe('by command', () => {
    const run = (...args: string[]) =>
      spawnSync(process.execPath, ['cli/crossdock.js', ...args], {
        encoding: 'utf8',
        env: {
          ...process.env,
          CROSSDOCK_FLOWS: at('flows'),
          CROSSDOCK_DEFINITIONS: at('definitions'),
          CROSSDOCK_DATA: at('data'),
          CROSSDOCK_RELEASES: at('cut'),
        },
      });

    it('cut, list, show, and compare with the working copy', function () {
      this.timeout(540_000);
      const cut = run('release', '--by', 'anna', '--json');
      assert.equal(cut.status, 0, cut.stderr);
      const { version, evidence } = JSON.parse(cut.stdout) as Bundle['manifest'];
      assert.equal(version, '1.0.0');
      assert.ok(evidence.tests.passed > 0 && evidence.tests.failed === 0);
      assert.equal(statSync(at('data/signing-key.pem')).mode & 0o777, 0o600);
      assert.match(run('release', '--list').stdout, /^1\.0\.0 .* anna /);
      assert.match(run('release', 'show', '1.0.0').stdout, /^Release 1\.0\.0 by anna/);
      assert.equal(run('diff').stdout, 'Nothing has changed\n');
      const again = run('release');
      assert.equal(again.status, 1);
      assert.match(again.stderr, /^RELEASE_UNCHANGED: /);
    });

    it('trusts the key of another hub, and never a private one', () => {
      const pem = run('release', 'key').stdout;
      writeFileSync(at('other.pem'), pem);
      assert.match(run('release', 'trust', at('other.pem')).stdout, /^Trusted: [0-9a-f]{16}\n$/);
      const refused = run('release', 'trust', at('data/signing-key.pem'));
      assert.match(refused.stderr, /^CONFIG_INVALID: /);
      assert.doesNotMatch(refused.stderr, /BEGIN/);
    });
  });
});
