/** Data that stays fresh: asked for again and again while the page is seen, and not at all while it is hidden. */
import { getIfChanged, ApiError } from './api.ts';
import { useCallback, useEffect, useRef, useState } from './html.ts';

export interface Polled<T> {
  /** The newest there is; kept while a later call fails. */
  data: T | undefined;
  error: ApiError | undefined;
  /** Asks now; resolves when the answer is there. */
  refresh(): Promise<void>;
}

interface Held<T> {
  path: string | undefined;
  data?: T;
  etag?: string | undefined;
  error?: ApiError;
}

/** Nothing is asked where the path is undefined. */
export function usePolled<T>(path: string | undefined, seconds = 15): Polled<T> {
  const [shown, show] = useState<Held<T>>({ path });
  const held = useRef(shown);
  const ask = useCallback(
    async (byItself = false) => {
      if (path === undefined) return;
      const before: Held<T> = held.current.path === path ? held.current : { path };
      held.current = before;
      const next = await asked(path, before, byItself);
      // An answer to what is asked no more is worth nothing.
      if (held.current.path !== path) return;
      held.current = next;
      show(next);
    },
    [path],
  );

  useEffect(() => {
    held.current = held.current.path === path ? held.current : { path };
    return repeating(ask, seconds * 1000);
  }, [ask, path, seconds]);

  const own = shown.path === path ? shown : undefined;
  return { data: own?.data, error: own?.error, refresh: () => ask() };
}

async function asked<T>(path: string, before: Held<T>, byItself: boolean): Promise<Held<T>> {
  const { error: _error, ...same } = before;
  try {
    const fresh = await getIfChanged<T>(path, before.etag, byItself);
    return fresh ? { path, ...fresh } : same;
  } catch (error) {
    return { ...same, error: error instanceof ApiError ? error : new ApiError('INTERNAL', String(error)) };
  }
}

/** At once, then by itself after each pause; a hidden page waits until it is seen. */
function repeating(ask: (byItself: boolean) => Promise<void>, pause: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let over = false;
  const turn = (byItself = false): void => {
    clearTimeout(timer);
    void ask(byItself).finally(() => {
      clearTimeout(timer);
      if (!over && !document.hidden) timer = setTimeout(turn, pause, true);
    });
  };
  const seen = (): void => {
    clearTimeout(timer);
    if (!document.hidden) turn();
  };
  document.addEventListener('visibilitychange', seen);
  turn();
  return () => {
    over = true;
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', seen);
  };
}
