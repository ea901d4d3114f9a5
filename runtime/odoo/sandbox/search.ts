/** Searching and reading, limited to the domains and options that runtime/odoo sends. */
import { notInSandbox, unprocessable } from './fault.ts';
import { models } from './models.ts';
import { fieldOf, type Row, type Tables, type Value } from './tables.ts';

export interface Query {
  domain?: unknown;
  fields?: unknown;
  limit?: unknown;
  offset?: unknown;
  order?: unknown;
  context?: unknown;
}

type Test = (row: Row) => boolean;
type Condition = [field: string, operator: string, operand: Value | Value[]];

export function search(
  tables: Tables,
  model: string,
  { domain = [], limit, offset = 0, order, context }: Query,
): Row[] {
  const all = tables.rows(model);
  if (!Array.isArray(domain)) throw unprocessable('a domain is a list');
  const test = testOf(tables, model, isOfActive(model, domain, context) ? [...domain, active] : domain);
  const found = (narrowed(tables, model, domain) ?? [...all.values()]).filter(test);
  const sorted = found.toSorted(sorting(model, order));
  const start = Number(offset);
  return sorted.slice(start, limit ? start + Number(limit) : undefined);
}

const active = ['active', '=', true];

/** Archived records are found only if the search asks for them. */
function isOfActive(model: string, domain: unknown[], context: unknown): boolean {
  if (!('active' in models[model]!)) return false;
  const all = (context as { active_test?: unknown } | undefined)?.active_test === false;
  return !all && !domain.some((term) => Array.isArray(term) && term[0] === 'active');
}

export function read(tables: Tables, model: string, rows: Row[], fields: unknown): Record<string, unknown>[] {
  const asked =
    Array.isArray(fields) && fields.length > 0 ? (fields as string[]) : Object.keys(models[model]!);
  for (const name of asked) fieldOf(model, name);
  return rows.map((row) =>
    Object.fromEntries(['id', ...asked].map((name) => [name, shown(tables, model, name, row)])),
  );
}

function shown(tables: Tables, model: string, name: string, row: Row): unknown {
  const { type, to } = fieldOf(model, name);
  const value = row[name]!;
  if (type === 'one2many') return manyOf(tables, model, name, row);
  if (type !== 'many2one' || value === false) return value;
  const target = tables.rows(to!).get(value as number)!;
  const code = target['default_code'] ? `[${target['default_code']}] ` : '';
  return [target.id, `${code}${target['name']}`];
}

function manyOf(tables: Tables, model: string, name: string, row: Row): number[] {
  const { to, by } = fieldOf(model, name);
  if (to === 'sale.order.line') return tables.linesOf(row.id).map(({ id }) => id);
  return [...tables.rows(to!).values()].filter((one) => one[by!] === row.id).map(({ id }) => id);
}

/** Domains have prefix notation: `|` and `&` combine the next two terms; terms in sequence must all be true. */
function testOf(tables: Tables, model: string, domain: unknown[]): Test {
  const rest = [...domain];
  function next(): Test {
    const term = rest.shift();
    if (term === '|' || term === '&') {
      const [one, two] = [next(), next()];
      return term === '|' ? (row) => one(row) || two(row) : (row) => one(row) && two(row);
    }
    if (!Array.isArray(term) || term.length !== 3) throw notInSandbox(`the domain ${JSON.stringify(domain)}`);
    return conditionTest(tables, model, term as Condition);
  }
  const tests: Test[] = [];
  while (rest.length > 0) tests.push(next());
  return (row) => tests.every((test) => test(row));
}

function conditionTest(tables: Tables, model: string, [path, operator, operand]: Condition): Test {
  const [name = '', ...rest] = path.split('.');
  const field = fieldOf(model, name);
  if (field.type.endsWith('2many')) throw notInSandbox(`a search by ${name}`);
  if (rest.length > 0) {
    const test = conditionTest(tables, field.to!, [rest.join('.'), operator, operand]);
    return (row) => {
      const target = tables.rows(field.to!).get(row[name] as number);
      return target !== undefined && test(target);
    };
  }
  if (operator === '=' || operator === '!=') return (row) => (row[name] === operand) === (operator === '=');
  if (operator === '>') return (row) => Number(row[name]) > Number(operand);
  if (operator === 'ilike') {
    const part = String(operand).toLowerCase();
    return (row) => String(row[name]).toLowerCase().includes(part);
  }
  if (operator === 'like') return (row) => String(row[name]).includes(String(operand));
  if (operator === '=like') {
    const [head = '', tail = ''] = String(operand).split('%');
    return (row) => String(row[name]).startsWith(head) && String(row[name]).endsWith(tail);
  }
  if ((operator !== 'in' && operator !== 'not in') || !Array.isArray(operand))
    throw notInSandbox(`the operator ${operator} of a domain`);
  const wanted = new Set<Value>(operand);
  return (row) => wanted.has(row[name]!) === (operator === 'in');
}

/** Without `|`, a single condition on an indexed field is enough to find the candidates. */
function narrowed(tables: Tables, model: string, domain: unknown[]): Row[] | undefined {
  if (domain.includes('|')) return undefined;
  for (const term of domain) {
    if (!Array.isArray(term)) continue;
    const [name, operator, operand] = term as Condition;
    if (operator !== '=' && operator !== 'in') continue;
    const values = Array.isArray(operand) ? [...new Set(operand)] : [operand];
    const rows = tables.lookup(model, name, values as Value[]);
    if (rows) return rows;
  }
  return undefined;
}

function sorting(model: string, order: unknown): (a: Row, b: Row) => number {
  const keys = String(order ?? 'id')
    .split(',')
    .map((key) => key.trim().split(/\s+/) as [string, string?]);
  for (const [name] of keys) fieldOf(model, name);
  return (a, b) => {
    for (const [name, direction] of keys) {
      const sign = direction === 'desc' ? -1 : 1;
      if (a[name]! !== b[name]!) return a[name]! < b[name]! ? -sign : sign;
    }
    return 0;
  };
}
