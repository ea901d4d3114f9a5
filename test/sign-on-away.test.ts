/** A provider that is away: the hub begins without it, and says so; who is in stays in for a while. */
import assert from 'node:assert/strict';
import { browser } from './sign-on/browser.ts';
import { signOnHub, type SignOnHub } from './sign-on/hub.ts';
import { freePort, realProvider, type RealProvider } from './sign-on/real-provider.ts';
import { login, passwordIn, startHub } from './server/start.ts';

describe('sign-on whose provider is away', function () {
  this.timeout(60_000);
  let provider: RealProvider;
  let hub: SignOnHub;
  before(async () => {
    const providerPort = await freePort();
    hub = await signOnHub(await freePort(), `http://127.0.0.1:${providerPort}`);
    provider = await realProvider({ hub: hub.url, port: providerPort });
    await provider.goAway();
  });
  after(async () => {
    await hub?.end();
    await provider?.close();
  });
  beforeEach(() => void provider.accounts.set('u-1', { name: 'Anna Berg', groups: ['makers'] }));

  const stateOf = async (): Promise<unknown> => (await fetch(`${hub.url}/auth/sign-on/state`)).json();
  const codeOf = async (answer: Response): Promise<string> =>
    `${answer.status} ${((await answer.json()) as { code: string }).code}`;

  it('begins without it, and goes on once it is there', async () => {
    assert.deepEqual(await stateOf(), { on: true, away: true });
    const begun = await browser().go(`${hub.url}/auth/sign-on?return=/`);
    assert.equal(begun.to, `${hub.url}/tower#sign-on=SIGN_ON_AWAY&return=%2F`);
    assert.deepEqual(hub.audit(1), ['unknown login failed SIGN_ON_AWAY']);
    assert.equal((await login(hub.url, passwordIn(hub.stdout))).status, 200);
    await provider.comeBack();
    assert.deepEqual(await stateOf(), { on: true, away: false });
    assert.ok((await browser().logIn(hub.url, 'u-1')).token);
  });

  it('lets nobody in where it goes away in the middle of a login', async () => {
    const mine = browser();
    const returned = await mine.untilReturn(hub.url, 'u-1');
    await provider.goAway();
    assert.equal((await mine.arrive(returned)).code, 'SIGN_ON_AWAY');
    assert.deepEqual(hub.audit(1), ['unknown login failed SIGN_ON_AWAY']);
    await provider.comeBack();
  });

  it('keeps who is in, and looks again once it is back', async () => {
    const { token = '' } = await browser().logIn(hub.url, 'u-1');
    await provider.goAway();
    assert.equal((await hub.ask(token)).status, 200);
    assert.match(hub.stderr, /who is in stays in for now/);
    provider.accounts.set('u-1', { name: 'Anna Berg', groups: [] });
    assert.equal((await hub.ask(token)).status, 200);
    await provider.comeBack();
    assert.equal(await codeOf(await hub.ask(token)), '403 SIGN_ON_NO_ROLE');
  });

  it('keeps nothing of it on the disk: a login of before a restart is over', async () => {
    const { token = '' } = await browser().logIn(hub.url, 'u-1');
    assert.equal((await hub.ask(token)).status, 200);
    await hub.stop();
    const again = await startHub(hub.dir, {
      DEFINITIONS: `${hub.dir}/definitions`,
      CROSSDOCK_SIGN_ON_ISSUER: provider.issuer,
      CROSSDOCK_SIGN_ON_CLIENT: 'crossdock',
      CROSSDOCK_SIGN_ON_URL: 'http://127.0.0.1:1880',
    });
    const { status } = await fetch(`${again.url}/flows`, { headers: { authorization: `Bearer ${token}` } });
    await again.stop();
    assert.equal(status, 401);
  });
});
