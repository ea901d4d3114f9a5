/** definitions/roles.yaml: what it allows, and each pair that must not meet, taken from the file itself. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import bcrypt from 'bcryptjs';
import { lintRoles, lintUsers } from '../runtime/lint/roles.ts';
import { openUsers } from '../runtime/node-red/users.ts';
import { expanded, expandedToRead, own, permits } from '../runtime/roles/permissions.ts';
import { followRoles, granted, heldAtTheAct, loadRoles, meeting } from '../runtime/roles/roles.ts';
import { approved, type Promotion } from '../runtime/promotion/promotion.ts';

const shipped = readFileSync('definitions/roles.yaml', 'utf8');
const roles = loadRoles();
const password = 'twelve characters';

describe('roles', () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'crossdock-roles-'))));
  afterEach(() => rmSync(dir, { recursive: true }));
  const written = (text: string): string => {
    writeFileSync(join(dir, 'roles.yaml'), text);
    return dir;
  };
  /** With a role that may these. */
  const withRole = (permissions: readonly string[]): string =>
    written(
      shipped.replace('\nroles:\n', `\nroles:\n  both: { summary: x, may: [${permissions.join(', ')}] }\n`),
    );
  const pairs = roles.duties.flatMap(({ name, one, other }) =>
    one.flatMap((first) => other.map((second) => ({ name, first, second }))),
  );

  for (const { name, first, second } of pairs)
    describe(`${first} beside ${second}`, () => {
      it(`is in no shipped role, and lint finds it in one, by the rule ${name}`, () => {
        for (const [role, { permissions }] of roles.roles)
          assert.ok(!permits(permissions, first) || !permits(permissions, second), role);
        const found = lintRoles(withRole([first, second]));
        assert.ok(
          found.some(
            ({ code, node, message }) => code === 'DUTIES_MEET' && node === 'both' && message.includes(name),
          ),
        );
        assert.deepEqual(lintRoles(withRole([first])), []);
        assert.deepEqual(lintRoles(withRole([second])), []);
      });

      it('gives neither at the login, and a row in the audit says so', async () => {
        const all = loadRoles(withRole([first, second, 'crossdock.metrics']));
        const { permissions, meet } = granted(all, ['both'], { readOnly: false });
        assert.deepEqual(permissions, ['crossdock.metrics']);
        assert.ok(meet.includes(name));
        const hash = bcrypt.hashSync(password, 4);
        writeFileSync(join(dir, 'users.json'), JSON.stringify({ eve: { hash, role: 'both' } }));
        const rows: { act: string; reason?: string }[] = [];
        const audit = { append: async (row: (typeof rows)[number]) => void rows.push(row) };
        const users = await openUsers(dir, () => {}, { audit, roles: () => all });
        const eve = await users.check('eve', password);
        assert.deepEqual(
          [eve?.permissions, rows[0]?.act, rows[0]?.reason],
          [['crossdock.metrics'], 'login', 'DUTIES_MEET'],
        );
        assert.ok(lintUsers(dir, dir).some(({ node, code }) => node === 'eve' && code === 'DUTIES_MEET'));
      });

      it('is given to nobody, in one role or in two', async () => {
        const text = shipped.replace(
          '\nroles:\n',
          `\nroles:\n  a: { summary: x, may: [${first}] }\n  b: { summary: x, may: [${second}] }\n`,
        );
        const all = loadRoles(written(text));
        writeFileSync(join(dir, 'users.json'), '{}');
        const users = await openUsers(dir, () => {}, { roles: () => all });
        await assert.rejects(users.set('eve', password, ['a', 'b']), { code: 'DUTIES_MEET' });
        await users.set('eve', password, 'a');
        await assert.rejects(users.change('eve', { role: ['a', 'b'] }), { code: 'DUTIES_MEET' });
      }).timeout(30_000);
    });

  it('hold at the act what the file says of persons, and no file takes one out', () => {
    const ofFile = roles.persons.flatMap(({ first, second }) => first.map((one) => [one, second]));
    assert.deepEqual(ofFile, heldAtTheAct);
    const without = shipped.replace('first: [release.cut, release.promote]', 'first: [release.cut]');
    assert.throws(() => loadRoles(written(without)), { code: 'CONFIG_INVALID' });
    const more = shipped.replace('first: [replay.run]', 'first: [replay.run, login]');
    assert.throws(() => loadRoles(written(more)), { code: 'CONFIG_INVALID' });
  });

  it('let nobody approve the release that they cut or promoted, whatever their roles', () => {
    const waiting = {
      state: 'waiting',
      author: 'anna',
      promotedBy: 'paul',
      approvals: [],
    } as unknown as Promotion;
    for (const by of ['anna', 'paul'])
      assert.throws(() => approved(waiting, by, { environment: 'prod' } as never, new Date()), {
        code: 'FOUR_EYES',
      });
    assert.equal(
      approved(waiting, 'carla', { environment: 'prod' } as never, new Date()).approvals.length,
      1,
    );
  });

  it('are the shipped ones where a hub has no file', () => {
    assert.deepEqual([...loadRoles(dir).roles.keys()], [...roles.roles.keys()]);
  });

  it('of before go on under their name', () => {
    const of = (role: string) => granted(roles, [role], { readOnly: false });
    assert.deepEqual(of('admin'), of('it'));
  });

  it('hold in the environments they name, and nowhere else', () => {
    const all = loadRoles(
      written(shipped.replace('summary: Reads all but', 'in: [dev]\n    summary: Reads all but')),
    );
    const of = (environment: string) =>
      granted(all, ['viewer'], { readOnly: false, environment }).permissions;
    assert.ok(of('dev').includes('crossdock.read'));
    assert.deepEqual(of('prod'), []);
    assert.deepEqual(granted(all, ['viewer'], { readOnly: false }).permissions, []);
  });

  it('refuse a permission that there is not, and two of one name', () => {
    const wrong = [
      shipped.replace('[crossdock.audit]', '[crossdock.audits]'),
      shipped.replace('also: [admin]', 'also: [viewer]'),
    ];
    for (const text of wrong) assert.throws(() => loadRoles(written(text)), { code: 'CONFIG_INVALID' });
  });

  it('give the auditor the audit, and nothing of the data', () => {
    const { permissions } = granted(roles, ['auditor'], { readOnly: false });
    assert.deepEqual(permissions, ['crossdock.audit']);
  });

  it('are said whole in the docs, with each permission', () => {
    const docs = readFileSync('docs/operators/users.md', 'utf8');
    for (const name of [...Object.keys(own), ...roles.roles.keys()])
      assert.ok(docs.includes(`\`${name}\``), name);
  });

  describe('that may all but some', () => {
    const cases: [string, string[]][] = [
      ['flows.write', ['nodes.write', 'inject.write', 'flows.read', 'others.read', 'crossdock.author']],
      ['flows.read', ['nodes.read', 'diagnostics.read', 'flows.write', 'others.write', 'crossdock.read']],
      ['crossdock.read', ['flows.read', 'debug.read', 'flows.write', 'crossdock.data']],
    ];
    for (const [taken, kept] of cases)
      it(`may not ${taken}, and the rest`, () => {
        const all = expanded(['*'], [taken]);
        assert.ok(!permits(all, taken));
        for (const one of kept) assert.ok(permits(all, one), one);
        // Node-RED reads a wide one by itself.
        assert.ok(!all.includes(`*${/[.]\w+$/.exec(taken)![0]}`));
      });

    it('lose all of a group, and of a wide one', () => {
      const all = expanded(['*'], ['editor.look']);
      for (const one of ['flows.read', 'status.read']) assert.ok(!permits(all, one), one);
      assert.ok(permits(all, 'context.read'));
      assert.deepEqual(expanded(['*'], ['*']), []);
    });

    it('get nothing by it where flows only come as releases', () => {
      const whole = expandedToRead(['*']);
      for (const taken of ['flows.read', 'flows.write', 'crossdock.read', 'context.write'])
        assert.deepEqual(
          expandedToRead(['*'], [taken]),
          whole.filter((one) => one !== taken),
          taken,
        );
      const all = loadRoles(written(shipped.replace('not: [', 'not: [flows.write, ')));
      const { permissions } = granted(all, ['it'], { readOnly: true });
      assert.deepEqual(permissions, granted(roles, ['it'], { readOnly: true }).permissions);
    });
  });

  describe('while the hub runs', () => {
    it('are read again only once their file is another', () => {
      let where = written(shipped);
      const now = followRoles(() => where);
      const first = now();
      assert.equal(now(), first);
      written(shipped.replace('  viewer:', '  onlooker:'));
      assert.deepEqual([...now().roles.keys()].at(-1), 'onlooker');
      where = join(dir, 'of another release');
      assert.deepEqual([...now().roles.keys()].at(-1), 'viewer');
    });

    it('hold on where their file cannot be read any more, and no hub starts with it', () => {
      const now = followRoles(() => dir);
      written(shipped.replace('  viewer:', '  onlooker:'));
      const last = now();
      written('roles: 7');
      assert.equal(now(), last);
      assert.throws(() => followRoles(() => dir), { code: 'CONFIG_INVALID' });
      written(shipped);
      assert.ok(now().roles.has('viewer'));
    });
  });

  it('are found by lint where they meet in a user, also where one of them does not hold everywhere', () => {
    const [{ first, second } = { first: '', second: '' }] = pairs;
    written(
      shipped.replace(
        '\nroles:\n',
        `\nroles:\n  a: { summary: x, may: [${first}], in: [prod] }\n  b: { summary: x, may: [${second}] }\n`,
      ),
    );
    writeFileSync(join(dir, 'users.json'), JSON.stringify({ eve: { hash: 'x', role: ['a', 'b'] } }));
    assert.deepEqual(
      lintUsers(dir, dir).map(({ code, node }) => [code, node]),
      [['DUTIES_MEET', 'eve']],
    );
  });

  it('lose neither side where nothing meets', () => {
    for (const [role, { permissions }] of roles.roles)
      assert.deepEqual(meeting(roles, permissions), [], role);
  });
});
