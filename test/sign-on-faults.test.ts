/** A provider that lies, or somebody in its place: nobody gets in by what it says. */
import assert from 'node:assert/strict';
import { idOf } from '../runtime/sign-on/identity.ts';
import { browser } from './sign-on/browser.ts';
import { faultyProvider, type Fault, type FaultyProvider } from './sign-on/faulty-provider.ts';
import { signOnHub, type SignOnHub } from './sign-on/hub.ts';
import { client, freePort } from './sign-on/real-provider.ts';

const past = Math.floor(Date.now() / 1000) - 3600;
const unsigned = { header: { alg: 'none' }, signedBy: 'nobody' } as const;

/** What is wrong, and by what word the log names the check. */
const faults: [what: string, fault: Fault, said: RegExp][] = [
  ['the nonce of another login', { claims: { nonce: 'another' } }, /, nonce"/],
  ['no nonce', { claims: { nonce: undefined } }, /INVALID_RESPONSE/],
  ['another audience', { claims: { aud: 'another' } }, /, aud"/],
  [
    'another client among its audience, for whom it was made',
    { claims: { aud: [client.id, 'b'], azp: 'b' } },
    /, azp"/,
  ],
  ['another issuer', { claims: { iss: 'https://evil.example' } }, /, iss"/],
  ['an expired id token', { claims: { exp: past } }, /TIMESTAMP/],
  ['an id token of the future', { claims: { nbf: past + 7200 } }, /TIMESTAMP/],
  ['no subject', { claims: { sub: undefined } }, /INVALID_RESPONSE/],
  ['a signature of another key', { signedBy: 'another key' }, /INVALID_RESPONSE|SIGNATURE/],
  ['a key that it does not have', { header: { kid: 'two' } }, /KEY_SELECTION/],
  ['no signature', unsigned, /UNSUPPORTED/],
  ['no signature, called one', { signedBy: 'nobody' }, /INVALID_RESPONSE/],
  [
    'a signature of the client secret',
    { header: { alg: 'HS256' }, signedBy: 'the client secret' },
    /UNSUPPORTED/,
  ],
  ['no id token', { tokens: { id_token: undefined } }, /INVALID_RESPONSE/],
  ['an id token that is none', { tokens: { id_token: 'a.b.c' } }, /PARSE|INVALID/],
  ['the person of another', { userinfo: { sub: 'u-2' } }, /JSON_ATTRIBUTE/],
  ['an answer of another issuer', { returned: { iss: 'https://evil.example' } }, /INVALID_RESPONSE/],
];

describe('a provider that lies', function () {
  this.timeout(60_000);
  let provider: FaultyProvider;
  let hub: SignOnHub;
  before(async () => {
    provider = await faultyProvider();
    hub = await signOnHub(await freePort(), provider.issuer);
  });
  after(async () => {
    await hub?.end();
    await provider?.close();
  });
  beforeEach(() => void (provider.fault = {}));

  it('is believed where nothing is wrong', async () => {
    const { token, code } = await browser().logIn(hub.url, 'u-1');
    assert.ok(token, code);
    assert.equal((await hub.ask(token)).status, 200);
    assert.deepEqual(hub.audit(1), [`${idOf(provider.issuer, 'u-1')} login done`]);
  });

  for (const [what, fault, said] of faults)
    it(`lets nobody in by ${what}`, async () => {
      const before = hub.stderr.length;
      provider.fault = fault;
      const { token, code } = await browser().logIn(hub.url, 'u-1');
      assert.equal(token, undefined);
      assert.deepEqual(hub.audit(1), [`unknown login failed ${code}`]);
      assert.equal(code, 'SIGN_ON_UNVERIFIED');
      assert.match(hub.stderr.slice(before), said);
    });

  it('is told apart from one that refuses', async () => {
    provider.fault = { returned: { error: 'access_denied', code: '' } };
    assert.equal((await browser().logIn(hub.url, 'u-1')).code, 'SIGN_ON_DENIED');
    provider.fault = { returned: { error: 'temporarily_unavailable', code: '' } };
    assert.equal((await browser().logIn(hub.url, 'u-1')).code, 'SIGN_ON_AWAY');
  });

  it('keeps nobody in by saying somebody else is there', async () => {
    const { token = '' } = await browser().logIn(hub.url, 'u-1');
    provider.fault = { userinfo: { sub: 'u-2' } };
    const answer = await hub.ask(token);
    assert.equal(answer.status, 403);
    assert.equal(((await answer.json()) as { code: string }).code, 'SIGN_ON_UNVERIFIED');
  });

  it('is away where it calls itself otherwise', async () => {
    const other = await faultyProvider();
    other.fault = { metadata: { issuer: provider.issuer } };
    const { openProvider } = await import('../runtime/sign-on/provider.ts');
    const { signOnOf } = await import('../runtime/sign-on/settings.ts');
    const asked = openProvider(
      signOnOf({
        CROSSDOCK_SIGN_ON_ISSUER: other.issuer,
        CROSSDOCK_SIGN_ON_CLIENT: 'c',
        CROSSDOCK_SIGN_ON_URL: hub.url,
      })!,
    );
    await assert.rejects(asked.demand(), { code: 'SIGN_ON_AWAY' });
    other.fault = {};
    await asked.demand();
    await other.close();
  });

  it('has nothing of what it sent in the log', () => {
    for (const sent of ['eyJ', client.secret, 'evil.example', 'access_token'])
      assert.ok(!`${hub.stdout}${hub.stderr}`.includes(sent), sent);
  });
});
