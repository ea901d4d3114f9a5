/** Brings a hub what it takes from the shelf: new files, and into those it has what changed upstream. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { diffSets, type NodeFacts } from '../diff/diff.ts';
import type { Change } from '../diff/change.ts';
import { CodedError } from '../errors/coded-error.ts';
import { readFiles } from '../flow-file/disk.ts';
import { textOf } from '../files/durable.ts';
import { readFlowFiles } from '../flow-file/read.ts';
import { currentForm } from '../flow-file/versions.ts';
import { flowFilesOf, readFileSet, type FileSet } from '../flow-file/file-set.ts';
import {
  fileOf,
  homeOf,
  put,
  readBase,
  readLock,
  textsHere,
  writeBase,
  type Lock,
  type Where,
} from './hub-files.ts';
import { mergeText, wholeFile, type Conflict, type Merged } from './merge.ts';
import { withNeeds, type Shelf } from './shelf.ts';
import { take, type ReadsOf } from './take.ts';
import { exampleHead, exampleOf, variablesOf, withNames, type TitleOf } from './variables.ts';

export interface Facts extends NodeFacts {
  readsOf: ReadsOf;
}

export interface Plan {
  from: string;
  to: string;
  taken: string[];
  /** The files as taken now. */
  upstream: FileSet;
  /** What stands in the hub then; undefined: the file goes. */
  writes: Map<string, string | undefined>;
  conflicts: Conflict[];
  /** From what was taken to what is taken now, by meaning. */
  changes: Change[];
}

/** The hub's items with `more`, as the shelf has them. Throws HUB_UPGRADE_FIRST, CATALOGUE_UNKNOWN. */
export async function planAdd(
  shelf: Shelf,
  where: Where,
  more: readonly string[],
  facts: Facts,
): Promise<Plan> {
  const lock = readLock(where) ?? { crossdock: shelf.version, taken: [], files: {} };
  if (lock.crossdock !== shelf.version)
    throw new CodedError(
      'HUB_UPGRADE_FIRST',
      `This hub's files are of Crossdock ${lock.crossdock}, and ${shelf.version} is installed`,
      { have: lock.crossdock, installed: shelf.version },
    );
  return plan(shelf, where, lock, withNeeds(shelf, [...lock.taken, ...more]), facts);
}

/** The same items as the shelf has them now. Throws HUB_MISSING. */
export async function planUpgrade(shelf: Shelf, where: Where, facts: Facts): Promise<Plan> {
  const lock = readLock(where);
  if (!lock) throw new CodedError('HUB_MISSING', 'There is no crossdock.lock.yaml here');
  const there = lock.taken.filter((name) => shelf.items.has(name));
  return plan(shelf, where, lock, withNeeds(shelf, there), facts);
}

async function plan(shelf: Shelf, where: Where, lock: Lock, taken: string[], facts: Facts): Promise<Plan> {
  const [base, upstream] = [inCurrentForm(await readBase(where, lock)), take(shelf, taken, facts)];
  const here = inCurrentForm(await textsHere(where, new Set([...base.keys(), ...upstream.keys()])));
  const results = new Map<string, Merged | undefined>();
  for (const path of new Set([...base.keys(), ...upstream.keys()]))
    results.set(path, decide(path, base.get(path), here.get(path), upstream.get(path)));
  await keepReadable(where, here, results, facts);
  const all = [...results];
  return {
    from: lock.crossdock,
    to: shelf.version,
    taken,
    upstream,
    writes: new Map(
      all
        .filter(([path, result]) => result?.text !== here.get(path))
        .map(([path, result]) => [path, result?.text]),
    ),
    conflicts: all.flatMap(([, result]) => result?.conflicts ?? []),
    changes: diffSets(base, upstream, facts),
  };
}

/** A setting that got another name is no change of anyone's. */
function inCurrentForm(set: FileSet): FileSet {
  const flows = [...currentForm(flowFilesOf(set))].map(([path, text]): [string, string] => [
    `flows/${path}`,
    text,
  ]);
  return new Map([...set, ...flows]);
}

/** Undefined: the file is not there then. */
function decide(
  path: string,
  base: string | undefined,
  here: string | undefined,
  upstream: string | undefined,
): Merged | undefined {
  const as = (text: string | undefined, conflict?: Omit<Conflict, 'path' | 'at'>): Merged | undefined =>
    conflict || text !== undefined
      ? { text: text as string, conflicts: conflict ? [{ path, at: '', ...conflict }] : [] }
      : undefined;
  if (upstream === base) return as(here);
  if (here === base || here === upstream) return as(upstream);
  if (here === undefined) return as(undefined, { here: 'removed', upstream: 'changed' });
  if (base === undefined) return as(here, { here: 'a file of your own', upstream: 'new' });
  if (upstream === undefined) return as(here, { here: 'changed', upstream: 'removed' });
  return mergeText(path, base, here, upstream);
}

/** A flow that could not be read as merged stays as it is here, and is told of whole. */
async function keepReadable(
  where: Where,
  here: FileSet,
  results: Map<string, Merged | undefined>,
  facts: Facts,
): Promise<void> {
  const working = await readFileSet(where.flowsDir, where.definitionsDir).catch(
    () => new Map<string, string>(),
  );
  for (let tries = results.size; tries >= 0; tries--) {
    const set = new Map(working);
    for (const [path, result] of results)
      if (result?.text === undefined) set.delete(path);
      else set.set(path, result.text);
    const broken = brokenFlow(set, facts);
    if (broken === undefined) return;
    const path = `flows/${broken.file}`;
    const own = here.get(path);
    if (own === undefined || results.get(path)?.text === own) throw broken.error;
    results.set(path, wholeFile(path, own));
  }
}

function brokenFlow(set: FileSet, { outputsOf }: Facts): { file: string; error: CodedError } | undefined {
  try {
    readFlowFiles(flowFilesOf(set), outputsOf);
    return undefined;
  } catch (error) {
    if (error instanceof CodedError && error.code === 'FLOW_FILE_INVALID')
      return { file: String(error.facts['file']), error };
    throw error;
  }
}

/** Files first, then what says that they were taken; the environments and `.env.example` get the names that are new. */
export async function carryOut(shelf: Shelf, where: Where, plan: Plan, titleOf: TitleOf): Promise<void> {
  for (const [path, text] of [...plan.writes].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    if (text === undefined) await rm(fileOf(where, path), { force: true });
    else await put(fileOf(where, path), text);
  const variables = variablesOf((await readFiles(where.flowsDir)).values(), titleOf);
  for (const [name, text] of shelf.environments) {
    const path = join(where.definitionsDir, 'environments', `${name}.yaml`);
    await put(path, await withNames(path, text, variables.keys()));
  }
  const example = join(homeOf(where), '.env.example');
  await put(example, exampleOf((await textOf(example)) ?? exampleHead, variables));
  await writeBase(where, plan.to, plan.taken, plan.upstream);
}
