/** Tells whether more is on its way to be done together: as long as the process has other work, it may be. */
import { setImmediate as turn } from 'node:timers/promises';

/** A turn with any work in it takes longer. */
const EMPTY_MS = 0.05;

/** Of all that is done together, in this process. */
let came = 0;

/** Something came that can be done together with others. */
export function stir(): void {
  came += 1;
}

/** Resolves when a turn of the process has passed in which it had nothing to do, or after so many ms. */
export async function quiet(mostMs: number): Promise<void> {
  let [now, before] = [performance.now(), -1];
  for (const until = now + mostMs; now <= until;) {
    const then = now;
    before = came;
    await turn();
    now = performance.now();
    if (came === before && now - then < EMPTY_MS) return;
  }
}
