/** Merges searches that differ only in the values they look for. */
import type { CallArgs } from '../protocol/protocol.ts';

type Value = string | number | boolean;
type Condition = [field: string, operator: string, operand: unknown];
type Row = Record<string, unknown>;

/** Returns a key that is equal for searches that can be merged. */
export function readKey(args: CallArgs): unknown {
  const { domain, limit: _, ...rest } = args;
  if (!isMergeable(args)) return args;
  const shape = (domain as Condition[]).map((one) => (valuesOf(one) ? one[0] : one));
  return { ...rest, shape };
}

/** Returns the rows of each search, in its order and up to its limit. */
export async function mergeReads(
  all: readonly CallArgs[],
  send: (args: CallArgs) => Promise<object[]>,
): Promise<object[][]> {
  if (new Set(all.map((args) => JSON.stringify(args))).size === 1) {
    const rows = await send(all[0]!);
    return all.map(() => rows);
  }
  const { domain: _, limit: __, ...first } = all[0]!;
  const domains = all.map(({ domain }) => domain as Condition[]);
  const differs = domains[0]!.flatMap((_one, at) =>
    new Set(domains.map((domain) => JSON.stringify(domain[at]))).size > 1 ? [at] : [],
  );
  const domain = domains[0]!.map((one, at) =>
    differs.includes(at) ? [one[0], 'in', union(domains.map((each) => valuesOf(each[at]!)!))] : one,
  );
  const asked = first['fields'] as string[];
  const fields = [...new Set([...asked, ...differs.map((at) => domain[at]![0] as string)])];
  const rows = (await send({ ...first, fields, domain })) as Row[];
  const isWider = fields.length > asked.length;
  return all.map(({ domain: own, limit }) => {
    const conditions = differs.map((at) => (own as Condition[])[at]!);
    const found = rows.filter((row) => conditions.every((one) => holds(row, one)));
    const some = limit ? found.slice(0, Number(limit)) : found;
    return isWider ? some.map((row) => only(row, asked)) : some;
  });
}

function isMergeable({ domain, fields, offset }: CallArgs): boolean {
  return (
    Array.isArray(fields) &&
    offset === undefined &&
    Array.isArray(domain) &&
    domain.every((one) => Array.isArray(one) && one.length === 3)
  );
}

/**
 * Returns the values of a condition on a field of the record itself; undefined for any other condition. An empty text
 * is not mergeable, because to Odoo it also matches a missing one.
 */
function valuesOf([field, operator, operand]: Condition): Value[] | undefined {
  if (field.includes('.')) return undefined;
  const values =
    operator === '=' ? [operand] : operator === 'in' && Array.isArray(operand) ? operand : undefined;
  return values?.every((value) => value !== '' && ['string', 'number', 'boolean'].includes(typeof value))
    ? (values as Value[])
    : undefined;
}

function union(lists: Value[][]): Value[] {
  return [...new Set(lists.flat())];
}

function holds(row: Row, condition: Condition): boolean {
  const value = row[condition[0]];
  const isMany2one = Array.isArray(value) && value.length === 2 && typeof value[1] !== 'number';
  const has: unknown[] = isMany2one ? [value[0]] : Array.isArray(value) ? value : [value];
  const wanted = valuesOf(condition)! as unknown[];
  return has.some((one) => wanted.includes(one));
}

function only(row: Row, fields: string[]): Row {
  return Object.fromEntries(['id', ...fields].map((field) => [field, row[field]]));
}
