/** The digest of a value, and who vouches for it: Ed25519 over the digest of its canonical text. */
import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { canonicalJson } from './canonical.ts';

/** `key` is the id of the public key. */
export interface Signature {
  key: string;
  value: string;
}

/** Public keys by their ids. */
export type TrustedKeys = ReadonlyMap<string, KeyObject>;

/** `sha256:…` of the canonical JSON. Throws TypeError for what JSON can not hold. */
export function digestOf(value: unknown): string {
  return `sha256:${hash(canonicalJson(value))}`;
}

/** False too for what has no canonical text. */
export function hasDigest(value: unknown, digest: string): boolean {
  try {
    return digestOf(value) === digest;
  } catch {
    return false;
  }
}

export function signed(digest: string, key: KeyObject): Signature {
  const value = sign(null, Buffer.from(digest), key).toString('base64');
  return { key: keyId(createPublicKey(key)), value };
}

/** Why none of these keys vouches for it; undefined where one does. */
export function whyUntrusted(digest: string, signature: Signature, trusted: TrustedKeys): string | undefined {
  const key = trusted.get(signature.key);
  if (!key) return `the key ${signature.key} is not trusted here`;
  const value = Buffer.from(signature.value, 'base64');
  // What another text of the same bytes would decode to is not what was signed.
  const exact = value.toString('base64') === signature.value;
  if (exact && verify(null, Buffer.from(digest), key, value)) return undefined;
  return 'its signature is not that of its digest';
}

/** First 16 hex digits of the SHA-256 of the key. */
export function keyId(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);
}

export function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
