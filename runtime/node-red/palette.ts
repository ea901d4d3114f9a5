/** Makes the Node-RED module of the palette from the node definitions; the folder `nodes` is the list. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CodedError } from '../errors/coded-error.ts';
import type { NodeDefinition } from './define-node.ts';
import { nodeHelp } from './docs.ts';
import { catalog, fieldsOf, formHtml, paletteLabel } from './form.ts';

export const paletteModule = '@crossdock/palette';

/** What makes the editor draw and keep the made forms; served with the palette. */
const client = new URL('./editor/', import.meta.url);

export interface PaletteOptions {
  /** Holds one folder a node: `<type>/index.ts`, whose default export comes from defineNode. */
  nodesDir: string;
  /** Node-RED's userDir; the module is made anew below its node_modules. */
  userDir: string;
}

/**
 * The definitions of every node, by type, with the palette module written for them.
 * Beside index.ts a node may have `editor.html` (a hand-made form; see readEditor) and `locales/<language>.json`.
 * Throws CONFIG_INVALID when a folder holds no definition, or one of another type.
 */
export async function buildPalette({ nodesDir, userDir }: PaletteOptions): Promise<NodeDefinition[]> {
  const definitions = await readDefinitions(nodesDir);
  const target = join(userDir, 'node_modules', paletteModule);
  await rm(target, { recursive: true, force: true });
  await mkdir(join(target, 'locales', 'en-US'), { recursive: true });
  await writeFile(join(target, 'package.json'), JSON.stringify(packageJson(definitions), null, 2));
  // Node-RED reads the list of what a person installed; nothing is.
  await writeFile(join(userDir, 'package.json'), JSON.stringify({ name: 'crossdock-hub', private: true }));
  await writeClient(target);
  for (const definition of definitions) await writeNode(definition, join(nodesDir, definition.type), target);
  return definitions;
}

/** The definitions below nodesDir, by type. Throws CONFIG_INVALID. */
export async function readDefinitions(nodesDir: string): Promise<NodeDefinition[]> {
  const folders = await readdir(nodesDir, { withFileTypes: true });
  const types = folders.filter((one) => one.isDirectory()).map((one) => one.name);
  const found = types.toSorted().filter((type) => existsSync(join(nodesDir, type, 'index.ts')));
  return Promise.all(found.map((type) => readDefinition(nodesDir, type)));
}

async function readDefinition(nodesDir: string, type: string): Promise<NodeDefinition> {
  const file = join(nodesDir, type, 'index.ts');
  const module = (await import(pathToFileURL(file).href)) as { default?: { definition?: NodeDefinition } };
  const definition = module.default?.definition;
  if (!definition) throw new CodedError('CONFIG_INVALID', `${file} has no defineNode as its default export`);
  if (definition.type !== type) {
    throw new CodedError(
      'CONFIG_INVALID',
      `${file} defines ${definition.type}; folder and type have one name`,
    );
  }
  return definition;
}

function packageJson(definitions: NodeDefinition[]): unknown {
  return {
    name: paletteModule,
    version: '1.0.0',
    description: 'Made from nodes/ at every start; changes here are lost',
    type: 'module',
    keywords: ['node-red'],
    'node-red': {
      version: '>=5.0.0',
      nodes: Object.fromEntries(definitions.map(({ type }) => [type, `${type}.js`])),
      plugins: { 'crossdock-form': 'crossdock-form.html', 'crossdock-hub': 'crossdock-hub.html' },
    },
  };
}

async function writeClient(target: string): Promise<void> {
  await writePlugin(target, 'crossdock-form', ['form.css', 'form.js'], 'messages.en-US.json');
  await writePlugin(target, 'crossdock-hub', ['hub.css', 'findings.js', 'releases.js'], 'hub.en-US.json');
}

/** One page of styles and scripts; the scripts share what they declare. */
async function writePlugin(target: string, name: string, parts: string[], messages: string): Promise<void> {
  const read = (part: string): Promise<string> => readFile(new URL(part, client), 'utf8');
  const [css = '', ...scripts] = await Promise.all(parts.map(read));
  const page = `<style>\n${css}</style>\n<script>\n(function () {\n${scripts.join('\n')}})();\n</script>\n`;
  await writeFile(join(target, `${name}.html`), page);
  await writeFile(join(target, 'locales', 'en-US', `${name}.json`), await read(messages));
}

/** Node-RED serves what package.json lists: the .js says no more than where the node is. */
async function writeNode(definition: NodeDefinition, folder: string, target: string): Promise<void> {
  const { type } = definition;
  const source = pathToFileURL(join(folder, 'index.ts')).href;
  await writeFile(join(target, `${type}.js`), `export { default } from ${JSON.stringify(source)};\n`);
  await writeFile(join(target, `${type}.html`), editorHtml(definition, await readEditor(folder)));
  for (const [language, texts] of await translations(definition, join(folder, 'locales'))) {
    await mkdir(join(target, 'locales', language), { recursive: true });
    await writeFile(join(target, 'locales', language, `${type}.json`), JSON.stringify(texts, null, 2));
  }
}

interface CustomEditor {
  form: string;
  scripts: string;
}

/**
 * `editor.html`: the markup of a form, with `<div data-field="x"></div>` where a made field is wanted, and scripts
 * that may set `crossdock.hooks['<type>'] = { oneditprepare, oneditsave, oneditcancel, oneditresize }`.
 */
async function readEditor(folder: string): Promise<CustomEditor | undefined> {
  const file = join(folder, 'editor.html');
  if (!existsSync(file)) return undefined;
  const html = await readFile(file, 'utf8');
  const script = /<(script|style)\b[\s\S]*?<\/\1>/g;
  return { form: html.replace(script, '').trim(), scripts: (html.match(script) ?? []).join('\n') };
}

/** What the editor loads for a node: its form, its help, and its registration. Defaults are always the schema's. */
export function editorHtml(definition: NodeDefinition, custom?: CustomEditor): string {
  const { type, kind, color, icon, inputs, outputs, labelFrom } = definition;
  const model = {
    type,
    config: kind === 'config',
    label: paletteLabel(definition),
    labelFrom,
    color,
    icon,
    inputs,
    outputs: outputs.map(({ name }) => name),
    fields: fieldsOf(definition),
  };
  return `<script type="text/html" data-template-name="${type}">
${formHtml(definition, custom?.form)}
</script>
<script type="text/markdown" data-help-name="${type}">
${nodeHelp(definition).replaceAll(/<\/script/gi, '&lt;/script')}
</script>
${custom?.scripts ?? ''}
<script type="text/javascript">
crossdock.register(${JSON.stringify(model).replaceAll('<', '\\u003c')});
</script>
`;
}

async function translations(
  definition: NodeDefinition,
  folder: string,
): Promise<Map<string, Record<string, unknown>>> {
  const result = new Map([['en-US', catalog(definition)]]);
  const files = existsSync(folder) ? await readdir(folder) : [];
  for (const file of files.filter((name) => name.endsWith('.json'))) {
    const language = file.slice(0, -'.json'.length);
    const texts = JSON.parse(await readFile(join(folder, file), 'utf8')) as Record<string, unknown>;
    result.set(language, merge(result.get(language) ?? {}, texts));
  }
  return result;
}

function merge(base: Record<string, unknown>, over: Record<string, unknown>): Record<string, unknown> {
  const merged = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const deep = isRecord(value) && isRecord(merged[key]);
    merged[key] = deep ? merge(merged[key] as Record<string, unknown>, value) : value;
  }
  return merged;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
