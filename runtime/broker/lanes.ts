/** Runs jobs side by side, but those of one key one after the other in the order they came. */

export class Lanes<Job> {
  readonly #limit: number;
  readonly #run: (job: Job) => Promise<void>;
  /** The jobs of a key; the first is at work or in #ready. */
  readonly #lanes = new Map<string, Job[]>();
  #ready: string[] = [];
  readonly #atWork = new Set<Promise<void>>();

  /** `run` must not reject. */
  constructor(limit: number, run: (job: Job) => Promise<void>) {
    this.#limit = limit;
    this.#run = run;
  }

  get size(): number {
    let size = 0;
    for (const lane of this.#lanes.values()) size += lane.length;
    return size;
  }

  push(key: string, job: Job): void {
    const lane = this.#lanes.get(key);
    if (lane) {
      lane.push(job);
      return;
    }
    this.#lanes.set(key, [job]);
    this.#ready.push(key);
    this.#start();
  }

  /** Resolves when what is at work now and what waits behind it is done. */
  async idle(): Promise<void> {
    while (this.#atWork.size > 0) await Promise.all(this.#atWork);
  }

  #start(): void {
    while (this.#atWork.size < this.#limit && this.#ready.length > 0) {
      const key = this.#ready.shift()!;
      const lane = this.#lanes.get(key)!;
      const work = this.#run(lane[0]!).then(() => {
        this.#atWork.delete(work);
        lane.shift();
        if (lane.length > 0) this.#ready.push(key);
        else this.#lanes.delete(key);
        this.#start();
      });
      this.#atWork.add(work);
    }
  }
}
