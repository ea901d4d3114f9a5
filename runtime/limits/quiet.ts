/** Tells whether more is on its way to be done together: while turn after turn something comes, it is. */
import { setImmediate as turn } from 'node:timers/promises';

/** Of all that is done together, in this process. */
let came = 0;

/** Something came that can be done together with others. */
export function stir(): void {
  came += 1;
}

/** Resolves when a turn of the process has passed in which nothing came, or after so many ms. */
export async function quiet(mostMs: number): Promise<void> {
  const until = performance.now() + mostMs;
  for (let before = -1; before !== came && performance.now() <= until;) {
    before = came;
    await turn();
  }
}
