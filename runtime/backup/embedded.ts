/** The embedded store in a backup: one file, as it stood at one moment while the hub went on. */
import { chmod, copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { CodedError } from '../errors/coded-error.ts';
import { migrations } from '../sqlite/migrations.ts';
import { openStore } from '../sqlite/store.ts';
import { invalid } from './archive.ts';

const name = 'crossdock.db';
export const embeddedVersion = migrations.length;

/** All pages in one step: a copy in several begins anew each time the hub writes, and would never end under load. */
export async function dumpEmbedded(dataDir: string, folder: string): Promise<void> {
  const file = join(dataDir, name);
  if (!(await stat(file).catch(() => undefined)))
    throw new CodedError('CONFIG_INVALID', `There is no store in ${dataDir}`, { dataDir });
  const copy = join(folder, name);
  const source = new DatabaseSync(file, { readOnly: true, timeout: 10_000 });
  try {
    await backup(source, copy, { rate: 2 ** 31 - 1 });
  } finally {
    source.close();
  }
  const db = new DatabaseSync(copy);
  try {
    // The copy is one file, and sound.
    db.exec('PRAGMA journal_mode = DELETE');
    mustBeSound(db);
  } finally {
    db.close();
  }
}

/** Throws BACKUP_REFUSED while a hub works with the store, and for one that is not empty. */
export async function refuseEmbedded(dataDir: string, replace: boolean): Promise<void> {
  const file = join(dataDir, name);
  if (!(await stat(file).catch(() => undefined))) return;
  let used: unknown;
  try {
    const store = openStore(file);
    try {
      store.lock();
      used = store
        .prepare(
          'SELECT 1 FROM step UNION ALL SELECT 1 FROM message UNION ALL SELECT 1 FROM document LIMIT 1',
        )
        .get();
    } finally {
      store.close();
    }
  } catch (error) {
    if (error instanceof CodedError && error.message.startsWith('Another hub'))
      throw new CodedError('BACKUP_REFUSED', 'A hub works on this data directory: stop it first');
    // A store that cannot be opened is what a backup is for.
    used = true;
  }
  if (used && !replace)
    throw new CodedError('BACKUP_REFUSED', 'The store is not empty. --replace puts the backup in its place');
}

export async function restoreEmbedded(folder: string, dataDir: string): Promise<void> {
  const copy = join(folder, name);
  const db = new DatabaseSync(copy, { readOnly: true });
  try {
    mustBeSound(db);
  } finally {
    db.close();
  }
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const file = join(dataDir, name);
  await copyFile(copy, `${file}.new`);
  await chmod(`${file}.new`, 0o600);
  for (const end of ['', '-wal', '-shm']) await rm(`${file}${end}`, { force: true });
  await rename(`${file}.new`, file);
}

function mustBeSound(db: DatabaseSync): void {
  const { integrity_check: says } = db.prepare('PRAGMA integrity_check(1)').get() as {
    integrity_check: string;
  };
  if (says !== 'ok') throw invalid('its store is damaged');
}
