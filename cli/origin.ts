/** Where this Crossdock came from, as a hub's package.json asks for it. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { ending, root } from '../runtime/app/project.ts';

/** A checkout, or what npm was asked for where it installed this one. Undefined: nobody knows, as of a global install. */
export function askedFor(home: string): string | undefined {
  if (ending === '.ts') return fileAt(home, root);
  const modules = dirname(dirname(root));
  const manifest = join(dirname(modules), 'package.json');
  if (basename(modules) !== 'node_modules' || !existsSync(manifest)) return undefined;
  const { dependencies } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  const asked = dependencies?.['crossdock'];
  if (!asked?.startsWith('file:')) return asked;
  const file = resolve(dirname(manifest), asked.slice('file:'.length));
  return existsSync(file) ? fileAt(home, file) : undefined;
}

function fileAt(home: string, file: string): string {
  return `file:${relative(home, file).replaceAll('\\', '/')}`;
}
