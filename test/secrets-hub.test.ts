/** The secrets of a hub that runs: what it does each time it looks, and what goes on where a file is wrong. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import fs, { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { AuditEntry } from '../runtime/audit/acts.ts';
import { createLog } from '../runtime/log/log.ts';
import { followingSecrets, type FollowedSecrets } from '../runtime/secrets/rotation/hub.ts';
import { readKept, type Kept, type KeptSecret } from '../runtime/secrets/kept.ts';
import { secretsOf } from '../runtime/secrets/secrets.ts';
import { readSeen } from '../runtime/secrets/seen.ts';
import { keptFile } from '../runtime/secrets/sources.ts';
import { coded, until } from './conformance/kit.ts';

const rules = 'warn: 14 days\nsecrets:\n  A_KEY: { owner: it, what: One, ends: 2026-12-10 }\n';

describe('the secrets of a hub that runs', () => {
  let dir: string;
  let following: FollowedSecrets | undefined;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-secrets-hub-'));
    writeFileSync(join(dir, 'secrets.yaml'), rules);
  });
  afterEach(async () => {
    await following?.end();
    rmSync(dir, { recursive: true });
  });

  async function hubOf(env: NodeJS.ProcessEnv, appended: (row: AuditEntry) => void = () => {}) {
    let logged = '';
    const log = createLog({ level: 'info', destination: { write: (text: string) => void (logged += text) } });
    const rows: AuditEntry[] = [];
    const append = async (row: AuditEntry) => {
      rows.push(row);
      appended(row);
    };
    let turns = 0;
    const hub = {
      journal: { audit: { append } },
      log,
      profile: 'embedded',
      targets: { add: () => () => {} },
      // Asked for once each time it has looked.
      get definitionsDir() {
        turns += 1;
        return dir;
      },
    };
    const secrets = await secretsOf({ env, dataDir: dir, names: [] });
    const place = { secrets, dataDir: dir, env, names: ['A_KEY'], renews: true, everyMs: 5 };
    following = followingSecrets({ ...place, hub: hub as never });
    const more = async (count = 5): Promise<void> => {
      const before = turns;
      await until('it has looked', () => turns >= before + count);
    };
    return { following, more, rows, said: () => logged };
  }
  const kept = (value: string, until?: string): KeptSecret => ({
    kind: 'webhook',
    value,
    since: '2026-01-01T00:00:00.000Z',
    old: until ? [{ value: 'before', until }] : [],
  });

  it('go on as they were known where their file is wrong, which is told once', async () => {
    const env: NodeJS.ProcessEnv = { A_KEY: 'value-a' };
    const { following: here, more, said } = await hubOf(env);
    const noted = () => readSeen(dir).seen['A_KEY']?.hash;
    await until('it is noted', () => noted() !== undefined);
    const before = noted();
    writeFileSync(join(dir, 'secrets.yaml'), 'warn: never\n');
    await until('it is told', () => said().includes('stays as it was'));
    assert.throws(() => here.list(new Date()), coded('CONFIG_INVALID'));
    env['A_KEY'] = 'value-b';
    await until('the other value is noted', () => noted() !== before);
    await more();
    assert.equal(said().split('CONFIG_INVALID').length - 1, 1);
    writeFileSync(join(dir, 'secrets.yaml'), rules);
    assert.equal(here.list(new Date('2026-12-01T10:00:00Z'))[0]?.soon, true);
  });

  it('are read beside the work, and noted where a value is another one', async () => {
    const folder = join(dir, 'folder');
    mkdirSync(folder);
    writeFileSync(join(folder, 'C_KEY'), 'c');
    writeFileSync(join(dir, 'd'), 'd');
    const env: NodeJS.ProcessEnv = {
      A_KEY: 'value-a',
      CROSSDOCK_SECRETS_DIR: folder,
      D_KEY_FILE: join(dir, 'd'),
    };
    writeFileSync(keptFile(env, dir), JSON.stringify({ A_WEBHOOK_SECRETS: kept('a'), B_KEY: kept('b') }));
    writeFileSync(join(dir, 'secrets.json'), '{}');
    const { more } = await hubOf(env);
    const seen = join(dir, 'secrets-seen.json');
    await until('they are noted', () => existsSync(seen));
    await more();
    rmSync(seen);
    const held = await heldUp(() => more(10));
    assert.deepEqual(held, []);
    assert.ok(!existsSync(seen), 'it was noted anew');
    env['A_KEY'] = 'value-b';
    await until('the other value is noted', () => existsSync(seen));
    writeFileSync(join(folder, 'C_KEY'), 'next');
    await until('the file is read', () => env['C_KEY'] === 'next');
  });

  /** What work holds up all else for: files of this folder that are read or looked at. */
  async function heldUp(work: () => Promise<void>): Promise<string[]> {
    const names = ['readFileSync', 'statSync', 'existsSync', 'readdirSync', 'openSync'] as const;
    const before = names.map((name) => [name, fs[name]] as const);
    const found: string[] = [];
    for (const [name, real] of before)
      Object.assign(fs, {
        [name](...given: unknown[]): unknown {
          if (String(given[0]).startsWith(dir)) found.push(`${name} ${basename(String(given[0]))}`);
          return (real as (...all: unknown[]) => unknown)(...given);
        },
      });
    syncBuiltinESMExports();
    try {
      await work();
    } finally {
      Object.assign(fs, Object.fromEntries(before));
      syncBuiltinESMExports();
    }
    return found;
  }

  it('an overlap that ends takes nothing back that was rotated meanwhile', async () => {
    const env: NodeJS.ProcessEnv = {};
    const file = keptFile(env, dir);
    const [over, later] = ['2026-01-02T00:00:00.000Z', '2999-01-01T00:00:00.000Z'];
    const [A_WEBHOOK_SECRETS, B_WEBHOOK_SECRETS] = [kept('a', over), kept('b', over)];
    writeFileSync(file, JSON.stringify({ A_WEBHOOK_SECRETS, B_WEBHOOK_SECRETS }));
    const rotated = { ...kept('next', later), old: [...kept('b', over).old, { value: 'b', until: later }] };
    const { rows } = await hubOf(env, ({ object }) => {
      if (object !== 'secret/A_WEBHOOK_SECRETS') return;
      const now = JSON.parse(readFileSync(file, 'utf8')) as Kept;
      writeFileSync(file, JSON.stringify({ ...now, B_WEBHOOK_SECRETS: rotated }));
    });
    await until('both are over', () => rows.filter(({ act }) => act === 'secret.end').length === 2);
    const { value, old } = (await readKept(file))['B_WEBHOOK_SECRETS']!;
    assert.deepEqual([value, old.map((one) => one.value)], ['next', ['b']]);
  });

  it('end when what is asked of Odoo has ended', async () => {
    const held: ServerResponse[] = [];
    const server = createServer((request, response) => {
      if (request.url?.endsWith('/web/version')) return void held.push(response);
      const end = [{ expiration_date: '2999-01-01 00:00:00' }];
      const said = request.url?.endsWith('/search_read') ? end : { uid: 7 };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(said));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const { following: here } = await hubOf({ ODOO_URL: url, ODOO_DATABASE: 'd', ODOO_API_KEY: 'key' });
      await until('Odoo is asked', () => held.length > 0);
      const ending = here.end();
      held[0]!.writeHead(200, { 'content-type': 'application/json' }).end('{"version":"19.0"}');
      await ending;
      assert.equal(readSeen(dir).ends?.['ODOO_API_KEY']?.at, '2999-01-01T00:00:00.000Z');
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});

describe('the file of secrets that the hub keeps', () => {
  it('loses none of two processes that write at once', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'crossdock-kept-'));
    const file = join(dir, 'secrets.json');
    const writer = `
      const { writeKept } = await import('./runtime/secrets/kept.ts');
      const [, file, who] = process.argv;
      const secret = { kind: 'webhook', value: 'x', since: new Date().toISOString(), old: [] };
      for (let at = 0; at < 20; at += 1) await writeKept(file, who + '_' + at, () => secret);`;
    const run = promisify(execFile);
    await Promise.all(
      ['ONE', 'TWO'].map((who) =>
        run(process.execPath, ['--input-type=module', '-e', writer, file, who], { timeout: 60_000 }),
      ),
    );
    assert.equal(Object.keys(await readKept(file)).length, 40);
    rmSync(dir, { recursive: true });
  }).timeout(70_000);
});
