/** Fills the embedded store up to its quota from outside, and empties it again. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';

/** The quota of a run: room for its journal, and not much more. */
export function limitMb(orders: number): number {
  return 24 + Math.ceil(orders / 64);
}

/** Not a byte more goes into the store for so long. */
export async function fillStore(dataDir: string, quotaMb: number, ms: number): Promise<void> {
  const db = new DatabaseSync(join(dataDir, 'crossdock.db'), { timeout: 5000 });
  try {
    const { page_size: page } = db.prepare('PRAGMA page_size').get() as { page_size: number };
    db.exec(`PRAGMA max_page_count = ${Math.floor((quotaMb * 2 ** 20) / page)}`);
    db.exec('CREATE TABLE IF NOT EXISTS ballast (filling blob)');
    for (const bytes of [2 ** 20, 16 * page, page >> 1]) await insertUntilFull(db, bytes);
    await sleep(ms);
  } finally {
    db.exec('DELETE FROM ballast');
    db.close();
  }
}

/** Row by row, so that the hub is never kept waiting for long. */
async function insertUntilFull(db: DatabaseSync, bytes: number): Promise<void> {
  const insert = db.prepare(`INSERT INTO ballast VALUES (zeroblob(${bytes}))`);
  for (;;) {
    try {
      insert.run();
    } catch (error) {
      if (/full/.test((error as Error).message)) return;
      throw error;
    }
    await sleep(0);
  }
}
