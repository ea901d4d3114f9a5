/**
 * Preloaded by every process of a mutation run: serves the project's files without their types, one of them with the
 * mutant that stands in the environment, and anew for each generation. `?generation=N` goes from a file to all it imports.
 */
import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';

export interface Edit {
  /** From the project's root. */
  file: string;
  start: number;
  end: number;
  text: string;
}

export const root = new URL('../../', import.meta.url);
const files = new Map<string, string>();

/** A file without its types; every offset is that of the file. */
export function stripped(url: string): string {
  const known = files.get(url);
  if (known !== undefined) return known;
  const text = stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8'));
  files.set(url, text);
  return text;
}

const ours = (url: string): boolean =>
  url.startsWith(root.href) && !url.includes('/node_modules/') && url.endsWith('.ts');

registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    const generation = /\?generation=\d+$/.exec(context.parentURL ?? '')?.[0];
    return generation && ours(found.url) ? { ...found, url: found.url + generation } : found;
  },
  load(url, context, next) {
    const path = url.replace(/\?generation=\d+$/, '');
    if (!ours(path)) return next(url, context);
    const edit = JSON.parse(process.env['MUTANT'] ?? 'null') as Edit | null;
    let source = stripped(path);
    // what the runner itself loads outside a generation stays loaded
    const once = url === path && 'mutationRunner' in globalThis;
    if (edit && !once && path === new URL(edit.file, root).href)
      source = source.slice(0, edit.start) + edit.text + source.slice(edit.end);
    return { format: 'module', source, shortCircuit: true };
  },
});
