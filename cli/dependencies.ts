/** What the hub ships beside its own code: each package of production, its version and licence; `npm run licences` writes the page. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Dependency {
  name: string;
  version: string;
  /** Its licence, as SPDX names it. */
  licence: string;
  /** Named in package.json; the others come with one of these. */
  direct: boolean;
}

/** Those that ask for no more than to be named, SPDX. */
export const allowed: ReadonlySet<string> = new Set(
  'MIT MIT-0 ISC Apache-2.0 BSD-2-Clause BSD-3-Clause 0BSD BlueOak-1.0.0 CC0-1.0 Python-2.0'.split(' '),
);

/** Looked at by a person: why it is allowed here, or where the licence is said that the package.json leaves out. */
const known: Readonly<Record<string, { licence: string; why: string }>> = {
  'cli-table': { licence: 'MIT', why: 'said in its LICENSE' },
  pause: { licence: 'MIT', why: 'said in its Readme' },
  npm: { licence: 'Artistic-2.0', why: 'a program of its own, unchanged; it comes with Node-RED' },
  'spdx-exceptions': { licence: 'CC-BY-3.0', why: 'a list of names within npm' },
};

interface Said {
  name?: string;
  version?: string;
  license?: unknown;
  licenses?: unknown;
}

/** As they are in node_modules, without asking anybody. One that is for other machines is said as the lock file says it. */
export function dependenciesOf(root: string): Dependency[] {
  const read = <T>(path: string): T => JSON.parse(readFileSync(join(root, path), 'utf8')) as T;
  const { packages } = read<{ packages: Record<string, Said & { dev?: boolean }> }>('package-lock.json');
  const { dependencies } = read<{ dependencies: Record<string, string> }>('package.json');
  const found = Object.entries(packages)
    .filter(([path, { dev }]) => path !== '' && !dev)
    .map(([path, locked]): Dependency => {
      const file = join(path, 'package.json');
      const said = existsSync(join(root, file)) ? read<Said>(file) : locked;
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      const direct = path === `node_modules/${name}` && name in dependencies;
      return { name, version: said.version ?? '', licence: licenceOf(name, said), direct };
    });
  const once = new Map(found.map((one) => [`${one.name} ${one.version}`, one]));
  return [...once.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

/** Why a package may not be shipped; undefined where it may. */
export function whyNot({ name, version, licence }: Dependency): string | undefined {
  if (known[name]?.licence === licence) return undefined;
  const choices = licence.replaceAll(/[()]/g, '').split(' OR ');
  if (choices.some((one) => one.split(' AND ').every((each) => allowed.has(each)))) return undefined;
  return `${name} ${version} has the licence ${licence || 'nobody knows'}`;
}

function licenceOf(name: string, { license, licenses }: Said): string {
  const said = [license ?? licenses ?? []].flat() as (string | { type?: string })[];
  const names = said.map((one) => (typeof one === 'string' ? one : (one.type ?? '')));
  return names.join(' AND ').replace('Apache 2.0', 'Apache-2.0') || (known[name]?.licence ?? '');
}

interface Outdated {
  [name: string]: { latest: string };
}

/** Asks the registry through npm, in one call each, about what package.json names and what the lock file holds. */
function page(root: string): string {
  const all = dependenciesOf(root);
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
    cwd: root,
    encoding: 'utf8',
  }).trim();
  const outdated = npm<Outdated & { error?: unknown }>(root, ['outdated', '--json']);
  const newest = outdated?.error ? undefined : outdated;
  const counts = new Map<string, number>();
  for (const { licence } of all) counts.set(licence, (counts.get(licence) ?? 0) + 1);
  const row = (...cells: (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [
    '# Dependencies',
    '',
    `As of ${new Date().toISOString().slice(0, 10)}, commit ${commit}. \`npm run licences\` writes this page anew;`,
    '`test/dependencies.test.ts` refuses a package whose licence is not among those of `cli/dependencies.ts`.',
    '',
    '## Known weaknesses',
    '',
    auditText(root),
    '',
    '## Named in package.json',
    '',
    row('package', 'version', 'newest', 'licence'),
    row('---', '---', '---', '---'),
    ...all
      .filter(({ direct }) => direct)
      .map(({ name, version, licence }) =>
        row(name, version, newest ? (newest[name]?.latest ?? 'the same') : 'not asked', licence),
      ),
    '',
    '## All of production',
    '',
    `${all.length} packages, those that come with the ones above among them, by licence:`,
    '',
    row('licence', 'packages'),
    row('---', '---'),
    ...[...counts]
      .toSorted(([, one], [, other]) => other - one)
      .map(([licence, count]) => row(licence, count)),
    '',
    'Looked at one by one:',
    '',
    ...Object.entries(known).map(([name, { licence, why }]) => `- ${name}: ${licence}, ${why}`),
    '',
  ].join('\n');
}

function auditText(root: string): string {
  interface Audit {
    metadata?: { vulnerabilities?: Record<string, number> };
    vulnerabilities?: Record<string, { severity: string; range: string; isDirect: boolean }>;
    message?: string;
  }
  const audit = npm<Audit>(root, ['audit', '--omit=dev', '--json']);
  if (!audit?.metadata?.vulnerabilities)
    return '`npm audit --omit=dev` got no answer when this was written: the registry asked then has no advisories. Run it where it has.';
  const found = Object.entries(audit.vulnerabilities ?? {});
  if (found.length === 0) return '`npm audit --omit=dev` knows of none.';
  return found.map(([name, { severity, range }]) => `- ${name} ${range}: ${severity}`).join('\n');
}

/** Runs npm, which ends with 1 where it has found something. */
function npm<T>(root: string, args: readonly string[]): T | undefined {
  const { stdout } = spawnSync('npm', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  try {
    return JSON.parse(stdout) as T;
  } catch {
    return undefined;
  }
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..');
  writeFileSync(join(root, 'docs/operators/dependencies.md'), page(root));
}
