/** Flow files on the disk: read as one set, and replaced as one set, also when the machine stops in the middle. */
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { decoded } from '../definitions/strict-yaml.ts';
import { CodedError } from '../errors/coded-error.ts';
import { replaceFile, syncFolders, textOf, unlessAbsent, writeDurably } from '../files/durable.ts';
import type { FlowFiles } from './format.ts';
import { finishSwitch, pendingSwitch, startSwitch, temporary } from './switch.ts';

/**
 * The files of the folder in the order of their paths; tests beside flows are left out. An absent folder is empty.
 * Of a set that is just being replaced, the new one is read. Throws CodedError FLOW_FILE_INVALID for what is not UTF-8.
 */
export async function readFiles(dir: string): Promise<FlowFiles> {
  const pending = await pendingSwitch(dir);
  const paths = new Set([
    ...(await flowsIn(dir)),
    ...(await flowsIn(join(dir, 'subflows'))).map((name) => `subflows/${name}`),
    ...(pending?.replaced.keys() ?? []),
  ]);
  const texts = [...paths]
    .filter((path) => !pending?.removed.has(path))
    .toSorted()
    .map(async (path): Promise<[string, string]> => [
      path,
      (pending?.replaced.has(path) ? await textOf(temporary(dir, path)) : undefined) ??
        flowText(path, await readFile(join(dir, path))),
    ]);
  return new Map(await Promise.all(texts));
}

/**
 * Makes the folder hold exactly `next`. Every new text is on the disk before the first file is replaced, and a file
 * that says so: a stop in the middle leaves what `finishReplacing` completes. A save that cannot be completed is
 * undone. Untouched files are not written.
 */
export async function replaceFiles(dir: string, previous: FlowFiles, next: FlowFiles): Promise<void> {
  const changed = new Map([...next].filter(([path, text]) => previous.get(path) !== text));
  const gone = new Map([...previous].filter(([path]) => !next.has(path)));
  if (changed.size + gone.size === 0) return;
  await finishReplacing(dir);
  try {
    for (const [path, text] of changed) await writeDurably(temporary(dir, path), text);
    await syncFolders([...changed.keys()].map((path) => join(dir, path)));
    await startSwitch(dir, previous, changed, gone);
    await finishReplacing(dir);
  } catch (error) {
    // The first error is the one to tell.
    await undo(dir, previous, changed, gone).catch(() => {});
    throw error;
  }
}

/**
 * Completes a save that a stop cut off. Throws CodedError FLOW_FILES_CHANGED when a file of it was changed since: it
 * is then for a person to say which text counts.
 */
export async function finishReplacing(dir: string): Promise<void> {
  const pending = await pendingSwitch(dir);
  if (!pending) return;
  for (const [path, known] of [...pending.replaced, ...pending.removed]) {
    const now = await textOf(join(dir, path));
    const waits = pending.replaced.has(path) && (await textOf(temporary(dir, path))) !== undefined;
    if (known.is('after', now) || (known.is('before', now) && (waits || pending.removed.has(path)))) continue;
    const what = `A save was cut off, and ${path} was changed before it could be completed`;
    const help = `delete ${pending.file} to keep the files as they are`;
    throw new CodedError('FLOW_FILES_CHANGED', `${what}; ${help}`, { file: path });
  }
  for (const path of pending.replaced.keys())
    await rename(temporary(dir, path), join(dir, path)).catch(unlessAbsent);
  for (const path of pending.removed.keys()) await rm(join(dir, path), { force: true });
  const paths = [...pending.replaced.keys(), ...pending.removed.keys()];
  await syncFolders(paths.map((path) => join(dir, path)));
  await finishSwitch(dir);
}

/** What was replaced or removed comes back; what was not reached is left alone. */
async function undo(dir: string, previous: FlowFiles, changed: FlowFiles, gone: FlowFiles): Promise<void> {
  const begun = (await pendingSwitch(dir)) !== undefined;
  for (const path of begun ? [...changed.keys(), ...gone.keys()] : []) {
    const before = previous.get(path);
    const now = await textOf(join(dir, path)).catch(() => null);
    if (now === null || now !== changed.get(path)) continue;
    if (before === undefined) await rm(join(dir, path), { force: true });
    else await replaceFile(join(dir, path), before);
  }
  for (const path of changed.keys()) await rm(temporary(dir, path), { force: true });
  if (begun) await finishSwitch(dir);
}

function flowText(path: string, bytes: Buffer): string {
  const read = decoded(bytes);
  if (!('line' in read)) return read.text;
  const { line } = read;
  throw new CodedError('FLOW_FILE_INVALID', `${path}:${line}: is not UTF-8`, { file: path, line });
}

async function flowsIn(dir: string): Promise<string[]> {
  try {
    return (await readdir(dir)).filter((name) => /^[^.].*(?<!\.test)\.(yaml|json)$/.test(name));
  } catch (error) {
    unlessAbsent(error);
    return [];
  }
}
