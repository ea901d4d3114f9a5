/** What Odoo has that an entry of a value map could lead to: asked read only, and not for long. */
import { asCoded, CodedError } from '../errors/coded-error.ts';
import type { Odoo } from '../odoo/client.ts';

/** What stands in `to`, what a person looks for, and what tells two of them apart. */
interface Leads {
  model: string;
  to: string;
  search: readonly string[];
  detail: readonly string[];
  domain?: readonly unknown[];
}

const product: Leads = {
  model: 'product.product',
  to: 'default_code',
  search: ['default_code', 'barcode', 'name'],
  detail: ['name', 'barcode'],
};

/** By the name of the value map. The other maps lead elsewhere: `account` from Odoo to the finance system. */
const leads: Record<string, Leads> = {
  product,
  article: product,
  tax: {
    model: 'account.tax',
    to: 'name',
    search: ['name'],
    detail: ['amount'],
    domain: [['type_tax_use', '=', 'sale']],
  },
  uom: { model: 'uom.uom', to: 'name', search: ['name'], detail: [] },
  warehouse: { model: 'stock.warehouse', to: 'code', search: ['code', 'name'], detail: ['name'] },
  'payment-terms': { model: 'account.payment.term', to: 'name', search: ['name'], detail: [] },
  journal: { model: 'account.journal', to: 'code', search: ['code', 'name'], detail: ['name', 'type'] },
  carrier: { model: 'delivery.carrier', to: 'name', search: ['name'], detail: [] },
};

export interface Candidate {
  /** What the entry would say. */
  to: string;
  detail: string;
}

export interface Candidates {
  /** The best first, 20 at the most. */
  rows: Candidate[];
  /** Why there are none, in a sentence. */
  away?: string;
}

const most = 20;
const asked = 60;
const limitMs = 5000;

/** The model of Odoo the map leads to; undefined where it leads elsewhere. */
export function modelOf(map: string): string | undefined {
  return leads[map]?.model;
}

/** `said`: what it may be called, the likeliest first. Never throws: where Odoo cannot be asked, it says why. */
export async function candidates(
  odoo: Odoo | undefined,
  map: string,
  said: readonly string[],
  ms = limitMs,
): Promise<Candidates> {
  const lead = leads[map];
  if (!lead) return { rows: [] };
  if (!odoo) return { rows: [], away: 'No flow that runs has a connection to Odoo' };
  try {
    const rows = await within(ms, search(odoo, lead, said));
    return { rows };
  } catch (error) {
    return { rows: [], away: asCoded(error).message };
  }
}

/** Whether Odoo has what an entry would lead to; undefined where that cannot be told. */
export async function leadsSomewhere(
  odoo: Odoo | undefined,
  map: string,
  to: string,
): Promise<boolean | undefined> {
  const lead = leads[map];
  // Articles by rule are made where they are missing, and an external id is no name.
  if (!lead || !odoo || map === 'article' || /^[\w-]+\.[\w.-]+$/.test(to)) return undefined;
  const domain = [[lead.to, '=', to], ...(lead.domain ?? [])];
  const query = odoo.call<unknown[]>(lead.model, 'search_read', { domain, fields: ['id'], limit: 1 });
  return within(limitMs, query).then(
    (rows) => rows.length > 0,
    () => undefined,
  );
}

/** First what holds the whole of it, then, where that is little, what shares a word with it; of a short list all, where nothing does. */
async function search(odoo: Odoo, lead: Leads, said: readonly string[]): Promise<Candidate[]> {
  const wholes = said.map((one) => one.trim()).filter((one) => one !== '');
  const words = [...new Set(wholes.flatMap((one) => one.split(/[\s,;/()_-]+/)))].filter(
    (word) => /.{3}|\d\d/.test(word) && !wholes.includes(word),
  );
  const found = await matching(odoo, lead, wholes);
  if (found.length < 5 && words.length > 0) found.push(...(await matching(odoo, lead, words.slice(0, 6))));
  if (found.length === 0 && lead !== product) found.push(...(await rowsOf(odoo, lead, [])));
  const ranked = found.map((row) => ({ row, rank: rankOf(row, lead, wholes, words) }));
  const byTo = new Map<string, Candidate>();
  for (const { row } of ranked.toSorted((a, b) => a.rank - b.rank)) {
    const to = textOf(row[lead.to]);
    const detail = lead.detail.flatMap((name) => textOf(row[name]) || []).join(', ');
    if (to !== '' && !byTo.has(to)) byTo.set(to, { to, detail });
  }
  return [...byTo.values()].slice(0, most);
}

type Row = Record<string, unknown>;

async function matching(odoo: Odoo, lead: Leads, parts: readonly string[]): Promise<Row[]> {
  const terms = parts.flatMap((part) => lead.search.map((field) => [field, 'ilike', part]));
  return terms.length === 0 ? [] : rowsOf(odoo, lead, terms);
}

function rowsOf(odoo: Odoo, lead: Leads, terms: readonly unknown[]): Promise<Row[]> {
  const either = Array.from({ length: Math.max(0, terms.length - 1) }, () => '|');
  const fields = [...new Set([lead.to, ...lead.search, ...lead.detail])];
  const domain = [...either, ...terms, ...(lead.domain ?? [])];
  return odoo.call<Row[]>(lead.model, 'search_read', { domain, fields, order: lead.to, limit: asked });
}

/** The lower the likelier. */
function rankOf(row: Row, lead: Leads, wholes: readonly string[], words: readonly string[]): number {
  const texts = lead.search.map((field) => textOf(row[field]).toLowerCase());
  const parts = wholes.map((one) => one.toLowerCase());
  const exact = parts.findIndex((part) => texts.includes(part));
  if (exact >= 0) return exact;
  if (parts.some((part) => texts.some((one) => one.startsWith(part)))) return 10;
  if (parts.some((part) => texts.some((one) => one.includes(part)))) return 20;
  const shared = words.filter((word) => texts.some((one) => one.includes(word.toLowerCase()))).length;
  return 40 - shared;
}

/** Odoo says false where there is nothing. */
function textOf(value: unknown): string {
  return value === false || value === undefined || value === null ? '' : String(value);
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const message = `Odoo did not answer within ${ms / 1000} seconds`;
  const timer = setTimeout(() => late.reject(new CodedError('ODOO_TIMEOUT', message)), ms);
  work.catch(() => {});
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}
