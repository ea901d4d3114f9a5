/** Attacks by a release: by who has no key, by who has one, by sending an old one once more, and by agreeing with oneself. */
import assert from 'node:assert/strict';
import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '../../runtime/log/log.ts';
import { asCoded } from '../../runtime/errors/coded-error.ts';
import { embeddedJournal } from '../../runtime/journal/embedded.ts';
import type { Journal } from '../../runtime/journal/journal.ts';
import { unpack } from '../../runtime/node-red/switcher.ts';
import {
  bundleText,
  readBundle,
  sealBundle,
  verifyBundle,
  type Bundle,
} from '../../runtime/release/bundle.ts';
import { rolling } from '../../runtime/release/rolling.ts';
import { keyId } from '../../runtime/signature/signature.ts';
import { openTarget, type Target } from '../../runtime/release/target.ts';
import { openStore, type Store } from '../../runtime/sqlite/store.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const trusted = new Map([[keyId(publicKey), publicKey]]);
const log = createLog({ level: 'silent' });

/** Signed by who is trusted, whatever it holds. */
const sealed = (version: string, files: readonly (readonly [string, string])[], author = 'anna'): Bundle =>
  sealBundle(
    {
      name: 'crossdock',
      version,
      created: '2026-05-05T12:00:00Z',
      author,
      changelog: [],
      names: [],
      types: [],
      evidence: { tests: { passed: 1, failed: 0 }, lint: { errors: 0, warnings: 0 } },
    },
    new Map(files),
    privateKey,
  );
const one = (version = '1.0.0', author = 'anna'): Bundle =>
  sealed(version, [['flows/a.yaml', version]], author);

describe('an attack by a release', () => {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-attack-'));
  let store: Store;
  let journal: Journal;
  let target: Target;
  let ran: string[];
  let stores = 0;
  const open = (approvals: number): Target =>
    openTarget({
      documents: journal.documents,
      audit: journal.audit,
      environment: { environment: 'prod', summary: 'x', production: true, approvals, breakGlassHours: 4 },
      trusted: async () => trusted,
      switcher: {
        check: () => {},
        run: async (content) => void ran.push(String(content?.manifest?.version)),
        differences: () => [],
        runs: () => ({ since: '2026-05-05T12:00:00.000Z' }),
      },
      rolling: rolling({ documents: journal.documents, id: 'here', log }),
      log,
    });
  beforeEach(() => {
    store = openStore(join(dir, `${(stores += 1)}.db`));
    journal = embeddedJournal(store);
    ran = [];
    target = open(0);
  });
  afterEach(async () => {
    await journal.close();
    await store.close();
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  const refused = async (bundle: string, code: string, why = ''): Promise<void> => {
    const error = await target
      .promote({ bundle, by: 'mallory' })
      .then(() => assert.fail(`it was taken: ${bundle.slice(0, 300)}`), asCoded);
    assert.equal(error.code, code, why || error.message);
    assert.ok(error.message.length < 1000, 'the answer is short, whatever was sent');
    assert.doesNotMatch(error.message, /node_modules|at .*\.ts:\d/);
    assert.deepEqual(ran, []);
    assert.deepEqual(await journal.documents.list('release'), []);
    assert.deepEqual((await target.status()).history, []);
  };

  describe('whose files have names', () => {
    const names: Record<string, string> = {
      'one folder up': 'flows/../a.yaml',
      'many folders up': 'flows/../../../../../../etc/cron.d/a',
      'up at the end': 'flows/a/..',
      'a dot': 'flows/./a.yaml',
      absolute: '/etc/passwd',
      'absolute below': 'flows//etc/passwd',
      'of Windows': 'flows\\..\\..\\a',
      'a drive': 'C:/a.yaml',
      encoded: 'flows/%2e%2e/a.yaml',
      'a zero byte': 'flows/a.yaml\0.txt',
      'a line': 'flows/a\nb.yaml',
      hidden: 'flows/.git/hooks/post-checkout',
      elsewhere: 'runtime/a.ts',
      'of Node': 'flows/../node_modules/x/index.js',
      'of no folder': 'flows',
      empty: '',
      'full width': 'flows/\uff0e\uff0e/a.yaml',
      'right to left': 'flows/\u202elmay.a',
      __proto__: '__proto__',
      'too long for a disk': `flows/${'a'.repeat(256)}.yaml`,
      'very long': `flows/${'a'.repeat(100_000)}.yaml`,
      'very deep': `flows/${'a/'.repeat(2000)}a.yaml`,
    };
    for (const [what, name] of Object.entries(names))
      it(`${what}, and a good signature: refused, and nothing is written`, async () => {
        const evil = sealed('1.0.0', [
          ['flows/good.yaml', 'x'],
          [name, 'evil'],
        ]);
        await refused(bundleText(evil), 'RELEASE_INVALID');
      });

    it('that differ in capitals only, or are a file and a folder', async () => {
      for (const other of ['flows/A.yaml', 'flows/a.YAML', 'flows/a.yaml/b.yaml', 'flows/A.yaml/b/c.yaml'])
        await refused(
          bundleText(
            sealed('1.0.0', [
              ['flows/a.yaml', 'x'],
              [other, 'y'],
            ]),
          ),
          'RELEASE_INVALID',
          other,
        );
    });

    it('as long as they may be: written where they belong, and nowhere else', async () => {
      const long = `flows/${`${'a'.repeat(200)}/`.repeat(7)}${'b'.repeat(200)}`;
      const bundle = readBundle(bundleText(sealed('1.0.0', [[long, 'x']])));
      const place = await unpack({ ...bundle, digest: bundle.digest }, join(dir, 'unpacked'));
      assert.ok(place.flowsDir.startsWith(join(dir, 'unpacked', 'releases')));
      assert.deepEqual(readdirSync(join(dir, 'unpacked')), ['releases']);
    });
  });

  describe('that is signed', () => {
    const changed = (change: (bundle: Record<string, unknown> & Bundle) => unknown): string => {
      const bundle = JSON.parse(bundleText(one())) as Record<string, unknown> & Bundle;
      change(bundle);
      return bundleText(bundle);
    };
    const stranger = generateKeyPairSync('ed25519');

    it('by nobody', async () => {
      for (const change of [
        (bundle: Record<string, unknown>) => delete bundle['signature'],
        (bundle: Record<string, unknown>) => (bundle['signature'] = null),
        (bundle: Record<string, unknown>) => (bundle['signature'] = {}),
        (bundle: Record<string, unknown>) => (bundle['signature'] = []),
      ])
        await refused(changed(change), 'RELEASE_INVALID');
    });

    it('with nothing, half a signature, or one of another release', async () => {
      const other = one('9.9.9').signature.value;
      const { value } = one().signature;
      for (const wrong of [
        '',
        value.slice(0, 44),
        `${value} `,
        `${value}=`,
        value.toLowerCase(),
        other,
        'AAAA',
      ])
        await refused(
          changed(({ signature }) => (signature.value = wrong)),
          'RELEASE_UNTRUSTED',
          wrong,
        );
    });

    it('by an algorithm that nobody knows, or by none', async () => {
      for (const more of [{ alg: 'none' }, { alg: 'HS256' }, { algorithm: 'rsa' }])
        await refused(
          changed(({ signature }) => Object.assign(signature, more)),
          'RELEASE_INVALID',
        );
      await refused(
        changed((bundle) => (bundle['alg'] = 'none')),
        'RELEASE_INVALID',
      );
      await refused(
        changed((bundle) => ((bundle as { format: string }).format = 'crossdock-release/2')),
        'RELEASE_INVALID',
      );
      await refused(
        changed((bundle) => (bundle.digest = `md5:${'0'.repeat(32)}`)),
        'RELEASE_INVALID',
      );
    });

    it('with the public key as the secret of a MAC', async () => {
      const pem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' });
      const mac = createHmac('sha512', pem).update(one().digest).digest('base64');
      await refused(
        changed(({ signature }) => (signature.value = mac)),
        'RELEASE_UNTRUSTED',
      );
    });

    it('by a stranger, under his own name or that of one who is trusted', async () => {
      const { files: _files, ...manifest } = one().manifest;
      const his = sealBundle(manifest, new Map([['flows/a.yaml', 'evil']]), stranger.privateKey);
      await refused(bundleText(his), 'RELEASE_UNTRUSTED');
      his.signature.key = keyId(publicKey);
      await refused(bundleText(his), 'RELEASE_UNTRUSTED');
      for (const key of ['', '__proto__', 'constructor', 'get', '../trusted'])
        await refused(
          changed(({ signature }) => (signature.key = key)),
          'RELEASE_UNTRUSTED',
          key,
        );
      assert.throws(() => verifyBundle(one(), new Map()), { code: 'RELEASE_UNTRUSTED' });
    });

    it('rightly, with a file added, taken or changed after that', async () => {
      await refused(
        changed(({ files }) => (files['flows/b.yaml'] = 'evil')),
        'RELEASE_INVALID',
      );
      await refused(
        changed(({ files }) => delete files['flows/a.yaml']),
        'RELEASE_INVALID',
      );
      await refused(
        changed(({ files }) => (files['flows/a.yaml'] = 'evil')),
        'RELEASE_INVALID',
      );
      await refused(
        changed(({ manifest }) => (manifest.version = '9.9.9')),
        'RELEASE_INVALID',
      );
      await refused(
        changed(({ manifest }) => (manifest.author = 'nobody')),
        'RELEASE_INVALID',
      );
      await refused(
        changed(({ manifest }) => manifest.files.push({ ...manifest.files[0]! })),
        'RELEASE_INVALID',
      );
    });

    it('rightly, and then written in another way', async () => {
      const text = bundleText(one());
      for (const other of [
        text.trimEnd(),
        ` ${text}`,
        `\ufeff${text}`,
        JSON.stringify(JSON.parse(text)),
        text.replace('"files": {', '"files": {\n  "flows/a.yaml": "evil",'),
        text.replace('"format"', '"format": "x",\n "format"'),
      ])
        await refused(other, 'RELEASE_INVALID');
    });
  });

  it('that is a bomb', async () => {
    const deep = 200_000;
    for (const bomb of [
      '['.repeat(deep),
      `${'['.repeat(deep)}${']'.repeat(deep)}`,
      `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`,
      bundleText(one()).replace('"changelog": []', `"changelog": ${'['.repeat(deep)}${']'.repeat(deep)}`),
      '"'.padEnd(10_000_000, 'a'),
      `{"manifest":${'9'.repeat(1_000_000)}}`,
      'PK\u0003\u0004',
      '\u001f\u008b\u0008',
      '',
      'null',
      '[]',
      '{"__proto__":{"format":"crossdock-release/1"}}',
    ])
      await refused(bomb, 'RELEASE_INVALID', bomb.slice(0, 40));
  });

  it('that ran before, sent once more: refused, and a rollback says that it is one', async () => {
    const old = bundleText(one('1.9.0'));
    assert.equal((await target.promote({ bundle: old, by: 'ben' })).state, 'running');
    assert.equal((await target.promote({ bundle: bundleText(one('1.10.0')), by: 'ben' })).state, 'running');
    for (const glass of [undefined, 'it must go now'])
      await assert.rejects(target.promote({ bundle: old, by: 'mallory', overrideReason: glass }), {
        code: 'RELEASE_OLDER',
      });
    assert.equal((await target.status()).running?.version, '1.10.0');
    const back = await target.rollback('ben', '1.9.0');
    assert.deepEqual([back.rollback, back.state, back.version], [true, 'running', '1.9.0']);
  });

  it('that waited until a newer one ran, and is agreed to then', async () => {
    target = open(1);
    const waiting = await target.promote({ bundle: bundleText(one('1.1.0')), by: 'ben' });
    const newer = await target.promote({ bundle: bundleText(one('1.2.0')), by: 'ben' });
    assert.equal((await target.approve(newer.id, 'carla')).state, 'running');
    await assert.rejects(target.approve(waiting.id, 'carla'), { code: 'RELEASE_OLDER' });
    assert.deepEqual(ran, ['1.2.0']);
  });

  it('that its author, or who sent it, agrees to under a second spelling of the name', async () => {
    target = open(2);
    const waiting = await target.promote({ bundle: bundleText(one('1.0.0', 'Anna')), by: 'Ben@example.com' });
    for (const by of ['anna', 'ANNA', ' anna', '\uff41nna', 'ben@example.com', 'BEN@EXAMPLE.COM'])
      await assert.rejects(target.approve(waiting.id, by), { code: 'FOUR_EYES' }, by);
    await target.approve(waiting.id, 'carla');
    await assert.rejects(target.approve(waiting.id, 'Carla'), { code: 'FOUR_EYES' });
    assert.deepEqual(ran, []);
  });

  it('that many agree to at once: each counts once, and it is switched on once', async () => {
    target = open(2);
    const { id } = await target.promote({ bundle: bundleText(one()), by: 'ben' });
    const told = await Promise.allSettled(
      ['carla', 'carla', 'carla', 'dora', 'emil'].map((by) => target.approve(id, by)),
    );
    for (const one of told)
      if (one.status === 'rejected')
        assert.match(asCoded(one.reason).code, /^(PROMOTION_UNKNOWN|PROMOTION_RUNNING|FOUR_EYES)$/);
    const after = (await target.status()).history[0]!;
    const names = after.approvals.map(({ by }) => by);
    assert.equal(new Set(names).size, names.length);
    if (after.state === 'waiting') await target.approve(id, names.includes('dora') ? 'emil' : 'dora');
    assert.deepEqual(ran, ['1.0.0']);
  });

  it('past its approvals with broken glass: it is said, due, and only where there is glass', async () => {
    target = open(1);
    const broken = await target.promote({
      bundle: bundleText(one()),
      by: 'ben',
      overrideReason: 'the shop is down',
    });
    assert.equal(broken.state, 'running');
    assert.equal((await target.status()).due.length, 1);
    await assert.rejects(target.approve(broken.id, 'BEN'), { code: 'FOUR_EYES' });
    const acts = (await journal.audit.after(0)).map(({ act, outcome }) => `${act} ${outcome}`);
    assert.ok(
      acts.includes('release.break-glass begun') && acts.includes('release.approve failed'),
      String(acts),
    );
  });
});
