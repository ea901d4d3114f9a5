/** The folder of releases: one file a version, never changed once it is written. */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../errors/coded-error.ts';
import { replaceFile, textOf, unlessAbsent } from '../files/durable.ts';
import { compareVersions } from '../promotion/promotion.ts';
import { bundleText, readBundle, type Bundle } from './bundle.ts';

export function releaseFile(dir: string, version: string): string {
  return join(dir, `${version}.json`);
}

/** The newest first. Throws CodedError RELEASE_INVALID that names a broken file. */
export async function listReleases(dir: string): Promise<Bundle[]> {
  const versions = (await readdir(dir).catch(none))
    .flatMap((name) => /^(\d+\.\d+\.\d+)\.json$/.exec(name)?.[1] ?? [])
    .toSorted((a, b) => compareVersions(b, a));
  return Promise.all(versions.map((version) => readRelease(dir, version)));
}

export async function latestRelease(dir: string): Promise<Bundle | undefined> {
  return (await listReleases(dir))[0];
}

/** Throws CodedError RELEASE_UNKNOWN, or RELEASE_INVALID. */
export async function readRelease(dir: string, version: string): Promise<Bundle> {
  const text = await textOf(releaseFile(dir, version));
  if (text === undefined)
    throw new CodedError('RELEASE_UNKNOWN', `There is no release ${version} in ${dir}`, { version });
  return readBundle(text);
}

/** Throws CodedError RELEASE_EXISTS: a release never changes. */
export async function writeRelease(dir: string, bundle: Bundle): Promise<string> {
  const { version } = bundle.manifest;
  const file = releaseFile(dir, version);
  await mkdir(dir, { recursive: true });
  if ((await textOf(file)) !== undefined)
    throw new CodedError('RELEASE_EXISTS', `Release ${version} is there already; a release never changes`, {
      version,
    });
  await replaceFile(file, bundleText(bundle), 0o444);
  return file;
}

function none(error: unknown): string[] {
  unlessAbsent(error);
  return [];
}
