/** A value that parts of the page share: who uses it is drawn anew when it changes. */
import { useEffect, useState } from './html.ts';

export interface Signal<T> {
  get(): T;
  set(value: T): void;
  /** Calls back after each change, until the function it gives is called. */
  watch(changed: () => void): () => void;
}

export function signal<T>(first: T): Signal<T> {
  let value = first;
  const watching = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const changed of watching) changed();
    },
    watch(changed) {
      watching.add(changed);
      return () => void watching.delete(changed);
    },
  };
}

export function useSignal<T>(one: Signal<T>): T {
  const [, draw] = useState({});
  const shown = one.get();
  useEffect(() => {
    // It may have changed after this was drawn and before it is watched.
    if (!Object.is(one.get(), shown)) draw({});
    return one.watch(() => draw({}));
  }, [one]);
  return shown;
}
