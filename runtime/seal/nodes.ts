/** What becomes of a query where columns are sealed: what is written is sealed, what is read brings its place with it. */
import {
  AliasNode,
  AndNode,
  BinaryOperationNode,
  CaseNode,
  ColumnNode,
  ColumnUpdateNode,
  IdentifierNode,
  OnConflictNode,
  OperationNodeTransformer,
  OperatorNode,
  ParensNode,
  PrimitiveValueListNode,
  RawNode,
  ReferenceNode,
  SelectAllNode,
  SelectionNode,
  TableNode,
  ValueListNode,
  ValueNode,
  ValuesNode,
  WhereNode,
  sql,
  type DeleteQueryNode,
  type InsertQueryNode,
  type OperationNode,
  type SelectQueryNode,
  type UpdateQueryNode,
} from 'kysely';
import { formsOf, sealedColumn, sealedTables } from './columns.ts';
import type { StoreKeys } from './keys.ts';
import { sealedMark } from './seal.ts';

export type SqlOf = 'sqlite' | 'postgres';

/** A table with sealed columns, and what the query calls it. */
interface Source {
  table: string;
  called: string;
}

const isSealedColumn = (table: string, column: string): boolean =>
  sealedTables[table]?.columns.includes(column) ?? false;

export function sealingNodes(keys: StoreKeys, of: SqlOf): OperationNodeTransformer {
  // A query inside of another one is given for itself first, and then with the other one.
  const done = new WeakSet<SelectQueryNode>();
  class SealingNodes extends OperationNodeTransformer {
    protected override transformSelectQuery(node: SelectQueryNode): SelectQueryNode {
      if (done.has(node)) return node;
      const query = this.#selected(super.transformSelectQuery(node));
      done.add(query);
      return query;
    }

    #selected(query: SelectQueryNode): SelectQueryNode {
      const froms = [...(query.from?.froms ?? []), ...(query.joins ?? []).map(({ table }) => table)];
      const sources = froms.flatMap(sourceOf);
      if (sources.length === 0) return query;
      return {
        ...query,
        ...(query.selections && { selections: query.selections.flatMap((one) => placed(one, sources, of)) }),
        ...(query.where && { where: whereOf(keys, query.where, sources, froms.length === 1) }),
      };
    }

    protected override transformInsertQuery(node: InsertQueryNode): InsertQueryNode {
      const query = super.transformInsertQuery(node);
      const [source] = query.into ? sourceOf(query.into) : [];
      if (!source || !query.columns || !query.values || !ValuesNode.is(query.values)) return query;
      return sealedInsert(keys, source.table, query, query.columns, query.values);
    }

    protected override transformUpdateQuery(node: UpdateQueryNode): UpdateQueryNode {
      const query = super.transformUpdateQuery(node);
      const [source] = query.table ? sourceOf(query.table) : [];
      if (!source) return query;
      const key = keyOf(source.table, equalsIn(query.where?.where, source, true));
      return {
        ...query,
        ...(query.updates && {
          updates: query.updates.map((one) => updateOf(keys, source.table, key, one)),
        }),
        ...(query.where && { where: whereOf(keys, query.where, [source], true) }),
      };
    }

    protected override transformDeleteQuery(node: DeleteQueryNode): DeleteQueryNode {
      const query = super.transformDeleteQuery(node);
      const [source] = query.from.froms.flatMap(sourceOf);
      if (!source || !query.where) return query;
      return { ...query, where: whereOf(keys, query.where, [source], true) };
    }
  }
  return new SealingNodes();
}

function sealedInsert(
  keys: StoreKeys,
  table: string,
  query: InsertQueryNode,
  columnNodes: readonly ColumnNode[],
  given: ValuesNode,
): InsertQueryNode {
  const columns = columnNodes.map(({ column }) => column.name);
  const rows = given.values.map((row) => {
    const values = ValueListNode.is(row) ? row.values.map(valueOf) : row.values;
    return { row, at: new Map(columns.map((name, i) => [name, values[i]])) };
  });
  const values = rows.map(({ row, at }) => {
    const key = keyOf(table, at);
    const seal = (value: unknown, i: number) => sealedValue(keys, table, columns[i]!, key, value);
    return ValueListNode.is(row)
      ? ValueListNode.create(
          row.values.map((one, i) => (ValueNode.is(one) ? ValueNode.create(seal(one.value, i)) : one)),
        )
      : PrimitiveValueListNode.create(row.values.map(seal));
  });
  const { onConflict } = query;
  const key = keyOf(table, rows[0]!.at);
  return {
    ...query,
    values: ValuesNode.create(values),
    ...(onConflict?.updates && {
      onConflict: OnConflictNode.cloneWith(onConflict, {
        updates: onConflict.updates.map((one) => updateOf(keys, table, key, one)),
      }),
    }),
  };
}

/** The tables that a query names, wherever in it; all with sealed columns, where it does not say which. */
export function tablesIn(query: OperationNode | undefined): Set<string> {
  const found = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if (isNode(node) && TableNode.is(node)) found.add(node.table.identifier.name);
    else if (!isNode(node) || !leaves.has(node.kind)) Object.values(node).forEach(visit);
  };
  visit(query);
  return !query || RawNode.is(query) ? new Set(Object.keys(sealedTables)) : found;
}

const isNode = (node: object): node is OperationNode => 'kind' in node;
/** In these there is no query, and values may be many. */
const leaves = new Set(['ReferenceNode', 'ColumnNode', 'ValueNode', 'PrimitiveValueListNode']);

function sourceOf(node: OperationNode): Source[] {
  if (AliasNode.is(node) && IdentifierNode.is(node.alias)) {
    const called = node.alias.name;
    return sourceOf(node.node).map((source) => ({ ...source, called }));
  }
  if (!TableNode.is(node)) return [];
  const { name } = node.table.identifier;
  return Object.hasOwn(sealedTables, name) ? [{ table: name, called: name }] : [];
}

/** The selection, with its place behind each sealed text that it reads. */
function placed(node: SelectionNode, sources: readonly Source[], of: SqlOf): SelectionNode[] {
  const { selection } = node;
  const all = SelectAllNode.is(selection)
    ? sources
    : ReferenceNode.is(selection) && SelectAllNode.is(selection.column)
      ? sources.filter(({ called }) => called === selection.table?.table.identifier.name)
      : undefined;
  // What has the same name and comes later is what a row has.
  if (all)
    return [
      node,
      ...all.flatMap((source) =>
        sealedTables[source.table]!.columns.map((column) => named(withPlace(source, column, of), column)),
      ),
    ];
  if (AliasNode.is(selection)) {
    const inner = read(selection.node, sources, of);
    if (inner === selection.node) return [node];
    const name = IdentifierNode.is(selection.alias) ? selection.alias.name : '';
    // By its name it is known that it has to be opened.
    if (!sources.some(({ table }) => isSealedColumn(table, name)))
      throw new Error(`${name} is sealed, and is read by a name that is not of its table`);
    return [SelectionNode.create(AliasNode.create(inner, selection.alias))];
  }
  const inner = read(selection, sources, of);
  return [inner === selection ? node : named(inner, columnOf(selection)!)];
}

/** A column, or one that is read in one case only. */
function read(node: OperationNode, sources: readonly Source[], of: SqlOf): OperationNode {
  if (CaseNode.is(node))
    return {
      ...node,
      when: node.when?.map((one) => ({ ...one, result: one.result && read(one.result, sources, of) })),
    } as CaseNode;
  const column = columnOf(node);
  if (column === undefined) return node;
  const from = calledIn(node);
  const source = sources.find(
    ({ table, called }) => (from === undefined || called === from) && isSealedColumn(table, column),
  );
  return source ? withPlace(source, column, of) : node;
}

function columnOf(node: OperationNode): string | undefined {
  if (ColumnNode.is(node)) return node.column.name;
  return ReferenceNode.is(node) && ColumnNode.is(node.column) ? node.column.column.name : undefined;
}

/** Queries are alike: each is made once. */
const made = new Map<string, OperationNode>();

function withPlace(source: Source, column: string, of: SqlOf): OperationNode {
  const name = `${of} ${source.called} ${source.table}.${column}`;
  const known = made.get(name) ?? expressionOf(source, column, of);
  made.set(name, known);
  return known;
}

/** PostgreSQL compares texts of several columns only where it is said how. */
function expressionOf({ table, called }: Source, column: string, of: SqlOf): OperationNode {
  const at = (name: string) => sql.ref(`${called}.${name}`);
  const row = sql.join(sealedTables[table]!.key.map(at), sql` || ${sql.lit('\n')} || `);
  const text = sql`CASE WHEN substr(${at(column)}, 1, ${sql.lit(sealedMark.length)}) = ${sql.lit(sealedMark)}
    THEN ${at(column)} || ${sql.lit(`\n${table}.${column}\n`)} || ${row} ELSE ${at(column)} END`;
  return (of === 'postgres' ? sql`(${text}) COLLATE "C"` : text).toOperationNode();
}

const named = (node: OperationNode, name: string): SelectionNode =>
  SelectionNode.create(AliasNode.create(node, IdentifierNode.create(name)));

const valueOf = (node: OperationNode): unknown => (ValueNode.is(node) ? node.value : undefined);

/** Undefined where not all of it is known. */
function keyOf(table: string, known: ReadonlyMap<string, unknown>): string[] | undefined {
  const { key } = sealedTables[table]!;
  return key.every((name) => known.has(name)) ? key.map((name) => String(known.get(name))) : undefined;
}

function sealedValue(
  keys: StoreKeys,
  table: string,
  column: string,
  key: readonly string[] | undefined,
  value: unknown,
): unknown {
  if (typeof value !== 'string' || value === '' || !isSealedColumn(table, column)) return value;
  return sealedColumn(keys, table, column, key ?? unknown(table, column), value);
}

/** To seal a text its row has to be known: it is of no use in another one. */
function unknown(table: string, column: string): never {
  throw new Error(`${table}.${column} is sealed, and the query does not name its row`);
}

function updateOf(
  keys: StoreKeys,
  table: string,
  key: readonly string[] | undefined,
  node: ColumnUpdateNode,
): ColumnUpdateNode {
  const column = columnOf(node.column);
  if (column === undefined || !ValueNode.is(node.value)) return node;
  const value = sealedValue(keys, table, column, key, node.value.value);
  return ColumnUpdateNode.create(node.column, ValueNode.create(value));
}

/** What all rows of a table that are found have: `column = value`, not inside of an OR. */
function equalsIn(
  node: OperationNode | undefined,
  source: Source,
  alone: boolean,
  found = new Map<string, unknown>(),
): Map<string, unknown> {
  if (!node) return found;
  if (ParensNode.is(node)) return equalsIn(node.node, source, alone, found);
  if (AndNode.is(node)) return equalsIn(node.right, source, alone, equalsIn(node.left, source, alone, found));
  if (!BinaryOperationNode.is(node) || !isEquals(node)) return found;
  const column = columnOf(node.leftOperand);
  const from = calledIn(node.leftOperand) ?? (alone ? source.called : undefined);
  if (column !== undefined && from === source.called && ValueNode.is(node.rightOperand))
    found.set(column, node.rightOperand.value);
  return found;
}

const isEquals = ({ operator }: BinaryOperationNode): boolean =>
  OperatorNode.is(operator) && operator.operator === '=';

/** The table that a column is said to be of. */
const calledIn = (node: OperationNode): string | undefined =>
  ReferenceNode.is(node) ? node.table?.table.identifier.name : undefined;

/**
 * A sealed column that is to be equal to a text is one of the forms that this text may have in its row. `alone`: there is no
 * other table that a column without one could be of.
 */
function whereOf(keys: StoreKeys, where: WhereNode, sources: readonly Source[], alone: boolean): WhereNode {
  const compared = (node: OperationNode): OperationNode => {
    if (ParensNode.is(node)) return ParensNode.create(compared(node.node));
    if (AndNode.is(node)) return AndNode.create(compared(node.left), compared(node.right));
    if (!BinaryOperationNode.is(node) || !isEquals(node)) return node;
    const column = columnOf(node.leftOperand);
    const value = valueOf(node.rightOperand);
    if (column === undefined || typeof value !== 'string') return node;
    const from = calledIn(node.leftOperand);
    const source = sources.find(
      ({ table, called }) => (from ?? called) === called && isSealedColumn(table, column),
    );
    if (!source) return node;
    if (from === undefined && !alone)
      throw new Error(`${column} is sealed, and the query does not name its table`);
    const { table } = source;
    const key = keyOf(table, equalsIn(where.where, source, alone)) ?? unknown(table, column);
    const forms = formsOf(keys, table, column, key, value);
    return BinaryOperationNode.create(
      node.leftOperand,
      OperatorNode.create('in'),
      PrimitiveValueListNode.create(forms),
    );
  };
  return WhereNode.create(compared(where.where));
}
