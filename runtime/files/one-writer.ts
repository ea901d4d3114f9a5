/** One writer of a file at a time, also of several processes: who reads it and writes what follows loses nobody's change. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { CodedError } from '../errors/coded-error.ts';
import { serial } from './serial.ts';

const pauseMs = 20;
const patienceMs = 15_000;

/** Within this process they need not ask for the lock again and again. */
const queues = new Map<string, ReturnType<typeof serial>>();

/** Runs work in turn, under the lock of the file. Throws STORE_UNAVAILABLE where another process keeps it for too long. */
export function asOneWriter<T>(file: string, work: () => Promise<T>): Promise<T> {
  const inTurn = queues.get(file) ?? serial();
  queues.set(file, inTurn);
  return inTurn(async () => {
    const lock = await taken(`${file}.lock`);
    try {
      return await work();
    } finally {
      lock.close();
    }
  });
}

/** SQLite's own file lock: the operating system frees it when the process dies, however it dies. */
async function taken(file: string): Promise<DatabaseSync> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, '', { flag: 'a', mode: 0o600 });
  for (const until = Date.now() + patienceMs; ; await pause(pauseMs)) {
    const lock = new DatabaseSync(file, { timeout: 0 });
    try {
      lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
      return lock;
    } catch (cause) {
      lock.close();
      if (Date.now() > until)
        throw new CodedError('STORE_UNAVAILABLE', 'Another process keeps this file', { file }, { cause });
    }
  }
}
