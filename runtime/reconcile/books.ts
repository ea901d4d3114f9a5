/** Reads the books of both sides and compares them. Nothing is written, neither here nor in Odoo. */
import type { Journal } from '../journal/journal.ts';
import type { Odoo } from '../odoo/client.ts';
import type { Ownership } from '../ownership/ownership.ts';
import type { ProcessDefinition } from '../process/definition.ts';
import { keyOf, type OdooOrder } from './facts.ts';
import { readHub, type Scope } from './read-hub.ts';
import { readOdoo } from './read-odoo.ts';
import { readHubPurchases, readPurchases } from './read-purchases.ts';
import { reconcilePurchases } from './purchases.ts';
import { reconcile, type Asked } from './reconcile.ts';
import { runOf, type Run } from './run.ts';
import { readStock } from './read-stock.ts';
import { reconcileStock, type ToldStock } from './stock.ts';
import type { CountedStock } from './stock-statement.ts';
import { lastTaken, waitingLevels } from '../stock/levels.ts';
import { inVocabulary } from '../odoo/vocabulary.ts';
import type { Tables } from '../journal/tables.ts';
import type { Kysely } from 'kysely';
import type { Tolerances } from './tolerances.ts';

export interface Sources {
  journal: Pick<Journal, 'processes'>;
  odoo: Odoo;
  definition: Pick<ProcessDefinition, 'process' | 'steps'>;
  tolerances: Tolerances;
  ownership: Pick<Ownership, 'find'>;
}

/** Throws what the journal and calls to Odoo throw. */
export async function reconcileSales(sources: Sources, scope: Scope): Promise<Run> {
  const { journal, odoo, definition, tolerances } = sources;
  const hub = await readHub(journal.processes, definition, scope);
  const all = await readOdoo(odoo, hub, scope);
  const inScope = new Set(hub.map(keyOf));
  /** The hub may know it from before, or have heard of it since. Asked for together they are few questions. */
  const isElsewhere = async ({ key }: OdooOrder): Promise<boolean> =>
    key !== undefined &&
    !inScope.has(keyOf(key)) &&
    Boolean(await journal.processes.get(definition.process, keyOf(key)));
  const elsewhere = await Promise.all(all.map(isElsewhere));
  const orders = all.filter((_, at) => !elsewhere[at]);
  const found = reconcile({ hub, odoo: orders }, askedOf(sources, scope));
  return runOf(found, { scope, database: odoo.database, tolerances });
}

/** Without a process of purchases nobody but Odoo knows of them. Throws as sales do. */
export async function reconcilePurchaseBooks(
  sources: Omit<Sources, 'definition'> & Partial<Pick<Sources, 'definition'>>,
  scope: Scope,
): Promise<Run> {
  const { journal, odoo, definition, tolerances } = sources;
  const hub = definition ? await readHubPurchases(journal.processes, definition, scope) : new Map();
  const purchases = await readPurchases(odoo, scope);
  const found = reconcilePurchases({ purchases, hub }, askedOf(sources, scope));
  return runOf(found, { scope, database: odoo.database, tolerances });
}

export interface StockSources extends Pick<Sources, 'odoo' | 'tolerances' | 'ownership'> {
  /** Of the store: what channels have taken. */
  db: Kysely<Tables>;
  counted: readonly CountedStock[];
}

/** As of the cut-off, and of the times that the statement says. Throws what the store and calls to Odoo throw. */
export async function reconcileStockBooks(sources: StockSources, scope: Scope): Promise<Run> {
  const { odoo, db, counted, tolerances } = sources;
  const { cutOff, partner } = scope;
  const waits = new Map((await waitingLevels(db)).map((one) => [placeOf(one), one.since]));
  const told = (await lastTaken(db))
    .filter((one) => one.taken <= cutOff && (!partner || one.channel === partner))
    .map(({ channel, warehouse, sku, told, at, taken }): ToldStock => {
      const since = waits.get(placeOf({ channel, warehouse, sku }));
      return { channel, warehouse, sku, told, at, taken, ...(since && { waits: since }) };
    });
  const own = counted.filter(({ warehouse }) => !partner || warehouse === partner);
  const stock = await readStock(inVocabulary(odoo), {
    warehouses: new Set(own.map(({ warehouse }) => warehouse)),
    since: [cutOff, ...own.map(({ asOf }) => asOf)].toSorted()[0]!,
    counted: own.map(({ sku }) => sku),
    told: new Map(
      [...Map.groupBy(told, ({ warehouse }) => warehouse)].map(([warehouse, all]) => [
        warehouse,
        new Set(all.map(({ sku }) => sku)),
      ]),
    ),
  });
  const found = reconcileStock({ ...stock, counted: own, told }, askedOf(sources, scope));
  const looked = [
    ...new Set([...own.map(({ warehouse }) => warehouse), ...told.map(({ channel }) => channel)]),
  ];
  const whole = { ...scope, looked: looked.toSorted() };
  return runOf(found, { scope: whole, database: odoo.database, tolerances });
}

function placeOf({ channel, warehouse, sku }: { channel: string; warehouse: string; sku: string }): string {
  return JSON.stringify([channel, warehouse, sku]);
}

function askedOf(
  { tolerances, ownership }: Pick<Sources, 'tolerances' | 'ownership'>,
  { cutOff }: Scope,
): Asked {
  return { cutOff, tolerances, teamOf: (of) => ownership.find(of)?.team };
}
