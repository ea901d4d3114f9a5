import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';

/** Which rooms a room may import from. Nothing that runs is imported from test or bench. */
const allowed: Record<string, string[]> = {
  definitions: ['definitions'],
  runtime: ['runtime', 'definitions'],
  nodes: ['runtime', 'definitions'],
  settings: ['runtime', 'definitions'],
  cli: ['cli', 'settings', 'nodes', 'runtime', 'definitions'],
  test: ['test', 'bench', 'cli', 'settings', 'nodes', 'runtime', 'definitions'],
  bench: ['bench', 'test', 'cli', 'settings', 'nodes', 'runtime', 'definitions'],
};
const importing = /(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])([^'"\n]+)\1/g;

/** Every import below a root that goes the wrong way, as `file → import`. */
async function violations(root: string): Promise<string[]> {
  const found: string[] = [];
  for (const file of await sources(root)) {
    for (const [, , target = ''] of (await readFile(join(root, file), 'utf8')).matchAll(importing)) {
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
  if (room === 'nodes' && roomOf(path) === 'nodes') return path.split('/')[1] === file.split('/')[1];
  return allowed[room]?.includes(roomOf(path)) ?? false;
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

describe('imports', () => {
  it('go one way', async () => {
    assert.deepEqual(await violations('.'), []);
  });

  it('are refused when they go another way', async () => {
    const root = await mkdtemp(join(tmpdir(), 'imports-'));
    const tree: Record<string, string> = {
      'nodes/a/index.ts': "import b from '../b/index.ts';\nimport own from './own.ts';",
      'nodes/b/index.ts': "import type { X } from '../../runtime/x/x.ts';",
      'runtime/x/x.ts': "import RED from 'node-red';\nimport type { N } from '../../nodes/a/index.ts';",
      'runtime/node-red/y.ts': "import RED from 'node-red';",
      'cli/c.ts': "export { help } from '../test/help.ts';\nconst s = await import('../settings.ts');",
      'settings.ts': "import './bench/run.ts';",
    };
    for (const [file, text] of Object.entries(tree)) {
      await mkdir(join(root, dirname(file)), { recursive: true });
      await writeFile(join(root, file), text);
    }
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
