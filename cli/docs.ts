/** Writes the reference docs that are made from the definitions and the error table. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorDocs, nodeDocs } from '../runtime/node-red/docs.ts';
import { readDefinitions } from '../runtime/node-red/palette.ts';

/** File name below docs/ → what it should hold. */
export async function madeDocs(nodesDir: string): Promise<Map<string, string>> {
  return new Map([
    ['nodes.md', nodeDocs(await readDefinitions(nodesDir))],
    ['errors.md', errorDocs()],
  ]);
}

export async function writeDocs(nodesDir: string, docsDir: string): Promise<string[]> {
  await mkdir(docsDir, { recursive: true });
  const made = await madeDocs(nodesDir);
  for (const [name, text] of made) await writeFile(join(docsDir, name), text);
  return [...made.keys()];
}
