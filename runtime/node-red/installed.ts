/** Which node types Node-RED would have, without starting it. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { TObject } from 'typebox';
import type { NodeTypes } from '../lint/project.ts';
import { asCoded } from '../errors/coded-error.ts';
import { readConfig, type NodeDefinition } from './define-node.ts';

/** The palette's types, Node-RED's own, and those of the modules in these node_modules folders. */
export function nodeTypes(palette: readonly NodeDefinition[], folders: readonly string[]): NodeTypes {
  const byType = new Map(palette.map((definition) => [definition.type, definition]));
  const core = once(() => new Set(coreScripts().flatMap(registered)));
  const added = once(() => new Set(folders.flatMap(modulesIn).flatMap(scriptsOf).flatMap(registered)));
  return {
    paletteType: (type) => byType.get(type),
    exists: (type) => byType.has(type) || core().has(type) || added().has(type),
    wrongSettings(type, settings) {
      const definition = byType.get(type);
      return definition && wrongSettings(definition, settings);
    },
  };
}

/** Read when it is first asked for. */
function once<T>(read: () => T): () => T {
  let value: T | undefined;
  return () => (value ??= read());
}

/** What stands in the environment is not known here: any value would do. */
function wrongSettings({ type, config }: NodeDefinition, settings: object) {
  const named = Object.entries(settings)
    .filter(([, value]) => typeof value === 'string' && /^\$\{.+\}$/.test(value))
    .map(([name]) => name);
  const given = Object.entries(settings).filter(([name]) => !named.includes(name));
  try {
    readConfig({ type, config: without(config, named) }, Object.fromEntries(given));
    return undefined;
  } catch (error) {
    const { facts, message } = asCoded(error);
    const property = String(facts['setting'] ?? '');
    return { property, message: message.replace(`${property}: `, '') };
  }
}

const relaxed = new Map<string, TObject>();

/** The same schema where these are not asked for; one object each, so that it is compiled once. */
function without(config: TObject, names: readonly string[]): TObject {
  const required = config.required?.filter((name) => !names.includes(name));
  if (names.length === 0 || required?.length === config.required?.length) return config;
  const key = JSON.stringify([config, names]);
  const known = relaxed.get(key) ?? ({ ...config, required } as TObject);
  relaxed.set(key, known);
  return known;
}

function coreScripts(): string[] {
  const require = createRequire(createRequire(import.meta.url).resolve('node-red'));
  const core = join(dirname(require.resolve('@node-red/nodes/package.json')), 'core');
  return readdirSync(core, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.js'))
    .map((path) => join(core, path));
}

/** Modules of nodes, also those of a scope. */
function modulesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) =>
    name.startsWith('@') ? modulesIn(join(folder, name)) : name.startsWith('.') ? [] : [join(folder, name)],
  );
}

interface Manifest {
  'node-red'?: { nodes?: Record<string, string> };
}

/** The scripts that its package.json lists for Node-RED. */
function scriptsOf(module: string): string[] {
  const manifest = join(module, 'package.json');
  if (!existsSync(manifest)) return [];
  const { 'node-red': part } = JSON.parse(readFileSync(manifest, 'utf8')) as Manifest;
  return Object.values(part?.nodes ?? {}).map((path) => join(module, path));
}

function registered(script: string): string[] {
  if (!existsSync(script)) return [];
  return [...readFileSync(script, 'utf8').matchAll(/\bregisterType\(\s*["'`]([^"'`]+)/g)].map(
    ([, type]) => type!,
  );
}
