/** The guard of the embedded profile: claims as a table. */
import { randomUUID } from 'node:crypto';
import type { Store } from '../sqlite/store.ts';
import type { ClaimResult, Guard } from './guard.ts';

interface Row {
  fingerprint: string;
  result: string | null;
  expires: number;
}

const SWEEP_MS = 60_000;
/** Bounds the pause of one sweep; the rest goes with the next. */
const SWEEP_ROWS = 5000;

/** `close` does not close the store. A claim without a result is at work; one with a result is done. */
export function embeddedGuard(store: Store): Guard {
  const sweeper = setInterval(() => void sweep(store), SWEEP_MS).unref();

  const holds = (key: string, token: string) =>
    store
      .prepare('SELECT 1 FROM claim WHERE key = ? AND token = ? AND result IS NULL AND expires > ?')
      .get(key, token, Date.now()) !== undefined;

  return {
    claim: ({ key, fingerprint, leaseMs }) =>
      store.write((): ClaimResult => {
        const now = Date.now();
        const row = store.prepare('SELECT fingerprint, result, expires FROM claim WHERE key = ?').get(key) as
          Row | undefined;
        if (row && row.expires > now) {
          if (row.fingerprint !== fingerprint) return { state: 'conflict' };
          if (row.result !== null) return { state: 'done', result: JSON.parse(row.result) };
          return { state: 'in-flight', retryAfterMs: row.expires - now };
        }
        const token = randomUUID();
        store
          .prepare(
            'INSERT OR REPLACE INTO claim (key, fingerprint, token, result, expires) VALUES (?, ?, ?, NULL, ?)',
          )
          .run(key, fingerprint, token, now + leaseMs);
        return { state: 'new', claim: { key, token } };
      }),

    commit: ({ key, token }, result, keepMs) =>
      store.write(() => {
        if (!holds(key, token)) return false;
        store
          .prepare('UPDATE claim SET result = ?, expires = ? WHERE key = ?')
          .run(JSON.stringify(result ?? null), Date.now() + keepMs, key);
        return true;
      }),

    release: ({ key, token }) =>
      store.write(() => {
        if (!holds(key, token)) return false;
        store.prepare('DELETE FROM claim WHERE key = ?').run(key);
        return true;
      }),

    ready: () => store.write(() => {}),

    async close() {
      clearInterval(sweeper);
    },
  };
}

/** What a hub that was killed had at work: nobody holds it any more, and its sender need not wait for the lease. */
export function freeClaims(store: Store): Promise<void> {
  return store.write(() => {
    store.prepare('DELETE FROM claim WHERE result IS NULL').run();
  });
}

async function sweep(store: Store): Promise<void> {
  try {
    await store.write(() =>
      store
        .prepare(
          `DELETE FROM claim WHERE key IN (SELECT key FROM claim WHERE expires < ? LIMIT ${SWEEP_ROWS})`,
        )
        .run(Date.now()),
    );
  } catch {
    // Expired rows do no harm; the next sweep takes them.
  }
}
