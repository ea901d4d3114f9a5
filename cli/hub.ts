/** `crossdock init`, `add` and `upgrade`: a hub of one's own, and what it takes from the catalogue. */
import { existsSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { carryOut, planAdd, planUpgrade, type Plan } from '../runtime/catalogue/bring.ts';
import { homeOf, put, readLock, type Where } from '../runtime/catalogue/hub-files.ts';
import { packageName, writeProject } from '../runtime/catalogue/init.ts';
import { knowledgeOf, type Knowledge } from '../runtime/catalogue/knowledge.ts';
import { openShelf, withNeeds, type Shelf } from '../runtime/catalogue/shelf.ts';
import { changeText } from '../runtime/diff/change.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { askedFor } from './origin.ts';
import { palette, places, root } from '../runtime/app/project.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Makes a hub in a folder that is empty or not there. Throws REQUEST_INVALID, FOLDER_NOT_EMPTY, CATALOGUE_UNKNOWN. */
export async function init(
  [dir = '.', ...others]: readonly string[],
  wanted: readonly string[],
): Promise<void> {
  if (others.length > 0)
    throw new CodedError(
      'REQUEST_INVALID',
      `A hub is made in one folder: what is ${others.join(' ')}? With commas between: --with ${[...wanted, ...others].join(',')}`,
    );
  const home = resolve(dir);
  if (existsSync(home) && readdirSync(home).some((name) => name !== '.git'))
    throw new CodedError('FOLDER_NOT_EMPTY', `${home} is not empty`, { folder: home });
  const shelf = await openShelf(root);
  withNeeds(shelf, wanted);
  const asked = askedFor(home);
  const where = { flowsDir: join(home, 'flows'), definitionsDir: join(home, 'definitions') };
  await writeProject(home, { name: packageName(home), crossdock: asked ?? `^${shelf.version}` });
  await put(join(where.flowsDir, '.gitkeep'), '');
  await addTo(shelf, where, wanted, await knowledge());
  const steps = [
    `cd ${quoted(relative('.', home) || '.')}`,
    asked === undefined
      ? 'npm install FILE, the packed file of Crossdock (package.json asks the registry)'
      : 'npm install',
    'cp .env.example .env and fill it in',
    'npm start',
  ];
  say(
    `${home} is a hub.${wanted.length > 0 ? ` It has ${wanted.join(', ')}.` : ''} Next: ${steps.join('; ')}`,
  );
}

/** `crossdock add`: takes items of the catalogue, or shows it. */
export async function add(names: readonly string[]): Promise<void> {
  const shelf = await openShelf(root);
  const where = places();
  if (names.length === 0) return say(shelfText(shelf, new Set(readLock(where)?.taken)));
  needHub(where);
  tell(await addTo(shelf, where, names, await knowledge()), 'Nothing was missing');
}

/** `crossdock upgrade`: merges upstream changes. False when something waits for a person. */
export async function upgrade({ dryRun }: { dryRun: boolean }): Promise<boolean> {
  const shelf = await openShelf(root);
  const where = places();
  needHub(where);
  const { facts, titleOf } = await knowledge();
  const plan = await planUpgrade(shelf, where, facts);
  say(`Crossdock ${plan.from} → ${plan.to}${dryRun ? ' (only shown)' : ''}`);
  for (const change of plan.changes) say(`  ${changeText(change)}`);
  if (!dryRun) await carryOut(shelf, where, plan, titleOf);
  tell(plan, 'Nothing has changed');
  return plan.conflicts.length === 0;
}

async function addTo(
  shelf: Shelf,
  where: Where,
  names: readonly string[],
  { facts, titleOf }: Knowledge,
): Promise<Plan> {
  const plan = await planAdd(shelf, where, names, facts);
  await carryOut(shelf, where, plan, titleOf);
  return plan;
}

function tell({ writes, conflicts }: Plan, nothing: string): void {
  if (writes.size === 0 && conflicts.length === 0) return say(nothing);
  for (const [path, text] of writes) say(`${text === undefined ? 'removed' : 'written'} ${path}`);
  for (const { path, at, here, upstream } of conflicts)
    say(
      at
        ? `CONFLICT ${path}: ${at}: here ${here}, upstream ${upstream}; yours stays`
        : `CONFLICT ${path}: ${here} here, ${upstream} upstream; yours stays, compare with .crossdock-base/${path}`,
    );
}

function shelfText(shelf: Shelf, taken: ReadonlySet<string>): string {
  const lines = [...shelf.items].map(
    ([name, { title, summary }]) => `${taken.has(name) ? '✓' : ' '} ${name.padEnd(15)} ${title}. ${summary}`,
  );
  return `${lines.join('\n')}\n\ncrossdock add NAME… takes them; ✓ is here already`;
}

/** The folder of the hub. Throws CodedError HUB_MISSING. */
function needHub(where: Where): void {
  if (!readLock(where))
    throw new CodedError('HUB_MISSING', `${homeOf(where)} is no hub made by crossdock init`);
}

async function knowledge(): Promise<Knowledge> {
  return knowledgeOf(await palette());
}

/** A text quoted so that a shell takes it for one word. */
function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
