/** The guard of the embedded profile. Claims are rows of a table. */
import { randomUUID } from 'node:crypto';
import type { Store } from '../sqlite/store.ts';
import type { ClaimRequest, ClaimResult, Guard } from './guard.ts';

interface Row {
  fingerprint: string;
  result: string | null;
  expires: number;
}

const SWEEP_MS = 60_000;
/** Most rows that one sweep deletes, to keep it short. The next sweep continues. */
const SWEEP_ROWS = 5000;

/** A claim at work. */
interface Lease {
  fingerprint: string;
  token: string;
  expires: number;
}

export interface EmbeddedGuardOptions {
  /**
   * True for the hub's own guard. It keeps claims at work in memory, without a write, unless commands beside the hub
   * may make them too. They end with the hub, whose work comes again anyway. Default false: every claim is in the
   * table.
   */
  hub?: boolean;
}

/**
 * Makes the guard. `close` does not close the store. In the table, a claim without a result is at work; one with a
 * result is done.
 */
export function embeddedGuard(store: Store, { hub = false }: EmbeddedGuardOptions = {}): Guard {
  const leases = new Map<string, Lease>();
  const sweeper = setInterval(() => {
    const now = Date.now();
    for (const [key, { expires }] of leases) if (expires <= now) leases.delete(key);
    void sweep(store);
  }, SWEEP_MS).unref();

  const leased = (key: string, token: string): Lease | undefined => {
    const lease = leases.get(key);
    return lease?.token === token && lease.expires > Date.now() ? lease : undefined;
  };

  return {
    async claim({ beside = false, ...asked }) {
      if (!hub || beside) return store.write(() => claimInTable(store, asked));
      return claimInMemory(store, leases, asked);
    },

    async commit({ key, token }, result, keepMs) {
      const text = JSON.stringify(result ?? null);
      const kept = await store.write(() => {
        const expires = Date.now() + keepMs;
        const lease = leased(key, token);
        if (lease) put(store, key, { ...lease, expires }, text);
        if (lease || !holds(store, key, token)) return lease !== undefined;
        store.prepare('UPDATE claim SET result = ?, expires = ? WHERE key = ?').run(text, expires, key);
        return true;
      });
      // Not earlier: a claim is at work until its result can be read.
      if (leases.get(key)?.token === token) leases.delete(key);
      return kept;
    },

    async release({ key, token }) {
      const lease = leased(key, token);
      if (lease) return leases.delete(key);
      return store.write(() => {
        if (!holds(store, key, token)) return false;
        store.prepare('DELETE FROM claim WHERE key = ?').run(key);
        return true;
      });
    },

    ready: () => store.write(() => {}),

    async close() {
      clearInterval(sweeper);
    },
  };
}

function claimInTable(store: Store, asked: ClaimRequest): ClaimResult {
  const before = standing(store, asked, Date.now());
  if (before) return before;
  const lease = newLease(asked);
  put(store, asked.key, lease, null);
  return { state: 'new', claim: { key: asked.key, token: lease.token } };
}

/** As long as the claim is at work; its result stands in the table. */
function claimInMemory(store: Store, leases: Map<string, Lease>, asked: ClaimRequest): ClaimResult {
  const { key, fingerprint } = asked;
  const now = Date.now();
  const lease = leases.get(key);
  if (lease && lease.expires > now)
    return lease.fingerprint === fingerprint
      ? { state: 'in-flight', retryAfterMs: lease.expires - now }
      : { state: 'conflict' };
  const before = standing(store, asked, now);
  if (before) return before;
  const made = newLease(asked);
  leases.set(key, made);
  return { state: 'new', claim: { key, token: made.token } };
}

function newLease({ fingerprint, leaseMs }: ClaimRequest): Lease {
  return { fingerprint, token: randomUUID(), expires: Date.now() + leaseMs };
}

/** What the table says of the key. */
function standing(store: Store, { key, fingerprint }: ClaimRequest, now: number): ClaimResult | undefined {
  const row = store.prepare('SELECT fingerprint, result, expires FROM claim WHERE key = ?').get(key) as
    Row | undefined;
  if (!row || row.expires <= now) return undefined;
  if (row.fingerprint !== fingerprint) return { state: 'conflict' };
  if (row.result !== null) return { state: 'done', result: JSON.parse(row.result) };
  return { state: 'in-flight', retryAfterMs: row.expires - now };
}

function holds(store: Store, key: string, token: string): boolean {
  const held = 'SELECT 1 FROM claim WHERE key = ? AND token = ? AND result IS NULL AND expires > ?';
  return store.prepare(held).get(key, token, Date.now()) !== undefined;
}

function put(store: Store, key: string, lease: Lease, result: string | null): void {
  store
    .prepare('INSERT OR REPLACE INTO claim (key, fingerprint, token, result, expires) VALUES (?, ?, ?, ?, ?)')
    .run(key, lease.fingerprint, lease.token, result, lease.expires);
}

/** Deletes the claims at work of a hub that was killed, so that their senders need not wait for the lease to end. */
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
    // Expired rows do no harm. The next sweep deletes them.
  }
}
