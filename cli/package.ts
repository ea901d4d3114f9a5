/** Makes `dist`, what `npm pack` packs: below node_modules Node takes no types out, so there it is JavaScript. */
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { root } from '../runtime/app/project.ts';

const dist = join(root, 'dist');
/** What the pages are made of when a browser asks for them: read as it is written. */
const web = join(root, 'runtime/tower/web');

rmSync(dist, { recursive: true, force: true });
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.package.json')], { stdio: 'inherit' });
for (const folder of ['runtime', 'nodes', 'definitions', 'flows'])
  cpSync(join(root, folder), join(dist, folder), {
    recursive: true,
    filter: (path) => path.startsWith(web) || !path.endsWith('.ts'),
  });
const { name, version, type } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
  string,
  string
>;
writeFileSync(join(dist, 'package.json'), `${JSON.stringify({ name, version, type }, null, 2)}\n`);
