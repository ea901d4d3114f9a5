/** What a hub took from the catalogue: its lock file, and beside it the texts as they were taken. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import Type, { type Static } from 'typebox';
import { stringify } from 'yaml';
import { readYaml } from '../definitions/read-yaml.ts';
import { CodedError } from '../errors/coded-error.ts';
import { replaceFile, textOf } from '../files/durable.ts';
import type { FileSet } from '../flow-file/file-set.ts';
import { hash } from '../signature/signature.ts';
import { ownSchema } from '../schema/schema.ts';

/** Makes a folder a hub of its own. */
const lockName = 'crossdock.lock.yaml';
const baseName = '.crossdock-base';

export interface Where {
  flowsDir: string;
  definitionsDir: string;
}

const Lock = Type.Object(
  {
    /** The version of Crossdock the files are of. */
    crossdock: Type.String(),
    taken: Type.Array(Type.String()),
    /** SHA-256 of each file as taken. */
    files: Type.Record(Type.String(), Type.String()),
  },
  { additionalProperties: false },
);

export type Lock = Static<typeof Lock>;

const schema = ownSchema(Lock);

const head = `# What this hub took from Crossdock's catalogue, and the digest of each file as taken; \`crossdock add\` and
# \`crossdock upgrade\` write it. ${baseName} holds the texts: keep both with the hub.
`;

export function homeOf({ flowsDir }: Where): string {
  return dirname(flowsDir);
}

/** What stands beside flows and definitions, and must be of the same time as they. */
export function hubParts(where: Where): string[] {
  return [lockName, baseName].map((name) => join(homeOf(where), name));
}

/** Undefined for a checkout of Crossdock, and any other folder that was not made by \`crossdock init\`. */
export function readLock(where: Where): Lock | undefined {
  const file = join(homeOf(where), lockName);
  return existsSync(file) ? readYaml<Lock>(file, schema) : undefined;
}

/** The texts as taken. Throws HUB_BASE_LOST where one is missing or was changed. */
export async function readBase(where: Where, lock: Lock): Promise<FileSet> {
  const entries = Object.entries(lock.files).map(async ([path, digest]): Promise<[string, string]> => {
    const text = await textOf(join(homeOf(where), baseName, path));
    if (text !== undefined && hash(text) === digest) return [path, text];
    throw new CodedError('HUB_BASE_LOST', `${baseName}/${path} is not as it was taken`, { file: path });
  });
  return new Map(await Promise.all(entries));
}

export async function writeBase(
  where: Where,
  version: string,
  taken: readonly string[],
  files: FileSet,
): Promise<void> {
  const dir = join(homeOf(where), baseName);
  for (const [path, text] of files) await put(join(dir, path), text);
  const old = existsSync(dir) ? await readdir(dir, { recursive: true, withFileTypes: true }) : [];
  for (const entry of old) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile() && !files.has(relative(dir, file))) await rm(file);
  }
  const lock: Lock = {
    crossdock: version,
    taken: [...taken],
    files: Object.fromEntries([...files].map(([path, text]) => [path, hash(text)])),
  };
  await put(join(homeOf(where), lockName), `${head}${stringify(lock)}`);
}

/** Nothing was taken here. */
export async function forget(where: Where): Promise<void> {
  for (const part of hubParts(where)) await rm(part, { recursive: true, force: true });
}

/** `flows/x.yaml` and `definitions/…` of the hub. */
export function fileOf({ flowsDir, definitionsDir }: Where, path: string): string {
  const [, folder, rest = ''] = /^(flows|definitions)\/(.+)$/.exec(path) ?? [];
  return join(folder === 'flows' ? flowsDir : definitionsDir, rest);
}

export async function put(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  if ((await textOf(file)) !== text) await replaceFile(file, text);
}

export async function textsHere(where: Where, paths: Iterable<string>): Promise<FileSet> {
  const texts = await Promise.all(
    [...paths].map(async (path): Promise<[string, string][]> => {
      const file = fileOf(where, path);
      return existsSync(file) ? [[path, await readFile(file, 'utf8')]] : [];
    }),
  );
  return new Map(texts.flat());
}
