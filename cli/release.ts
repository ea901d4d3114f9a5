/** `crossdock release`: cuts a release, lists and shows those there are, and handles the keys that vouch for them. */
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { filesEnding } from '../runtime/definitions/read-yaml.ts';
import { openProject } from '../runtime/lint/project.ts';
import { runMappingTests } from '../runtime/map/test-file.ts';
import { type Bundle } from '../runtime/release/bundle.ts';
import { cutRelease } from '../runtime/release/cut.ts';
import { publicPem, signingKey, trust } from '../runtime/release/keys.ts';
import { listReleases, readRelease, releaseFile } from '../runtime/release/releases.ts';
import { palette, places } from './project.ts';

export async function release(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    options: {
      by: { type: 'string', default: userInfo().username },
      note: { type: 'string' },
      list: { type: 'boolean' },
      json: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const [what, which] = positionals;
  if (values.list) return list(values.json);
  if (what === 'show') return show(which ?? '', values.json);
  if (what === 'key') return ownKey();
  if (what === 'trust') return trustFile(which ?? '');
  await cut(what, values);
}

async function cut(
  version: string | undefined,
  { by, note, json }: { by: string; note?: string | undefined; json: boolean },
): Promise<void> {
  const { dataDir, definitionsDir, flowsDir, releasesDir } = places();
  const { outputsOf, types } = await palette();
  const bundle = await cutRelease({
    flowsDir,
    definitionsDir,
    releasesDir,
    facts: { outputsOf, writesOf: (type) => types.paletteType(type)?.writes },
    project: openProject(definitionsDir, types, process.env),
    key: await signingKey(dataDir, process.env),
    by,
    version,
    note,
    now: new Date(),
    test: () => mappingTests(definitionsDir),
  });
  const file = releaseFile(releasesDir, bundle.manifest.version);
  process.stdout.write(
    json ? `${JSON.stringify(summary(bundle))}\n` : `${text(bundle)}\n\nIt is in ${file}\n`,
  );
}

/** Every case of every mapping. */
export async function mappingTests(definitionsDir: string): Promise<{ passed: number; failed: number }> {
  const files = filesEnding(join(definitionsDir, 'mappings'), '.test.yaml');
  const results = (await Promise.all(files.map(runMappingTests))).flat();
  const passed = results.filter((one) => one.passed).length;
  return { passed, failed: results.length - passed };
}

async function list(json: boolean): Promise<void> {
  const all = await listReleases(places().releasesDir);
  const lines = all.map(({ manifest, digest }) => {
    const { version, created, author, changelog } = manifest;
    return `${version.padEnd(10)} ${created.slice(0, 16)}  ${author.padEnd(12)} ${digest.slice(7, 19)}  ${changelog[0] ?? ''}\n`;
  });
  process.stdout.write(json ? `${JSON.stringify(all.map(summary))}\n` : lines.join('') || 'No release yet\n');
}

async function show(version: string, json: boolean): Promise<void> {
  const bundle = await readRelease(places().releasesDir, version);
  process.stdout.write(json ? `${JSON.stringify(summary(bundle))}\n` : `${text(bundle)}\n`);
}

async function ownKey(): Promise<void> {
  const key = await signingKey(places().dataDir, process.env);
  process.stdout.write(publicPem(key));
}

async function trustFile(file: string): Promise<void> {
  const pem = await readFile(file, 'utf8').catch(() => {
    throw new CodedError('CONFIG_INVALID', `${file || 'The file with the key'} cannot be read`);
  });
  process.stdout.write(`Trusted: ${await trust(places().dataDir, pem)}\n`);
}

function summary({ manifest, digest, signature }: Bundle): object {
  const { files, ...rest } = manifest;
  return { ...rest, files: files.length, digest, key: signature.key };
}

function text({ manifest, digest, signature }: Bundle): string {
  const { version, author, created, changelog, files, evidence, names } = manifest;
  const { lint, tests } = evidence;
  return [
    `Release ${version} by ${author}, ${created}`,
    `${files.length} files; ${tests.passed} tests passed; linter: ${lint.warnings} warnings`,
    `needs ${names.join(', ') || 'no names'}`,
    `${digest}, signed with ${signature.key}`,
    ...changelog.map((line) => `- ${line}`),
  ].join('\n');
}
