/** Remembers values for a time. A missing value is asked for again, because a person may have added it. */
import { LRUCache } from 'lru-cache';

export interface Remembered<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  /**
   * Returns the remembered value, or asks for it. Calls at the same time share one `ask`. Undefined is not remembered.
   */
  of<Found extends V | undefined>(key: string, ask: () => Promise<Found>): Promise<V | Found>;
  clear(): void;
}

/** `keepMs`: how long a value is remembered, in ms. `most`: number of values; default 20,000. */
export function remembered<V extends {}>(keepMs: number, most = 20_000): Remembered<V> {
  const entries = new LRUCache<string, V>({
    // `max` would allocate the memory of all entries at once.
    maxSize: most,
    sizeCalculation: () => 1,
    // 0 would keep entries forever.
    ttl: Math.max(1, keepMs),
  });
  const asked = new Map<string, Promise<V | undefined>>();

  async function find<Found extends V | undefined>(
    key: string,
    ask: () => Promise<Found>,
  ): Promise<V | Found> {
    const known = entries.get(key);
    if (known !== undefined) return known;
    const others = asked.get(key) as Promise<Found> | undefined;
    if (others) return others;
    const asking = ask();
    asked.set(key, asking);
    try {
      const found = await asking;
      // A value that was cleared meanwhile may be outdated.
      if (found !== undefined && asked.get(key) === asking) entries.set(key, found);
      return found;
    } finally {
      if (asked.get(key) === asking) asked.delete(key);
    }
  }

  return {
    get: (key) => entries.get(key),
    set: (key, value) => void entries.set(key, value),
    of: find,
    clear() {
      entries.clear();
      asked.clear();
    },
  };
}
