/** Single sign-on at a real provider: who gets in as what, who stays in, and how it ends. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { idOf as sessionOf } from '../runtime/node-red/session-book.ts';
import { openUsers } from '../runtime/node-red/users.ts';
import { idOf } from '../runtime/sign-on/identity.ts';
import { until } from './conformance/kit.ts';
import { login, passwordIn } from './server/start.ts';
import { browser } from './sign-on/browser.ts';
import { rules, signOnHub, type SignOnHub } from './sign-on/hub.ts';
import { client, freePort, realProvider, type RealProvider } from './sign-on/real-provider.ts';

describe('sign-on at a provider', function () {
  this.timeout(60_000);
  let provider: RealProvider;
  let hub: SignOnHub;
  const who = (sub: string): string => idOf(provider.issuer, sub);
  /** What of a login is nobody's but the hub's and the provider's. */
  const seen: string[] = [];

  before(async () => {
    const port = await freePort();
    provider = await realProvider({ hub: `http://127.0.0.1:${port}` });
    hub = await signOnHub(port, provider.issuer);
  });
  after(async () => {
    await hub?.end();
    await provider?.close();
  });
  beforeEach(() => {
    hub.rules(rules);
    provider.accounts.clear();
    provider.accounts.set('u-1', { name: 'Anna Berg', groups: ['makers'] });
    provider.accounts.set('u-2', { name: 'Anna Berg', groups: ['readers'] });
    provider.accounts.set('u-3', { name: 'Nobody', groups: ['canteen'] });
  });
  const tokenOf = async (sub: string): Promise<string> => {
    const { token, code, pages } = await browser().logIn(hub.url, sub);
    seen.push(...pages);
    assert.ok(token, code);
    return token;
  };
  const settingsOf = async (token: string) =>
    (await (await hub.ask(token, '/settings')).json()) as {
      user: { username: string; permissions: string[] };
    };
  const codeOf = async (answer: Response): Promise<string> =>
    `${answer.status} ${((await answer.json()) as { code: string }).code}`;

  it('gives the role of the group, by one token for all', async () => {
    const token = await tokenOf('u-1');
    const { user } = await settingsOf(token);
    assert.equal(user.username, who('u-1'));
    assert.ok(user.permissions.includes('flows.write'));
    assert.deepEqual(hub.audit(1), [`${who('u-1')} login done`]);
    const socket = new WebSocket(`${hub.url.replace('http', 'ws')}/comms`);
    await once(socket, 'open');
    socket.send(JSON.stringify({ auth: token }));
    const [said] = (await once(socket, 'message')) as [MessageEvent<string>];
    assert.deepEqual(JSON.parse(said.data), { auth: 'ok' });
    socket.close();
  });

  it('keeps two people of one name apart, and one person through a change of name', async () => {
    const [one, other] = [await tokenOf('u-1'), await tokenOf('u-2')];
    const names = [(await settingsOf(one)).user.username, (await settingsOf(other)).user.username];
    assert.deepEqual(names, [who('u-1'), who('u-2')]);
    assert.notEqual(names[0], names[1]);
    provider.accounts.set('u-1', { name: 'Anna Tal', groups: ['makers'] });
    assert.equal((await settingsOf(await tokenOf('u-1'))).user.username, who('u-1'));
    const known = JSON.parse(readFileSync(join(hub.dir, 'people.json'), 'utf8')) as object;
    assert.deepEqual(known, {
      [who('u-1')]: { issuer: provider.issuer, subject: 'u-1', name: 'Anna Tal' },
      [who('u-2')]: { issuer: provider.issuer, subject: 'u-2', name: 'Anna Berg' },
    });
  });

  it('lets nobody in without a grant, and says so in the audit', async () => {
    assert.equal((await browser().logIn(hub.url, 'u-3')).code, 'SIGN_ON_NO_ROLE');
    assert.deepEqual(hub.audit(1), [`${who('u-3')} login failed SIGN_ON_NO_ROLE`]);
    provider.accounts.set('u-3', { name: 'Nobody', groups: [] });
    assert.equal((await browser().logIn(hub.url, 'u-3')).code, 'SIGN_ON_NO_ROLE');
  });

  it('refuses the next request of who has lost the group, all logins of theirs', async () => {
    const [one, other] = [await tokenOf('u-1'), await tokenOf('u-1')];
    assert.equal((await hub.ask(one)).status, 200);
    provider.accounts.set('u-1', { name: 'Anna Berg', groups: [] });
    assert.equal(await codeOf(await hub.ask(one)), '403 SIGN_ON_NO_ROLE');
    assert.deepEqual(hub.audit(1), [`${who('u-1')} login failed SIGN_ON_NO_ROLE`]);
    // For good, though the group comes back.
    provider.accounts.set('u-1', { name: 'Anna Berg', groups: ['makers'] });
    const isOut = (token: string) => async () => (await hub.ask(token)).status === 401;
    assert.equal(await codeOf(await hub.ask(other)), '403 SIGN_ON_NO_ROLE');
    await until('one leads to the login', isOut(one));
    await until('the other leads to the login', isOut(other));
  });

  it('takes the rights of a group away at the next request', async () => {
    const token = await tokenOf('u-1');
    const write = () => hub.ask(token, '/auth/revoke-nothing', 'POST');
    assert.equal((await write()).status, 404);
    provider.accounts.set('u-1', { name: 'Anna Berg', groups: ['readers'] });
    const { user } = await settingsOf(token);
    assert.ok(!user.permissions.includes('flows.write'));
    const answer = await fetch(`${hub.url}/flows`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '[]',
    });
    assert.equal(answer.status, 401);
  });

  it('closes the pages of who has lost the group', async () => {
    const token = await tokenOf('u-1');
    const socket = new WebSocket(`${hub.url.replace('http', 'ws')}/comms`);
    await once(socket, 'open');
    socket.send(JSON.stringify({ auth: token }));
    await once(socket, 'message');
    const closed = once(socket, 'close');
    provider.accounts.set('u-1', { name: 'Anna Berg', groups: [] });
    await closed;
    assert.equal(await codeOf(await hub.ask(token)), '403 SIGN_ON_NO_ROLE');
  });

  it('goes on where the roles of the hub cannot be read any more', async () => {
    const token = await tokenOf('u-1');
    const file = join(hub.dir, 'definitions/roles.yaml');
    writeFileSync(file, 'roles: 7');
    try {
      assert.equal((await hub.ask(token)).status, 200);
      assert.equal((await hub.ask(await tokenOf('u-2'))).status, 200);
    } finally {
      rmSync(file);
    }
  });

  it('is over at the next call where the command has ended it', async () => {
    const [one, other] = [await tokenOf('u-1'), await tokenOf('u-1')];
    const command = await openUsers(hub.dir, () => {}, { breakGlass: { user: 'admin', used() {} } });
    const sessions = (await command.sessions()).filter(({ user }) => user === who('u-1'));
    assert.ok(sessions.some(({ id }) => id === sessionOf(one)));
    await command.endSessions(who('u-1'), sessionOf(one));
    assert.deepEqual([(await hub.ask(one)).status, (await hub.ask(other)).status], [401, 200]);
    await command.endSessions(who('u-1'));
    assert.equal((await hub.ask(other)).status, 401);
    assert.equal((await hub.ask(await tokenOf('u-1'))).status, 200);
  });

  it('is over with the account at the provider', async () => {
    const token = await tokenOf('u-2');
    provider.accounts.delete('u-2');
    assert.equal(await codeOf(await hub.ask(token)), '403 SIGN_ON_DENIED');
    assert.deepEqual(hub.audit(1), [`${who('u-2')} login failed SIGN_ON_DENIED`]);
  });

  it('is over once the rules of the hub say so, and where they say nothing', async () => {
    const token = await tokenOf('u-2');
    hub.rules(rules.replace('readers', 'others'));
    assert.equal(await codeOf(await hub.ask(token)), '403 SIGN_ON_NO_ROLE');
    hub.rules(rules);
    const another = await tokenOf('u-2');
    hub.rules('claim: 7\n');
    assert.match(await codeOf(await hub.ask(another)), /CONFIG_INVALID$/);
    assert.equal((await browser().go(`${hub.url}/auth/sign-on`)).status, 303);
    assert.deepEqual(hub.audit(1), ['unknown login failed CONFIG_INVALID']);
  });

  describe('takes a return once, in the browser that began it', () => {
    it('not in another', async () => {
      const returned = await browser().untilReturn(hub.url, 'u-1');
      assert.equal((await browser().arrive(returned)).code, 'SIGN_ON_STATE');
      // One with a login of its own under way.
      const other = browser();
      await other.untilReturn(hub.url, 'u-2');
      assert.equal((await other.arrive(returned)).code, 'SIGN_ON_STATE');
      assert.deepEqual(hub.audit(2), Array(2).fill('unknown login failed SIGN_ON_STATE'));
    });

    it('not again, though the cookie is still there', async () => {
      const mine = browser();
      const returned = await mine.untilReturn(hub.url, 'u-1');
      const kept = new Map(mine.cookies.get(new URL(hub.url).host));
      assert.ok((await mine.arrive(returned)).token);
      mine.cookies.set(new URL(hub.url).host, kept);
      assert.equal((await mine.arrive(returned)).code, 'SIGN_ON_STATE');
    });

    it('not with the code of another login', async () => {
      const mine = browser();
      const first = new URL(await mine.untilReturn(hub.url, 'u-1'));
      assert.ok((await mine.arrive(first.href)).token);
      const second = new URL(await mine.untilReturn(hub.url, 'u-1'));
      second.searchParams.set('code', first.searchParams.get('code')!);
      assert.equal((await mine.arrive(second.href)).code, 'SIGN_ON_DENIED');
      assert.deepEqual(hub.audit(1), ['unknown login failed SIGN_ON_DENIED']);
    });

    it('not with a code of another browser: it was made for another secret of PKCE', async () => {
      const [mine, theirs] = [browser(), browser()];
      const taken = new URL(await theirs.untilReturn(hub.url, 'u-2'));
      const own = new URL(await mine.untilReturn(hub.url, 'u-1'));
      own.searchParams.set('code', taken.searchParams.get('code')!);
      assert.equal((await mine.arrive(own.href)).code, 'SIGN_ON_DENIED');
    });

    it('gives the token once', async () => {
      const mine = browser();
      const returned = await mine.untilReturn(hub.url, 'u-1');
      await mine.go(returned);
      const ticket = new Map(mine.cookies.get(new URL(hub.url).host));
      assert.equal((await mine.go(`${hub.url}/auth/sign-on/token`, {})).status, 200);
      mine.cookies.set(new URL(hub.url).host, ticket);
      assert.equal((await mine.go(`${hub.url}/auth/sign-on/token`, {})).status, 400);
      assert.equal((await browser().go(`${hub.url}/auth/sign-on/token`, {})).status, 400);
    });
  });

  it('goes back to a page of the hub, and nowhere else', async () => {
    const tries: [string, string][] = [
      ['/', '/'],
      ['/tower/issues?team=it#top', '/tower/issues?team=it#top'],
      ['https://evil.example', '/tower'],
      ['//evil.example', '/tower'],
      ['/\\evil.example', '/tower'],
      ['/\t/evil.example', '/tower'],
      ['/..//evil.example', '/tower'],
      ['javascript:alert(1)', '/tower'],
      ['/auth/sign-on?return=/', '/tower'],
    ];
    for (const [asked, expected] of tries)
      assert.equal((await browser().logIn(hub.url, 'u-1', asked)).back, expected, asked);
  });

  it('logs out of both', async () => {
    const mine = browser();
    const { token = '' } = await mine.logIn(hub.url, 'u-1');
    const answer = await fetch(`${hub.url}/auth/revoke`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    const { redirect } = (await answer.json()) as { redirect: string };
    assert.ok(redirect.startsWith(`${provider.issuer}/session/end?`), redirect);
    assert.equal((await hub.ask(token)).status, 401);
    assert.deepEqual(hub.audit(1), [`${who('u-1')} logout done`]);
    assert.ok(provider.asked.includes('POST /token/revocation'));
    const asks = await mine.go(redirect);
    const [, action = ''] = /action="([^"]+)"/.exec(asks.body) ?? [];
    const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(asks.body) ?? [];
    const left = await mine.go(action, { xsrf, logout: 'yes' });
    assert.ok(left.to.startsWith(`${hub.url}/tower`), left.body);
    // The provider asks again who this is.
    const begun = await mine.go(`${hub.url}/auth/sign-on`);
    assert.match((await mine.go(begun.to)).to, /\/interaction\//);
  });

  it('leaves the password to one user, whose login is loud', async () => {
    const password = passwordIn(hub.stdout);
    assert.equal((await login(hub.url, password)).status, 200);
    assert.deepEqual(hub.audit(1), ['admin login.break-glass done']);
    await until('it is said', async () => /break-glass user admin has logged in/.test(hub.stderr));
    assert.equal((await login(hub.url, 'a wrong password')).status, 403);
    assert.deepEqual(hub.audit(1), ['admin login.break-glass failed LOGIN_MISSING']);
    const refused = await login(hub.url, password, 'olga');
    assert.equal(await codeOf(refused), '403 SIGN_ON_ONLY');
    assert.deepEqual(hub.audit(1), ['unknown login failed SIGN_ON_ONLY']);
  });

  it('says in no log, page and answer what is secret', async () => {
    await tokenOf('u-1');
    const said = [...seen, hub.stdout, hub.stderr].join('\n');
    assert.ok(said.includes('SIGN_ON_NO_ROLE'));
    for (const secret of [client.secret, 'access_token', 'refresh_token', 'id_token', 'eyJ'])
      assert.ok(!said.includes(secret), secret);
  });
});
