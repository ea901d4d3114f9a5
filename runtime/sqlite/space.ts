/** The embedded store's file becomes smaller again: free pages leave it, and what was overwritten leaves its log. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseSync } from 'node:sqlite';

export interface Space {
  /** False: its free pages can not leave it, they are only used again. */
  shrinks: boolean;
  /** Free pages leave the file, but for some that are soon used again. The bytes it became smaller. */
  giveBack(pause: () => Promise<void>): Promise<number>;
  /** Writes the file anew, so that it shrinks from then on. Others wait meanwhile: a second for 200 MB. */
  rewrite(): void;
  /** No free page and no log is left that may hold what was overwritten. Throws where a reader keeps the log. */
  clean(): Promise<void>;
}

/** In one write. */
const PAGES = 64;
/** Of the pages of the file: what the next hours use. */
const LEFT = 0.02;
const LOG_TRIES = 50;

export function spaceOf(db: DatabaseSync, write: <T>(work: () => T) => Promise<T>): Space {
  const one = (pragma: string): number => Object.values(db.prepare(`PRAGMA ${pragma}`).get()!)[0] as number;
  const shrinks = (): boolean => one('auto_vacuum') === 2;

  async function free(left: number, pause: () => Promise<void>): Promise<number> {
    const size = one('page_count');
    for (let more = shrinks(); more; await pause()) {
      // Each page is a row of the answer: without asking for all, one page leaves.
      const pages = Math.min(PAGES, one('freelist_count') - left);
      if (pages <= 0) break;
      const before = one('freelist_count');
      await write(() => db.prepare(`PRAGMA incremental_vacuum(${pages})`).all());
      more = one('freelist_count') < before;
    }
    return Math.max(0, size - one('page_count')) * one('page_size');
  }

  return {
    get shrinks() {
      return shrinks();
    },
    giveBack: (pause) => free(Math.ceil(one('page_count') * LEFT), pause),
    rewrite: () => db.exec('PRAGMA auto_vacuum = INCREMENTAL; VACUUM'),
    async clean() {
      if (shrinks()) await free(0, async () => {});
      else db.exec('VACUUM');
      for (let tries = 0; tries < LOG_TRIES; tries += 1) {
        if (one('wal_checkpoint(TRUNCATE)') === 0) return;
        await sleep(100);
      }
      throw new Error('Somebody reads the log of the store');
    },
  };
}
