/** The project a command works on: its folders, and the node types it has. */
import { join, resolve } from 'node:path';
import type { OutputsOf } from '../runtime/flow-file/format.ts';
import type { NodeTypes } from '../runtime/lint/project.ts';
import type { NodeDefinition } from '../runtime/node-red/define-node.ts';

export const root = resolve(import.meta.dirname, '..');

export interface Places {
  /** CROSSDOCK_DATA, else `.crossdock` here. */
  dataDir: string;
  /** CROSSDOCK_FLOWS, else the project's flows. */
  flowsDir: string;
  /** CROSSDOCK_DEFINITIONS, else the project's definitions. */
  definitionsDir: string;
  /** CROSSDOCK_RELEASES, else `releases` here. */
  releasesDir: string;
}

export function places(env: NodeJS.ProcessEnv = process.env): Places {
  return {
    dataDir: resolve(env['CROSSDOCK_DATA'] ?? '.crossdock'),
    flowsDir: resolve(env['CROSSDOCK_FLOWS'] ?? join(root, 'flows')),
    definitionsDir: resolve(env['CROSSDOCK_DEFINITIONS'] ?? join(root, 'definitions')),
    releasesDir: resolve(env['CROSSDOCK_RELEASES'] ?? 'releases'),
  };
}

export interface Palette {
  outputsOf: OutputsOf;
  types: NodeTypes;
}

/** Of the palette, which is one for the whole process. */
const outputs = new Map<string, string[]>();
const outputsOf: OutputsOf = (type) => outputs.get(type);

/** Reads all nodes, which is much; `definitions`: theirs, where they were read already. */
export async function palette(definitions?: Promise<NodeDefinition[]>): Promise<Palette> {
  const { readDefinitions } = await import('../runtime/node-red/palette.ts');
  const { nodeTypes } = await import('../runtime/node-red/installed.ts');
  const read = await (definitions ?? readDefinitions(join(root, 'nodes')));
  for (const { type, outputs: named } of read)
    outputs.set(
      type,
      named.map(({ name }) => name),
    );
  const folders = [join(root, 'node_modules'), join(places().dataDir, 'node-red', 'node_modules')];
  return { outputsOf, types: nodeTypes(read, folders) };
}
