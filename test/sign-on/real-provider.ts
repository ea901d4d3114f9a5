/** A provider of OpenID Connect in this process: oidc-provider, with people that a test changes as it goes. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Context } from 'oidc-provider';

export interface Account {
  name: string;
  groups: string[];
}

export interface RealProvider {
  issuer: string;
  /** By subject. */
  accounts: Map<string, Account>;
  /** What was asked of it, by method and path. */
  asked: string[];
  /** Which calls are answered 503. */
  failing(call: string): boolean;
  /** The store of its logins stays; nobody answers at its address. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

export interface RealOptions {
  /** Where the hub is. */
  hub: string;
  port?: number;
  /** The groups stand in the id token, and nowhere else. */
  inIdToken?: boolean;
  refreshTokens?: boolean;
  /** How long access tokens are good for. */
  accessSeconds?: number;
}

export const client = { id: 'crossdock', secret: 'the-secret-of-the-client-of-the-tests' };
const scopes = 'openid profile groups offline_access';

export async function realProvider(options: RealOptions): Promise<RealProvider> {
  const { hub, inIdToken = false, refreshTokens = true, accessSeconds = 3600 } = options;
  const accounts = new Map<string, Account>();
  const asked: string[] = [];
  let answer: (request: IncomingMessage, response: ServerResponse) => void = () => {};
  let server: Server | undefined = await listening(options.port ?? 0, (...call) => answer(...call));
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: [`${hub}/auth/sign-on/callback`],
        post_logout_redirect_uris: [`${hub}/tower`],
        grant_types: ['authorization_code', 'refresh_token'],
      },
    ],
    scopes: scopes.split(' '),
    claims: { openid: ['sub'], profile: ['name'], groups: ['groups'] },
    conformIdTokenClaims: !inIdToken,
    clockTolerance: 0,
    cookies: { keys: ['a key of the tests'] },
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true },
      userinfo: { enabled: !inIdToken },
    },
    ttl: {
      AccessToken: accessSeconds,
      AuthorizationCode: 60,
      Grant: 3600,
      IdToken: 3600,
      Interaction: 600,
      RefreshToken: 3600,
      Session: 3600,
    },
    rotateRefreshToken: true,
    issueRefreshToken: async () => refreshTokens,
    interactions: { url: (_context: Context, { uid }: { uid: string }) => `/interaction/${uid}` },
    // An account that is gone is nobody's any more.
    findAccount: (_context: unknown, sub: string) => (accounts.has(sub) ? accountOf(sub) : undefined),
    loadExistingGrant: async ({ oidc }: Context) => {
      const grant = new provider.Grant({
        clientId: oidc.client.clientId,
        accountId: oidc.session.accountId,
      });
      grant.addOIDCScope(scopes);
      await grant.save();
      return grant;
    },
  });
  const accountOf = (sub: string) => ({
    accountId: sub,
    claims: async () => ({ sub, ...accounts.get(sub) }),
  });
  const own = provider.callback();
  answer = (request, response) => {
    const { method, url = '' } = request;
    asked.push(`${method} ${url.split('?')[0]}`);
    if (real.failing(asked.at(-1)!)) return void response.writeHead(503).end();
    if (!url.startsWith('/interaction/')) return own(request, response);
    if (method === 'GET') return void response.setHeader('content-type', 'text/html').end(choice(accounts));
    void chosen(request).then((sub) =>
      provider.interactionFinished(request, response, { login: { accountId: sub } }),
    );
  };
  const goAway = async (): Promise<void> => {
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve) ?? resolve(undefined));
    server = undefined;
  };
  const real: RealProvider = {
    issuer,
    accounts,
    asked,
    failing: () => false,
    goAway,
    async comeBack() {
      server = await listening(port, (...call) => answer(...call));
    },
    close: goAway,
  };
  return real;
}

function choice(accounts: ReadonlyMap<string, Account>): string {
  const buttons = [...accounts].map(
    ([sub, { name }]) => `<button name="sub" value="${sub}">${name} (${sub})</button>`,
  );
  return `<!doctype html><title>Provider</title><form method="post">${buttons.join('')}</form>`;
}

async function chosen(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return new URLSearchParams(body).get('sub') ?? '';
}

async function listening(
  port: number,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  const server = createServer(answer).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** Nobody listens there yet. */
export async function freePort(): Promise<number> {
  const server = await listening(0, () => {});
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
