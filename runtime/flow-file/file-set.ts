/** What a release is made of: the text of every flow, flow test and definition, by path. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readFiles } from './disk.ts';
import type { FlowFiles } from './format.ts';

/** `flows/order-capture.yaml`, `definitions/events/order.received.v1.yaml`. Paths are sorted. */
export type FileSet = Map<string, string>;

/**
 * The working copy. Environments are left out: a release is the same in each of them; and so are samples, which only
 * those who make flows need and which may hold what customers wrote, and the format of flow files.
 */
export async function readFileSet(flowsDir: string, definitionsDir: string): Promise<FileSet> {
  const flows = [...(await readFiles(flowsDir))].map(([path, text]): [string, string] => [
    `flows/${path}`,
    text,
  ]);
  const tests = await textsBelow(flowsDir, (path) => /^[^.][^/]*\.test\.yaml$/.test(path));
  const definitions = await textsBelow(
    definitionsDir,
    (path) =>
      /^[^.].*\.(yaml|json|jsonata)$/.test(path) && !/^(environments\/|samples\/|flow-file\.)/.test(path),
  );
  const all = [
    ...flows,
    ...tests.map(([path, text]): [string, string] => [`flows/${path}`, text]),
    ...definitions.map(([path, text]): [string, string] => [`definitions/${path}`, text]),
  ];
  return new Map(all.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Of these files: a sample, or tests. They hold messages as partners send them. */
export function holdsMessages(path: string): boolean {
  return /^definitions\/samples\/|\.test\.yaml$/.test(path);
}

export function withoutMessages(set: FileSet): FileSet {
  return new Map([...set].filter(([path]) => !holdsMessages(path)));
}

export function flowFilesOf(set: FileSet): FlowFiles {
  return new Map(
    [...set].flatMap(([path, text]): [string, string][] =>
      path.startsWith('flows/') && !path.endsWith('.test.yaml') ? [[path.slice('flows/'.length), text]] : [],
    ),
  );
}

async function textsBelow(dir: string, wanted: (path: string) => boolean): Promise<[string, string][]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .filter(wanted);
  return Promise.all(
    paths.map(async (path): Promise<[string, string]> => [path, await readFile(join(dir, path), 'utf8')]),
  );
}
