/** How often the provider is asked of who is in, by what, and for how long nobody needs to answer. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditEntry } from '../runtime/audit/acts.ts';
import { createLog } from '../runtime/log/log.ts';
import { idOf as sessionOf } from '../runtime/node-red/session-book.ts';
import { signOnSessions, type SignOnSessions } from '../runtime/node-red/sign-on/sessions.ts';
import type { Environment } from '../runtime/environments/environment.ts';
import { approved, type Promotion } from '../runtime/promotion/promotion.ts';
import { loadRoles } from '../runtime/roles/roles.ts';
import { loadRules } from '../runtime/sign-on/grants.ts';
import { idOf } from '../runtime/sign-on/identity.ts';
import type { Pending } from '../runtime/sign-on/pending.ts';
import { openProvider, type Held, type Provider } from '../runtime/sign-on/provider.ts';
import { until } from './conformance/kit.ts';
import { browser } from './sign-on/browser.ts';
import { rules } from './sign-on/hub.ts';
import { client, realProvider, type RealOptions, type RealProvider } from './sign-on/real-provider.ts';

const hub = 'http://127.0.0.1:1880';

describe('who is in by sign-on', function () {
  this.timeout(60_000);
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-follow-'));
  writeFileSync(join(dir, 'sign-on.yaml'), rules);
  after(() => rmSync(dir, { recursive: true }));
  let real: RealProvider;
  let provider: Provider;
  let now = 0;
  let entries: AuditEntry[] = [];
  afterEach(() => real.close());

  async function open(options: Partial<RealOptions> = {}): Promise<void> {
    real = await realProvider({ hub, ...options });
    real.accounts.set('u-1', { name: 'Anna\u0000 \u202eBerg', groups: ['canteen', 'readers', 'makers'] });
    provider = openProvider({
      issuer: new URL(real.issuer),
      client: client.id,
      secret: client.secret,
      origin: hub,
      checkMs: 0,
      awayMs: 0,
      breakGlass: 'admin',
    });
  }

  async function finished(sub = 'u-1'): Promise<Held> {
    const pending: Pending = {
      state: 's'.repeat(43),
      nonce: 'n'.repeat(43),
      verifier: 'v'.repeat(43),
      back: '/',
      expires: 0,
    };
    const begun = await provider.begin(pending, loadRules(dir)!);
    const returned = await browser().untilBack(begun.href, hub, sub);
    return provider.finish(new URL(returned).search, pending, loadRules(dir)!);
  }

  function sessionsWith(settings: { checkMs: number; awayMs: number }): SignOnSessions {
    entries = [];
    return signOnSessions({
      settings,
      provider,
      rules: () => loadRules(dir)!,
      readOnly: false,
      roles: () => loadRoles(dir),
      audit: { append: async (entry) => void entries.push(entry) },
      log: createLog({ level: 'silent' }),
      now: () => now,
    });
  }

  it('is asked for no earlier than it was told, and at the first request after', async () => {
    await open();
    const sessions = sessionsWith({ checkMs: 30_000, awayMs: 0 });
    sessions.keep('token', await finished(), 1e12);
    const { length } = real.asked;
    now += 29_999;
    assert.equal(await sessions.follow('token'), true);
    assert.equal(real.asked.length, length);
    now += 1;
    // Of ten requests at once one asks.
    const all = await Promise.all(Array.from({ length: 10 }, () => sessions.follow('token')));
    assert.deepEqual(new Set(all), new Set([true]));
    assert.deepEqual(real.asked.slice(length), ['GET /me']);
    real.accounts.set('u-1', { name: 'Anna', groups: [] });
    assert.equal(await sessions.follow('token'), true);
    now += 30_000;
    assert.equal(await sessions.follow('token'), false);
    assert.equal(sessions.user(idOf(real.issuer, 'u-1')), null);
  });

  it('has the role of the first grant that matches, the teams of all, and a name of one line', async () => {
    await open();
    const sessions = sessionsWith({ checkMs: 0, awayMs: 0 });
    const person = sessions.admit(await finished());
    assert.deepEqual(person, {
      id: idOf(real.issuer, 'u-1'),
      name: 'Anna Berg',
      role: 'analyst',
      teams: ['it', 'finance'],
    });
  });

  it('approves no release of their own by another name, and one of another person of the same name', async () => {
    await open();
    const sessions = sessionsWith({ checkMs: 0, awayMs: 0 });
    const admitted = async (sub: string, name: string) => {
      real.accounts.set(sub, { name, groups: ['admins'] });
      return sessions.admit(await finished(sub));
    };
    const author = await admitted('u-1', 'Anna Berg');
    const waiting: Promotion = {
      id: '1',
      digest: 'd',
      version: '1.0.0',
      at: '2026-01-01T00:00:00Z',
      author: author.id,
      promotedBy: 'token:dev',
      state: 'waiting',
      approvals: [],
    };
    const environment = { environment: 'prod', approvals: 1 } as Environment;
    const approve = ({ id }: { id: string }) => approved(waiting, id, environment, new Date());
    const renamed = await admitted('u-1', 'Anna Tal');
    assert.throws(() => approve(renamed), { code: 'FOUR_EYES' });
    const other = await admitted('u-2', 'Anna Berg');
    assert.equal(other.name, author.name);
    assert.deepEqual(
      approve(other).approvals.map(({ by }) => by),
      [idOf(real.issuer, 'u-2')],
    );
  });

  it('has logins that end one by one, or all', async () => {
    await open();
    const sessions = sessionsWith({ checkMs: 30_000, awayMs: 0 });
    const held = await finished();
    const id = idOf(real.issuer, 'u-1');
    for (const token of ['one', 'two', 'three']) sessions.keep(token, held, 1e12);
    sessions.endOf(id, sessionOf('one'));
    assert.deepEqual(
      [sessions.has(id, sessionOf('one')), sessions.has(id, sessionOf('two')), sessions.has('sso:x')],
      [false, true, false],
    );
    assert.deepEqual([await sessions.follow('one'), await sessions.follow('two')], [false, true]);
    assert.notEqual(sessions.user(id), null);
    sessions.endOf(id);
    assert.deepEqual([await sessions.follow('two'), await sessions.follow('three')], [false, false]);
    assert.deepEqual([sessions.has(id), sessions.user(id)], [false, null]);
  });

  it('stays in while the provider is away, for as long as was told', async () => {
    await open();
    const sessions = sessionsWith({ checkMs: 30_000, awayMs: 900_000 });
    sessions.keep('token', await finished(), 1e12);
    await real.goAway();
    now += 899_999;
    assert.equal(await sessions.follow('token'), true);
    // It is not asked by each request.
    now += 4999;
    assert.equal(await sessions.follow('token'), true);
    assert.deepEqual(entries, []);
    now += 1;
    assert.equal(await sessions.follow('token'), false);
    assert.equal(sessions.why('token')?.code, 'SIGN_ON_AWAY');
    assert.equal(sessions.why('token')?.code, 'SIGN_ON_AWAY', 'each of its calls hears it');
    assert.deepEqual(
      entries.map(({ outcome, reason }) => [outcome, reason]),
      [['failed', 'SIGN_ON_AWAY']],
    );
  });

  it('is asked for by the refresh token where the groups stand in the id token only', async () => {
    await open({ inIdToken: true });
    const sessions = sessionsWith({ checkMs: 0, awayMs: 0 });
    sessions.keep('token', await finished(), 1e12);
    for (let count = 0; count < 3; count += 1) assert.equal(await sessions.follow('token'), true);
    real.accounts.set('u-1', { name: 'Anna', groups: [] });
    assert.equal(await sessions.follow('token'), false);
    assert.equal(sessions.why('token')?.code, 'SIGN_ON_NO_ROLE');
  });

  it('is not lost where the provider goes away between a new token and its answer', async () => {
    await open({ accessSeconds: 1 });
    const before = await finished();
    const { refreshToken } = before;
    real.failing = (call) => call === 'GET /me' && real.asked.at(-2) === 'POST /token';
    await until('the old access token is over', () =>
      provider.again(before).then(
        () => false,
        ({ code }: { code: string }) => code === 'SIGN_ON_AWAY',
      ),
    );
    assert.notEqual(before.refreshToken, refreshToken);
    real.failing = () => false;
    assert.deepEqual((await provider.again(before)).claims['groups'], ['canteen', 'readers', 'makers']);
  });

  it('does not get in by groups that could never be asked for again', async () => {
    await open({ inIdToken: true, refreshTokens: false });
    await assert.rejects(finished(), { code: 'CONFIG_INVALID' });
  });

  for (const refreshTokens of [true, false])
    it(`${refreshTokens ? 'stays in past' : 'is out with'} the access token, ${refreshTokens ? 'by' : 'without'} a refresh token`, async () => {
      await open({ accessSeconds: 1, refreshTokens });
      const sessions = sessionsWith({ checkMs: 0, awayMs: 0 });
      sessions.keep('token', await finished(), 1e12);
      const begun = real.asked.length;
      const renewed = () => real.asked.slice(begun).includes('POST /token');
      let known = true;
      await until('the access token is over', async () => {
        known = await sessions.follow('token');
        return renewed() || !known;
      });
      assert.equal(known, refreshTokens);
      if (!refreshTokens) assert.equal(sessions.why('token')?.code, 'SIGN_ON_DENIED');
    });
});
