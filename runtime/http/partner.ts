/** Calls to a partner's HTTP API: the key goes along, and every failure becomes a coded error. */
import { CodedError } from '../errors/coded-error.ts';
import type { Code } from '../errors/codes.ts';
import type { Documents } from '../journal/documents.ts';
import { forPeople } from '../errors/for-people.ts';
import { madeOf } from '../secrets/following.ts';
import { exactJson } from '../verify/exact-json.ts';
import { exchange, NetworkError, telling, type Told } from './exchange.ts';
import { openTokens, type Client } from './oauth.ts';
import { keptRefresh } from './kept-refresh.ts';

export const authentications = ['none', 'bearer', 'basic', 'header', 'oauth2'] as const;

export interface PartnerOptions {
  /** Address with the part of the path that all calls share. */
  url: string;
  authentication: (typeof authentications)[number];
  /**
   * `basic`: `user:password`. `oauth2`: `client id:client secret`, and `:refresh token` where there is one; as JSON
   * {client_id, client_secret, refresh_token} where one of them holds a `:`.
   * A function gives the one of now, for each call.
   */
  secret: string | (() => string);
  /** Of `header`: its name. Of `oauth2`: the header for the token alone; default Authorization. */
  header?: string;
  /** Of `oauth2`. */
  tokenUrl?: string;
  /** Of `oauth2`: where a refresh token that the partner gave in place of the last is kept. */
  documents?: Documents;
  timeoutMs: number;
  told?: Told;
}

export interface PartnerCall {
  method: string;
  /** With its query, if any; starts with `/`. */
  path: string;
  /** A text or bytes go as they are, everything else as JSON. */
  body?: unknown;
  contentType?: string;
  /** The same for each try of the same work: the header Idempotency-Key. */
  key: string;
}

export interface PartnerAnswer {
  status: number;
  /** Parsed, where it is JSON; numbers a double cannot hold stay text. */
  body: unknown;
}

export interface Partner {
  /** The answer of a status 2xx. Throws CodedError PARTNER_*; after PARTNER_UNREACHABLE, _BUSY and the refusals nothing was done. */
  call(call: PartnerCall): Promise<PartnerAnswer>;
}

/** Throws CONFIG_INVALID for an address that is none. */
export function openPartner(options: PartnerOptions): Partner {
  const { timeoutMs, told } = options;
  const ask = told ? telling(told) : exchange;
  const base = baseOf(options.url);
  const secret = () => (typeof options.secret === 'function' ? options.secret() : options.secret);
  const identity = madeOf(secret, () => identityOf({ ...options, secret: secret() }));
  identity();
  async function call(
    { method, path, body, contentType, key }: PartnerCall,
    again = false,
  ): Promise<PartnerAnswer> {
    const asIs = typeof body === 'string' || body instanceof Uint8Array;
    const content = body === undefined ? undefined : asIs ? body : JSON.stringify(body);
    const facts = { host: new URL(base).host, call: `${method} ${path.split('?')[0]}` };
    const who = await identity()();
    const headers = {
      ...who.headers,
      'idempotency-key': key,
      accept: 'application/json, */*;q=0.5',
      ...(content !== undefined && {
        'content-type': contentType || (asIs ? 'text/plain' : 'application/json'),
      }),
    };
    const init = { method, headers, ...(content !== undefined && { body: content as string }) };
    const {
      status,
      headers: said,
      text,
    } = await ask(base + path, init, timeoutMs).catch((error: unknown) => {
      throw error instanceof NetworkError ? faultOfNetwork(error, facts) : error;
    });
    const answer = parsed(text);
    if (status >= 200 && status < 300) return { status, body: answer };
    // A token can end before its time; the partner did nothing with it.
    if (who.forget && !again && (status === 401 || status === 403)) {
      who.forget();
      return call({ method, path, body, key, ...(contentType && { contentType }) }, true);
    }
    throw faultOfStatus(status, said, answer, facts);
  }
  return { call: (one) => call(one) };
}

type Facts = Record<string, string | number>;

function baseOf(url: string, setting = 'url'): string {
  const parsedUrl = URL.canParse(url) ? new URL(url) : undefined;
  if (parsedUrl && /^https?:$/.test(parsedUrl.protocol) && !parsedUrl.username && !parsedUrl.search)
    return url.replace(/\/+$/, '');
  throw new CodedError('CONFIG_INVALID', 'The address is not one of the form https://host/path', {
    setting,
  });
}

interface Identity {
  headers: Record<string, string>;
  /** What it holds is not taken any more. */
  forget?: () => void;
}

type Known = PartnerOptions & { secret: string };

/** Throws CONFIG_INVALID. */
function identityOf(options: Known): () => Promise<Identity> {
  const { authentication, secret, header } = options;
  if (authentication === 'oauth2') return tokenOf(options);
  const headers = (): Record<string, string> => {
    if (authentication === 'none') return {};
    if (!secret) throw missing('secret');
    if (authentication === 'bearer') return { authorization: `Bearer ${secret}` };
    if (authentication === 'basic')
      return { authorization: `Basic ${Buffer.from(secret).toString('base64')}` };
    if (header) return { [header.toLowerCase()]: secret };
    throw missing('header');
  };
  const identity = { headers: headers() };
  return () => Promise.resolve(identity);
}

function tokenOf({ secret, header, tokenUrl = '', timeoutMs, documents }: Known): () => Promise<Identity> {
  const client = clientOf(secret);
  const address = baseOf(tokenUrl, 'tokenUrl');
  const kept = documents && keptRefresh(documents, address, client);
  const tokens = openTokens({ tokenUrl: address, ...client, timeoutMs, ...(kept && { kept }) });
  return async () => {
    const token = await tokens.token();
    const headers = { [header?.toLowerCase() || 'authorization']: header ? token : `Bearer ${token}` };
    return { headers, forget: () => tokens.forget(token) };
  };
}

/** Throws CONFIG_INVALID. */
function clientOf(secret: string): Client {
  const [id, key, ...rest] = secret.split(':');
  const short = { client_id: id, client_secret: key, refresh_token: rest.join(':') };
  const said = secret.trim().startsWith('{') ? (Object(parsed(secret)) as typeof short) : short;
  const { client_id: clientId, client_secret: clientSecret, refresh_token: refreshToken = '' } = said;
  const texts = [clientId, clientSecret, refreshToken].every((one) => typeof one === 'string');
  if (!texts || !clientId || !clientSecret) throw missing('secret');
  return { clientId, clientSecret, ...(refreshToken && { refreshToken }) };
}

function missing(setting: string): CodedError {
  return new CodedError('CONFIG_INVALID', `${setting} is missing or not of the form asked for`, { setting });
}

function faultOfNetwork({ failure, reason }: NetworkError, facts: Facts): CodedError {
  const [code, message] = {
    unreachable: ['PARTNER_UNREACHABLE', `${facts['host']} cannot be reached`],
    timeout: ['PARTNER_TIMEOUT', `${facts['host']} did not answer in time`],
    'answer lost': ['PARTNER_ANSWER_LOST', `The connection to ${facts['host']} broke during the call`],
    'answer too large': [
      'PARTNER_ANSWER_LARGE',
      `The answer of ${facts['host']} is larger than the hub reads`,
    ],
  }[failure] as [Code, string];
  return new CodedError(code, message, { ...facts, ...(reason && { reason }) });
}

function faultOfStatus(status: number, headers: Headers, answer: unknown, facts: Facts): CodedError {
  const code = codeOf(status);
  const waits = code === 'PARTNER_BUSY' && retryAfterMs(headers.get('retry-after'));
  const said = code === 'PARTNER_REFUSED' ? forPeople(sentence(answer)) : undefined;
  const message = `${facts['host']} answers ${status}${said ? `: ${said}` : ''}`;
  return new CodedError(code, message, { ...facts, status, ...(waits && { retryAfterMs: waits }) });
}

function codeOf(status: number): Code {
  if (status < 400) return 'PARTNER_ADDRESS_WRONG';
  if (status === 401) return 'PARTNER_AUTH';
  if ([408, 425, 429, 503].includes(status)) return 'PARTNER_BUSY';
  return status < 500 ? 'PARTNER_REFUSED' : 'PARTNER_FAILED';
}

/** Of seconds or a date, as RFC 9110 has them; in whole seconds, an hour at the most. */
function retryAfterMs(value: string | null): number | undefined {
  const said = value?.trim() ?? '';
  const seconds = /^[\d.]+$/.test(said) ? Number(said) : (Date.parse(said) - Date.now()) / 1000;
  return seconds > 0 ? Math.min(Math.ceil(seconds), 3600) * 1000 : undefined;
}

/** The words of an error where APIs put them; a member of a list or object stands for all of it. */
function sentence(answer: unknown, depth = 0): string | undefined {
  if (typeof answer === 'string') return depth > 0 ? answer : undefined;
  if (typeof answer !== 'object' || answer === null || depth > 4) return undefined;
  if (Array.isArray(answer)) return sentence(answer[0], depth + 1);
  const { message, detail, error, errors, title } = answer as Record<string, unknown>;
  const known = [message, detail, error, errors, title].find((one) => one !== undefined && one !== null);
  const [field, value] = depth > 0 ? (Object.entries(answer)[0] ?? []) : [];
  if (known !== undefined) return sentence(known, depth + 1);
  const inside = sentence(value, depth + 1);
  return inside === undefined ? undefined : `${field}: ${inside}`;
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : exactJson(text);
  } catch {
    return text;
  }
}
