/** Keeps refresh tokens that partners rotate in the journal, encrypted by the client secret they belong to. */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import type { Documents } from '../journal/documents.ts';
import type { Client, KeptRefresh } from './oauth.ts';

const kind = 'oauth-refresh';
const cipher = 'aes-256-gcm';

/** Another refresh token in the configuration is another beginning. */
export function keptRefresh(
  documents: Documents,
  tokenUrl: string,
  { clientId, clientSecret, refreshToken = '' }: Client,
): KeptRefresh {
  const id = createHash('sha256')
    .update(JSON.stringify([tokenUrl, clientId, refreshToken]))
    .digest('hex');
  const key = Buffer.from(hkdfSync('sha256', clientSecret, id, kind, 32));
  return {
    async get() {
      const body = await documents.get(kind, id);
      return body === undefined ? undefined : opened(key, body);
    },
    put: (token) => documents.put(kind, id, sealed(key, token)),
  };
}

function sealed(key: Buffer, text: string): string {
  const nonce = randomBytes(12);
  const sealing = createCipheriv(cipher, key, nonce);
  const parts = [nonce, sealing.update(text, 'utf8'), sealing.final(), sealing.getAuthTag()];
  return Buffer.concat(parts).toString('base64');
}

/** Undefined when it was sealed with another client secret: then the configuration counts. */
function opened(key: Buffer, body: string): string | undefined {
  const bytes = Buffer.from(body, 'base64');
  try {
    const opening = createDecipheriv(cipher, key, bytes.subarray(0, 12)).setAuthTag(bytes.subarray(-16));
    return Buffer.concat([opening.update(bytes.subarray(12, -16)), opening.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
