/** A backup as one file: a gzipped tar with a manifest that names each file with its digest. Only its owner may read it. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { create, extract, list } from 'tar';
import Type, { type Static } from 'typebox';
import { CodedError } from '../errors/coded-error.ts';
import { syncFolders } from '../files/durable.ts';
import { ownSchema } from '../schema/schema.ts';

const closed = { additionalProperties: false };
const Manifest = Type.Object(
  {
    format: Type.Literal('crossdock-backup/1'),
    profile: Type.Enum(['embedded', 'cluster']),
    /** Of the store's schema. */
    version: Type.Integer({ minimum: 1 }),
    created: Type.String({ format: 'date-time' }),
    files: Type.Array(
      Type.Object(
        {
          path: Type.String({ minLength: 1 }),
          bytes: Type.Integer({ minimum: 0 }),
          sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
        },
        closed,
      ),
    ),
  },
  closed,
);

export type Manifest = Static<typeof Manifest>;

const schema = ownSchema(Manifest);
const manifestName = 'manifest.json';

/** Writes everything below `folder` into `file`, which is there whole or not at all. */
export async function packArchive(
  folder: string,
  file: string,
  about: Omit<Manifest, 'format' | 'files'>,
): Promise<Manifest> {
  const files = await digests(folder);
  const manifest: Manifest = { format: 'crossdock-backup/1', ...about, files };
  await writeFile(join(folder, manifestName), JSON.stringify(manifest, null, 1));
  const part = `${file}.part`;
  await rm(part, { force: true });
  const names = [manifestName, ...files.map(({ path }) => path)];
  await create({ file: part, cwd: folder, gzip: true, portable: true, mode: 0o600 }, names);
  const written = await open(part, 'r+');
  await written.chmod(0o600);
  await written.sync().finally(() => written.close());
  await rename(part, file);
  await syncFolders([file]);
  return manifest;
}

/** Unpacks into an empty folder. Throws BACKUP_INVALID: it is not whole, or not as it was written. */
export async function unpackArchive(file: string, folder: string): Promise<Manifest> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let manifest: unknown;
  try {
    // First to its end: of a part nothing is unpacked.
    await list({ file, strict: true });
    await extract({ file, cwd: folder, strict: true, preservePaths: false });
    manifest = JSON.parse(await readFile(join(folder, manifestName), 'utf8'));
  } catch {
    throw invalid('it cannot be read to its end');
  }
  if (schema.check(manifest)) throw invalid('it has no manifest of this version of Crossdock');
  const { files } = manifest as Manifest;
  const found = new Map((await digests(folder)).map((one) => [one.path, one]));
  for (const { path, sha256 } of files)
    if (found.get(path)?.sha256 !== sha256) throw invalid(`${path} is damaged or missing`);
  if (found.size !== files.length) throw invalid('it holds files that its manifest does not name');
  return manifest as Manifest;
}

async function digests(folder: string): Promise<Manifest['files']> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => path !== manifestName)
    .toSorted();
  const found: Manifest['files'] = [];
  for (const path of paths) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(join(folder, path)), hash);
    found.push({ path, bytes: (await stat(join(folder, path))).size, sha256: hash.digest('hex') });
  }
  return found;
}

export function invalid(why: string): CodedError {
  return new CodedError('BACKUP_INVALID', `This backup cannot be restored: ${why}`);
}
