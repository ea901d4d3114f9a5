/** The key that signs is followed by another: what the one before signed still verifies, and trust goes on by itself. */
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { checkpointOf, readCheckpoints } from '../runtime/audit/trail/checkpoint.ts';
import type { AuditEntry } from '../runtime/audit/acts.ts';
import { keepCheckpoints } from '../runtime/audit/trail/keeper.ts';
import { bundleText, readBundle, sealBundle, verifyBundle } from '../runtime/release/bundle.ts';
import { publicPem, signingKey, trust, trustedKeys } from '../runtime/signature/keys.ts';
import { keyId } from '../runtime/signature/signature.ts';
import {
  followSuccession,
  readSuccession,
  rotateSigningKey,
  succeeding,
  successionOf,
} from '../runtime/release/succession.ts';
import { coded, until } from './conformance/kit.ts';

const manifest = {
  name: 'crossdock',
  version: '1.0.0',
  created: '2026-01-02T03:04:05.000Z',
  author: 'anna',
  changelog: ['first release'],
  names: [],
  types: [],
  evidence: { lint: { errors: 0, warnings: 0 }, tests: { passed: 1, failed: 0 } },
};
const files = new Map([['flows/a.yaml', 'flow: a\n']]);
const now = new Date('2026-12-01T10:00:00Z');

describe('the succession of signing keys', () => {
  let dir: string;
  const here = () => join(dir, 'here');
  const other = () => join(dir, 'other');
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'crossdock-succession-'))));
  afterEach(() => rmSync(dir, { recursive: true }));

  const release = async () =>
    sealBundle(manifest, files, await signingKey(here(), {}), await successionOf(here()));
  const audit = { append: async (_row: AuditEntry) => {} };

  it('a release of the next key is trusted by who trusts the one before, and old releases still are', async () => {
    const old = await release();
    await trust(other(), publicPem(await signingKey(here(), {})));
    for (let times = 0; times < 3; times += 1) await rotateSigningKey(here(), {}, now);
    const next = await release();
    assert.notEqual(next.signature.key, old.signature.key);
    assert.equal(next.digest, old.digest);
    const trusted = await trustedKeys(other(), {});
    for (const one of [old, next]) verifyBundle(readBundle(bundleText(one)), trusted);
    for (const one of [old, next]) verifyBundle(one, await trustedKeys(here(), {}));
    assert.equal(statSync(join(here(), 'signing-key.pem')).mode & 0o777, 0o600);
  });

  it('trust is kept: the release after needs the first key no more', async () => {
    const first = await signingKey(here(), {});
    await trust(other(), publicPem(first));
    const id = await rotateSigningKey(here(), {}, now);
    const { succession } = await release();
    const rows: AuditEntry[] = [];
    const noting = { append: async (row: AuditEntry) => void rows.push(row) };
    const how = { dataDir: other(), env: {}, audit: noting };
    assert.deepEqual(await followSuccession(how, succession!, 'anna'), [id]);
    assert.deepEqual(await followSuccession(how, succession!, 'anna'), []);
    assert.deepEqual(
      rows.map(({ act, object, outcome }) => `${act} ${object} ${outcome}`),
      [`key.trust key/${id} begun`, `key.trust key/${id} done`],
    );
    rmSync(join(other(), 'trusted', `${keyId(createPublicKey(first))}.pem`));
    const { succession: _, ...bare } = await release();
    verifyBundle(bare, await trustedKeys(other(), {}));
  });

  it('what no trusted key vouches for is refused', async () => {
    await trust(other(), publicPem(await signingKey(here(), {})));
    await rotateSigningKey(here(), {}, now);
    const trusted = await trustedKeys(other(), {});
    const [step] = await successionOf(here());
    const stranger = generateKeyPairSync('ed25519').privateKey;
    const forged = { ...step!, key: publicPem(stranger) };
    const bad = sealBundle(manifest, files, stranger, [forged]);
    assert.throws(() => verifyBundle(bad, trusted), coded('RELEASE_UNTRUSTED'));
    assert.equal(succeeding(trusted, [forged]).size, trusted.size);
    assert.deepEqual(await followSuccession({ dataDir: other(), env: {}, audit }, [forged], 'x'), []);
    for (const text of ['', '{}', '[{"key":1}]'])
      assert.throws(() => readSuccession(text, 'steps.json'), coded('CONFIG_INVALID'));
  });

  it('a rotation while releases are cut: each is trusted', async () => {
    await trust(other(), publicPem(await signingKey(here(), {})));
    const trusted = await trustedKeys(other(), {});
    const over = new AbortController();
    const keys = new Set<string>();
    const cutting = (async () => {
      while (!over.signal.aborted) {
        const one = await release();
        verifyBundle(one, trusted);
        keys.add(one.signature.key);
      }
    })();
    await until('a release', () => keys.size === 1);
    await rotateSigningKey(here(), {}, now);
    await until('one of the next key', () => keys.size === 2);
    over.abort();
    await cutting;
  });

  it('checkpoints of the audit go over to the next key, and verify by the first one and the steps', async () => {
    const first = await signingKey(here(), {});
    const row = { sequence: 1, hash: `sha256:${'a'.repeat(64)}` };
    const before = checkpointOf(row, first, now);
    await rotateSigningKey(here(), {}, now);
    const after = checkpointOf(row, await signingKey(here(), {}), now);
    const text = [before, after].map((one) => `${JSON.stringify(one)}\n`).join('');
    assert.equal(readCheckpoints(text, await trustedKeys(here(), {})).length, 2);
    const known = new Map([[keyId(createPublicKey(first)), createPublicKey(first)]]);
    assert.throws(() => readCheckpoints(text, known), coded('AUDIT_CHECKPOINT_INVALID'));
    assert.equal(readCheckpoints(text, succeeding(known, await successionOf(here()))).length, 2);
  });

  it('where no place outside is set the key is neither read nor made; the minutes are looked at all the same', () => {
    const log = pino({ level: 'silent' });
    const none = { after: async () => [], last: async () => ({ sequence: 0, hash: '' }) };
    const never = () => Promise.reject(new Error('the key was read'));
    assert.equal(keepCheckpoints(none, never, { env: {}, log }), undefined);
    const env = { CROSSDOCK_AUDIT_MINUTES: 'often' };
    assert.throws(() => keepCheckpoints(none, never, { env, log }), coded('CONFIG_INVALID'));
    assert.ok(!existsSync(join(here(), 'signing-key.pem')));
  });

  it('a key that the environment names is followed in its place', async () => {
    const file = join(dir, 'named.pem');
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const env = { CROSSDOCK_SIGNING_KEY: file };
    const id = await rotateSigningKey(here(), env, now);
    assert.equal(keyId(createPublicKey(readFileSync(file, 'utf8'))), id);
    assert.equal((await trustedKeys(here(), env)).size, 2);
  });
});
