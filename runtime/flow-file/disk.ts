/** Flow files on the disk: read as one set, and replaced as one set. */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FlowFiles } from './format.ts';

/** The files of the folder in the order of their paths; tests beside flows are left out. An absent folder is empty. */
export async function readFiles(dir: string): Promise<FlowFiles> {
  const paths = [
    ...(await yamlIn(dir)),
    ...(await yamlIn(join(dir, 'subflows'))).map((name) => `subflows/${name}`),
  ];
  const texts = paths
    .toSorted()
    .map(async (path): Promise<[string, string]> => [path, await readFile(join(dir, path), 'utf8')]);
  return new Map(await Promise.all(texts));
}

/**
 * Makes the folder hold exactly `next`. Every new text is on the disk before the first file is replaced;
 * files that are no longer in the set go last. Untouched files are not written.
 */
export async function replaceFiles(dir: string, previous: FlowFiles, next: FlowFiles): Promise<void> {
  const changed = [...next].filter(([path, text]) => previous.get(path) !== text);
  const gone = [...previous.keys()].filter((path) => !next.has(path));
  const temporary = (path: string) => `${join(dir, path)}.new`;
  try {
    for (const [path, text] of changed) await writeDurably(temporary(path), text);
    for (const [path] of changed) await rename(temporary(path), join(dir, path));
  } catch (error) {
    // The first error is the one to tell.
    for (const [path] of changed) await rm(temporary(path), { force: true }).catch(() => {});
    throw error;
  }
  await syncFolders(changed.map(([path]) => join(dir, path)));
  for (const path of gone) await rm(join(dir, path), { force: true });
  await syncFolders(gone.map((path) => join(dir, path)));
}

/** The whole old text or the whole new one, also after a loss of power. */
export async function replaceFile(file: string, text: string, mode?: number): Promise<void> {
  await writeDurably(`${file}.new`, text, mode);
  await rename(`${file}.new`, file);
  await syncFolders([file]);
}

async function writeDurably(file: string, text: string, mode?: number): Promise<void> {
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
async function syncFolders(files: readonly string[]): Promise<void> {
  for (const folder of new Set(files.map((file) => dirname(file)))) {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  }
}

async function yamlIn(dir: string): Promise<string[]> {
  try {
    return (await readdir(dir)).filter((name) => name.endsWith('.yaml') && !name.endsWith('.test.yaml'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
