/** The tables of the sandbox: records of every model, and their external ids. */
import { notFound, notInSandbox, OdooFault } from './fault.ts';
import { models, type Field } from './models.ts';

/** `false` means unset, as in Odoo. A relation has the id or ids it refers to. */
export type Value = string | number | boolean | number[];
export interface Row {
  id: number;
  [field: string]: Value;
}

/** The field of a model that is searched among thousands of records. Its value never changes after insertion. */
const indexed: Record<string, string> = { 'ir.model.data': 'name', 'sale.order.line': 'order_id' };

interface Table {
  rows: Map<number, Row>;
  index: Map<Value, Set<Row>>;
  last: number;
}

export interface Tables extends ReturnType<typeof newTables> {}

export function newTables() {
  const tables = new Map<string, Table>(
    Object.keys(models).map((model) => [model, { rows: new Map(), index: new Map(), last: 0 }]),
  );

  const table = (model: string): Table => tableOf(tables, model);

  function insert(model: string, values: Record<string, Value>): Row {
    const { rows, index } = table(model);
    const blank = Object.fromEntries(
      Object.entries(models[model]!).map(([name, field]) => [name, unset(field)]),
    );
    const active: Record<string, Value> = 'active' in blank ? { active: true } : {};
    const row: Row = { ...blank, ...active, ...values, id: (table(model).last += 1) };
    rows.set(row.id, row);
    const key = row[indexed[model] ?? ''];
    if (key !== undefined) index.set(key, (index.get(key) ?? new Set()).add(row));
    return row;
  }

  function remove(model: string, id: number): void {
    const { rows, index } = table(model);
    const row = rows.get(id);
    if (!row) return;
    rows.delete(id);
    index.get(row[indexed[model] ?? '']!)?.delete(row);
    for (const xid of tables.get('ir.model.data')!.rows.values()) {
      if (xid['model'] === model && xid['res_id'] === id) remove('ir.model.data', xid.id);
    }
  }

  /** Finds the record of `module.name`. Undefined if there is none or it has another model. */
  function byExternalId(model: string, externalId: string): number | undefined {
    const [module, name] = halves(externalId);
    for (const row of table('ir.model.data').index.get(name) ?? []) {
      if (row['module'] === module && row['model'] === model) return row['res_id'] as number;
    }
    return undefined;
  }

  return {
    insert,
    remove,
    byExternalId,
    /** Throws as Odoo does for an unknown model. */
    rows: (model: string) => table(model).rows,
    /** Rows whose `field` has one of `values`, found by index. Undefined if `field` has no index. */
    lookup(model: string, field: string, values: Value[]): Row[] | undefined {
      const { rows, index } = table(model);
      if (field === 'id') return values.flatMap((id) => rows.get(id as number) ?? []);
      return field === indexed[model] ? values.flatMap((value) => [...(index.get(value) ?? [])]) : undefined;
    },
    name(model: string, id: number, externalId: string, noupdate: boolean): void {
      const [module, name] = halves(externalId);
      insert('ir.model.data', { module, name, model, res_id: id, noupdate });
    },
    /** Lines of an order, in the order of their creation. */
    linesOf: (order: number): Row[] => [...(table('sale.order.line').index.get(order) ?? [])],
    ...copying(tables, insert),
  };
}

/** How records come from other tables, and outlast these. */
function copying(tables: Map<string, Table>, insert: (model: string, values: Record<string, Value>) => Row) {
  return {
    /**
     * Copies records that the hub created for itself in `before`, such as articles for charges: it remembers their ids
     * for a while.
     */
    adopt(before: Tables): void {
      for (const { module, name, model, res_id: id } of before.rows('ir.model.data').values()) {
        if (module !== 'crossdock') continue;
        const of = tableOf(tables, String(model));
        of.rows.set(id as number, { ...before.rows(String(model)).get(id as number)! });
        of.last = Math.max(of.last, id as number);
        insert('ir.model.data', { module, name: name!, model: model!, res_id: id!, noupdate: true });
      }
    },
    /** Returns all records as JSON for `take`. */
    text: (): string =>
      JSON.stringify([...tables].map(([model, { rows, last }]) => [model, last, [...rows.values()]])),
    /** Replaces all records. */
    take(kept: string): void {
      for (const [model, last, rows] of JSON.parse(kept) as [string, number, Row[]][]) {
        const of = tableOf(tables, model);
        of.rows.clear();
        of.index.clear();
        for (const { id, ...values } of rows) {
          of.last = id - 1;
          insert(model, values);
        }
        of.last = last;
      }
    },
  };
}

/** Throws as Odoo does for an unknown model. */
function tableOf(tables: Map<string, Table>, model: string): Table {
  const known = tables.get(model);
  if (known) return known;
  if (ofOdoo.test(model)) throw notInSandbox(`the model ${model}`);
  throw notFound(`the model '${model}' does not exist`);
}

/** Matches models of Odoo's own apps, which the sandbox may lack. */
const ofOdoo =
  /^(account|base|bus|crm|delivery|discuss|hr|ir|mail|mrp|payment|portal|procurement|product|purchase|repair|res|resource|sale|stock|uom|website)\.[a-z._]+$/;

/** Throws `notInSandbox` for an unknown field. */
export function fieldOf(model: string, name: string): Field {
  const field = name === 'id' ? ({ type: 'integer' } as const) : models[model]?.[name];
  if (!field) throw notInSandbox(`the field ${name} of ${model}`);
  return field;
}

/** Decimals with which a float is stored. Undefined if all are kept. */
export function decimalsOf(tables: Tables, { digits }: Field): number | undefined {
  if (digits === undefined) return undefined;
  const row = [...tables.rows('decimal.precision').values()].find(({ name }) => name === digits);
  return row?.['digits'] as number | undefined;
}

export function unset({ type }: Field): Value {
  if (type === 'many2many' || type === 'one2many') return [];
  return type === 'float' || type === 'integer' ? 0 : false;
}

/** Splits an external id. Without a module Odoo uses `__import__`. */
export function halves(externalId: string): [string, string] {
  const dot = externalId.indexOf('.');
  return dot < 0 ? ['__import__', externalId] : [externalId.slice(0, dot), externalId.slice(dot + 1)];
}

/** Throws as Odoo does for a missing record. */
export function existing(tables: Tables, model: string, id: number): Row {
  const row = tables.rows(model).get(id);
  if (row) return row;
  throw new OdooFault(404, 'odoo.exceptions.MissingError', 'Record does not exist or has been deleted.');
}
