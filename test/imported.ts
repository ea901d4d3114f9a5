/** What files import, as their texts say it: types too, and what is imported while they run. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const importing = /(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])([^'"\n]+)\1/g;

/** Packages as they are named, files as paths that begin with `.`. */
export function targetsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(importing)].map(([, , target = '']) => target);
}

/** The files here that a file imports. */
export function importsOf(file: string): string[] {
  return targetsOf(file)
    .filter((target) => target.startsWith('.'))
    .map((target) => join(dirname(file), target));
}
