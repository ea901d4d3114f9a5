/** `crossdock release`: cuts a release, lists and shows those there are, and handles the keys that vouch for them. */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { audited } from '../runtime/audit/audited.ts';
import { cutting } from '../runtime/authoring/audited.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { type Bundle } from '../runtime/release/bundle.ts';
import { publicPem, signingKey, trust } from '../runtime/signature/keys.ts';
import { listReleases, readRelease, releaseFile } from '../runtime/release/releases.ts';
import { localUser } from './local-user.ts';
import { palette, places } from './project.ts';

export async function release(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    options: {
      by: { type: 'string', default: localUser() },
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
  if (what === 'succession') return succession();
  if (what === 'trust') return trustFile(which ?? '');
  await cut(what, values);
}

async function cut(
  version: string | undefined,
  { by, note, json }: { by: string; note?: string | undefined; json: boolean },
): Promise<void> {
  const { authorOf } = await import('./authoring.ts');
  const at = places();
  const { withJournal } = await import('./stores.ts');
  const author = authorOf(at, await palette(), process.env);
  const bundle = await withJournal(({ audit }) => cutting(audit, author, { by, version, note }));
  const file = releaseFile(at.releasesDir, bundle.manifest.version);
  process.stdout.write(
    json ? `${JSON.stringify(summary(bundle))}\n` : `${text(bundle)}\n\nIt is in ${file}\n`,
  );
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

/** How the key of now came after others, for those that trust one of these. */
async function succession(): Promise<void> {
  const { successionOf } = await import('../runtime/release/succession.ts');
  process.stdout.write(`${JSON.stringify(await successionOf(places().dataDir), null, 1)}\n`);
}

async function trustFile(file: string): Promise<void> {
  const pem = await readFile(file, 'utf8').catch(() => {
    throw new CodedError('CONFIG_INVALID', `${file || 'The file with the key'} cannot be read`);
  });
  const { withJournal } = await import('./stores.ts');
  if (file.endsWith('.json')) return trustSteps(file, pem);
  const id = await withJournal(({ audit }) =>
    audited(
      audit,
      { who: localUser(), act: 'key.trust', object: 'key' },
      () => trust(places().dataDir, pem),
      (made) => ({ object: `key/${made}` }),
    ),
  );
  process.stdout.write(`Trusted: ${id}\n`);
}

/** Of another hub: what a key that is trusted here vouches for. */
async function trustSteps(file: string, text: string): Promise<void> {
  const { followSuccession, readSuccession } = await import('../runtime/release/succession.ts');
  const { withJournal } = await import('./stores.ts');
  const { dataDir } = places();
  const steps = readSuccession(text, file);
  const ids = await withJournal(({ audit }) =>
    followSuccession({ dataDir, env: process.env, audit }, steps, localUser()),
  );
  process.stdout.write(
    ids.length > 0 ? `Trusted: ${ids.join(', ')}\n` : 'No new key that a trusted one vouches for\n',
  );
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
