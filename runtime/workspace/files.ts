/** Definitions and flows as files that people change in the browser: several at once or none, and nobody's change lost. */
import { createHash } from 'node:crypto';
import { readdir, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { parseDocument } from 'yaml';
import { CodedError } from '../errors/coded-error.ts';
import { replaceFile, syncFolders, textOf, unlessAbsent, writeDurably } from '../files/durable.ts';
import type { FlowFiles } from '../flow-file/format.ts';
import type { Finding } from '../lint/rule.ts';
import { lintPromises } from '../lint/promises.ts';
import { draftFindings, type Changes, type Folders } from './draft.ts';
import { withJsonValue } from './json-edit.ts';
import { promises } from './promises.ts';
import { withYamlValue } from './yaml-edit.ts';
import { inTurn } from '../files/serial.ts';

/** What the workspace asks of the hub whose files these are. */
export interface Workbench {
  /** The working copy. */
  own: Folders;
  /** What runs: the working copy, or a release. */
  now(): Folders;
  /** Flows and definitions are changed in their files here. */
  authored(): boolean;
  /** What stands in the files now runs when it resolves. Throws why it cannot run. */
  take(): Promise<void>;
  findings(files: FlowFiles, definitionsDir?: string): Finding[];
  /** Who has changed these. */
  noted(paths: readonly string[], by: string): Promise<void>;
}

export interface OpenFile {
  /** `definitions/values/uom.yaml`. */
  path: string;
  text: string;
  /** sha256 of the text; `''` where there is no such file. */
  revision: string;
  /** What it says, of YAML and JSON that can be read. */
  value?: unknown;
}

export interface Change {
  path: string;
  /** Null: the file goes. */
  text: string | null;
  /** Of what was changed. */
  revision: string;
}

export interface Saved {
  files: Pick<OpenFile, 'path' | 'revision'>[];
  /** All there are now. */
  findings: Finding[];
  /** Why the hub still runs what it ran: what was wrong before keeps it from taking this. */
  waits?: string;
}

export interface Checked {
  findings: Finding[];
  /** The errors among them that are not in the files as they stand. */
  refused: Finding[];
}

/** Paths below a folder, such as `definitions/values`; by default all. */
export async function listFiles(bench: Workbench, under = ''): Promise<string[]> {
  const { definitionsDir, flowsDir } = bench.now();
  const of = async (name: string, dir: string): Promise<string[]> => {
    const found = (await readdir(dir, { recursive: true, withFileTypes: true }).catch(unlessAbsent)) ?? [];
    return found
      .filter((entry) => entry.isFile())
      .map((entry) => `${name}/${relative(dir, join(entry.parentPath, entry.name)).replaceAll(sep, '/')}`);
  };
  const all = [...(await of('definitions', definitionsDir)), ...(await of('flows', flowsDir))];
  return all.filter((path) => known.test(path) && `${path}/`.startsWith(under && `${under}/`)).toSorted();
}

/** Also of one that is not there yet. Throws CodedError FILE_UNKNOWN for a path that can be none. */
export async function readFile(bench: Workbench, path: string): Promise<OpenFile> {
  const text = await textOf(await placeOf(bench.now(), path));
  if (text === undefined) return { path, text: '', revision: '' };
  const value = valueOf(path, text);
  return { path, text, revision: revisionOf(text), ...(value !== undefined && { value }) };
}

/** The text that says this instead, with all else as it is written. Throws CodedError FILE_INVALID. */
export function textWith(path: string, text: string, value: unknown): string {
  const begun = text.trim() === '' ? 'null' : text;
  return path.endsWith('.json') ? withJsonValue(begun, value) : withYamlValue(text, value);
}

/** What a save would say. Throws what a save would throw, but FLOW_LINT. */
export async function checkFiles(bench: Workbench, changes: readonly Change[]): Promise<Checked> {
  await unchanged(bench, changes);
  return checked(bench, new Map(changes.map(({ path, text }) => [path, text ?? undefined])));
}

/**
 * All of them or none, and then they run. Throws CodedError RELEASE_RUNNING; FILE_CHANGED where a file is not the one
 * that was changed; FILE_INVALID; FLOW_LINT for errors that were not there before; and what keeps them from running.
 */
export async function saveFiles(bench: Workbench, changes: readonly Change[], by: string): Promise<Saved> {
  if (!bench.authored())
    throw new CodedError('RELEASE_RUNNING', 'This hub runs a release: change its files where they are made');
  return inTurn(async () => {
    const before = await unchanged(bench, changes);
    const next: Changes = new Map(changes.map(({ path, text }) => [path, text ?? undefined]));
    const { findings, refused } = await checked(bench, next);
    const [first, ...others] = refused;
    if (first) throw lintError(first, others.length);
    await replaceAll(bench.own, before, next);
    const waits = await taken(bench, before, next, findings);
    await bench.noted([...next.keys()], by);
    const files = [...next].map(([path, text]) => ({ path, revision: revisionOf(text) }));
    return { files, findings, ...(waits !== undefined && { waits }) };
  });
}

const known =
  /^(definitions|flows)(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*\/[A-Za-z0-9_][A-Za-z0-9._-]*\.(yaml|json|jsonata)$/;

/** Throws CodedError FILE_UNKNOWN for what is no definition and no flow, and for what a link leads out of their folders. */
async function placeOf({ definitionsDir, flowsDir }: Folders, path: string): Promise<string> {
  const unknown = new CodedError('FILE_UNKNOWN', `${path} is no file of definitions or flows`, { path });
  if (!known.test(path) || path.includes('..')) throw unknown;
  const [root, rest] = path.startsWith('flows/')
    ? [flowsDir, path.slice('flows/'.length)]
    : [definitionsDir, path.slice('definitions/'.length)];
  const file = join(root, rest);
  const [inside, real] = [await realpath(root).catch(unlessAbsent), await realOf(file)];
  if (inside !== undefined && real !== inside && !real.startsWith(inside + sep)) throw unknown;
  return file;
}

/** Of what is not there yet, where it would be. */
async function realOf(file: string): Promise<string> {
  const real = await realpath(file).catch(unlessAbsent);
  return real ?? join(await realOf(dirname(file)), file.slice(dirname(file).length + 1));
}

export function valueOf(path: string, text: string): unknown {
  if (path.endsWith('.jsonata')) return undefined;
  try {
    if (path.endsWith('.json')) return JSON.parse(text) as unknown;
    const document = parseDocument(text, { merge: true, logLevel: 'error' });
    return document.errors.length === 0 ? (document.toJS() as unknown) : undefined;
  } catch {
    return undefined;
  }
}

function revisionOf(text: string | undefined): string {
  return text === undefined ? '' : createHash('sha256').update(text).digest('hex');
}

async function unchanged(
  { own }: Workbench,
  changes: readonly Change[],
): Promise<Map<string, string | undefined>> {
  const before = new Map<string, string | undefined>();
  for (const { path, revision } of changes) {
    const text = await textOf(await placeOf(own, path));
    if (revisionOf(text) !== revision)
      throw new CodedError('FILE_CHANGED', `${path} was changed since it was opened`, { path });
    before.set(path, text);
  }
  return before;
}

async function checked(bench: Workbench, next: Changes): Promise<Checked> {
  const linted = await draftFindings(bench.own, next, bench.findings);
  const told = await promises(bench.own.definitionsDir, next);
  const findings = told ? [...lintPromises(told.before, told.now), ...linted] : linted;
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return { findings, refused: [] };
  const before = new Set((await draftFindings(bench.own, new Map(), bench.findings)).map(sameness));
  return { findings, refused: errors.filter((finding) => !before.has(sameness(finding))) };
}

const sameness = ({ code, file, node, message }: Finding): string =>
  JSON.stringify([code, file, node, message]);

function lintError({ file, line, node, id, message, code }: Finding, others: number): CodedError {
  const more = others > 0 ? ` (and ${others} more)` : '';
  return new CodedError('FLOW_LINT', `${file}: "${node}" ${message}${more}`, {
    file,
    line,
    node,
    id,
    rule: code,
  });
}

/** On a failure the old ones are back. */
async function replaceAll(folders: Folders, before: Changes, next: Changes): Promise<void> {
  const files = new Map<string, string>();
  for (const path of next.keys()) files.set(path, await placeOf(folders, path));
  try {
    for (const [path, text] of next)
      if (text !== undefined) await writeDurably(`${files.get(path)}.new`, text);
    for (const [path, text] of next)
      if (text === undefined) await rm(files.get(path)!, { force: true });
      else await rename(`${files.get(path)}.new`, files.get(path)!);
    await syncFolders([...files.values()]);
  } catch (error) {
    // The first error is the one to tell.
    await putBack(folders, before).catch(() => {});
    for (const file of files.values()) await rm(`${file}.new`, { force: true }).catch(() => {});
    throw error;
  }
}

async function putBack(folders: Folders, before: Changes): Promise<void> {
  for (const [path, text] of before) {
    const file = await placeOf(folders, path);
    if ((await textOf(file)) === text) continue;
    if (text === undefined) await rm(file, { force: true });
    else await replaceFile(file, text);
  }
}

/** Undefined where they run. Where errors of before keep them from that, they stay in the files; else what was before is back. */
async function taken(
  bench: Workbench,
  before: Changes,
  next: Changes,
  findings: readonly Finding[],
): Promise<string | undefined> {
  try {
    await bench.take();
    return undefined;
  } catch (error) {
    const old = findings.some(({ severity }) => severity === 'error');
    if (old && error instanceof CodedError && error.code === 'FLOW_LINT') return error.message;
    const ours = await Promise.all(
      [...next].map(async ([path, text]) => (await textOf(await placeOf(bench.own, path))) === text),
    );
    // What somebody changed by hand since stays.
    if (ours.every(Boolean)) await putBack(bench.own, before);
    throw error;
  }
}
