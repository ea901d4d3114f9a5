/** The rules of single sign-on: settings, grants, who somebody is, where they go back to. No I/O but files. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lintSignOn } from '../runtime/lint/sign-on.ts';
import { safeBack } from '../runtime/sign-on/back.ts';
import { grantOf, loadRules } from '../runtime/sign-on/grants.ts';
import { idOf, isOfSignOn, nameOf } from '../runtime/sign-on/identity.ts';
import { pendingLogins, type Pending } from '../runtime/sign-on/pending.ts';
import { signOnOf } from '../runtime/sign-on/settings.ts';

const set = {
  CROSSDOCK_SIGN_ON_ISSUER: 'https://login.example.com/realms/one',
  CROSSDOCK_SIGN_ON_CLIENT: 'crossdock',
  CROSSDOCK_SIGN_ON_SECRET: 'a secret',
  CROSSDOCK_SIGN_ON_URL: 'https://hub.example.com',
};

describe('the settings of sign-on', () => {
  it('are off without an issuer', () => {
    assert.equal(signOnOf({ ...set, CROSSDOCK_SIGN_ON_ISSUER: ' ' }), undefined);
    assert.equal(signOnOf({}), undefined);
  });

  it('have their defaults', () => {
    const { checkMs, awayMs, breakGlass, origin } = signOnOf({ ...set, CROSSDOCK_SIGN_ON_SECRET: 'one' })!;
    assert.deepEqual(
      [checkMs, awayMs, breakGlass, origin],
      [30_000, 900_000, 'admin', set.CROSSDOCK_SIGN_ON_URL],
    );
  });

  const wrong: [string, string][] = [
    ['ISSUER', 'http://login.example.com'],
    ['ISSUER', 'https://one:two@login.example.com'],
    ['ISSUER', 'login'],
    ['CLIENT', ''],
    ['SECRET', 'two words'],
    ['URL', ''],
    ['URL', 'http://hub.example.com'],
    ['URL', 'https://hub.example.com/crossdock'],
    ['CHECK_SECONDS', '61'],
    ['CHECK_SECONDS', '-1'],
    ['AWAY_MINUTES', '481'],
  ];
  for (const [name, value] of wrong)
    it(`refuse ${name} "${value}" by its name, and do not repeat it`, () => {
      const setting = `CROSSDOCK_SIGN_ON_${name}`;
      assert.throws(
        () => signOnOf({ ...set, CROSSDOCK_SIGN_ON_SECRET: 'one', [setting]: value }),
        ({ code, message, facts }: { code: string; message: string; facts: object }) => {
          assert.equal(code, 'CONFIG_INVALID');
          assert.deepEqual(facts, { setting });
          assert.ok(value === '' || !message.includes(value));
          return true;
        },
      );
    });
});

describe('who somebody is', () => {
  it('follows from issuer and subject together, and from nothing else', () => {
    const one = idOf('https://a.example', 'u-1');
    assert.equal(one, idOf('https://a.example', 'u-1'));
    assert.match(one, /^sso:[a-z2-7]{20}$/);
    const others = [
      idOf('https://a.example', 'u-2'),
      idOf('https://b.example', 'u-1'),
      idOf('https://a.example","u', '-1'),
      idOf('https://a.example', 'U-1'),
    ];
    assert.equal(new Set([one, ...others]).size, 5);
    assert.ok(isOfSignOn(one) && !isOfSignOn('sso.one'));
  });

  it('is shown by a name of one line', () => {
    assert.equal(nameOf({ name: ' Anna\r\nBerg\u202e ' }), 'Anna Berg');
    assert.equal(nameOf({ name: 7, preferred_username: 'anna' }), 'anna');
    assert.equal([...nameOf({ name: '🚚'.repeat(200) })].length, 100);
    assert.equal(nameOf({}), '');
  });
});

describe('a grant', () => {
  const grants = [
    { value: 'admins', role: 'admin' },
    { value: 'finance', role: 'operations', teams: ['finance'] },
    { value: 'all', role: 'viewer', teams: ['it', 'finance'] },
  ];
  const of = (claims: object, claim = 'groups') => grantOf({ claim, scopes: [], grants }, claims as never);

  it('is the first that matches, with the teams of all', () => {
    assert.deepEqual(of({ groups: ['all', 'finance'] }), { role: 'operations', teams: ['finance', 'it'] });
    assert.deepEqual(of({ groups: 'admins' }), { role: 'admin', teams: [] });
  });

  it('is nobody’s whose claim is missing, otherwise written, or no word', () => {
    for (const groups of [
      undefined,
      [],
      'Admins',
      'admins,all',
      ' admins',
      [['admins']],
      { admins: true },
      true,
      7,
    ])
      assert.equal(of({ groups }), undefined, JSON.stringify(groups));
    for (const claim of ['constructor', '__proto__', 'groups.length', 'toString.name'])
      assert.equal(of({ groups: ['admins'] }, claim), undefined, claim);
  });

  it('is found by a path, and by a name with dots', () => {
    assert.equal(of({ realm_access: { roles: ['admins'] } }, 'realm_access.roles')?.role, 'admin');
    const named = 'https://crossdock.example/groups';
    assert.equal(of({ [named]: ['admins'] }, named)?.role, 'admin');
  });
});

describe('the file of grants', () => {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-grants-'));
  after(() => rmSync(dir, { recursive: true }));
  const write = (text: string): void => writeFileSync(join(dir, 'sign-on.yaml'), text);

  it('is missed, or refused with its line', () => {
    assert.equal(loadRules(dir), undefined);
    write('claim: groups\nscopes: []\ngrants:\n  - { value: a, role: admin, team: it }\n');
    assert.throws(() => loadRules(dir), { code: 'CONFIG_INVALID' });
    write('claim: groups\nscopes: [a b]\ngrants: []\n');
    assert.throws(() => loadRules(dir), { code: 'CONFIG_INVALID' });
  });

  it('is linted: roles and teams are there, and no grant is in vain', () => {
    cpSync('definitions/ownership.yaml', join(dir, 'ownership.yaml'));
    const grants = [
      'a, role: admin, teams: [it]',
      'b, role: boss',
      'c, role: viewer, teams: [night]',
      'a, role: viewer',
    ];
    write(`claim: groups\nscopes: []\ngrants:\n${grants.map((one) => `  - { value: ${one} }\n`).join('')}`);
    const found = lintSignOn(dir).map(
      ({ code, node, message }) => `${code} ${node} ${message.split(' ').slice(0, 4).join(' ')}`,
    );
    assert.deepEqual(found, [
      'GRANT_UNKNOWN b gives the role boss,',
      'GRANT_UNKNOWN c gives the team night,',
      'GRANT_UNKNOWN a has a grant further',
    ]);
    assert.deepEqual(lintSignOn('definitions'), []);
  });

  it('is as the docs show it', () => {
    const [, shown = ''] =
      /```text\n(claim:.*?)```/s.exec(readFileSync('docs/operators/sign-on.md', 'utf8')) ?? [];
    write(shown);
    assert.deepEqual(grantOf(loadRules(dir)!, { groups: ['crossdock-finance'] }), {
      role: 'operations',
      teams: ['finance'],
    });
    assert.deepEqual(lintSignOn(dir), []);
  });
});

describe('the way back', () => {
  const back = (asked: unknown): string => safeBack(asked, 'https://hub.example.com');

  it('is a page of the hub as it stands', () => {
    for (const page of ['/', '/tower', '/tower/orders/1?x=https://a.b#c', '/workspace/files?path=a%2Fb'])
      assert.equal(back(page), page);
  });

  const leading = [
    'https://evil.example/',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/.//evil.example',
    '/a/..//evil.example',
    ' //evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    'tower',
    '',
    '/%5c/evil\\x',
    `/${'a'.repeat(3000)}`,
    '/auth/revoke',
    '/./auth/sign-on',
    '/tower/../auth/login',
  ];
  for (const address of leading)
    it(`is the tower in the place of ${JSON.stringify(address).slice(0, 40)}`, () =>
      assert.equal(back(address), '/tower'));

  it('is the tower where nothing, or a list, is asked', () => {
    assert.deepEqual([undefined, ['/', '/'], { a: '/' }].map(back), ['/tower', '/tower', '/tower']);
  });
});

describe('a login under way', () => {
  const pending: Pending = { state: 's', nonce: 'n', verifier: 'v', back: '/', expires: 1000 };
  let now = 0;
  const logins = pendingLogins(() => now);
  beforeEach(() => void (now = 0));

  it('is taken once, with its own state, in its time', () => {
    const sealed = logins.seal(pending);
    assert.equal(logins.take(sealed, 'another'), undefined);
    now = 1001;
    assert.equal(logins.take(sealed, 's'), undefined);
    now = 1000;
    assert.deepEqual(logins.take(sealed, 's'), pending);
    assert.equal(logins.take(sealed, 's'), undefined);
  });

  it('is not taken where it was changed, or sealed by another', () => {
    const other = { ...pending, state: 't' };
    const sealed = Buffer.from(logins.seal(other), 'base64url');
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at]! ^= 1;
      assert.equal(logins.take(changed.toString('base64url'), 't'), undefined, String(at));
    }
    assert.equal(pendingLogins(() => now).take(sealed.toString('base64url'), 't'), undefined);
    assert.equal(logins.take('', 't'), undefined);
    assert.deepEqual(logins.take(sealed.toString('base64url'), 't'), other);
    assert.ok(!sealed.toString('latin1').includes('verifier'));
  });
});
