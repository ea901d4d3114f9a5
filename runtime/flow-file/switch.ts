/** Notes which files a save replaces and removes, before it does: what a stop cuts off can be completed. */
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../errors/coded-error.ts';
import { replaceFile, syncFolders, textOf } from '../files/durable.ts';
import type { FlowFiles } from './format.ts';

const name = '.save.json';

/** Where the next text of a file waits. */
export function temporary(dir: string, path: string): string {
  return `${join(dir, path)}.new`;
}

export interface Known {
  /** Whether this is the text from before the save, or the one after it; undefined: no file. */
  is(which: 'before' | 'after', text: string | undefined): boolean;
}

export interface Switch {
  file: string;
  replaced: Map<string, Known>;
  removed: Map<string, Known>;
}

/** Hashes of the texts before and after; null: no file. */
type Note = Record<'replaced' | 'removed', [path: string, before: string | null, after: string | null][]>;

export async function startSwitch(
  dir: string,
  previous: FlowFiles,
  changed: FlowFiles,
  gone: FlowFiles,
): Promise<void> {
  const note: Note = {
    replaced: [...changed].map(([path, text]) => [path, hash(previous.get(path)), hash(text)]),
    removed: [...gone].map(([path, text]) => [path, hash(text), null]),
  };
  await replaceFile(join(dir, name), JSON.stringify(note));
}

export async function pendingSwitch(dir: string): Promise<Switch | undefined> {
  const file = join(dir, name);
  const text = await textOf(file);
  if (text === undefined) return undefined;
  const { replaced, removed } = parse(file, text);
  return { file, replaced: knownOf(replaced), removed: knownOf(removed) };
}

export async function finishSwitch(dir: string): Promise<void> {
  await rm(join(dir, name), { force: true });
  await syncFolders([join(dir, name)]);
}

function parse(file: string, text: string): Note {
  try {
    return JSON.parse(text) as Note;
  } catch {
    throw new CodedError(
      'FLOW_FILES_CHANGED',
      `${file} was changed; delete it to keep the flow files as they are`,
      {
        file,
      },
    );
  }
}

function knownOf(files: Note['replaced']): Map<string, Known> {
  return new Map(
    files.map(([path, before, after]) => [
      path,
      { is: (which, text) => hash(text) === (which === 'before' ? before : after) },
    ]),
  );
}

function hash(text: string | undefined): string | null {
  return text === undefined ? null : createHash('sha256').update(text).digest('hex');
}
