/** Makes one question of what many ask close together. */
import { quiet, stir } from './quiet.ts';

export interface Gathering<Ask, Answer> {
  /** How much of one run an ask takes, of `most`. Default 1. */
  size?(ask: Ask): number;
  most: number;
  /** One answer an ask, in their order. A throw is the failure of every ask of the run. */
  run(asks: Ask[]): Promise<readonly Answer[]>;
}

interface Waiting<Ask, Answer> {
  ask: Ask;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/** None waits longer for others that are on their way. */
const LINGER_MS = 8;

/** Asks of the same turn, and those that come while the process is busy or a run is under way, share the next run. */
export function gathered<Ask, Answer>(options: Gathering<Ask, Answer>): (ask: Ask) => Promise<Answer> {
  const { size = () => 1, most, run } = options;
  let waiting: Waiting<Ask, Answer>[] = [];
  let busy = false;

  async function flush(): Promise<void> {
    while (waiting.length > 0) {
      await quiet(LINGER_MS);
      const batch = waiting.splice(0, thatFit());
      try {
        const answers = await run(batch.map(({ ask }) => ask));
        for (const [at, one] of batch.entries()) one.resolve(answers[at]!);
      } catch (error) {
        for (const one of batch) one.reject(error);
      }
    }
    busy = false;
  }

  /** How many asks fit in one run: at least one. */
  function thatFit(): number {
    let sum = 0;
    const end = waiting.findIndex(({ ask }, at) => (sum += size(ask)) > most && at > 0);
    return end === -1 ? waiting.length : end;
  }

  return (ask) =>
    new Promise((resolve, reject) => {
      stir();
      waiting.push({ ask, resolve, reject });
      if (busy) return;
      busy = true;
      void flush();
    });
}
