/** Lets messages from queues to work: so many at once, the lower tiers never in the places kept for the higher. */
import type { ByTier, Tier } from './limits.ts';
import type { Shares } from './shares.ts';
import { fairQueue } from './fair-queue.ts';

export interface Gate {
  /** Resolves, in its turn, with the function that gives the place back. */
  enter(tier: Tier): Promise<() => void>;
  atWork(): number;
  waiting(): number;
}

export function gate(places: Shares, weights: ByTier<number>): Gate {
  const queue = fairQueue<(leave: () => void) => void>(weights);

  function letIn(): void {
    for (;;) {
      const next = queue.next((tier) => places.has(tier));
      if (!next) return;
      const { tier, item: enter } = next;
      places.take(tier);
      let inside = true;
      enter(() => {
        if (!inside) return;
        inside = false;
        places.give(tier);
        letIn();
      });
    }
  }

  return {
    enter: (tier) =>
      new Promise((resolve) => {
        queue.push(tier, resolve);
        letIn();
      }),
    atWork: () => places.taken(),
    waiting: () => queue.size(),
  };
}
