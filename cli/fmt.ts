/** Writes flow files in canonical form, or says which are not. */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { readFiles, replaceFiles } from '../runtime/flow-file/disk.ts';
import { canonicalFiles } from '../runtime/flow-file/write.ts';
import { palette, places } from '../runtime/app/project.ts';

/**
 * Formats flow files and prints the name of each that is changed; resolves with their number. Without `named` it takes all flow
 * files of CROSSDOCK_FLOWS, else of the project. Throws CodedError FLOW_FILE_INVALID before anything is written.
 */
export async function fmt(named: readonly string[], { check }: { check: boolean }): Promise<number> {
  const { outputsOf } = await palette();
  const work: (() => Promise<void>)[] = [];
  let changed = 0;
  for (const [dir, paths] of byFolder(named)) {
    const files = await readFiles(dir);
    for (const path of paths)
      if (!files.has(path))
        throw new CodedError('CONFIG_INVALID', `${join(dir, path)} is no flow file`, { file: path });
    const canonical = canonicalFiles(files, outputsOf, paths.size > 0 ? [...paths] : [...files.keys()]);
    for (const [path, text] of canonical) {
      if (text === files.get(path)) continue;
      process.stdout.write(`${relative('', join(dir, path))}\n`);
      changed++;
    }
    work.push(() => replaceFiles(dir, files, new Map([...files, ...canonical])));
  }
  if (!check) for (const write of work) await write();
  return changed;
}

/** Paths to format by the folder of their flows; no paths: all of it. A file means what it means among its neighbours. */
function byFolder(named: readonly string[]): Map<string, Set<string>> {
  if (named.length === 0) return new Map([[places().flowsDir, new Set()]]);
  const folders = new Map<string, Set<string>>();
  for (const name of named) {
    const file = resolve(name);
    if (existsSync(file) && statSync(file).isDirectory()) {
      folders.set(file, new Set());
      continue;
    }
    const own = dirname(file);
    const dir = basename(own) === 'subflows' ? dirname(own) : own;
    folders.set(dir, (folders.get(dir) ?? new Set()).add(relative(dir, file)));
  }
  return folders;
}
