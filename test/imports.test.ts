import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { importsOf, targetsOf } from './imported.ts';

/** Which rooms a room may import from, and runtime/app from the settings too. Nothing that runs is imported from test or bench. */
const allowed: Record<string, string[]> = {
  definitions: ['definitions'],
  runtime: ['runtime', 'definitions'],
  nodes: ['runtime', 'definitions'],
  settings: ['runtime', 'definitions'],
  cli: ['cli', 'settings', 'nodes', 'runtime', 'definitions'],
  test: ['test', 'bench', 'cli', 'settings', 'nodes', 'runtime', 'definitions'],
  bench: ['bench', 'test', 'cli', 'settings', 'nodes', 'runtime', 'definitions'],
};

/**
 * The layers of runtime/, the lowest first, and their rooms: folders, each with the folders below it that are no rooms of
 * their own. A room imports from its layer and from those below.
 */
const layers: Record<string, string> = {
  base: `errors decimal markup sockets names schema definitions calendar files limits signature envelope tracing log verify sqlite
    journal/schema tower/web/shared tower/web/texts`,
  documents: `environments authority audit roles sign-on partners values edi map events flow-file flow-test process
    ownership intake interfaces diff recovery promotion`,
  stores: `tracing/export secrets seal issues journal guard broker http stores reader audit/trail edi/interchanges odoo
    odoo/protocol odoo/versions odoo/together odoo/stock odoo/order odoo/money odoo/rights odoo/sandbox`,
  work: 'process/engine interfaces/use dead stock retention reconcile suspicions figures replay metrics',
  hub: 'hub',
  uses: `release tower alerts lint authoring triage catalogue workspace backup secrets/rotation metrics/scrape`,
  'Node-RED': 'node-red',
  app: 'app',
  pages: 'tower/web',
};

/** Every import below a root that goes the wrong way, as `file → import`. */
async function violations(root: string): Promise<string[]> {
  const found: string[] = [];
  for (const file of await sources(root)) {
    for (const target of targetsOf(join(root, file))) {
      if (!mayImport(root, file, target)) found.push(`${file} → ${target}`);
    }
  }
  return found;
}

function mayImport(root: string, file: string, target: string): boolean {
  const room = roomOf(file);
  if (!target.startsWith('.')) {
    const nodeRed = target === 'node-red' || target.startsWith('@node-red/');
    return !nodeRed || ['nodes', 'settings', 'test'].includes(room) || file.startsWith('runtime/node-red/');
  }
  const path = relative(root, resolve(root, dirname(file), target));
  if (file.startsWith('runtime/app/') && path === 'settings.ts') return true;
  if (path === 'settings.ts' && file.startsWith('runtime/app/')) return true;
  if (room === 'nodes' && roomOf(path) === 'nodes') return path.split('/')[1] === file.split('/')[1];
  return allowed[room]?.includes(roomOf(path)) ?? false;
}

/** What each file imports of the files here, types included. */
async function importsBelow(root: string): Promise<Map<string, string[]>> {
  const imports = new Map<string, string[]>();
  for (const file of await sources(root))
    imports.set(
      file,
      importsOf(join(root, file)).map((target) => relative(root, target)),
    );
  return imports;
}

const rooms = new Map(
  Object.values(layers).flatMap((names, layer) => names.split(/\s+/).map((name) => [name, layer] as const)),
);

/** The deepest room that a file of runtime/ is in; undefined for other files and for a folder that is in no layer. */
function runtimeRoom(file: string): string | undefined {
  if (!file.startsWith('runtime/')) return undefined;
  for (const folders = file.split('/').slice(1, -1); folders.length > 0; folders.pop())
    if (rooms.has(folders.join('/'))) return folders.join('/');
  return undefined;
}

/** Every import from one room of runtime/ to another. */
async function arrows(root: string) {
  const found = [];
  for (const [file, targets] of await importsBelow(root)) {
    if (!file.startsWith('runtime/')) continue;
    for (const target of targets.filter((path) => path.startsWith('runtime/')))
      found.push({ arrow: `${file} → ${target}`, from: runtimeRoom(file), to: runtimeRoom(target) });
  }
  return found.filter(({ from, to }) => !from || from !== to);
}

/** Imports from a layer to one above it, and those from or to what is in no layer. */
async function upward(root: string): Promise<string[]> {
  const layer = (room: string | undefined) => rooms.get(room ?? '') ?? NaN;
  return (await arrows(root)).filter(({ from, to }) => !(layer(from) >= layer(to))).map(({ arrow }) => arrow);
}

/** Rooms that import each other over whatever way; each circle sorted. */
async function roomCircles(root: string): Promise<string[][]> {
  const imports = new Map<string, string[]>();
  for (const { from = '', to = '' } of await arrows(root))
    imports.set(from, [...(imports.get(from) ?? []), to]);
  return circlesOf(imports);
}

/** Files that import each other over whatever way, of types too; each circle sorted. */
async function circles(root: string): Promise<string[][]> {
  return circlesOf(await importsBelow(root));
}

function circlesOf(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const reached = new Map([...imports.keys()].map((file) => [file, reach(imports, file)]));
  const found = [...reached].map(([file, all]) =>
    [...all].filter((other) => reached.get(other)?.has(file)).toSorted(),
  );
  return [...new Map(found.filter(({ length }) => length > 0).map((one) => [one.join(), one])).values()];
}

/** All that a file imports, and what that imports; itself only where a way leads back. */
function reach(imports: ReadonlyMap<string, readonly string[]>, file: string): Set<string> {
  const found = new Set<string>();
  const open = [...(imports.get(file) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...(imports.get(next) ?? []));
  }
  return found;
}

function roomOf(path: string): string {
  return (path.split('/')[0] ?? '').replace(/\.ts$/, '');
}

async function sources(root: string): Promise<string[]> {
  const files = ['settings.ts'];
  for (const room of Object.keys(allowed)) {
    const below = await readdir(join(root, room), { recursive: true }).catch(() => []);
    files.push(...below.filter((name) => name.endsWith('.ts')).map((name) => join(room, name)));
  }
  const existing = await readdir(root);
  // this file quotes imports that are wrong
  return files.filter(
    (file) => file !== 'test/imports.test.ts' && (file.includes('/') || existing.includes(file)),
  );
}

/** A folder with these files. */
async function grown(tree: Record<string, string>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'imports-'));
  for (const [file, text] of Object.entries(tree)) {
    await mkdir(join(root, dirname(file)), { recursive: true });
    await writeFile(join(root, file), text);
  }
  return root;
}

describe('imports', () => {
  it('go one way', async () => {
    assert.deepEqual(await violations('.'), []);
  });

  it('make no circle', async function () {
    this.timeout(60_000);
    assert.deepEqual(await circles('.'), []);
  });

  it('go down between the layers of runtime/, or stay in theirs', async () => {
    assert.deepEqual(await upward('.'), []);
  });

  it('make no circle of rooms', async () => {
    assert.deepEqual(await roomCircles('.'), []);
  });

  it('go up, and make a circle of rooms, by a type too', async () => {
    const root = await grown({
      'runtime/hub/hub.ts': "import type { Letters } from '../dead/letters.ts';",
      'runtime/dead/letters.ts':
        "import { x } from '../odoo/stock/x.ts';\nimport type { Hub } from '../hub/hub.ts';",
      'runtime/odoo/stock/x.ts': "import { y } from '../y.ts';",
      'runtime/odoo/y.ts': "import { z } from '../new/z.ts';",
      'runtime/new/z.ts': 'export const z = 1;',
    });
    assert.deepEqual((await upward(root)).toSorted(), [
      'runtime/dead/letters.ts → runtime/hub/hub.ts',
      'runtime/odoo/y.ts → runtime/new/z.ts',
    ]);
    assert.deepEqual(await roomCircles(root), [['dead', 'hub']]);
    await rm(root, { recursive: true });
  });

  it('make a circle where a way leads back, by a type too', async () => {
    const root = await grown({
      'runtime/a.ts': "import { b } from './b.ts';",
      'runtime/b.ts': "const c = await import('./c.ts');",
      'runtime/c.ts': "import type { A } from './a.ts';\nimport { d } from './d.ts';",
      'runtime/d.ts': 'export const d = 1;',
      'runtime/e.ts': "export { a } from './a.ts';",
    });
    assert.deepEqual(await circles(root), [['runtime/a.ts', 'runtime/b.ts', 'runtime/c.ts']]);
    await rm(root, { recursive: true });
  });

  it('are refused when they go another way', async () => {
    const root = await grown({
      'nodes/a/index.ts': "import b from '../b/index.ts';\nimport own from './own.ts';",
      'nodes/b/index.ts': "import type { X } from '../../runtime/x/x.ts';",
      'runtime/x/x.ts': "import RED from 'node-red';\nimport type { N } from '../../nodes/a/index.ts';",
      'runtime/node-red/y.ts': "import RED from 'node-red';",
      'cli/c.ts': "export { help } from '../test/help.ts';\nconst s = await import('../settings.ts');",
      'settings.ts': "import './bench/run.ts';",
    });
    assert.deepEqual((await violations(root)).toSorted(), [
      'cli/c.ts → ../test/help.ts',
      'nodes/a/index.ts → ../b/index.ts',
      'runtime/x/x.ts → ../../nodes/a/index.ts',
      'runtime/x/x.ts → node-red',
      'settings.ts → ./bench/run.ts',
    ]);
    await rm(root, { recursive: true });
  });
});
