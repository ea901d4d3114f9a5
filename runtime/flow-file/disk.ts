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
  for (const [path, text] of changed) await writeDurably(`${join(dir, path)}.new`, text);
  for (const [path] of changed) await rename(`${join(dir, path)}.new`, join(dir, path));
  for (const path of previous.keys()) if (!next.has(path)) await rm(join(dir, path), { force: true });
}

/** Writes the file and waits until it is on the disk. */
export async function writeDurably(file: string, text: string, mode?: number): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const handle = await open(file, 'w', mode);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
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
