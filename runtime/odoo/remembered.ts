/** Keeps what was found for a time. Misses are asked again, since someone repairs them. */
export interface Remembered<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  /** What is kept, else what `ask` finds: once, however many want it at the same moment. Undefined is not kept. */
  of<Found extends V | undefined>(key: string, ask: () => Promise<Found>): Promise<V | Found>;
  clear(): void;
}

export function remembered<V>(keepMs: number, most = 20_000): Remembered<V> {
  const entries = new Map<string, { value: V; until: number }>();
  const asked = new Map<string, Promise<V | undefined>>();

  function get(key: string): V | undefined {
    const entry = entries.get(key);
    return entry && entry.until > Date.now() ? entry.value : undefined;
  }

  function set(key: string, value: V): void {
    if (entries.size >= most) entries.clear();
    entries.set(key, { value, until: Date.now() + keepMs });
  }

  async function find<Found extends V | undefined>(
    key: string,
    ask: () => Promise<Found>,
  ): Promise<V | Found> {
    const known = get(key);
    if (known !== undefined) return known;
    const others = asked.get(key) as Promise<Found> | undefined;
    if (others) return others;
    const asking = ask();
    asked.set(key, asking);
    try {
      const found = await asking;
      // What was forgotten meanwhile may be the old one.
      if (found !== undefined && asked.get(key) === asking) set(key, found);
      return found;
    } finally {
      if (asked.get(key) === asking) asked.delete(key);
    }
  }

  return {
    get,
    set,
    of: find,
    clear() {
      entries.clear();
      asked.clear();
    },
  };
}
