/** The project a command works on: its folders, and the node types it has. */
import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join, resolve } from 'node:path';
import { CodedError } from '../errors/coded-error.ts';
import type { OutputsOf } from '../flow-file/format.ts';
import type { NodeTypes } from '../lint/project.ts';
import type { NodeDefinition } from '../node-red/define-node.ts';

/** What came with Crossdock: this checkout, or the folder of the package. */
export const root = resolve(import.meta.dirname, '../..');

/** Of scripts: `.ts` in a checkout, `.js` in the package. */
export const ending = extname(import.meta.filename);

/** Where Crossdock itself is made. Throws CodedError REQUEST_INVALID in the package. */
export function checkout(): string {
  if (ending === '.ts') return root;
  throw new CodedError(
    'REQUEST_INVALID',
    `This is for a checkout of Crossdock; the docs of this one are in ${join(root, '../../docs')}`,
  );
}

export interface Places {
  /** Data folder: CROSSDOCK_DATA, else `.crossdock` here. */
  dataDir: string;
  /** Folder of the flows: CROSSDOCK_FLOWS, else `flows` of the hub. */
  flowsDir: string;
  /** Folder of the definitions: CROSSDOCK_DEFINITIONS, else `definitions` of the hub. */
  definitionsDir: string;
  /** Folder of the releases: CROSSDOCK_RELEASES, else `releases` here. */
  releasesDir: string;
}

export function places(env: NodeJS.ProcessEnv = process.env): Places {
  // As runtime/catalogue/hub-files.ts calls it, which is more than most commands need.
  const home = ending === '.js' || existsSync('crossdock.lock.yaml') ? '.' : root;
  return {
    dataDir: resolve(env['CROSSDOCK_DATA'] ?? '.crossdock'),
    flowsDir: resolve(env['CROSSDOCK_FLOWS'] ?? join(home, 'flows')),
    definitionsDir: resolve(env['CROSSDOCK_DEFINITIONS'] ?? join(home, 'definitions')),
    releasesDir: resolve(env['CROSSDOCK_RELEASES'] ?? 'releases'),
  };
}

export interface Palette {
  outputsOf: OutputsOf;
  types: NodeTypes;
}

/** Of the palette, which is one for the whole process. */
const outputs = new Map<string, string[]>();
const outputsOf: OutputsOf = (type) => outputs.get(type);

/** Reads all nodes, which is much; `definitions`: theirs, where they were read already. */
export async function palette(definitions?: Promise<NodeDefinition[]>): Promise<Palette> {
  const { readDefinitions } = await import('../node-red/palette.ts');
  const { nodeTypes } = await import('../node-red/installed.ts');
  const read = await (definitions ?? readDefinitions(join(root, 'nodes')));
  for (const { type, outputs: named } of read)
    outputs.set(
      type,
      named.map(({ name }) => name),
    );
  const modules = dirname(dirname(createRequire(import.meta.url).resolve('node-red/package.json')));
  const folders = [modules, join(places().dataDir, 'node-red', 'node_modules')];
  return { outputsOf, types: nodeTypes(read, folders) };
}

/** The data folder, which is made where it is missing. Throws CodedError CONFIG_INVALID where it cannot be. */
export function dataFolder(dir: string): string {
  try {
    if (statSync(dir, { throwIfNoEntry: false })?.isFile())
      throw wrong('CROSSDOCK_DATA', `${dir} is a file: set CROSSDOCK_DATA to a folder of the hub's own`);
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    accessSync(dir, constants.W_OK | constants.X_OK);
    return dir;
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    const { code = '' } = cause as NodeJS.ErrnoException;
    throw wrong(
      'CROSSDOCK_DATA',
      `The data directory ${dir} cannot be written (${code}): set CROSSDOCK_DATA to a folder that this user may write`,
    );
  }
}

/** The folder of the flows. Throws CodedError CONFIG_INVALID where it is missing. */
export function flowsFolder(dir: string): string {
  return folder(dir, 'CROSSDOCK_FLOWS', 'the flow files');
}

/** Throws CodedError CONFIG_INVALID where it is not there. */
export function definitionsFolder(dir: string): string {
  return folder(dir, 'CROSSDOCK_DEFINITIONS', 'the definitions');
}

function folder(dir: string, setting: string, what: string): string {
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory()) return dir;
  throw wrong(setting, `There is no folder ${dir}: set ${setting} to the folder of ${what}, or make it`);
}

/** `given` as CROSSDOCK_PORT says it. Throws CodedError CONFIG_INVALID. */
export function portOf(given: string | undefined, unset: number): number {
  if (!given) return unset;
  const port = Number(given);
  if (/^\d+$/.test(given) && port <= 65_535) return port;
  throw wrong(
    'CROSSDOCK_PORT',
    `CROSSDOCK_PORT is a number from 0 to 65535, 0 for any free port; not "${given}"`,
  );
}

function wrong(setting: string, message: string): CodedError {
  return new CodedError('CONFIG_INVALID', message, { setting });
}
