/** Seals what Kysely writes into the stores, and opens what it reads: each text in the place of its row. */
import type {
  KyselyPlugin,
  PluginTransformQueryArgs,
  PluginTransformResultArgs,
  QueryResult,
  RootOperationNode,
  UnknownRow,
} from 'kysely';
import type { StoreKeys } from './keys.ts';
import { sealingNodes, type SqlOf } from './nodes.ts';
import { isSealed, keyIdOf, keyMissing, openText } from './seal.ts';

/** Without a key nothing is sealed, and what another hub has sealed is told, never taken for a text. Mixed rows are read as they are. */
export function sealing(keys: StoreKeys | undefined, of: SqlOf): { plugins: KyselyPlugin[] } {
  if (!keys) return { plugins: [nothingSealed] };
  const nodes = sealingNodes(keys, of);
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }: PluginTransformQueryArgs): RootOperationNode => nodes.transformNode(node),
    transformResult: async ({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> => {
      for (const row of result.rows) open(keys, row);
      return result;
    },
  };
  return { plugins: [plugin] };
}

const nothingSealed: KyselyPlugin = {
  transformQuery: ({ node }) => node,
  transformResult: async ({ result }) => {
    for (const row of result.rows)
      for (const value of Object.values(row)) {
        const id = typeof value === 'string' ? keyIdOf(value) : undefined;
        if (id !== undefined) throw keyMissing(id);
      }
    return result;
  },
};

/** A sealed text is read with its place behind it, as the database knows it. */
function open(keys: StoreKeys, row: UnknownRow): void {
  for (const [name, value] of Object.entries(row)) {
    if (typeof value !== 'string' || !isSealed(value)) continue;
    const end = value.indexOf('\n');
    if (end < 0) throw new Error(`${name} is sealed, and was read without its place`);
    row[name] = openText(keys, value.slice(end + 1), value.slice(0, end));
  }
}
