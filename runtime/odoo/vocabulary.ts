/** Lets flows name things as Odoo 19 does: calls to an older Odoo are translated to its names, and its answers back. */
import type { Odoo } from './client.ts';
import type { CallArgs } from './protocol/protocol.ts';
import type { Dialect } from './versions/dialect.ts';

type Row = Record<string, unknown>;

/** What replaces a field of 19 that this Odoo does not have. */
interface Word {
  /** Fields that are read instead. */
  fields: readonly string[];
  /** The value that the field would have in each row of those fields. */
  of(rows: readonly Row[], odoo: Odoo): Promise<unknown[]>;
  /** The terms of a domain that replace a condition on the field. */
  where(operator: string, value: unknown, odoo: Odoo): Promise<unknown[]>;
  /** Set if only the name differs: the field can then be written and sorted by. */
  name?: string;
}

type Words = Record<string, Word>;

/** Returns the same Odoo for callers that use the names of 19. */
export function inVocabulary(odoo: Odoo): Odoo {
  return {
    ...odoo,
    async call<T>(model: string, method: string, args: CallArgs = {}) {
      const dialect = await odoo.dialect();
      const words = wordsOf(dialect)[model];
      const own = model === 'stock.lot' ? dialect.lotModel : model;
      if (!words || Object.keys(words).length === 0) return odoo.call<T>(own, method, args);
      const answer = await odoo.call<unknown>(own, method, await said(words, args, odoo));
      return (await saidBack(words, args, answer, odoo)) as T;
    },
  };
}

function wordsOf(dialect: Dialect): Record<string, Words> {
  return {
    'sale.order.line': {
      ...renamed('product_uom_id', dialect.lineUom),
      ...renamed('tax_ids', dialect.lineTaxes),
    },
    'stock.picking': renamed('move_ids', dialect.moves),
    'stock.move': renamed('quantity', dialect.done),
    'stock.move.line': renamed('quantity', dialect.lineDone),
    'account.payment': renamed('memo', dialect.paymentMemo),
    'product.product': dialect.storable[0] === 'is_storable' ? {} : { is_storable: storable },
    'account.move.line': {
      ...(dialect.distribution ? {} : { analytic_distribution: distribution }),
      ...(dialect.goods.length === 1 ? {} : { display_type: displayType }),
    },
    'stock.quant': dialect.placed ? {} : { warehouse_id: warehouse, 'location_id.warehouse_id': warehouse },
  };
}

function renamed(name: string, is: string): Words {
  if (name === is) return {};
  return {
    [name]: {
      name: is,
      fields: [is],
      of: async (rows) => rows.map((row) => row[is]),
      where: async (operator, value) => [[is, operator, value]],
    },
  };
}

const storable: Word = {
  fields: ['type'],
  of: async (rows) => rows.map(({ type }) => type === 'product'),
  where: async (operator, value) => [
    ['type', (operator === '=') === (value === true) ? '=' : '!=', 'product'],
  ],
};

/** An item has its whole distribution on its one account. */
const distribution: Word = {
  fields: ['analytic_account_id'],
  of: async (rows) =>
    rows.map(({ analytic_account_id: account }) =>
      account ? { [String((account as [number])[0])]: 100 } : false,
    ),
  where: async (operator, value) => [['analytic_account_id', operator, value]],
};

/** The type of an invoice line. Before 16, lines of goods have none, and another field marks taxes. */
const displayType: Word = {
  fields: ['display_type', 'exclude_from_invoice_tab'],
  of: async (rows) =>
    rows.map(
      ({ display_type: type, exclude_from_invoice_tab: apart }) => type || (apart ? false : 'product'),
    ),
  where: async (operator, value) =>
    operator === '=' && value === 'product'
      ? ['&', ['display_type', '=', false], ['exclude_from_invoice_tab', '=', false]]
      : [['display_type', operator, value]],
};

interface Warehouse {
  id: number;
  name: string;
  view_location_id: [number, string];
}

/** The warehouse of a location: the one whose view location is above it. */
const warehouse: Word = {
  fields: ['location_id'],
  async of(rows, odoo) {
    const ids = [...new Set(rows.map(({ location_id: at }) => (at as [number, string])[0]))];
    const [places, all] = await Promise.all([
      odoo.call<{ id: number; parent_path: string }[]>('stock.location', 'search_read', {
        domain: [['id', 'in', ids]],
        fields: ['parent_path'],
        context: { active_test: false },
      }),
      warehouses(odoo),
    ]);
    const above = new Map(places.map(({ id, parent_path: path }) => [id, path.split('/').map(Number)]));
    return rows.map(({ location_id: at }) => {
      const path = above.get((at as [number, string])[0]) ?? [];
      const own = all.find(({ view_location_id: [id] }) => path.includes(id));
      return own ? [own.id, own.name] : false;
    });
  },
  async where(operator, value, odoo) {
    const all = await warehouses(odoo);
    const wanted = value === false ? all : all.filter(({ id }) => [value].flat().includes(id));
    const inside = (operator === '!=') === (value === false);
    const above = wanted.map(({ view_location_id: [id] }) => id);
    return [['location_id', inside ? 'child_of' : 'not child_of', above]];
  },
};

function warehouses(odoo: Odoo): Promise<Warehouse[]> {
  const fields = ['name', 'view_location_id'];
  return odoo.call('stock.warehouse', 'search_read', { domain: [], fields, context: { active_test: false } });
}

async function said(words: Words, args: CallArgs, odoo: Odoo): Promise<CallArgs> {
  const { fields, domain, order, vals, vals_list: list } = args;
  const written = (values: unknown) =>
    Object.fromEntries(
      Object.entries(values as Row).map(([name, value]) => [words[name]?.name ?? name, value]),
    );
  return {
    ...args,
    ...(Array.isArray(fields) && { fields: fieldsIn(words, fields as string[]) }),
    ...(Array.isArray(domain) && {
      domain: (await Promise.all(domain.map((one) => termsIn(words, one, odoo)))).flat(),
    }),
    ...(typeof order === 'string' && {
      order: order.replaceAll(/\w+/g, (name) => words[name]?.name ?? name),
    }),
    ...(vals !== undefined && { vals: written(vals) }),
    ...(Array.isArray(list) && { vals_list: list.map(written) }),
  };
}

function fieldsIn(words: Words, fields: readonly string[]): string[] {
  return [...new Set(fields.flatMap((name) => words[name]?.fields ?? [name]))];
}

async function termsIn(words: Words, term: unknown, odoo: Odoo): Promise<unknown[]> {
  const [field, operator, value] = (Array.isArray(term) ? term : []) as [string?, string?, unknown?];
  const word = words[field ?? ''];
  return word ? word.where(operator!, value, odoo) : [term];
}

/** Returns the rows of an answer with the requested fields only. */
async function saidBack(words: Words, { fields }: CallArgs, answer: unknown, odoo: Odoo): Promise<unknown> {
  const asked = Array.isArray(fields) ? (fields as string[]) : [];
  const some = asked.filter((name) => words[name]);
  if (some.length === 0 || !Array.isArray(answer)) return answer;
  const rows = answer as Row[];
  const told = await Promise.all(some.map((name) => words[name]!.of(rows, odoo)));
  const read = fieldsIn(words, asked);
  return rows.map((row, at) => {
    const own = Object.entries(row).filter(([name]) => asked.includes(name) || !read.includes(name));
    return {
      ...Object.fromEntries(own),
      ...Object.fromEntries(some.map((name, of) => [name, told[of]![at]])),
    };
  });
}
