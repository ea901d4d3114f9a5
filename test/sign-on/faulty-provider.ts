/** A provider made by hand that does one thing wrong at a time, as the real one cannot. */
import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { client } from './real-provider.ts';

export interface Fault {
  /** In the place of what is right in the id token; undefined takes it out. */
  claims?: Record<string, unknown>;
  /** The header of the id token. */
  header?: Record<string, unknown>;
  /** By whom it is signed; nobody: no signature. */
  signedBy?: 'another key' | 'the client secret' | 'nobody';
  /** Of the answer of the token endpoint. */
  tokens?: Record<string, unknown>;
  userinfo?: Record<string, unknown>;
  /** In the address with which the browser is sent back. */
  returned?: Record<string, string>;
  /** In what the provider says of itself. */
  metadata?: Record<string, unknown>;
}

export interface FaultyProvider {
  issuer: string;
  /** What is wrong from now on. */
  fault: Fault;
  close(): Promise<void>;
}

const pair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export async function faultyProvider(): Promise<FaultyProvider> {
  const [own, another] = [pair(), pair()];
  const faulty: FaultyProvider = { issuer: '', fault: {}, close };
  let nonce = '';

  const idToken = (): string => {
    const { claims, header, signedBy } = faulty.fault;
    const now = Math.floor(Date.now() / 1000);
    const right = { iss: faulty.issuer, sub: 'u-1', aud: client.id, iat: now, exp: now + 600, nonce };
    const text = `${encoded({ alg: 'RS256', kid: 'one', ...header })}.${encoded({ ...right, ...claims })}`;
    return `${text}.${signature(text, signedBy, { own: own.privateKey, another: another.privateKey })}`;
  };

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', faulty.issuer);
    const json = (value: object): void => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(value));
    };
    const { fault, issuer } = faulty;
    if (url.pathname === '/.well-known/openid-configuration')
      return json({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        userinfo_endpoint: `${issuer}/userinfo`,
        authorization_response_iss_parameter_supported: true,
        id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
        ...fault.metadata,
      });
    if (url.pathname === '/jwks')
      return json({ keys: [{ ...own.publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig' }] });
    if (url.pathname === '/userinfo')
      return json({ sub: 'u-1', name: 'Anna Berg', groups: ['makers'], ...fault.userinfo });
    if (url.pathname === '/token')
      return json({ access_token: 'a', token_type: 'Bearer', id_token: idToken(), ...fault.tokens });
    const asked = url.searchParams;
    nonce = asked.get('nonce') ?? '';
    const back = new URL(asked.get('redirect_uri')!);
    const right = { code: 'c', state: asked.get('state')!, iss: issuer };
    back.search = new URLSearchParams({ ...right, ...fault.returned }).toString();
    response.writeHead(303, { location: back.href }).end();
  }

  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  faulty.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  async function close(): Promise<void> {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  return faulty;
}

function signature(
  text: string,
  by: Fault['signedBy'],
  { own, another }: { own: KeyObject; another: KeyObject },
): string {
  if (by === 'nobody') return '';
  if (by === 'the client secret') return createHmac('sha256', client.secret).update(text).digest('base64url');
  return sign('sha256', Buffer.from(text), by === 'another key' ? another : own).toString('base64url');
}
