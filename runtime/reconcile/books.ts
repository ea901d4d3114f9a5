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

function askedOf(
  { tolerances, ownership }: Pick<Sources, 'tolerances' | 'ownership'>,
  { cutOff }: Scope,
): Asked {
  return { cutOff, tolerances, teamOf: (of) => ownership.find(of)?.team };
}
