/** What is typed on this page and cannot be read: nothing is saved meanwhile, and an undo takes it away. */
import { useLayoutEffect, useRef } from './html.ts';
import { signal, useSignal } from './signal.ts';

const held = signal<readonly (() => void)[]>([]);

/** `reset`: the field shows again what it had. */
export function useUnreadable(is: boolean, reset: () => void): void {
  const latest = useRef(reset);
  latest.current = reset;
  useLayoutEffect(() => {
    if (!is) return undefined;
    const one = (): void => latest.current();
    held.set([...held.get(), one]);
    return () => held.set(held.get().filter((other) => other !== one));
  }, [is]);
}

export function useAnyUnreadable(): boolean {
  return useSignal(held).length > 0;
}

export function forgetUnreadable(): void {
  for (const reset of held.get()) reset();
}
