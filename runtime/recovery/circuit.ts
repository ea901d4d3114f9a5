/** Holds messages of a consuming node while its target is away, and lets one through from time to time as a probe. */
import type { Code } from '../errors/codes.ts';

/** Permission to start work on one message. */
export interface Pass {
  /** True for the message that probes whether the target is back. */
  probe: boolean;
  /** Number of outages before this pass. A result from before an outage does not count after it. */
  generation: number;
  /** Set after the result of the message was reported. It counts once. */
  told?: true;
}

export interface Outage {
  code: Code;
  since: Date;
  nextProbe: Date;
}

export interface CircuitOptions {
  /** Called when an outage begins, when a probe fails, and when the outage ends: then with `over` only. */
  changed?(outage: Outage | undefined, over?: Outage): void;
  /**
   * Waits before the first, second, … probe, in ms; the last one repeats. Default 1000, 2000, 5000, 10,000 and 30,000.
   */
  waitsMs?: readonly number[];
  /**
   * How long a message is held before it is given back, in ms. It must be less than the time after which the broker
   * considers a worker dead. Default 600,000.
   */
  holdMs?: number;
  /** Returns a random number from 0 to 1, which shortens a wait by up to a fifth. Default Math.random. */
  chance?(): number;
}

/** An outage that begins within this time after the last one, in ms, continues it: the waits do not start over. */
const sameOutageMs = 10_000;
const jitter = 0.2;

export class Circuit {
  readonly #changed: (outage: Outage | undefined, over?: Outage) => void;
  readonly #waitsMs: readonly number[];
  readonly #holdMs: number;
  readonly #chance: () => number;
  readonly #held = new Set<(pass: Pass | undefined) => void>();
  readonly #suspects = new Set<string>();
  readonly #failures = new Set<object>();
  #outage: Outage | undefined;
  #probing = false;
  #failedProbes = 0;
  #generation = 0;
  #closedAt = -Infinity;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CircuitOptions = {}) {
    this.#changed = options.changed ?? (() => {});
    this.#waitsMs = options.waitsMs ?? [1000, 2000, 5000, 10_000, 30_000];
    this.#holdMs = options.holdMs ?? 600_000;
    this.#chance = options.chance ?? Math.random;
  }

  get outage(): Outage | undefined {
    return this.#outage;
  }

  /** True after `stop`: messages that were let in and have not started must be given back too. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /**
   * Resolves when work on a message may start, or with undefined if the message has to be given back. Never rejects.
   */
  async enter(): Promise<Pass | undefined> {
    if (this.#stopped) return undefined;
    if (!this.#outage) return { probe: false, generation: this.#generation };
    const { promise, resolve } = Promise.withResolvers<Pass | undefined>();
    const timer = setTimeout(() => this.#let(leave, undefined), this.#holdMs);
    const leave = (pass: Pass | undefined): void => {
      clearTimeout(timer);
      resolve(pass);
    };
    this.#held.add(leave);
    this.#probe();
    return promise;
  }

  /** Reports that the target did its work, or refused only this message. `suspected`: that is in doubt. */
  answered(pass: Pass, suspected = false): void {
    if (!countOnce(pass) || (this.#outage && !pass.probe)) return;
    if (!suspected) {
      this.#suspects.clear();
      this.#failures.clear();
    }
    if (this.#outage) this.#close();
  }

  /** Reports that the message met an outage. True for the first message that does: the outage begins. */
  away(pass: Pass, code: Code): boolean {
    if (!countOnce(pass)) return false;
    if (this.#outage) {
      if (pass.probe) this.#waitOn(code, this.#failedProbes + 1);
      return false;
    }
    if (pass.generation !== this.#generation) return false;
    this.#waitOn(code, Date.now() - this.#closedAt < sameOutageMs ? this.#failedProbes + 1 : 0);
    return true;
  }

  /**
   * Reports an outage as `away` does, for a message that does not come again: the next message is the probe, without a
   * wait.
   */
  gaveUp(pass: Pass, code: Code): boolean {
    const counts = !pass.told && (pass.probe || !this.#outage);
    const begins = this.away(pass, code);
    if (counts && this.#outage) {
      this.#outage = { ...this.#outage, nextProbe: new Date() };
      this.#probe();
    }
    return begins;
  }

  /** Reports that the result of the message says nothing about the target. */
  undecided(pass: Pass): void {
    if (!countOnce(pass) || !pass.probe) return;
    this.#probing = false;
    this.#probe();
  }

  /**
   * Counts a suspected failure. Returns how many different messages, including this one, have failed like this since
   * the target last answered; at most the number of different failures, because the messages of one batch share one.
   */
  suspect(messageId: string, failure: object): number {
    this.#suspects.add(messageId);
    this.#failures.add(failure);
    return Math.min(this.#suspects.size, this.#failures.size);
  }

  /** Gives back all held messages, and every message that comes until `start`. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    for (const leave of this.#held) this.#let(leave, undefined);
  }

  start(): void {
    this.#stopped = false;
  }

  #let(leave: (pass: Pass | undefined) => void, pass: Pass | undefined): void {
    this.#held.delete(leave);
    leave(pass);
  }

  #close(): void {
    const over = this.#outage;
    this.#outage = undefined;
    this.#generation += 1;
    this.#closedAt = Date.now();
    clearTimeout(this.#timer);
    this.#changed(undefined, over);
    for (const leave of this.#held) this.#let(leave, { probe: false, generation: this.#generation });
  }

  #waitOn(code: Code, failedProbes: number): void {
    this.#failedProbes = failedProbes;
    this.#probing = false;
    const fullMs = this.#waitsMs[failedProbes] ?? this.#waitsMs.at(-1)!;
    const waitMs = fullMs * (1 - jitter * this.#chance());
    const since = this.#outage?.since ?? new Date();
    this.#outage = { code, since, nextProbe: new Date(Date.now() + waitMs) };
    this.#changed(this.#outage);
    this.#probe();
  }

  /** Releases the message that was held longest if the next probe is due; otherwise sets a timer for it. */
  #probe(): void {
    if (!this.#outage || this.#probing) return;
    const [first] = this.#held;
    if (!first) return;
    const waitMs = this.#outage.nextProbe.getTime() - Date.now();
    clearTimeout(this.#timer);
    if (waitMs > 0) {
      this.#timer = setTimeout(() => this.#probe(), waitMs);
      return;
    }
    this.#probing = true;
    this.#let(first, { probe: true, generation: this.#generation });
  }
}

/** True the first time: only then the result of this message counts. */
function countOnce(pass: Pass): boolean {
  if (pass.told) return false;
  pass.told = true;
  return true;
}
