/** Keeps what was found for a time. Misses are asked again, since someone repairs them. */
import { LRUCache } from 'lru-cache';

export interface Remembered<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  /** What is kept, else what `ask` finds: once, however many want it at the same moment. Undefined is not kept. */
  of<Found extends V | undefined>(key: string, ask: () => Promise<Found>): Promise<V | Found>;
  clear(): void;
}

export function remembered<V extends {}>(keepMs: number, most = 20_000): Remembered<V> {
  const entries = new LRUCache<string, V>({
    // `max` would take the memory of all entries at once.
    maxSize: most,
    sizeCalculation: () => 1,
    // 0 were for good.
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
      // What was forgotten meanwhile may be the old one.
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
