/** Runs jobs side by side, but those of one key one after the other in the order they came. */

interface Lane<Job> {
  /** The first is at work, asleep or in #ready. */
  jobs: Job[];
  sleep?: { until: number; alarm: NodeJS.Timeout };
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A job that sleeps keeps its key waiting, but no place among those at work. */
export class Lanes<Job> {
  readonly #limit: number;
  readonly #run: (job: Job) => Promise<number | undefined>;
  readonly #lanes = new Map<string, Lane<Job>>();
  readonly #asleep = new Set<Lane<Job>>();
  #ready: string[] = [];
  readonly #atWork = new Set<Promise<void>>();
  #stopped = false;

  /** `run` must not reject. It resolves with the ms after which the job runs again, or with undefined when the job is done. */
  constructor(limit: number, run: (job: Job) => Promise<number | undefined>) {
    this.#limit = limit;
    this.#run = run;
  }

  push(key: string, job: Job): void {
    const lane = this.#lanes.get(key);
    if (lane) {
      lane.jobs.push(job);
      return;
    }
    this.#lanes.set(key, { jobs: [job] });
    this.#ready.push(key);
    this.#start();
  }

  /** When the first job of this key goes on, in ms since 1970; undefined when it does not sleep. */
  wakes(key: string): number | undefined {
    return this.#lanes.get(key)?.sleep?.until;
  }

  /** Takes away the jobs that wait behind the first of this key. */
  takeFollowers(key: string): Job[] {
    return this.#lanes.get(key)?.jobs.splice(1) ?? [];
  }

  /** Each lane that is asleep: the job that sleeps, and those behind it. */
  *sleeping(): Generator<readonly Job[]> {
    for (const lane of this.#asleep) yield lane.jobs;
  }

  /** How many jobs of this key are at work, asleep or waiting behind. */
  length(key: string): number {
    return this.#lanes.get(key)?.jobs.length ?? 0;
  }

  /** Begins no more jobs and wakes none; resolves when those at work are done. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const lane of this.#asleep) clearTimeout(lane.sleep?.alarm);
    await Promise.all(this.#atWork);
  }

  #start(): void {
    while (!this.#stopped && this.#atWork.size < this.#limit && this.#ready.length > 0) {
      const key = this.#ready.shift()!;
      const lane = this.#lanes.get(key)!;
      const work = this.#run(lane.jobs[0]!).then((sleepMs) => {
        this.#atWork.delete(work);
        if (sleepMs === undefined) this.#next(key, lane);
        else if (!this.#stopped) this.#sleep(key, lane, sleepMs);
        this.#start();
      });
      this.#atWork.add(work);
    }
  }

  #next(key: string, lane: Lane<Job>): void {
    lane.jobs.shift();
    if (lane.jobs.length > 0) this.#ready.push(key);
    else this.#lanes.delete(key);
  }

  #sleep(key: string, lane: Lane<Job>, ms: number): void {
    const wake = () => {
      delete lane.sleep;
      this.#asleep.delete(lane);
      this.#ready.push(key);
      this.#start();
    };
    lane.sleep = { until: Date.now() + ms, alarm: setTimeout(wake, Math.min(ms, LONGEST_TIMER_MS)) };
    this.#asleep.add(lane);
  }
}
