/** The files of the tower's pages: made once into few, so that a browser asks seldom and no path leads anywhere else. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, stop, type BuildOptions, type BuildResult } from 'esbuild';
import { de } from './web/texts/de.ts';
import { en } from './web/texts/en.ts';

export interface SiteFile {
  type: string;
  body: string;
  etag: string;
}

export interface Site {
  /** The one page; the script in it shows the rest. */
  page: SiteFile;
  /**
   * By their path below `static/`: `<version>/app.js`, `<version>/tower.css`, `<version>/icon.svg`, and the parts of the
   * script that `app.js` asks for. The version is that of all together, so that what has an address never changes.
   */
  files: ReadonlyMap<string, SiteFile>;
}

const web = fileURLToPath(new URL('./web/', import.meta.url));

/** What all pages share, before the sheets of each; the last has what changes on other screens. */
const look = ['page', 'top', 'parts', 'screens'].map((name) => `look/${name}.css`);
const uplotSheet = fileURLToPath(import.meta.resolve('uplot/dist/uPlot.min.css'));

const scripts = {
  absWorkingDir: web,
  entryPoints: ['app.ts'],
  outdir: '.',
  chunkNames: '[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  write: false,
  metafile: true,
  logLevel: 'silent',
} satisfies BuildOptions;
type Scripts = BuildResult<{ write: false; metafile: true }>;

const types: Record<string, string> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  html: 'text/html; charset=utf-8',
};

let opened: Promise<Site> | undefined;

/** Made when it is first asked for, in half a second of another process, and then kept. Throws where that process fails. */
export function openSite(): Promise<Site> {
  opened ??= build(scripts)
    .finally(stop)
    .then(siteOf)
    .catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
  return opened;
}

function siteOf(built: Scripts): Site {
  const sources = new Map([
    ...built.outputFiles.map(({ path, text }): [string, string] => [basename(path), text]),
    ['tower.css', sheets()],
    ['icon.svg', readFileSync(`${web}icon.svg`, 'utf8')],
  ]);
  const version = createHash('sha256')
    .update(JSON.stringify([...sources]))
    .digest('base64url')
    .slice(0, 12);
  return {
    page: made('index.html', pageOf(version, withApp(built))),
    files: new Map([...sources].map(([name, body]) => [`${version}/${name}`, made(name, body)])),
  };
}

/** What the script of the page is made of at once, and not only when it is asked for. */
function withApp({ metafile }: Scripts): string[] {
  const parts = metafile.outputs['app.js']?.imports ?? [];
  return parts.filter(({ kind }) => kind === 'import-statement').map(({ path }) => basename(path));
}

function sheets(): string {
  const own = readdirSync(web, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.css'))
    .toSorted();
  const paths = [...new Set([...look, ...own])].map((name) => web + name);
  return [...paths, uplotSheet].map((path) => readFileSync(path, 'utf8')).join('\n');
}

function made(name: string, body: string): SiteFile {
  const type = types[name.replace(/^.*\./, '')] ?? 'text/plain';
  return { type, body, etag: `"${createHash('sha256').update(body).digest('base64url')}"` };
}

/** What the page may load and do. */
export const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
].join('; ');

function pageOf(version: string, parts: readonly string[]): string {
  const at = (path: string): string => `/tower/static/${version}/${path}`;
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<title>Crossdock</title>',
    `<link rel="icon" href="${at('icon.svg')}">`,
    `<link rel="stylesheet" href="${at('tower.css')}">`,
    ...parts.map((path) => `<link rel="modulepreload" href="${at(path)}">`),
    `<script type="module" src="${at('app.js')}"></script>`,
    '</head>',
    '<body>',
    '<div id="tower"></div>',
    `<noscript><p>${en.shell.noScript}</p><p lang="de">${de.shell.noScript}</p></noscript>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}
