/** Users and their teams, as `crossdock user` makes them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import bcrypt from 'bcryptjs';
import type { AuditEntry } from '../runtime/audit/acts.ts';
import { idOf } from '../runtime/node-red/session-book.ts';
import type { SignOn } from '../runtime/node-red/sign-on/sign-on.ts';
import { permissionsOf, type EditorUser } from '../runtime/node-red/roles.ts';
import { loadRoles } from '../runtime/roles/roles.ts';
import type { Known } from '../runtime/node-red/sessions.ts';
import { rememberPerson } from '../runtime/node-red/sign-on/people.ts';
import { openUsers } from '../runtime/node-red/users.ts';

const password = 'twelve characters';

describe('users', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-users-'));
    writeFileSync(join(dir, 'users.json'), '{}');
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const authenticated = async (username: string): Promise<EditorUser | null> => {
    const { adminAuth } = await openUsers(dir, () => {});
    const { authenticate } = adminAuth as {
      authenticate(name: string, password: string): Promise<EditorUser | null>;
    };
    return authenticate(username, password);
  };

  const command = (...args: string[]) => {
    const env = { ...process.env, CROSSDOCK_DATA: dir, CROSSDOCK_PASSWORD: password };
    const { stdout, stderr, status } = spawnSync(process.execPath, ['cli/crossdock.js', 'user', ...args], {
      env,
      encoding: 'utf8',
    });
    return { stdout, stderr, status };
  };

  it('are made, changed, disabled and listed by the command', async () => {
    const wanda = ['--role', 'operations', '--team', 'warehouse', '--team', 'customer-service'];
    assert.equal(
      command('add', 'wanda', ...wanda).stdout,
      'wanda is operations, of warehouse, customer-service\n',
    );
    assert.deepEqual((await authenticated('wanda'))?.teams, ['warehouse', 'customer-service']);
    assert.match(command('add', 'wanda').stderr, /CONFIG_INVALID/);
    assert.equal(command('role', 'wanda', '--team', 'finance').stdout, 'wanda is operations, of finance\n');
    assert.equal(command('add', 'adam', '--role', 'admin').status, 0);
    assert.equal(command('disable', 'wanda').stdout, 'wanda is operations, of finance, and disabled\n');
    assert.equal(await authenticated('wanda'), null);
    const all = JSON.parse(command('list', '--json').stdout) as { username: string; disabled: boolean }[];
    assert.deepEqual(
      all.map(({ username, disabled }) => [username, disabled]),
      [
        ['adam', false],
        ['wanda', true],
      ],
    );
    assert.ok(!JSON.stringify(all).includes('hash'));
    assert.equal(command('enable', 'wanda').status, 0);
    assert.equal((await authenticated('wanda'))?.username, 'wanda');
  }).timeout(120_000);

  it('stay with one admin, and nobody is made up', async () => {
    const users = await openUsers(dir, () => {});
    await users.set('adam', password, 'admin');
    for (const change of [{ disabled: true }, { role: 'viewer' as const }])
      await assert.rejects(users.change('adam', change), { code: 'CONFIG_INVALID' });
    await assert.rejects(users.change('nobody', { disabled: false }), { code: 'CONFIG_INVALID' });
    await users.set('eve', password, 'admin');
    await users.change('adam', { disabled: true });
    assert.equal(await authenticated('adam'), null);
    assert.match(command('role', 'eve', '--role', 'king').stderr, /A role is one of/);
  }).timeout(120_000);

  it('lose no change to another that was under way, in this process or in another', async () => {
    const users = await openUsers(dir, () => {});
    for (const name of ['wanda', 'otto']) await users.set(name, password, 'viewer');
    const disabled = async (): Promise<unknown> =>
      (await users.list()).find(({ username }) => username === 'wanda')?.disabled;
    const slow: (() => Promise<unknown>)[] = [
      () => users.set('otto', password, 'viewer'),
      () => users.invite('otto'),
      async () => users.choose('otto', password),
      () => users.change('otto', { password }),
      async () => (await openUsers(dir, () => {})).set('otto', password, 'viewer'),
    ];
    for (const work of slow) {
      await users.change('wanda', { disabled: false });
      await Promise.all([work(), users.change('wanda', { disabled: true })]);
      assert.equal(await disabled(), true, String(work));
    }
    // Of one person: who asks for a password does not undo what was decided before it.
    await users.change('wanda', { disabled: false });
    await Promise.all([users.change('wanda', { disabled: true }), users.invite('wanda')]);
    assert.equal(await disabled(), true);
    assert.equal(statSync(join(dir, 'users.json')).mode & 0o777, 0o600);
  }).timeout(60_000);

  it('of the command have what their roles allow in its environment', () => {
    const shipped = readFileSync('definitions/roles.yaml', 'utf8');
    const both = 'both: { summary: x, may: [crossdock.cut, crossdock.approve], in: [dev] }';
    writeFileSync(join(dir, 'roles.yaml'), shipped.replace('\nroles:\n', `\nroles:\n  ${both}\n`));
    writeFileSync(join(dir, 'users.json'), JSON.stringify({ eve: { hash: 'x', role: 'both' } }));
    const listed = (CROSSDOCK_ENVIRONMENT: string): string => {
      const env = { ...process.env, CROSSDOCK_DATA: dir, CROSSDOCK_DEFINITIONS: dir, CROSSDOCK_ENVIRONMENT };
      return spawnSync(process.execPath, ['cli/crossdock.js', 'user', 'list'], { env, encoding: 'utf8' })
        .stdout;
    };
    // Empty is dev, as for the hub itself.
    for (const name of ['', 'dev']) assert.match(listed(name), /both sides of release meet/);
    assert.equal(listed('prod'), 'eve is both\n');
  }).timeout(60_000);

  it('of sign-on are listed with their open logins, which end one by one or all', async () => {
    const [anna, token] = ['sso:anna', 'a token'];
    const [id, over] = [idOf(token), idOf('another token')];
    const open = new Set([id, 'one more']);
    const signOn: SignOn = {
      routes: (_request, _response, next) => next(),
      user: () => null,
      follow: async () => true,
      why: () => undefined,
      has: (user, session) => user === anna && (session === undefined ? open.size > 0 : open.has(session)),
      end: (_user, session) => void (session === undefined ? open.clear() : open.delete(session)),
    };
    const rows: string[] = [];
    const audit = {
      append: async ({ act, object, outcome }: AuditEntry) => void rows.push(`${act} ${object} ${outcome}`),
    };
    const expires = Date.now() + 8 * 3600 * 1000;
    const logins = { [token]: { user: anna, expires }, 'another token': { user: anna, expires } };
    const write = () => writeFileSync(join(dir, 'sessions.json'), JSON.stringify(logins));
    write();
    await rememberPerson(dir, anna, { issuer: 'https://id.example', subject: 'a', name: 'Anna Maier' });
    const users = await openUsers(dir, () => {}, { audit, signOn });
    // What the provider gave is gone with the hub of before.
    assert.equal(readFileSync(join(dir, 'sessions.json'), 'utf8'), '{}');
    write();
    assert.deepEqual(
      (await users.sessions()).map(({ user, name, id: of }) => [user, name, of]),
      [[anna, 'Anna Maier', id]],
    );
    await assert.rejects(users.endSessions(anna, over), { code: 'SESSION_UNKNOWN' });
    await assert.rejects(users.endSessions('sso:bert'), { code: 'CONFIG_INVALID' });
    await users.endSessions(anna, id);
    assert.deepEqual([...open], ['one more']);
    assert.deepEqual(await users.sessions(), []);
    await users.endSessions(anna);
    assert.equal(open.size, 0);
    assert.deepEqual(rows, Array(2).fill(`session.end user/${anna} begun`));
  });

  it('of sign-on are listed and ended by the command too, and the hub follows it', async () => {
    const [anna, one, two] = ['sso:anna', 'one token', 'two token'];
    rmSync(join(dir, 'people.json'), { force: true });
    await rememberPerson(dir, anna, { issuer: 'https://id.example', subject: 'a', name: 'Anna Maier' });
    const logins = [one, two].map((token) => [token, { user: anna, expires: Date.now() + 7 * 3600 * 1000 }]);
    writeFileSync(join(dir, 'sessions.json'), JSON.stringify(Object.fromEntries(logins)));
    writeFileSync(
      join(dir, 'sessions-used.json'),
      JSON.stringify({ sessions: { [idOf(one)]: { used: Date.now() }, [idOf(two)]: { used: Date.now() } } }),
    );
    const signOn = {
      CROSSDOCK_SIGN_ON_ISSUER: 'https://id.example',
      CROSSDOCK_SIGN_ON_CLIENT: 'hub',
      CROSSDOCK_SIGN_ON_SECRET: 'a-secret-of-some-length',
      CROSSDOCK_SIGN_ON_URL: 'https://hub.example',
    };
    const command = (args: string[], more: NodeJS.ProcessEnv = signOn) => {
      const env = { ...process.env, CROSSDOCK_DATA: dir, CROSSDOCK_DEFINITIONS: dir, ...more };
      return spawnSync(process.execPath, ['cli/crossdock.js', 'user', ...args], { env, encoding: 'utf8' });
    };
    const listed = (text: string) =>
      text.split('\n').filter((line) => line.includes('sso:anna, Anna Maier,'));
    const before = command(['sessions']);
    assert.equal(listed(before.stdout).length, 2, before.stderr + before.stdout);
    assert.equal(command(['sessions'], {}).stdout, '');
    const after = command(['end', anna, '--session', idOf(one)]);
    assert.deepEqual(
      listed(after.stdout).map((line) => line.split(' ')[0]),
      [idOf(two)],
      after.stderr,
    );
    assert.match(command(['end', anna, '--session', idOf(one)]).stderr, /SESSION_UNKNOWN|has no session/);
    const { username, ended } = await userBy(anna);
    assert.deepEqual([username, Object.keys(ended ?? {})], [anna, [idOf(one)]]);
    assert.equal(command(['end', anna]).stdout, '');
    const { since } = await userBy(anna);
    assert.ok(Date.parse(since ?? '') > 0);
    // Who logs in again keeps what was ended.
    await rememberPerson(dir, anna, { issuer: 'https://id.example', subject: 'a', name: 'Anna Huber' });
    assert.equal((await userBy(anna)).since, since);

    /** As the hub knows her. */
    async function userBy(id: string): Promise<Known> {
      const known: EditorUser = { username: id, permissions: [], teams: [] };
      const provider: SignOn = {
        routes: (_request, _response, next) => next(),
        user: () => known,
        follow: async () => true,
        why: () => undefined,
        has: () => true,
        end: () => {},
      };
      const sessions = readFileSync(join(dir, 'sessions.json'), 'utf8');
      const users = await openUsers(dir, () => {}, { signOn: provider });
      writeFileSync(join(dir, 'sessions.json'), sessions);
      return (await users.user(id)) as Known;
    }
  }).timeout(60_000);

  it('have no team with a name that no file could hold', async () => {
    const users = await openUsers(dir, () => {});
    await assert.rejects(users.set('wanda', password, 'viewer', ['Ware House']), { code: 'CONFIG_INVALID' });
    assert.equal(readFileSync(join(dir, 'users.json'), 'utf8'), '{}');
    const wanda = { hash: 'x', role: 'viewer', teams: 'warehouse' };
    writeFileSync(join(dir, 'users.json'), JSON.stringify({ wanda }));
    await assert.rejects(
      openUsers(dir, () => {}),
      { code: 'CONFIG_INVALID' },
    );
  });

  it('have no name that could be taken for another', async () => {
    const users = await openUsers(dir, () => {});
    const wrong = [
      'Wanda',
      ' wanda',
      'wanda ',
      'wan\u200bda',
      'wаnda',
      'token:prom',
      '__proto__',
      '-x',
      '',
      'a'.repeat(65),
    ];
    for (const name of wrong)
      await assert.rejects(users.set(name, password, 'viewer'), { code: 'CONFIG_INVALID' }, name);
    assert.equal(readFileSync(join(dir, 'users.json'), 'utf8'), '{}');
    for (const name of ['wanda', 'w.k-2_x@example.com']) await users.set(name, password, 'viewer');
  }).timeout(60_000);

  it('have no password that is tried first, and none of which a part is not compared', async () => {
    const users = await openUsers(dir, () => {});
    const wrong = [
      'elevenchars',
      'aaaaaaaaaaaa',
      'abababababab',
      'Password1234!',
      'adminadmin2026',
      'Wanda-Wanda-1234',
      'CrossdockOdoo1',
      'P@ssw0rd2026!',
      'Sommer-2026-Sommer',
      '1qaz2wsx3edc4rfv',
      'qwertyQWERTY123',
      'ä'.repeat(20) + 'bcdefghijklmnopqrstuvwxyz0123456789',
    ];
    for (const one of wrong)
      await assert.rejects(users.set('wanda', one, 'viewer'), (error: Error & { code: string }) => {
        assert.equal(error.code, 'CONFIG_INVALID', one);
        assert.ok(!error.message.includes(one));
        return true;
      });
    await users.set('wanda', 'adminadmin of the night 2026', 'viewer');
  }).timeout(60_000);

  it('of before are not let in with another end of a long password', async () => {
    const long = 'a long sentence that nobody would ever guess, however long he thinks about it';
    const users = await openUsers(dir, () => {});
    const hash = bcrypt.hashSync(long, 4);
    writeFileSync(join(dir, 'users.json'), JSON.stringify({ Wanda: { hash, role: 'viewer' } }));
    assert.equal(await users.check('Wanda', `${long.slice(0, 72)} or another end`), null);
    await users.set('Wanda', password, 'viewer');
    assert.equal((await users.check('Wanda', password))?.username, 'Wanda');
  }).timeout(60_000);

  it('see the data of messages, and own work, by their role; where flows only come as releases too', () => {
    const everyRole = [...loadRoles().roles.keys()];
    const may = (permission: string, readOnly: boolean): string[] =>
      everyRole.filter((role) => permissionsOf(role, readOnly).includes(permission));
    for (const readOnly of [false, true]) {
      for (const permission of ['crossdock.data', 'crossdock.work'])
        assert.deepEqual(may(permission, readOnly), [
          'it',
          'analyst',
          'operations',
          'warehouse',
          'service',
          'finance',
        ]);
      assert.deepEqual(
        may('crossdock.read', readOnly),
        everyRole.filter((role) => role !== 'auditor'),
      );
    }
  });
});
