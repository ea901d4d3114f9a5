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
  /** Of all files together: below `static/<version>/` a file never changes. */
  version: string;
  /** `web/app.ts`, `web/pages/queue.ts`, `vendor/preact.js`. */
  file(path: string): SiteFile | undefined;
  /** Every path that `file` knows. */
  paths: readonly string[];
}

const web = new URL('./web/', import.meta.url);

/** What the pages import by name, and the file of it. */
const modules: Record<string, string> = {
  preact: 'preact.js',
  'preact/hooks': 'preact-hooks.js',
  htm: 'htm.js',
  'htm/preact': 'htm-preact.js',
  uplot: 'uplot.js',
  'csv-parse/browser/esm/sync': 'csv-parse.js',
  'csv-stringify/browser/esm/sync': 'csv-stringify.js',
};

/** The code editor and what it is made of: read when a page asks for it. */
const editor = [
  ...['state', 'view', 'commands', 'language', 'streamparser', 'autocomplete', 'lint', 'lang-json'].map(
    (name) => `@codemirror/${name}`,
  ),
  ...['common', 'highlight', 'lr', 'json'].map((name) => `@lezer/${name}`),
  '@marijn/find-cluster-break',
  'style-mod',
  'crelt',
  'w3c-keyname',
];
const editorFile = (name: string): string => `editor/${name.replace('@', '').replace('/', '-')}.js`;
for (const name of editor) modules[name] = editorFile(name);

/** What all pages share, before the sheets of each; the last has what changes on other screens. */
const look = ['page', 'top', 'parts', 'screens'].map((name) => `web/look/${name}.css`);
const sheet = 'web/tower.css';
const uplotSheet = 'uplot/dist/uPlot.min.css';

const packages: Record<string, string> = {
  'preact.js': 'preact',
  'preact-hooks.js': 'preact/hooks',
  'htm.js': 'htm',
  'htm-preact.js': 'htm/preact',
  'uplot.js': 'uplot/dist/uPlot.esm.js',
  'csv-parse.js': 'csv-parse/browser/esm/sync',
  'csv-stringify.js': 'csv-stringify/browser/esm/sync',
};
for (const name of editor) packages[editorFile(name)] = name;

const types: Record<string, string> = {
  ts: 'text/javascript; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  html: 'text/html; charset=utf-8',
};

export function openSite(): Site {
  const sources = new Map([...ownSources(), ...vendorSources()]);
  const paths = [...sources.keys()];
  const version = createHash('sha256')
    .update(JSON.stringify([...sources]))
    .digest('base64url')
    .slice(0, 12);
  const importMap = importMapOf(version);
  return {
    page: made('index.html', pageOf(paths, version, importMap)),
    policy: policyOf(importMap),
    version,
    file: kept(sources),
    paths,
  };
}

/** The style sheets are one file, and so are the texts of a language: each request costs a browser more than what it brings. */
function ownSources(): [path: string, source: string][] {
  const own = readdirSync(web, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => /(?<!\.d)\.(ts|css|svg)$/.test(name) && !/^texts\/(en|de)/.test(name))
    .toSorted()
    .map((name): [string, string] => [`web/${name}`, readFileSync(new URL(name, web), 'utf8')]);
  const sheets = new Map(own.filter(([path]) => path.endsWith('.css')));
  const ordered = [...new Set([...look, ...sheets.keys()])].map((path) => sheets.get(path));
  return [
    ...own.filter(([path]) => !sheets.has(path)),
    [sheet, [...ordered, ofPackage(uplotSheet)].join('\n')],
    ...Object.entries({ de, en }).map(([language, texts]): [string, string] => [
      `web/texts/${language}.ts`,
      `export const ${language} = ${JSON.stringify(texts)};\n`,
    ]),
  ];
}

function vendorSources(): [path: string, source: string][] {
  return Object.entries(packages).map(([name, from]) => [`vendor/${name}`, ofPackage(from)]);
}

function ofPackage(file: string): string {
  return readFileSync(fileURLToPath(import.meta.resolve(file)), 'utf8');
}

/** Types are taken out when a file is first asked for. */
function kept(sources: ReadonlyMap<string, string>): (path: string) => SiteFile | undefined {
  const files = new Map<string, SiteFile>();
  return (path) => {
    const source = sources.get(path);
    if (source === undefined) return undefined;
    const found = files.get(path) ?? made(path, path.endsWith('.ts') ? stripTypeScriptTypes(source) : source);
    files.set(path, found);
    return found;
  };
}

function made(name: string, body: string): SiteFile {
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

/** An import by the name without the version leads to the one file too. */
function importMapOf(version: string): string {
  const named = Object.entries(modules).map(([name, file]) => [
    name,
    `/tower/static/${version}/vendor/${file}`,
  ]);
  const own = ['/tower/web/', `/tower/static/${version}/web/`];
  return JSON.stringify({ imports: Object.fromEntries([...named, own]) });
}

/** What only some pages need, and load themselves. */
const later = /^(vendor\/(editor\/|csv-)|web\/(kit\/code\/|shared\/(csv|sheet)))/;

function pageOf(paths: readonly string[], version: string, importMap: string): string {
  const at = (path: string): string => `/tower/static/${version}/${path}`;
  const scripts = paths.filter((path) => /\.[jt]s$/.test(path) && path !== 'web/app.ts' && !later.test(path));
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<title>Crossdock</title>',
    `<link rel="icon" href="${at('web/icon.svg')}">`,
    `<link rel="stylesheet" href="${at(sheet)}">`,
    `<script type="importmap">${importMap}</script>`,
    ...scripts.map((path) => `<link rel="modulepreload" href="${at(path)}">`),
    `<script type="module" src="${at('web/app.ts')}"></script>`,
    '</head>',
    '<body>',
    '<div id="tower"></div>',
    `<noscript><p>${en.shell.noScript}</p><p lang="de">${de.shell.noScript}</p></noscript>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}
