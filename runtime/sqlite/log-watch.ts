/** Keeps the write-ahead log of the embedded store short; who keeps it from ending is named. */
import { readFileSync, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { Logger } from 'pino';

/** The log starts over at 8 MiB, unless a reader from outside is in it; then it is made to at this size. */
export const LOG_BYTES = 16 * 1024 * 1024;
/** Readers that take longer are not waited for: nothing else runs meanwhile. */
const WAIT_MS = 50;
/** So many looks the log may be kept from ending before it is told. */
const PATIENCE = 10;
const TOLD_MS = 600_000;

export interface LogWatchOptions {
  /** How long others are waited for otherwise. */
  busyMs: number;
  log: Logger | undefined;
  /** Between two looks. Default 1000. */
  lookMs?: number;
}

export function logBytes(file: string): number {
  return statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}

/** To be called after commits. Readers that overlap without a gap would let the log grow as long as they read. */
export function logWatch(
  db: DatabaseSync,
  file: string,
  { busyMs, log, lookMs = 1000 }: LogWatchOptions,
): () => void {
  let lookedAt = -Infinity;
  let toldAt = -Infinity;
  let kept = 0;

  /** False: a reader is in it, or the disk is full; nothing is lost, the log only stays as long as it is. */
  function ended(): boolean {
    db.exec(`PRAGMA busy_timeout = ${WAIT_MS}`);
    try {
      return (db.prepare('PRAGMA wal_checkpoint(RESTART)').get() as { busy: number }).busy === 0;
    } catch {
      return false;
    } finally {
      db.exec(`PRAGMA busy_timeout = ${busyMs}`);
    }
  }

  return () => {
    const now = performance.now();
    if (now - lookedAt < lookMs) return;
    lookedAt = now;
    const bytes = logBytes(file);
    if (bytes <= LOG_BYTES || ended()) {
      kept = 0;
      return;
    }
    kept += 1;
    if (kept < PATIENCE || now - toldAt < TOLD_MS) return;
    toldAt = now;
    log?.warn(
      { readers: readersOf(file), bytes },
      'A reader keeps the log of the store from ending: it grows',
    );
  };
}

/** The bytes of the file beside the log that a reader locks. */
const READ_LOCKS = { first: 123, last: 127 };

/** `sqlite3 (4711)`: the processes that read at this moment, as the operating system knows them. Never what they were called with. */
export function readersOf(file: string): string[] {
  try {
    const { ino } = statSync(`${file}-shm`);
    const pids = readFileSync('/proc/locks', 'utf8')
      .split('\n')
      .flatMap((line) => {
        const [, , , how, pid = '', place = '', from = '', to = ''] = line.split(/\s+/);
        const isHere = how === 'READ' && place.endsWith(`:${ino}`);
        return isHere && Number(from) <= READ_LOCKS.last && Number(to) >= READ_LOCKS.first ? [pid] : [];
      });
    return [...new Set(pids)].map(nameOf);
  } catch {
    return [];
  }
}

function nameOf(pid: string): string {
  if (pid === String(process.pid)) return `this hub (${pid})`;
  try {
    return `${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()} (${pid})`;
  } catch {
    return `another process (${pid})`;
  }
}
