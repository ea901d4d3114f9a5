/** Work that is done again and again, never twice at once. */
export interface Regularly {
  /** Does it now, or waits for what is at work. Never rejects. */
  now(): Promise<void>;
  /** No more of it; resolves when what is at work is done. */
  end(): Promise<void>;
}

/** `failed` is told why once of it was not done. It keeps no process alive. */
export function regularly(
  everyMs: number,
  work: () => Promise<void>,
  failed: (error: unknown) => void,
): Regularly {
  let working: Promise<void> | undefined;
  const now = (): Promise<void> =>
    (working ??= work()
      .catch(failed)
      .finally(() => (working = undefined)));
  const timer = setInterval(() => void now(), everyMs).unref();
  return {
    now,
    async end() {
      clearInterval(timer);
      await working;
    },
  };
}
