/** The working copy as it would be with some files changed: read and linted without a change on the disk. */
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { readStrictly } from '../definitions/strict-yaml.ts';
import { loadEnvironments } from '../environments/environment.ts';
import { asCoded, CodedError } from '../errors/coded-error.ts';
import { readFiles } from '../flow-file/disk.ts';
import type { FlowFiles } from '../flow-file/format.ts';
import { unlessAbsent } from '../files/durable.ts';
import { loadAlerting } from '../alerts/file.ts';
import { loadObjectives } from '../figures/objectives.ts';
import { readTestFile } from '../flow-test/spec.ts';
import { readDefinitions } from '../hub/definitions.ts';
import { loadLimits } from '../limits/limits.ts';
import { loadTolerances } from '../reconcile/tolerances.ts';
import type { Finding } from '../lint/rule.ts';
import { compileMapping } from '../map/mapping.ts';
import { readSchema } from '../schema/schema.ts';
import { loadValueMaps } from '../values/value-maps.ts';

export interface Folders {
  flowsDir: string;
  definitionsDir: string;
}

/** By path, `definitions/values/uom.yaml`; undefined: the file goes. */
export type Changes = ReadonlyMap<string, string | undefined>;

export type FindingsOf = (files: FlowFiles, definitionsDir: string) => Finding[];

/**
 * What the linter finds then. Throws CodedError FILE_INVALID, with facts {path, line}, where a changed file does not
 * read as what it is, or another one does not fit it any more.
 */
export async function draftFindings(
  folders: Folders,
  changes: Changes,
  findingsOf: FindingsOf,
): Promise<Finding[]> {
  const files = await flowsWith(folders.flowsDir, changes);
  if (changes.size === 0) return findingsOf(files, folders.definitionsDir);
  const dir = await mkdtemp(join(tmpdir(), 'crossdock-draft-'));
  const [definitionsDir, flowsDir] = [join(dir, 'definitions'), join(dir, 'flows')];
  try {
    await overlay(folders.definitionsDir, definitionsDir, below('definitions/', changes));
    await overlay(folders.flowsDir, flowsDir, below('flows/', changes));
    readAll(dir, changes);
    return findingsOf(files, definitionsDir);
  } catch (error) {
    const { code, message, facts, cause } = asCoded(error);
    if (code === 'INTERNAL') throw error;
    const at = String(facts['file'] ?? '').replace(`${dir}/`, '');
    throw new CodedError(
      'FILE_INVALID',
      message.replaceAll(`${dir}/`, ''),
      { path: at, line: facts['line'] },
      { cause },
    );
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function flowsWith(flowsDir: string, changes: Changes): Promise<FlowFiles> {
  const files = new Map(await readFiles(flowsDir));
  for (const [path, text] of below('flows/', changes)) {
    if (path.endsWith('.test.yaml')) continue;
    if (text === undefined) files.delete(path);
    else files.set(path, text);
  }
  return new Map([...files].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function below(folder: string, changes: Changes): Map<string, string | undefined> {
  return new Map(
    [...changes].flatMap(([path, text]) =>
      path.startsWith(folder) ? [[path.slice(folder.length), text] as const] : [],
    ),
  );
}

/** Links to what stays, files for what is changed. */
async function overlay(from: string, to: string, changes: Changes): Promise<void> {
  await mkdir(to, { recursive: true });
  const names = new Set([...changes.keys()].map((path) => path.split('/')[0] ?? ''));
  for (const name of (await readdir(from).catch(unlessAbsent)) ?? [])
    if (!names.has(name)) await symlink(resolve(from, name), join(to, name));
  for (const name of names) {
    if (!changes.has(name)) await overlay(join(from, name), join(to, name), below(`${name}/`, changes));
    else if (changes.get(name) !== undefined) await writeFile(join(to, name), changes.get(name)!);
  }
}

function readAll(dir: string, changes: Changes): void {
  const definitionsDir = join(dir, 'definitions');
  for (const [path, text] of changes) if (text !== undefined) readsAsItsKind(dir, path, text);
  readDefinitions(definitionsDir);
  const limits = join(definitionsDir, 'limits.yaml');
  if (existsSync(limits)) loadLimits(limits);
  loadTolerances(definitionsDir);
  loadObjectives(definitionsDir);
  loadAlerting(definitionsDir);
  if (existsSync(join(definitionsDir, 'environments')))
    loadEnvironments(join(definitionsDir, 'environments'));
}

function readsAsItsKind(dir: string, path: string, text: string): void {
  const file = join(dir, path);
  if (path.endsWith('.json')) {
    parsed(file, text);
    if (path.startsWith('definitions/schemas/')) readSchema(file);
  } else if (path.endsWith('.jsonata')) {
    const definitionsDir = join(dir, 'definitions');
    const values = loadValueMaps(join(definitionsDir, 'values'));
    compileMapping({ dir: definitionsDir, values, file: `mappings/${basename(path)}` });
  } else {
    // Flow files have a tag of their own, and are read by the linter.
    if (/^flows\/.*(?<!\.test)\.yaml$/.test(path)) return;
    const { problem } = readStrictly(text, { merge: true });
    if (problem) throw invalid(file, problem.line, problem.message);
    if (dirname(path) === 'flows') readTestFile(file);
  }
}

function parsed(file: string, text: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    // What the parser says holds an excerpt of the text.
    const at = Number(/position (\d+)/.exec(String(error))?.[1] ?? text.length);
    throw invalid(file, text.slice(0, at).split('\n').length, 'is no JSON here');
  }
}

function invalid(file: string, line: number, message: string): CodedError {
  return new CodedError('FILE_INVALID', `${file}:${line}: ${message}`, { file, line });
}
