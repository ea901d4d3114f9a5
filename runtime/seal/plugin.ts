/** Seals what Kysely writes into the stores, and opens what it reads: each text in the place of its row. */
import type { KyselyPlugin, QueryId, RootOperationNode } from 'kysely';
import { isForSealing, mayBeSealed, sealedIn } from './columns.ts';
import type { StoreKeys } from './keys.ts';
import { sealingNodes, tablesIn, type SqlOf } from './nodes.ts';
import { isSealed, keyIdOf, keyMissing, openText } from './seal.ts';

/** Without a key nothing is sealed, and what another hub has sealed is told, never taken for a text. Mixed rows are read as they are. */
export function sealing(keys: StoreKeys | undefined, of: SqlOf): { plugins: KyselyPlugin[] } {
  const nodes = keys && sealingNodes(keys, of);
  const queries = new WeakMap<QueryId, RootOperationNode>();
  const plugin: KyselyPlugin = {
    transformQuery({ node, queryId }) {
      queries.set(queryId, node);
      return nodes ? nodes.transformNode(node) : node;
    },
    async transformResult({ result, queryId }) {
      const query = queries.get(queryId);
      // Left to the garbage collector, it is a quarter of what a short read takes.
      queries.delete(queryId);
      let columns: ReadonlySet<string> | undefined;
      for (const row of result.rows)
        for (const [name, value] of Object.entries(row)) {
          // What others send may begin like a sealed text.
          if (typeof value !== 'string' || !isSealed(value)) continue;
          columns ??= sealedIn(tablesIn(query));
          if (!columns.has(name)) continue;
          if (keys) row[name] = opened(keys, name, value);
          else if (mayBeSealed(name, row)) throw keyMissing(keyIdOf(value)!);
        }
      return result;
    },
  };
  return { plugins: [plugin] };
}

/** A sealed text is read with its place behind it, as the database knows it. */
function opened(keys: StoreKeys, name: string, value: string): string {
  const end = value.indexOf('\n');
  if (end < 0) throw new Error(`${name} is sealed, and was read without its place`);
  const [text, place] = [value.slice(0, end), value.slice(end + 1)];
  const [column = '', ...key] = place.split('\n');
  return isForSealing(column.split('.', 1)[0]!, key) ? openText(keys, place, text) : text;
}
