/** What Odoo says about letters: whether their records stand, whether their product is there, until when the books are closed. */
import type { Catalogue, EventDefinition } from '../events/catalogue.ts';
import type { DeadLetter } from '../journal/journal.ts';
import type { Odoo } from '../odoo/client.ts';
import { externalId, findExternal } from '../odoo/external-id.ts';
import type { Known } from './judge.ts';

export type InOdoo = Pick<Known, 'standing' | 'product' | 'date' | 'lockDate'>;

export interface AskOdoo {
  /** By letter. Throws CodedErrors with codes ODOO_*. */
  known(
    letters: readonly DeadLetter[],
    catalogue: Pick<Catalogue, 'types' | 'get'>,
  ): Promise<Map<string, InOdoo>>;
}

/** A record in one of these needs nothing more of the message it was made from. */
const finished: ReadonlySet<unknown> = new Set(['sale', 'purchase', 'done', 'posted', 'paid', 'in_process']);

export function askOdoo(odoo: Odoo): AskOdoo {
  let locked: Promise<string | undefined> | undefined;
  return {
    async known(letters, catalogue) {
      const named = letters.flatMap((letter) => nameOf(letter, catalogue) ?? []);
      const skus = letters.flatMap((letter) => skuOf(letter) ?? []);
      const [standing, products, lockDate] = await Promise.all([
        recordsOf(odoo, named),
        productsOf(odoo, skus),
        (locked ??= lockDateOf(odoo)),
      ]);
      return new Map(
        letters.map((letter) => {
          const name = nameOf(letter, catalogue)?.name;
          const sku = skuOf(letter);
          const one: InOdoo = {
            standing: name === undefined ? undefined : standing.get(name),
            product: sku === undefined ? undefined : products.has(sku),
            date: dateOf(letter, eventOf(letter, catalogue)),
            lockDate,
          };
          return [letter.id, one];
        }),
      );
    },
  };
}

interface Named {
  /** External id. */
  name: string;
  order: boolean;
}

function eventOf(
  { message: { type } }: DeadLetter,
  catalogue: Pick<Catalogue, 'types' | 'get'>,
): EventDefinition | undefined {
  return catalogue.types.includes(type) ? catalogue.get(type) : undefined;
}

function nameOf(letter: DeadLetter, catalogue: Pick<Catalogue, 'types' | 'get'>): Named | undefined {
  const kind = eventOf(letter, catalogue)?.becomes;
  const { source, id } = (letter.message.data ?? {}) as { source?: unknown; id?: unknown };
  if (kind === undefined || typeof source !== 'string' || typeof id !== 'string') return undefined;
  return { name: externalId(source, kind, id), order: kind === 'order' };
}

function skuOf({ code, facts: { sku } }: DeadLetter): string | undefined {
  return code === 'PRODUCT_UNKNOWN' && sku !== undefined ? String(sku) : undefined;
}

function dateOf({ message: { data } }: DeadLetter, event: EventDefinition | undefined): string | undefined {
  const date = event?.booked && (data as Record<string, unknown> | null)?.[event.booked];
  return typeof date === 'string' ? date.slice(0, 10) : undefined;
}

/** By external id: the records that need nothing more. */
async function recordsOf(odoo: Odoo, named: readonly Named[]): Promise<Map<string, string>> {
  const of = (order: boolean) => named.filter((one) => one.order === order).map(({ name }) => name);
  const [orders, attachments] = await Promise.all([
    findExternal(odoo, 'sale.order', of(true)),
    findExternal(odoo, 'ir.attachment', of(false)),
  ]);
  const bound = await read<{ id: number; res_model: string | false; res_id: number }>(
    odoo,
    'ir.attachment',
    [...attachments.values()],
    ['res_model', 'res_id'],
  );
  const places = new Map(bound.map((row) => [row.id, { model: row.res_model, id: row.res_id }]));
  const records = [
    ...[...orders].map(([name, id]) => ({ name, model: 'sale.order', id })),
    ...[...attachments].flatMap(([name, row]) => {
      const { model, id } = places.get(row) ?? {};
      return model && id ? [{ name, model, id }] : [];
    }),
  ];
  const standing = new Map<string, string>();
  for (const [model, some] of Map.groupBy(records, (record) => record.model)) {
    const rows = await read<{ id: number; state: unknown }>(
      odoo,
      model,
      some.map(({ id }) => id),
      ['state'],
    );
    const done = new Set(rows.filter(({ state }) => finished.has(state)).map(({ id }) => id));
    for (const { name, id } of some) if (done.has(id)) standing.set(name, `${model}/${id}`);
  }
  return standing;
}

async function productsOf(odoo: Odoo, skus: readonly string[]): Promise<Set<string>> {
  if (skus.length === 0) return new Set();
  const rows = await odoo.call<{ default_code: unknown; barcode: unknown }[]>(
    'product.product',
    'search_read',
    {
      domain: ['|', ['default_code', 'in', skus], ['barcode', 'in', skus]],
      fields: ['default_code', 'barcode'],
    },
  );
  return new Set(rows.flatMap(({ default_code: code, barcode }) => [String(code), String(barcode)]));
}

const locks = ['fiscalyear_lock_date', 'hard_lock_date'];

/** The latest of all companies. */
async function lockDateOf(odoo: Odoo): Promise<string | undefined> {
  const known = await odoo.call<Record<string, unknown>>('res.company', 'fields_get', { attributes: [] });
  const fields = locks.filter((name) => Object.hasOwn(known, name));
  const rows = await odoo.call<Record<string, unknown>[]>('res.company', 'search_read', {
    domain: [],
    fields,
  });
  const dates = rows.flatMap((row) => fields.map((name) => row[name]));
  return dates
    .filter((date) => typeof date === 'string')
    .toSorted()
    .at(-1);
}

async function read<Row>(odoo: Odoo, model: string, ids: number[], fields: string[]): Promise<Row[]> {
  if (ids.length === 0) return [];
  return odoo.call<Row[]>(model, 'search_read', { domain: [['id', 'in', ids]], fields });
}
