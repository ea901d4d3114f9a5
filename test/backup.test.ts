/** The files of a backup: what is in it, what a restore refuses to take away, and who may read what it puts back. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { list } from 'tar';
import type { AuditRow } from '../runtime/audit/chain.ts';
import { auditedRestore } from '../runtime/backup/audited.ts';
import { backUp, restore, type BackedUp } from '../runtime/backup/backup.ts';
import { openJournal } from '../runtime/stores/profile.ts';
import type { Journal } from '../runtime/journal/journal.ts';
import { openStore } from '../runtime/sqlite/store.ts';
import { keepSecret } from '../runtime/secrets/secret-file.ts';

describe('a backup', () => {
  let dir = '';
  let file = '';
  const at = (path: string): string => join(dir, path);
  const put = (path: string, text = path): void => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), text);
  };
  const text = (path: string): string => readFileSync(at(path), 'utf8');
  const mode = (path: string): number => statSync(at(path)).mode & 0o777;
  const hub = (): BackedUp => ({
    profile: 'embedded',
    dataDir: at('hub/data'),
    flowsDir: at('hub/flows'),
    definitionsDir: at('hub/definitions'),
    releasesDir: at('hub/releases'),
    env: {},
  });
  const restored = (replace = false) => restore(file, hub(), replace);

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-backup-'));
    file = at('a.backup');
    openStore(at('hub/data/crossdock.db')).close();
    await keepSecret({ dataDir: at('hub/data'), env: {} }, 'ACME_WEBHOOK_SECRETS', 'word', async () => {});
    for (const path of [
      'data/users.json',
      'data/trusted/one.pem',
      'flows/a.yaml',
      'definitions/values/uom.yaml',
      'definitions/README.txt',
      'releases/1.0.0.json',
      'crossdock.lock.yaml',
      '.crossdock-base/flows/a.yaml',
    ])
      put(`hub/${path}`);
    await backUp(file, hub());
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('is restored with a row of the chain that stood there, where it can be read', async () => {
    const chain = async (work: (audit: Journal['audit']) => Promise<unknown>) => {
      const journal = await openJournal(hub());
      await work(journal.audit).finally(() => journal.close());
    };
    const rows: AuditRow[] = [];
    const one = { who: 'olga', from: 'hub', act: 'data.erase', object: 'x', outcome: 'begun' } as const;
    await chain(async (audit) => rows.push(await audit.append(one)));
    rmSync(file);
    await backUp(file, hub());
    await chain(async (audit) => rows.push(await audit.append(one), await audit.append(one)));
    await auditedRestore(file, hub(), true);
    await chain(async (audit) => {
      const [first, row, ...more] = await audit.after(0);
      assert.deepEqual([first, more], [rows[0], []]);
      assert.deepEqual(
        [row!.act, row!.object, row!.before, row!.after],
        ['data.restore', 'audit/3 to audit/1', rows[2]!.hash, rows[0]!.hash],
      );
    });
    writeFileSync(at('hub/data/crossdock.db'), 'no store');
    await auditedRestore(file, hub(), true);
    await chain(async (audit) => {
      const { object, before } = (await audit.after(1))[0]!;
      assert.deepEqual([object, before], ['audit/1', undefined]);
    });
  });

  const loseAll = (): void => {
    for (const name of readdirSync(at('hub'))) rmSync(at(`hub/${name}`), { recursive: true });
  };

  it('has what a hub cannot be without, also the secrets that were given in the browser and what was taken', async () => {
    const names: string[] = [];
    await list({ file, onReadEntry: ({ path }) => void names.push(path) });
    assert.deepEqual(names.toSorted(), [
      'data/secrets.json',
      'data/trusted/one.pem',
      'data/users.json',
      'definitions/README.txt',
      'definitions/values/uom.yaml',
      'flows/a.yaml',
      'hub/.crossdock-base/flows/a.yaml',
      'hub/crossdock.lock.yaml',
      'manifest.json',
      'releases/1.0.0.json',
      'store/crossdock.db',
    ]);
    loseAll();
    await restored();
    assert.equal(text('hub/data/secrets.json'), '{"ACME_WEBHOOK_SECRETS":"word"}');
    assert.equal(text('hub/.crossdock-base/flows/a.yaml'), 'hub/.crossdock-base/flows/a.yaml');
  });

  it('has what links lead to', async () => {
    put('elsewhere/b.yaml');
    symlinkSync(at('elsewhere/b.yaml'), at('hub/flows/b.yaml'));
    symlinkSync('.', at('hub/flows/round'));
    await backUp(file, hub());
    loseAll();
    await restored();
    assert.equal(text('hub/flows/b.yaml'), 'elsewhere/b.yaml');
  });

  it('is put back for its owner alone, also into a folder that all could read', async () => {
    loseAll();
    mkdirSync(at('hub/data'));
    chmodSync(at('hub/data'), 0o755);
    await restored();
    assert.deepEqual(
      ['data', 'data/crossdock.db', 'data/secrets.json', 'data/users.json', 'data/trusted/one.pem'].map(
        (path) => mode(`hub/${path}`),
      ),
      [0o700, 0o600, 0o600, 0o600, 0o600],
    );
  });

  it('is put back over what is the same, and what git keeps stays', async () => {
    put('hub/flows/.git/HEAD');
    await restored();
    assert.ok(existsSync(at('hub/flows/.git/HEAD')));
  });

  for (const [what, path] of Object.entries({
    'a release that was cut since': 'releases/1.1.0.json',
    'a flow that was made since': 'flows/b.yaml',
    'a file that is no definition': 'definitions/notes.txt',
    'an environment': 'definitions/environments/dev.yaml',
    'other users': 'data/users.json',
    'a newer base': '.crossdock-base/flows/b.yaml',
    'a newer lock file': 'crossdock.lock.yaml',
  }))
    it(`is refused, and nothing is changed, where it would take away ${what}`, async () => {
      put(`hub/${path}`, 'newer');
      rmSync(at('hub/releases/1.0.0.json'));
      await assert.rejects(restored(), (error: Error & { code: string }) => {
        assert.equal(error.code, 'BACKUP_REFUSED');
        assert.ok(error.message.includes(at(`hub/${path}`)), error.message);
        return true;
      });
      assert.equal(text(`hub/${path}`), 'newer');
      assert.equal(existsSync(at('hub/releases/1.0.0.json')), false);
      await restored(true);
      assert.equal(text('hub/releases/1.0.0.json'), 'hub/releases/1.0.0.json');
      assert.notEqual(existsSync(at(`hub/${path}`)) && text(`hub/${path}`), 'newer');
    });

  it('that was cut off is refused, and nothing of it stays on the disk', async () => {
    const whole = readFileSync(file);
    const before = [readdirSync(dir), readdirSync(at('hub'))];
    for (const part of [0, 0.1, 0.5, 0.9, 0.999]) {
      writeFileSync(file, whole.subarray(0, Math.floor(whole.length * part)));
      await assert.rejects(restored(true), { code: 'BACKUP_INVALID' });
      assert.deepEqual([readdirSync(dir), readdirSync(at('hub'))], before);
    }
  });
});

describe('the embedded store', () => {
  it('is for its owner alone, also one that all could read before', () => {
    const dir = mkdtempSync(join(tmpdir(), 'crossdock-private-'));
    const file = join(dir, 'data/crossdock.db');
    const modes = (): number[] =>
      readdirSync(dirname(file))
        .filter((name) => !name.endsWith('.lock'))
        .map((name) => statSync(join(dirname(file), name)).mode & 0o777);
    const open = openStore(file);
    assert.deepEqual([statSync(dirname(file)).mode & 0o777, ...new Set(modes())], [0o700, 0o600]);
    open.close();
    chmodSync(file, 0o644);
    openStore(file).close();
    assert.deepEqual(modes(), [0o600]);
    rmSync(dir, { recursive: true });
  });
});
