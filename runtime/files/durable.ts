/** Files that are on the disk for certain once they are written. */
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The whole old text or the whole new one, also after a loss of power. */
export async function replaceFile(file: string, text: string, mode?: number): Promise<void> {
  await writeDurably(`${file}.new`, text, mode);
  await rename(`${file}.new`, file);
  await syncFolders([file]);
}

export async function writeDurably(file: string, text: string, mode?: number): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const handle = await open(file, 'w', mode);
  try {
    // A file left by an earlier attempt keeps its own mode otherwise.
    if (mode !== undefined) await handle.chmod(mode);
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What was renamed or deleted is only certain once its folder is on the disk. */
export async function syncFolders(files: readonly string[]): Promise<void> {
  for (const folder of new Set(files.map((file) => dirname(file)))) {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  }
}

/** Undefined where there is no such file. */
export async function textOf(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(unlessAbsent);
}

export function unlessAbsent(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
