/** Makes the Node-RED module of the palette from the node definitions; the folder `nodes` is the list. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CodedError } from '../errors/coded-error.ts';
import type { NodeDefinition } from './define-node.ts';
import { nodeHelp } from './docs.ts';
import { fieldsOf, formHtml, paletteLabel } from './form.ts';
import { helpWords } from './help-words.ts';
import { translations } from './texts.ts';

export const paletteModule = '@crossdock/palette';

/** What makes the editor draw and keep the made forms; served with the palette. */
const client = new URL('./editor/', import.meta.url);

/** `index.ts` in a checkout, `index.js` in the package. */
const index = `index${extname(import.meta.filename)}`;
/** Of our own words in the editor, `<file>.<language>.json`. */
const languages = ['en-US', 'de'];

export interface PaletteOptions {
  /** Holds one folder a node: `<type>/index.ts`, whose default export comes from defineNode. */
  nodesDir: string;
  /** Node-RED's userDir; the module is made anew below its node_modules. */
  userDir: string;
}

/**
 * The definitions of every node, by type, with the palette module written for them.
 * Beside index.ts a node may have `editor.html` (a hand-made form; see readEditor) and texts in other
 * languages (see translations).
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
  const found = types.toSorted().filter((type) => existsSync(join(nodesDir, type, index)));
  return Promise.all(found.map((type) => readDefinition(nodesDir, type)));
}

async function readDefinition(nodesDir: string, type: string): Promise<NodeDefinition> {
  const file = join(nodesDir, type, index);
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
  await writePlugin(target, 'crossdock-form', ['form.css', 'form.js', 'choices.js'], 'messages');
  await writePlugin(
    target,
    'crossdock-hub',
    [
      'hub.css',
      'findings.js',
      'places.js',
      'releases.js',
      'marks.js',
      'steps.js',
      'tests.js',
      'empty.js',
      'use.js',
    ],
    'hub',
  );
}

/** One page of styles and scripts; the scripts share what they declare. */
async function writePlugin(target: string, name: string, parts: string[], messages: string): Promise<void> {
  const read = (part: string): Promise<string> => readFile(new URL(part, client), 'utf8');
  const [css = '', ...scripts] = await Promise.all(parts.map(read));
  const page = `<style>\n${css}</style>\n<script>\n(function () {\n${scripts.join('\n')}})();\n</script>\n`;
  await writeFile(join(target, `${name}.html`), page);
  for (const language of languages) {
    await mkdir(join(target, 'locales', language), { recursive: true });
    await writeFile(
      join(target, 'locales', language, `${name}.json`),
      await read(`${messages}.${language}.json`),
    );
  }
}

/** Node-RED serves what package.json lists: the .js says no more than where the node is. */
async function writeNode(definition: NodeDefinition, folder: string, target: string): Promise<void> {
  const { type } = definition;
  const source = pathToFileURL(join(folder, index)).href;
  await writeFile(join(target, `${type}.js`), `export { default } from ${JSON.stringify(source)};\n`);
  await writeFile(join(target, `${type}.html`), editorHtml(definition, await readEditor(folder)));
  for (const [language, { texts, help }] of await translations(definition, join(folder, 'locales'))) {
    const place = join(target, 'locales', language);
    await mkdir(place, { recursive: true });
    await writeFile(join(place, `${type}.json`), JSON.stringify(texts, null, 2));
    const said = nodeHelp({ ...definition, help }, texts, helpWords(language));
    await writeFile(join(place, `${type}.html`), helpScript(type, said));
  }
}

function helpScript(type: string, help: string): string {
  return `<script type="text/markdown" data-help-name="${type}">
${help.replaceAll(/<\/script/gi, '&lt;/script')}
</script>
`;
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

/** What the editor loads for a node: its form and its registration. Defaults are always the schema's. */
export function editorHtml(definition: NodeDefinition, custom?: CustomEditor): string {
  const { type, kind, use = 'map', color, icon, inputs, outputs, labelFrom } = definition;
  const model = {
    type,
    config: kind === 'config',
    use,
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
${custom?.scripts ?? ''}
<script type="text/javascript">
crossdock.register(${JSON.stringify(model).replaceAll('<', '\\u003c')});
</script>
`;
}
