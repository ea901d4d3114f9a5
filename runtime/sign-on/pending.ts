/** A login that is under way: sealed in a cookie of the one browser that began it, and good for one return. */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

export interface Pending {
  state: string;
  nonce: string;
  /** Of PKCE. */
  verifier: string;
  /** A page of the hub. */
  back: string;
  /** Milliseconds since 1970. */
  expires: number;
}

export interface PendingLogins {
  seal(pending: Pending): string;
  /** Undefined for what this process did not seal, what is too old, and what has come back before. */
  take(sealed: string, state: string): Pending | undefined;
}

export const pendingSeconds = 600;

/** One cookie a login, so that two pages may log in at once. */
export function cookieOf(state: string): string {
  return `crossdock-sign-on-${createHash('sha256').update(state).digest('hex').slice(0, 16)}`;
}

/** The key lives as long as the process: a login that was under way at a restart begins anew. */
export function pendingLogins(now: () => number = Date.now): PendingLogins {
  const key = randomBytes(32);
  /** Until when it must be remembered that a state has come back. */
  const used = new Map<string, number>();
  return {
    seal(pending) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const text = Buffer.concat([cipher.update(JSON.stringify(pending), 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url');
    },
    take(sealed, state) {
      for (const [one, expires] of used) if (expires < now()) used.delete(one);
      const pending = opened(key, sealed);
      if (!pending || pending.state !== state || pending.expires < now() || used.has(state)) return undefined;
      used.set(state, pending.expires);
      return pending;
    },
  };
}

function opened(key: Buffer, sealed: string): Pending | undefined {
  try {
    const bytes = Buffer.from(sealed, 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 });
    decipher.setAuthTag(bytes.subarray(12, 28));
    const text = Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]);
    return JSON.parse(text.toString('utf8')) as Pending;
  } catch {
    return undefined;
  }
}
