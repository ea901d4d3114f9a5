/** Remembers, key by key, what is on its way round through the delay queues, so that no later message overtakes it. */
import { randomUUID } from 'node:crypto';

/** A message on its way round through a delay queue. Times are ms since 1970. */
export interface Round {
  /** Travels with the message, which is recognised by it. */
  readonly token: string;
  /** The message is not to be handled before this time. */
  due: number;
  /** When the message set out. */
  left: number;
  /** The earliest time at which the message is back in its queue. */
  back: number;
}

/** How late a message may leave its delay queue. */
const LATE_MS = 10_000;
/** A message that has not come back so long after its time was handled by another worker, and its key was silent since. */
const FORGET_MS = 6 * 3_600_000;
const SWEEP_MS = 600_000;

export class RetryOrder {
  readonly #id = randomUUID().slice(0, 8);
  #count = 0;
  /** The rounds of each key, in the order of its messages. Messages of the key that are here, in its lane, come before them. */
  readonly #away = new Map<string, Round[]>();
  #swept = Date.now();

  get size(): number {
    let size = 0;
    for (const rounds of this.#away.values()) size += rounds.length;
    return size;
  }

  /** Notes that a message has arrived. True when it is its turn: no earlier message of its key is still away. */
  arrives(key: string, token: string | undefined): boolean {
    const rounds = this.#away.get(key);
    if (!rounds) return true;
    const own = rounds.find((round) => round.token === token);
    if (!own) return false;
    // It set out when the first was already back in the same queue, and yet it is here before it: another worker,
    // to whom the partition belonged for a time, has had the first.
    while (rounds[0] !== own && own.left > rounds[0]!.back + LATE_MS) rounds.shift();
    if (rounds[0] !== own) return false;
    this.forget(key, own);
    return true;
  }

  /** Notes that so many messages whose turn it was set out together. */
  lead(key: string, count: number, due: number): Round[] {
    this.#sweep();
    const rounds = Array.from({ length: count }, () => this.#round(due));
    this.#away.set(key, [...rounds, ...(this.#away.get(key) ?? [])]);
    return rounds;
  }

  /** Notes that a message whose turn it was not sets out: at its own place when it was away before, else behind the last. */
  follow(key: string, token: string | undefined): Round {
    this.#sweep();
    const rounds = this.#away.get(key) ?? [];
    const known = rounds.findIndex((round) => round.token === token);
    const before = rounds.at(known < 0 ? -1 : known - 1);
    const due = Math.max(before?.due ?? 0, Date.now() + 1);
    if (known >= 0) return Object.assign(rounds[known]!, { due });
    const round = this.#round(due);
    rounds.push(round);
    this.#away.set(key, rounds);
    return round;
  }

  /** Forgets a round whose message has not set out after all, or is back. */
  forget(key: string, round: Round): void {
    const rounds = this.#away.get(key)?.filter((one) => one !== round) ?? [];
    if (rounds.length > 0) this.#away.set(key, rounds);
    else this.#away.delete(key);
  }

  #round(due: number): Round {
    return { token: `${this.#id}.${++this.#count}`, due, left: Date.now(), back: due };
  }

  #sweep(): void {
    const now = Date.now();
    if (now - this.#swept < SWEEP_MS) return;
    this.#swept = now;
    for (const [key, rounds] of this.#away)
      for (const round of rounds) if (round.back < now - FORGET_MS) this.forget(key, round);
  }
}
