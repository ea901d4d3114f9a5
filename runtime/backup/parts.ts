/** The files of a hub in a backup: which they are, what a restore would change of them, and how they are put back. */
import { chmod, copyFile, cp, mkdir, readdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { hubParts } from '../catalogue/hub-files.ts';
import { CodedError } from '../errors/coded-error.ts';

export interface Places {
  dataDir: string;
  flowsDir: string;
  definitionsDir: string;
  /** Releases that were cut here. */
  releasesDir: string;
}

/** Of the data directory. Sessions are left out: nobody is logged in by a restore. */
const ownFiles = [
  'users.json',
  'people.json',
  'tokens.json',
  'secrets.json',
  'secrets-seen.json',
  'credential-secret',
  'credentials.json',
  'settings.json',
  'signing-key.pem',
  'succession.json',
  'trusted',
];

interface Part {
  /** Here. */
  place: string;
  /** In the archive. */
  name: string;
  /** Only its owner reads it. */
  secret?: boolean;
}

function partsOf({ dataDir, flowsDir, definitionsDir, releasesDir }: Places): Part[] {
  return [
    ...ownFiles.map((name) => ({ place: join(dataDir, name), name: join('data', name), secret: true })),
    { place: flowsDir, name: 'flows' },
    { place: definitionsDir, name: 'definitions' },
    { place: releasesDir, name: 'releases' },
    ...hubParts({ flowsDir, definitionsDir }).map((place) => ({ place, name: join('hub', basename(place)) })),
  ];
}

/** What links lead to is copied, so that the archive has all of it. */
export async function gatherParts(hub: Places, folder: string): Promise<void> {
  for (const { place, name } of partsOf(hub))
    for (const [path, file] of await filesBelow(place)) {
      const copy = join(folder, name, path);
      await mkdir(dirname(copy), { recursive: true });
      await cp(file, copy, { dereference: true, preserveTimestamps: true });
    }
}

/** Throws BACKUP_REFUSED for a file here that would be gone or another one: it may be newer than the backup. */
export async function refuseOtherFiles(hub: Places, folder: string): Promise<void> {
  for (const { place, name } of partsOf(hub)) {
    const kept = await filesBelow(join(folder, name));
    if (kept.size === 0) continue;
    for (const [path, file] of await filesBelow(place)) {
      const copy = kept.get(path);
      if (copy !== undefined && (await same(file, copy))) continue;
      throw new CodedError(
        'BACKUP_REFUSED',
        `${join(place, path)} is ${copy === undefined ? 'not in the backup' : 'another one than in the backup'}. --replace puts the backup in the place of what is here`,
      );
    }
  }
}

/** A part that the backup does not have stays as it is. */
export async function putBackParts(hub: Places, folder: string): Promise<void> {
  for (const { place, name, secret } of partsOf(hub)) {
    const kept = await filesBelow(join(folder, name));
    if (kept.size === 0) continue;
    const here = await filesBelow(place);
    for (const [path, file] of here) if (!kept.has(path)) await rm(file);
    for (const [path, copy] of kept) {
      const file = here.get(path) ?? join(place, path);
      if (!(await same(file, copy))) {
        await mkdir(dirname(file), { recursive: true, ...(secret && { mode: 0o700 }) });
        await copyFile(copy, file);
      }
      if (secret) await chmod(file, 0o600);
    }
  }
}

/** By their paths below; of a file itself the path is empty. What git and npm keep beside them is not the hub's. */
async function filesBelow(place: string, above: readonly string[] = []): Promise<Map<string, string>> {
  const found = await stat(place).catch(() => undefined);
  if (!found) return new Map();
  if (!found.isDirectory()) return new Map([['', place]]);
  const files = new Map<string, string>();
  const real = await realpath(place);
  // A link that leads back.
  if (above.includes(real)) return files;
  for (const name of (await readdir(real)).toSorted()) {
    if (['node_modules', '.git'].includes(name)) continue;
    for (const [path, file] of await filesBelow(join(real, name), [...above, real]))
      files.set(join(name, path), file);
  }
  return files;
}

async function same(file: string, copy: string): Promise<boolean> {
  const text = await readFile(file).catch(() => undefined);
  return text !== undefined && text.equals(await readFile(copy));
}
