/** The provider of OpenID Connect: the code flow with PKCE, and what it says of a person now. Only this file knows the client. */
import * as oidc from 'openid-client';
import { CodedError } from '../errors/coded-error.ts';
import { claimAt, type Claims, type Rules } from './grants.ts';
import type { Pending } from './pending.ts';
import { awayBecause, failure } from './provider-failure.ts';
import { callbackPath, type SignOnSettings } from './settings.ts';

/** What the hub has of a person who is in; in memory only. */
export interface Held {
  issuer: string;
  subject: string;
  /** Of the place that is asked again: the grant is taken from these and no others. */
  claims: Claims;
  /** Also from the other place: names are only shown. */
  shown: Claims;
  from: 'userinfo' | 'id token';
  accessToken: string;
  refreshToken?: string;
}

export interface Provider {
  /** Throws SIGN_ON_AWAY. Asks again where the last answer is older than two seconds. */
  demand(): Promise<void>;
  /** Where the browser logs in. Throws SIGN_ON_AWAY. */
  begin(pending: Pending, rules: Rules): Promise<URL>;
  /** Takes the browser's return. Throws SIGN_ON_AWAY, SIGN_ON_DENIED, SIGN_ON_UNVERIFIED, CONFIG_INVALID. */
  finish(query: string, pending: Pending, rules: Rules): Promise<Held>;
  /** What it says of the person now; new tokens are kept in `held` at once. Throws SIGN_ON_AWAY, and SIGN_ON_DENIED or SIGN_ON_UNVERIFIED where the login is over. */
  again(held: Held): Promise<Held>;
  /** Ends what the hub was given; the address at which the browser ends its own login, where there is one. */
  leave(held: Held): Promise<URL | undefined>;
}

const timeoutSeconds = 5;
const freshMs = 2000;

export function openProvider(settings: SignOnSettings): Provider {
  const { issuer, client, origin } = settings;
  let known: { config: oidc.Configuration; at: number } | undefined;
  let asking: Promise<oidc.Configuration> | undefined;

  /** One question at a time; an answer is kept, a failure is not. */
  async function ask(): Promise<oidc.Configuration> {
    asking ??= discover(settings)
      .catch((error: unknown) => {
        throw awayBecause(error);
      })
      .finally(() => (asking = undefined));
    const config = await asking;
    if (known?.config !== config) known = { config, at: Date.now() };
    return config;
  }
  const configured = async (): Promise<oidc.Configuration> => known?.config ?? ask();
  const fresh = (): Promise<oidc.Configuration> =>
    known && Date.now() - known.at < freshMs ? Promise.resolve(known.config) : ask();
  const redirect = `${origin}${callbackPath}`;

  return {
    demand: () => guarded(async () => void (await fresh())),
    begin: (pending, rules) =>
      guarded(async () =>
        oidc.buildAuthorizationUrl(await fresh(), {
          redirect_uri: redirect,
          scope: ['openid', ...rules.scopes].join(' '),
          state: pending.state,
          nonce: pending.nonce,
          code_challenge: await oidc.calculatePKCECodeChallenge(pending.verifier),
          code_challenge_method: 'S256',
        }),
      ),
    finish: (query, pending, rules) =>
      guarded(async () => {
        const config = await configured();
        const tokens = await oidc.authorizationCodeGrant(config, new URL(`${redirect}${query}`), {
          pkceCodeVerifier: pending.verifier,
          expectedState: pending.state,
          expectedNonce: pending.nonce,
          idTokenExpected: true,
        });
        return held(config, tokens, rules, issuer.href);
      }),
    again: (before) => guarded(async () => again(await configured(), before)),
    async leave(before) {
      const config = await configured().catch(() => undefined);
      if (!config) return undefined;
      const metadata = config.serverMetadata();
      const token = before.refreshToken ?? before.accessToken;
      if (metadata.revocation_endpoint) await oidc.tokenRevocation(config, token).catch(() => {});
      if (!metadata.end_session_endpoint) return undefined;
      return oidc.buildEndSessionUrl(config, {
        client_id: client,
        post_logout_redirect_uri: `${origin}/tower`,
      });
    },
  };
}

async function discover({ issuer, client, secret }: SignOnSettings): Promise<oidc.Configuration> {
  const execute = [
    oidc.enableNonRepudiationChecks,
    ...(issuer.protocol === 'http:' ? [oidc.allowInsecureRequests] : []),
  ];
  return oidc.discovery(issuer, client, {}, secret ? withSecret(secret) : oidc.None(), {
    execute,
    timeout: timeoutSeconds,
  });
}

/** In the header, as the standard has it where the provider says nothing; in the body where it takes only that. */
function withSecret(secret: string): oidc.ClientAuth {
  const [basic, post] = [oidc.ClientSecretBasic(secret), oidc.ClientSecretPost(secret)];
  return (server, client, body, headers) => {
    const { token_endpoint_auth_methods_supported: methods = ['client_secret_basic'] } = server;
    return (methods.includes('client_secret_basic') ? basic : post)(server, client, body, headers);
  };
}

type Tokens = oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers;

async function held(
  config: oidc.Configuration,
  tokens: Tokens,
  { claim }: Rules,
  issuer: string,
): Promise<Held> {
  const identity: Claims = { ...tokens.claims() };
  const subject = String(identity['sub']);
  const { access_token: accessToken, refresh_token: refreshToken } = tokens;
  const info = await infoOf(config, accessToken, subject);
  const from = info && claimAt(claim, info) !== undefined ? 'userinfo' : 'id token';
  // Nobody could tell when such a person loses a group.
  if (from === 'id token' && claimAt(claim, identity) !== undefined && !refreshToken)
    throw new CodedError(
      'CONFIG_INVALID',
      `The claim ${claim} stands in the id token only, and the provider gives no refresh token: it cannot be asked again`,
    );
  return {
    issuer: String(identity['iss'] ?? issuer),
    subject,
    claims: from === 'userinfo' ? info! : identity,
    shown: { ...identity, ...info },
    from,
    accessToken,
    ...(refreshToken && { refreshToken }),
  };
}

/** Undefined where the provider has no such place. */
async function infoOf(
  config: oidc.Configuration,
  accessToken: string,
  subject: string,
): Promise<Claims | undefined> {
  if (!config.serverMetadata().userinfo_endpoint) return undefined;
  return { ...(await oidc.fetchUserInfo(config, accessToken, subject)) };
}

async function again(config: oidc.Configuration, before: Held): Promise<Held> {
  if (before.from === 'userinfo') {
    const info = await infoOf(config, before.accessToken, before.subject).catch((error: unknown) => {
      if (before.refreshToken && isOld(error)) return undefined;
      throw error;
    });
    if (info) return { ...before, claims: info, shown: { ...before.shown, ...info } };
  }
  if (!before.refreshToken) throw new CodedError('SIGN_ON_DENIED', 'The provider has ended this login');
  const tokens = await oidc.refreshTokenGrant(config, before.refreshToken);
  const identity = tokens.claims();
  if (identity && (identity.sub !== before.subject || identity.iss !== before.issuer))
    throw new CodedError('SIGN_ON_UNVERIFIED', 'The provider speaks of somebody else');
  // The old refresh token is worth nothing now, whatever comes next.
  before.accessToken = tokens.access_token;
  before.refreshToken = tokens.refresh_token ?? before.refreshToken;
  const claims =
    before.from === 'userinfo'
      ? await infoOf(config, before.accessToken, before.subject)
      : identity && { ...identity };
  if (!claims) throw new CodedError('SIGN_ON_UNVERIFIED', 'The provider does not say again who this is');
  return { ...before, claims, shown: { ...before.shown, ...claims } };
}

const isOld = (error: unknown): boolean =>
  error instanceof oidc.WWWAuthenticateChallengeError && error.status === 401;

/** No error of the client gets further: its causes hold tokens. */
async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw failure(error);
  }
}
