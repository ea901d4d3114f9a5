/** Keeps what was found for a time. Misses are asked again, since someone repairs them. */
export interface Remembered<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  clear(): void;
}

export function remembered<V>(keepMs: number, most = 20_000): Remembered<V> {
  const entries = new Map<string, { value: V; until: number }>();
  return {
    get(key) {
      const entry = entries.get(key);
      return entry && entry.until > Date.now() ? entry.value : undefined;
    },
    set(key, value) {
      if (entries.size >= most) entries.clear();
      entries.set(key, { value, until: Date.now() + keepMs });
    },
    clear: () => entries.clear(),
  };
}
