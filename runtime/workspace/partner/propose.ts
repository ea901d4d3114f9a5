/** A draft of a mapping, proposed from the names and values of a sample. Money, quantities and currency that the sample does not prove wait for a person's look. */
import type { Field } from './fields.ts';
import { find, linesOf, type Found } from './find.ts';
import { called, first, isOwn, last, minor, withoutOrder, wordsOf, type Called } from './names.ts';
import { amounts } from './amounts.ts';
import { leavesFor, type Context } from './context.ts';
import type { From, Row, Why } from './row.ts';
import { pathText, seenIn, type Leaf } from './sample.ts';
import { proposedShipping } from './freight.ts';
import { proposedTaxes } from './taxes.ts';

export function propose(fields: readonly Field[], body: unknown, source: string): Row[] {
  const seen = seenIn(body);
  const lines = fields.some(({ target }) => target === 'lines') ? linesOf(seen) : undefined;
  const ofOrder = fields.some(({ target }) => target.startsWith('order.'));
  const context: Context = { source, seen, lines, sums: amounts(seen, lines), ofOrder };
  const rows = fields.map((field) => proposed(field, context));
  return emptied(derived(rows));
}

function proposed(field: Field, context: Context): Row {
  const { target, kind } = field;
  if (target === 'source') return { ...field, from: { fixed: context.source }, state: 'sure' };
  if (target === 'lines' && context.lines)
    return { ...field, from: { path: pathText(context.lines.names) }, state: 'sure' };
  if (target.startsWith('shipping')) return proposedShipping(field, context);
  if (target === 'pricesIncludeTax') return basis(field, context);
  if (target === 'lines[].taxes') return proposedTaxes(field, context);
  if (kind === 'list' || kind === 'taxes' || kind === 'boolean' || field.choices) return nothing(field);
  const found = find(leavesFor(field, context), nameOf(field, context), (leaf) => fits(field, leaf));
  return found ? filled(field, found, context) : fallback(field, context);
}

function nameOf({ target }: Field, { ofOrder }: Pick<Context, 'ofOrder'>): Called {
  if (target === 'id' && ofOrder) return { tails: withoutOrder(called.get('id')!.tails) };
  // A canonical document without words of its own is asked by its own names.
  return called.get(target) ?? { tails: [wordsOf(target.split(/\.|\[\]\./).at(-1) ?? '').join('')] };
}

const isPart = /^(first|last|given|family|fore|sur|user|middle)[_-]?name$/i;
const number = /^-?\d+([.]\d+)?$/;

function fits({ kind, target }: Field, { value, names }: Leaf): boolean {
  const text = String(value);
  if (typeof value === 'boolean') return false;
  if (kind === 'money' || kind === 'quantity' || kind === 'rate') return number.test(text);
  if (kind === 'time') return /^\d{4}-\d\d-\d\d([T ]|$)/.test(text) || /^\d{10}(\d{3})?$/.test(text);
  if (kind === 'currency') return /^[A-Za-z]{3}$/.test(text);
  // A person's name is no code, and a number is no name.
  if (target.endsWith('name') && isPart.test(names.at(-1) ?? '')) return false;
  if (target === 'lines[].name' || target === 'customer.name') return !number.test(text);
  return !(target === 'lines[].id' && names.length === 0);
}

/** What tells the document from others must be its own, not its shop's. */
const identity = new Set(['id', 'number', 'reference', 'order.id', 'order.number']);

function filled(field: Field, { leaf, alone, close, head }: Found, { sums }: Context): Row {
  const { kind, target } = field;
  const path = pathText(leaf.names.slice(leaf.list));
  const row = (from: From, why?: Why): Row => ({
    ...field,
    from,
    state: why ? 'check' : 'sure',
    ...(why && { why }),
  });
  const isOthers = identity.has(target) && !isOwn(head);
  const doubt: Why | undefined = !alone ? 'several' : close && !isOthers ? undefined : 'unsure-name';
  const text = String(leaf.value);
  if (kind === 'money') {
    if (minor.test(wordsOf(leaf.names.at(-1) ?? '').join('')))
      return row({ expression: `$minor(${path}, ${sums.currency})` }, 'minor');
    return row({ path }, sums.proves(target, leaf) && alone ? undefined : 'money');
  }
  if (kind === 'quantity') return row({ path }, doubt ?? (Number(text) > 0 ? undefined : 'quantity'));
  if (kind === 'currency')
    return row(
      /^[A-Z]{3}$/.test(text) ? { path } : { expression: `$uppercase($text(${path}))` },
      doubt ?? (/^[A-Z]{3}$/.test(text) ? undefined : 'currency'),
    );
  if (kind === 'time') return time(row, path, text, doubt);
  if (kind === 'country' && !/^[A-Z]{2}$/.test(text))
    return row(/^[a-z]{2}$/.test(text) ? { expression: `$uppercase($text(${path}))` } : { path }, 'country');
  if (target.endsWith('email')) return row({ expression: `$lowercase($text(${path}))` }, doubt);
  return row({ path }, field.required || isOthers ? doubt : close || alone ? undefined : doubt);
}

function time(row: (from: From, why?: Why) => Row, path: string, text: string, doubt?: Why): Row {
  // As a number or as its digits in a text.
  if (/^\d{13}$/.test(text)) return row({ expression: `$fromMillis($number(${path}))` }, doubt);
  if (/^\d{10}$/.test(text)) return row({ expression: `$fromMillis($number(${path}) * 1000)` }, doubt);
  if (/^\d{4}-\d\d-\d\d$/.test(text))
    return row({ expression: `$time(${path} & 'T00:00:00', 'Z')` }, 'no-zone');
  const zoned = /(Z|[+-]\d\d:?\d\d)$/.test(text);
  if (zoned) return row({ expression: `$time(${path})` }, doubt);
  return row(
    { expression: `$time(${text.includes(' ') ? `$replace(${path}, ' ', 'T')` : path}, 'Z')` },
    'no-zone',
  );
}

function fallback(field: Field, context: Context): Row {
  const { target } = field;
  if (target === 'lines[].id' && context.lines)
    return { ...field, from: { expression: '$string($at + 1)' }, state: 'sure', why: 'numbered' };
  if (target === 'lines[].name' || target === 'number') return nothing(field);
  if (/(^|\.)name$/.test(target)) {
    const { role } = nameOf(field, context);
    const parts = [first, last].map((tails) =>
      find(leavesFor(field, context), { ...(role && { role }), tails }),
    );
    const paths = parts.flatMap((part) => (part ? [pathText(part.leaf.names)] : []));
    if (paths.length > 0)
      return { ...field, from: { expression: `$words([${paths.join(', ')}])` }, state: 'sure' };
  }
  return nothing(field);
}

/** Whether prices include tax: what the sums of the sample prove, else what it says, else a question. */
function basis(field: Field, { seen, sums, ofOrder }: Context): Row {
  if (sums.includesTax !== undefined)
    return { ...field, from: { fixed: String(sums.includesTax) }, state: 'sure', why: 'sums' };
  const said = find(
    seen.leaves.filter(({ list }) => list === 0),
    nameOf(field, { ofOrder }),
    ({ value }) => typeof value === 'boolean',
  );
  if (said) return { ...field, from: { path: pathText(said.leaf.names) }, state: 'sure' };
  return { ...field, from: { fixed: 'false' }, state: 'check', why: 'tax-basis' };
}

export function nothing(field: Field): Row {
  return { ...field, state: field.required ? 'missing' : 'none' };
}

/** What follows from other fields. */
function derived(rows: readonly Row[]): Row[] {
  const of = (target: string): Row | undefined => rows.find((row) => row.target === target);
  const expressionOf = (target: string): string | undefined => {
    const from = of(target)?.from;
    return from && ('path' in from ? from.path : 'expression' in from ? from.expression : undefined);
  };
  const [net, tax, gross] = ['totals.net', 'totals.tax', 'totals.gross'].map(expressionOf);
  const made: Record<string, string | undefined> = {
    'totals.net': gross && tax && `$sub(${gross}, ${tax})`,
    'totals.tax': gross && net && `$sub(${gross}, ${net})`,
    'totals.gross': net && tax && `$add(${net}, ${tax})`,
  };
  const names: Record<string, string[]> = {
    'customer.name': ['shipTo.name', 'billTo.name', 'customer.company', 'customer.email'],
  };
  return rows.map((row) => {
    if (row.from || !row.required) return row;
    if (made[row.target])
      return { ...row, from: { expression: made[row.target]! }, state: 'check', why: 'derived' };
    const other = names[row.target]?.map(of).find((one) => one?.from);
    if (other?.from) return { ...row, from: other.from, state: 'check', why: 'derived' };
    const email = of('customer.email')?.from;
    if (row.target === 'customer.id' && email && 'expression' in email)
      return {
        ...row,
        from: { expression: `'guest:' & ${email.expression}` },
        state: 'check',
        why: 'derived',
      };
    const id = row.target === 'number' ? of('id')?.from : undefined;
    return id ? { ...row, from: id, state: 'check', why: 'derived' } : row;
  });
}

/** A group or list that is optional is left out whole where what it must have is not there, and required where it is there. */
function emptied(rows: readonly Row[]): Row[] {
  const optional = rows.filter(({ kind, from, required }) => kind === 'list' && !from && !required);
  return rows.map((row) => {
    if (optional.some(({ target }) => row.target.startsWith(`${target}[]`)))
      return { ...row, required: false, state: row.from ? row.state : 'none' };
    const group = /^(billTo|shipTo)\./.exec(row.target)?.[1];
    if (group === undefined || !row.target.endsWith('.country') || row.from) return row;
    return rows.some(({ target, from }) => from && target.startsWith(`${group}.`))
      ? { ...row, state: 'missing' }
      : row;
  });
}
