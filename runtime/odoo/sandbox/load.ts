/** `load`, Odoo's import of rows of text: all or nothing, with a message for each bad record. */
import { notInSandbox } from './fault.ts';
import { changeLine, lineAdded, lineDefaults, orderChanged, orderDefaults } from './sales.ts';
import type { Field } from './models.ts';
import { decimalsOf, fieldOf, unset, type Tables, type Value } from './tables.ts';
import { floatRound } from './taxes.ts';
import type { Loaded, Message } from './loaded.ts';

/** A record that was read from its rows and is not written yet. */
interface Parsed {
  externalId: string;
  values: Record<string, Value>;
  lines: Omit<Parsed, 'lines'>[];
}

const noSpaces =
  'new row for relation "ir_model_data" violates check constraint "ir_model_data_name_nospaces"\nDETAIL:  Failing row';

const lineColumn = /^order_line\//;

export function load(
  tables: Tables,
  model: string,
  fields: string[],
  data: string[][],
  noupdate: boolean,
): Loaded {
  const messages: Message[] = [];
  const records = split(fields, data).map(({ from, rows }, record) => {
    const complain = (field: string | undefined, message: string) =>
      messages.push({ rows: { from, to: from + rows.length - 1 }, type: 'error', record, field, message });
    return parse(tables, model, fields, rows, complain);
  });
  if (messages.length > 0) return { ids: false, messages, nextrow: 0 };
  return { ids: records.map((record) => write(tables, model, record, noupdate)), messages, nextrow: 0 };
}

/** A row without fields of the record itself belongs to the record above it. */
function split(fields: string[], data: string[][]): { from: number; rows: string[][] }[] {
  const records: { from: number; rows: string[][] }[] = [];
  for (const [from, row] of data.entries()) {
    const starts = row.some((cell, column) => cell !== '' && !lineColumn.test(fields[column]!));
    if (starts || records.length === 0) records.push({ from, rows: [row] });
    else records.at(-1)!.rows.push(row);
  }
  return records;
}

type Complain = (field: string | undefined, message: string) => void;

function parse(
  tables: Tables,
  model: string,
  fields: string[],
  rows: string[][],
  complain: Complain,
): Parsed {
  const own: [string, string][] = [];
  for (const [column, name] of fields.entries()) {
    if (!lineColumn.test(name)) own.push([name, rows[0]![column] ?? '']);
  }
  const record = cells(tables, model, own, complain);
  const lines = rows.flatMap((row) => {
    const of = fields.flatMap((name, column): [string, string][] =>
      lineColumn.test(name) ? [[name.replace(lineColumn, ''), row[column] ?? '']] : [],
    );
    if (of.every(([, cell]) => cell === '')) return [];
    const { label } = fieldOf(model, 'order_line');
    return [
      cells(tables, 'sale.order.line', of, (_, message) => complain('order_line', message), `${label}/`),
    ];
  });
  checkRequired(tables, model, record, complain);
  return { ...record, lines };
}

function cells(
  tables: Tables,
  model: string,
  row: [string, string][],
  complain: Complain,
  prefix = '',
): Omit<Parsed, 'lines'> {
  const values: Record<string, Value> = {};
  let externalId = '';
  for (const [column, cell] of row) {
    if (column === 'id') {
      externalId = cell;
      continue;
    }
    const [name, by] = column.split('/') as [string, string?];
    const field = fieldOf(model, name);
    const label = prefix + (field.label ?? name);
    const relation = field.to !== undefined;
    if (relation !== (by !== undefined) || (by && by !== '.id'))
      throw notInSandbox(`the column ${column} of load`);
    if (cell === '') values[name] = unset(field);
    else if (relation) {
      const ids = cell.split(',').map(Number);
      const lost = ids.find((id) => !tables.rows(field.to!).has(id));
      if (lost === undefined) values[name] = field.type === 'many2many' ? ids : ids[0]!;
      else complain(name, `No matching record found for database id '${cell}' in field '${label}'`);
    } else if (field.type === 'float' || field.type === 'integer') {
      const number = Number(cell);
      if (Number.isFinite(number)) values[name] = rounded(tables, number, field);
      else complain(name, `'${cell}' does not seem to be a number for field '${label}'`);
    } else if (field.type === 'datetime' && !/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(cell)) {
      complain(name, `'${cell}' does not seem to be a valid datetime for field '${label}'`);
    } else values[name] = cell;
  }
  if (/\s/.test(externalId)) complain(undefined, noSpaces);
  return { externalId, values };
}

function rounded(tables: Tables, value: number, field: Field): number {
  const decimals = decimalsOf(tables, field);
  return decimals === undefined ? value : floatRound(value, 10 ** -decimals);
}

function checkRequired(
  tables: Tables,
  model: string,
  { externalId, values }: Omit<Parsed, 'lines'>,
  complain: Complain,
) {
  const known = externalId !== '' && tables.byExternalId(model, externalId) !== undefined;
  const lacks = (name: string) => (known ? values[name] === false : !values[name]);
  if (model === 'sale.order' && lacks('partner_id')) {
    complain('partner_id', "Missing required value for the field 'Customer' (partner_id).");
  }
  if (model === 'res.partner' && lacks('name')) complain(undefined, 'Contacts require a name');
  if (model === 'product.product' && lacks('name')) {
    complain('name', "Missing required value for the field 'Name' (name).");
  }
}

function write(
  tables: Tables,
  model: string,
  { externalId, values, lines }: Parsed,
  noupdate: boolean,
): number {
  const id = upsert(tables, model, externalId, values, noupdate);
  for (const line of lines) {
    upsert(tables, 'sale.order.line', line.externalId, { ...line.values, order_id: id }, noupdate);
  }
  if (model === 'sale.order') orderChanged(tables, id);
  return id;
}

function upsert(
  tables: Tables,
  model: string,
  externalId: string,
  values: Record<string, Value>,
  noupdate: boolean,
): number {
  const known = externalId === '' ? undefined : tables.byExternalId(model, externalId);
  if (model === 'account.tax') checkTax(values);
  if (known !== undefined) {
    if (model === 'sale.order.line') changeLine(tables, known, values);
    else Object.assign(tables.rows(model).get(known)!, values);
    return known;
  }
  const { id } = tables.insert(model, { ...defaults(tables, model, values), ...values });
  if (externalId !== '') tables.name(model, id, externalId, noupdate);
  if (model === 'sale.order.line') lineAdded(tables, id);
  return id;
}

/** Sets `price_include` from the override. */
function checkTax(values: Record<string, Value>): void {
  if ((values['amount_type'] ?? 'percent') !== 'percent') throw notInSandbox('taxes that are no percentage');
  const { price_include_override: chosen } = values;
  if (chosen !== undefined) values['price_include'] = chosen === 'tax_included';
}

/** Fills only columns that are missing; an empty cell stays empty. */
function defaults(tables: Tables, model: string, values: Record<string, Value>): Record<string, Value> {
  if (model === 'sale.order') return orderDefaults(values);
  if (model === 'sale.order.line') return lineDefaults(tables, values);
  if (model === 'account.tax') return { amount_type: 'percent', type_tax_use: 'sale', company_id: 1 };
  if (model === 'product.product') return { type: 'consu', uom_id: 1 };
  return {};
}
