/** The files of the tower's pages: a list made once, so that no path leads anywhere else. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
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
  /** What that page may load and do. */
  policy: string;
  /** Below `/tower/web/`: `app.ts`, `pages/queue.ts`. */
  own(path: string): SiteFile | undefined;
  /** Below `/tower/vendor/`. */
  vendor(name: string): SiteFile | undefined;
  /** Every name that `own` and `vendor` know. */
  names: { own: readonly string[]; vendor: readonly string[] };
}

const web = new URL('./web/', import.meta.url);

/** What the pages import by name, and where it is served. */
const modules: Record<string, string> = {
  preact: 'preact.js',
  'preact/hooks': 'preact-hooks.js',
  htm: 'htm.js',
  'htm/preact': 'htm-preact.js',
  uplot: 'uplot.js',
};

const packages: Record<string, string> = {
  'preact.js': 'preact',
  'preact-hooks.js': 'preact/hooks',
  'htm.js': 'htm',
  'htm-preact.js': 'htm/preact',
  'uplot.js': 'uplot/dist/uPlot.esm.js',
  'uplot.css': 'uplot/dist/uPlot.min.css',
};

const types: Record<string, string> = {
  ts: 'text/javascript; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  html: 'text/html; charset=utf-8',
};

export function openSite(): Site {
  const names = readdirSync(web, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => /\.(ts|css|svg)$/.test(name))
    .toSorted();
  const importMap = JSON.stringify({
    imports: Object.fromEntries(
      Object.entries(modules).map(([name, file]) => [name, `/tower/vendor/${file}`]),
    ),
  });
  return {
    page: file('index.html', pageOf(names, importMap)),
    policy: policyOf(importMap),
    own: kept(names, (name) => readOwn(new URL(name, web))),
    vendor: kept(Object.keys(packages), (name) =>
      readFileSync(fileURLToPath(import.meta.resolve(packages[name] ?? '')), 'utf8'),
    ),
    names: { own: names, vendor: Object.keys(packages) },
  };
}

/** Each is read when it is first asked for. */
function kept(
  names: readonly string[],
  read: (name: string) => string,
): (name: string) => SiteFile | undefined {
  const allowed = new Set(names);
  const files = new Map<string, SiteFile>();
  return (name) => {
    if (!allowed.has(name)) return undefined;
    const found = files.get(name) ?? file(name, read(name));
    files.set(name, found);
    return found;
  };
}

function readOwn(url: URL): string {
  const text = readFileSync(url, 'utf8');
  return url.pathname.endsWith('.ts') ? stripTypeScriptTypes(text) : text;
}

function file(name: string, body: string): SiteFile {
  const type = types[name.replace(/^.*\./, '')] ?? 'text/plain';
  return { type, body, etag: `"${createHash('sha256').update(body).digest('base64url')}"` };
}

function policyOf(importMap: string): string {
  const hash = createHash('sha256').update(importMap).digest('base64');
  return [
    "default-src 'none'",
    `script-src 'self' 'sha256-${hash}'`,
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join('; ');
}

function pageOf(names: readonly string[], importMap: string): string {
  const sheets = names.filter((name) => name.endsWith('.css') && name !== 'tower.css');
  const scripts = names.filter((name) => name.endsWith('.ts') && name !== 'app.ts');
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<title>Crossdock</title>',
    '<link rel="icon" href="/tower/web/icon.svg">',
    '<link rel="stylesheet" href="/tower/vendor/uplot.css">',
    ...['tower.css', ...sheets].map((name) => `<link rel="stylesheet" href="/tower/web/${name}">`),
    `<script type="importmap">${importMap}</script>`,
    ...Object.values(modules).map((name) => `<link rel="modulepreload" href="/tower/vendor/${name}">`),
    ...scripts.map((name) => `<link rel="modulepreload" href="/tower/web/${name}">`),
    '<script type="module" src="/tower/web/app.ts"></script>',
    '</head>',
    '<body>',
    '<div id="tower"></div>',
    `<noscript><p>${en.shell.noScript}</p><p lang="de">${de.shell.noScript}</p></noscript>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}
