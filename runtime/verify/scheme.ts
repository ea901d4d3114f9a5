/** What a signature scheme is, and what all of them share. */
import { createHmac, createSecretKey, hash, timingSafeEqual, type KeyObject } from 'node:crypto';
import { CodedError } from '../errors/coded-error.ts';
import { exactJson } from './exact-json.ts';

/** A request nobody has vouched for yet. It cannot be parsed, only verified. */
export interface Unverified {
  /** The bytes as they came over the wire. */
  rawBody: Buffer;
  /** As node:http gives them. Names compare without case. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Milliseconds since 1970. */
  receivedAt: number;
  /** As the sender asked; only some schemes sign them. */
  method?: string;
  url?: string;
}

export type Part = string | Buffer;
export type Key = Buffer | KeyObject;

export interface Proof {
  signed: Part[];
  presented: string[];
  /** The sender's name of the key and how is signed, where the request says so. */
  keyId?: string | undefined;
  algorithm?: string | undefined;
}

/** What a request says of itself, before anyone believes it. */
export interface Claim {
  /** Every one of them must be proved, all by the same secret. */
  proofs: Proof[];
  /** The time that is part of the signed text: milliseconds since 1970. */
  signedAt?: number;
  /** The sender vouches for it until then: milliseconds since 1970. */
  expiresAt?: number;
}

export interface Identity {
  /** The sender's own id of this delivery, the same when it is sent again. */
  senderId?: string;
  /** False where the id is a header outside the signature: a replay can carry another one. */
  senderIdSigned: boolean;
  /** The sender's name of the event: `orders/create`. Where it is a header, it is outside the signature. */
  topic?: string;
}

export interface Scheme {
  /** Seconds a signed time may be off, either way. Absent where the scheme signs no time. */
  windowS?: number;
  /** Throws CodedError CONFIG_INVALID for a secret that cannot be one of this scheme. */
  key(secret: string): Key;
  /** What a sender who holds the key presents for this text. */
  expected(key: Key, signed: readonly Part[]): string;
  /** Whether one of the presented is right. Default: it is the expected one. */
  proves?(key: Key, proof: Proof): boolean;
  /** Several where one of them is enough. Throws CodedError SIGNATURE_INVALID when there is nothing to compare. */
  claim(request: Unverified): Claim | Claim[];
  /** Never throws. */
  identity(request: Unverified): Identity;
}

export const algorithms = ['sha256', 'sha512', 'sha384', 'sha1'] as const;
/** `hex-upper` is for senders that write A–F; text is compared as it stands. `base64-any`: also for URLs, or without its end. */
export const encodings = ['hex', 'hex-upper', 'base64', 'base64-any'] as const;
export type Algorithm = (typeof algorithms)[number];
export type Encoding = (typeof encodings)[number];

export function refuse(why: string): CodedError {
  return new CodedError('SIGNATURE_INVALID', why);
}

/** A header that came once. Several values, or none, are undefined. */
export function header(request: Unverified, name: string): string | undefined {
  const wanted = name.toLowerCase();
  for (const key in request.headers) {
    if (key.length !== wanted.length || key.toLowerCase() !== wanted) continue;
    const value = request.headers[key];
    return typeof value === 'string' && value !== '' ? value : undefined;
  }
  return undefined;
}

/** Throws CodedError SIGNATURE_INVALID when the header is missing. */
export function required(request: Unverified, name: string): string {
  const value = header(request, name);
  if (value === undefined) throw refuse(`The header ${name} is missing`);
  return value;
}

/** Milliseconds from whole Unix time. Number() would also take `1e9`, ` 1` and the empty text. */
export function unixTime(text: string, unit: 's' | 'ms' = 's'): number {
  if (!/^\d{1,15}$/.test(text)) throw refuse('The timestamp is not a whole number');
  return unit === 's' ? Number(text) * 1000 : Number(text);
}

/** Text is compared as written, so that base64 and hex have one form each; digests make the time constant at any length. */
export function sameText(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(text: string): Buffer {
  return Buffer.from(hash('sha256', text));
}

/** Node makes a key object of bytes at each use, which takes four times as long as the digest. */
const made = new WeakMap<Buffer, KeyObject>();
function keyOf(key: Key | string): string | KeyObject {
  if (!Buffer.isBuffer(key)) return key;
  const known = made.get(key) ?? createSecretKey(key);
  made.set(key, known);
  return known;
}

export function mac(key: Key | string, signed: readonly Part[], algorithm: Algorithm, encoding: Encoding) {
  const hmac = createHmac(algorithm, keyOf(key));
  for (const part of signed) hmac.update(part);
  if (encoding === 'hex-upper') return hmac.digest('hex').toUpperCase();
  return hmac.digest(encoding === 'base64-any' ? 'base64url' : encoding);
}

/** base64 in the one spelling that `mac` writes as `base64-any`. */
export function plainBase64(text: string): string {
  return text
    .replace(/={1,2}$/, '')
    .replaceAll('+', '-')
    .replaceAll('/', '_');
}

/** The key of a JSON body as text, where there is one. */
export function bodyField(request: Unverified, name: string): string | undefined {
  try {
    const body = exactJson(request.rawBody.toString('utf8')) as Record<string, unknown>;
    // Of null it throws.
    if (typeof body !== 'object' || !Object.hasOwn(body, name)) return undefined;
    const value = body[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  } catch {
    return undefined;
  }
}

export function utf8Key(secret: string): Buffer {
  return Buffer.from(secret);
}
