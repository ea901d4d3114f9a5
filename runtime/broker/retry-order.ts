/** Remembers, key by key, what is on its way round through the delay queues, so that no later message overtakes it. */
import { randomUUID } from 'node:crypto';

/** A message on its way round. Times are ms since 1970. */
export interface Round {
  /** Travels with the message. */
  readonly token: string;
  /** Not to be handled before. */
  due: number;
  /** When it set out. */
  left: number;
  /** When it is back in its queue, at the earliest. */
  back: number;
}

/** A message is this late at most when it leaves its delay queue. */
const LATE_MS = 10_000;
/** What has not come back so long after its time was handled by another worker, and its key has been silent since. */
const FORGET_MS = 6 * 3_600_000;
const SWEEP_MS = 600_000;

export class RetryOrder {
  readonly #id = randomUUID().slice(0, 8);
  #count = 0;
  /** Of each key, in the order of its messages. What is here, in its lane, comes before all of them. */
  readonly #away = new Map<string, Round[]>();
  #swept = Date.now();

  get size(): number {
    let size = 0;
    for (const rounds of this.#away.values()) size += rounds.length;
    return size;
  }

  /** A message has arrived. True: it is its turn, nothing of its key is away before it. */
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

  /** So many messages whose turn it was set out together. */
  lead(key: string, count: number, due: number): Round[] {
    this.#sweep();
    const rounds = Array.from({ length: count }, () => this.#round(due));
    this.#away.set(key, [...rounds, ...(this.#away.get(key) ?? [])]);
    return rounds;
  }

  /** A message whose turn it was not sets out: at its own place when it was away before, else behind the last. */
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

  /** It has not set out after all, or is here. */
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
