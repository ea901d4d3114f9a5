/** `crossdock diff`: what changed, by meaning, between the working copy, releases, folders and running environments. */
import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { changeText, changesHtml, bumpOf, type Change } from '../runtime/diff/change.ts';
import { diffSets, type NodeFacts } from '../runtime/diff/diff.ts';
import { environmentNamed } from '../runtime/environments/environment.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { readBundle, setOf } from '../runtime/release/bundle.ts';
import { readFileSet, withoutMessages, type FileSet } from '../runtime/flow-file/file-set.ts';
import { ask } from '../runtime/release/remote.ts';
import { latestRelease, releaseFile } from '../runtime/release/releases.ts';
import { palette, places } from './project.ts';

export interface DiffOptions {
  json: boolean;
  html: boolean;
}

/** Prints the differences: from the last release and to the working copy by default. True when there are any. */
export async function diff(
  from: string | undefined,
  to: string | undefined,
  how: DiffOptions,
): Promise<boolean> {
  const last = from ?? (await latestRelease(places().releasesDir))?.manifest.version;
  if (last === undefined)
    throw new CodedError('RELEASE_UNKNOWN', 'There is no release yet to compare with: say what with what');
  const [before, after] = alike(await named(last), await named(to ?? 'working'));
  const changes = diffSets(before, after, await nodeFacts());
  process.stdout.write(printed(changes, `${last} → ${to ?? 'working copy'}`, how));
  return changes.length > 0;
}

export async function nodeFacts(): Promise<NodeFacts> {
  const { outputsOf, types } = await palette();
  return { outputsOf, writesOf: (type) => types.paletteType(type)?.writes };
}

interface Source {
  set: FileSet;
  /** With tests and samples. */
  messages: boolean;
}

const whole = (set: FileSet): Source => ({ set, messages: true });

function alike(before: Source, after: Source): [FileSet, FileSet] {
  if (before.messages && after.messages) return [before.set, after.set];
  return [withoutMessages(before.set), withoutMessages(after.set)];
}

function printed(changes: Change[], title: string, { json, html }: DiffOptions): string {
  if (html) return changesHtml(changes, title);
  if (json) return `${JSON.stringify({ bump: bumpOf(changes), changes }, null, 2)}\n`;
  if (changes.length === 0) return 'Nothing has changed\n';
  return `${changes.map(changeText).join('\n')}\nNext version: ${bumpOf(changes)}\n`;
}

/** What runs there. Whoever may read no messages, as a token, does not get tests and samples. */
async function running(name: string): Promise<Source> {
  const environment = environmentNamed(join(places().definitionsDir, 'environments'), name);
  const { files, messages } = await ask<{ messages: boolean; files: Record<string, string> }>(
    environment,
    process.env,
    'GET',
    'releases/running',
  );
  return { set: new Map(Object.entries(files)), messages };
}

/** `working`, `env:prod`, a version, the file of a release, or a folder that holds flows/ and definitions/. */
async function named(source: string): Promise<Source> {
  const { flowsDir, definitionsDir, releasesDir } = places();
  if (source === 'working') return whole(await readFileSet(flowsDir, definitionsDir));
  if (source.startsWith('env:')) return running(source.slice('env:'.length));
  const file = existsSync(source) ? resolve(source) : releaseFile(releasesDir, source);
  if (!existsSync(file))
    throw new CodedError('RELEASE_UNKNOWN', `There is no release ${source}`, { version: source });
  if (statSync(file).isDirectory())
    return whole(await readFileSet(join(file, 'flows'), join(file, 'definitions')));
  return whole(setOf(readBundle(await readFile(file, 'utf8'))));
}
