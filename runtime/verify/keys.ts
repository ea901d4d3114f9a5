/** Secrets as Standard Webhooks writes them: whsec_ for a shared one, whpk_ and whsk_ for the two halves of Ed25519. */
import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { CodedError } from '../errors/coded-error.ts';
import { mac, sameText, type Key, type Part } from './scheme.ts';

/** What stands before the 32 bytes of a key in DER (RFC 8410). */
const publicHead = Buffer.from('302a300506032b6570032100', 'hex');
const privateHead = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Throws CodedError CONFIG_INVALID for what is no such secret. */
export function standardKey(secret: string): Buffer | KeyObject {
  const kind = /^wh(?:sec|pk|sk)_/.exec(secret)?.[0] ?? '';
  const bytes = base64(secret.slice(kind.length));
  if (kind === '' || kind === 'whsec_') return bytes;
  if (kind === 'whpk_' && bytes.length === 32)
    return createPublicKey({ key: Buffer.concat([publicHead, bytes]), format: 'der', type: 'spki' });
  // Some write the public half behind the private one.
  if (kind === 'whsk_' && (bytes.length === 32 || bytes.length === 64)) {
    const key = Buffer.concat([privateHead, bytes.subarray(0, 32)]);
    return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  }
  throw new CodedError('CONFIG_INVALID', `A secret that begins with ${kind} holds a key of 32 bytes`);
}

/** With its padding or without; a character too many or too few is an error of copying. */
function base64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  const written = bytes.toString('base64');
  if (bytes.length === 0 || (text !== written && text !== written.replace(/=+$/, '')))
    throw new CodedError('CONFIG_INVALID', 'A Standard Webhooks secret is base64, usually after whsec_');
  return bytes;
}

/** What the holder of the key writes for this text. Throws CodedError CONFIG_INVALID for a public key. */
export function signature(key: Key, signed: readonly Part[]): string {
  if (Buffer.isBuffer(key)) return mac(key, signed, 'sha256', 'base64');
  if (key.type !== 'private')
    throw new CodedError('CONFIG_INVALID', 'A public key signs nothing; the private one begins with whsk_');
  return sign(null, bytesOf(signed), key).toString('base64');
}

export function isSigned(key: Key, signed: readonly Part[], presented: string): boolean {
  if (Buffer.isBuffer(key)) return sameText(presented, signature(key, signed));
  const bytes = Buffer.from(presented, 'base64');
  return bytes.toString('base64') === presented && verify(null, bytesOf(signed), key, bytes);
}

function bytesOf(parts: readonly Part[]): Buffer {
  return Buffer.concat(parts.map((part) => Buffer.from(part as string)));
}
