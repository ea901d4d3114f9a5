/** The thread that reads the embedded store: a question at a time. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { LRUCache } from 'lru-cache';
import type { Answer, Question } from './thread.ts';

const BUSY_MS = 2000;
const CACHE_KIB = 16 * 1024;
/** Pages ask the same again and again; lists of other lengths are other texts. */
const KEPT = 300;

const db = new DatabaseSync(workerData as string, { readOnly: true, timeout: BUSY_MS });
db.exec(`PRAGMA query_only = ON; PRAGMA cache_size = -${CACHE_KIB}`);
const statements = new LRUCache<string, StatementSync>({
  max: KEPT,
  memoMethod: (sql) => db.prepare(sql),
});

parentPort!.on('message', ({ sql, values }: Question) => {
  let answer: Answer;
  try {
    answer = { rows: statements.memo(sql).all(...(values as SQLInputValue[])) };
  } catch (error) {
    answer = { error: (error as Error).message };
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort!.postMessage(answer);
});
