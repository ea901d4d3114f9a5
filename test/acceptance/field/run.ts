/** One field run: articles of its own in Odoo, a hub, everything sent at once, a table of what came of it. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { Odoo } from '../../../runtime/odoo/client.ts';
import { editFile, startHubProcess } from '../../e2e/hub-process.ts';
import { field, table, type Verdict } from './field.ts';
import { readKinds } from './kinds.ts';
import { openWorld } from './world.ts';

export interface FieldOptions {
  odoo: Odoo;
  env: Record<string, string>;
  dataDir: string;
  /** Files with kinds; default the project's. */
  dir?: string;
  only?: RegExp;
  withinMs: number;
  log(text: string): void;
}

export type FieldFound = { kinds: number } & Record<Verdict, number>;

/** `A` costs 40.00 and moves stock; so do `B` and `C`, and `V`, which has the company's usual sales tax. */
export async function fieldRun(options: FieldOptions): Promise<FieldFound> {
  const { odoo, dataDir, log } = options;
  // Six digits that no earlier run had: every id of a partner is made of them.
  const run = 100_000 + (Math.floor(Date.now() / 1000) % 800_000);
  const article = (letter: string) => `FIELD-${run}-${letter}`;
  await odoo.call('product.product', 'create', {
    vals_list: ['A', 'B', 'C', 'V'].map((letter) => ({
      name: `Field ${letter}`,
      default_code: article(letter),
      type: 'consu',
      invoice_policy: 'delivery',
      list_price: 40,
      ...(letter !== 'V' && { taxes_id: [] }),
    })),
  });
  for (const [code, rate] of [
    ['EUR', 0.9],
    ['JPY', 150],
    ['KWD', 0.3],
  ] as const)
    await activate(odoo, code, rate);
  const kinds = readKinds(run, article, options);
  const world = await openWorld();
  const definitionsDir = join(dataDir, 'definitions');
  cpSync('definitions', definitionsDir, { recursive: true });
  // What waits for an order that never comes is tried for minutes or hours: here for as long as a busy machine needs.
  const soon = 'ORDER_UNKNOWN: { immediate: 1, delays: [1, 3, 10, 30] }';
  const policies = join(definitionsDir, 'policies');
  editFile(join(policies, 'standard.yaml'), 'ODOO_BUSY:', `${soon}\n  ODOO_BUSY:`);
  editFile(
    join(policies, 'patient.yaml'),
    'ORDER_UNKNOWN: { immediate: 1, delays: [5, 60, 600, 3600, 14400] }',
    soon,
  );
  const env = { ...options.env, ...world.env, CROSSDOCK_DEFINITIONS: definitionsDir };
  const hub = await startHubProcess(env, dataDir);
  try {
    const outcomes = await field({
      odoo,
      hub: { url: () => hub.url, dataDir, env },
      world,
      kinds,
      withinMs: options.withinMs,
    });
    for (const { kind, verdict, why } of outcomes)
      log(
        `${verdict.padEnd(15)} ${kind.partner}: ${kind.kind}${why.length > 0 ? `: ${why.join('; ')}` : ''}`,
      );
    log(`\n${table(outcomes)}\n`);
    const count = (verdict: Verdict) => outcomes.filter((one) => one.verdict === verdict).length;
    return {
      kinds: outcomes.length,
      right: count('right'),
      refused_clearly: count('refused_clearly'),
      wrong: count('wrong'),
    };
  } finally {
    await hub.stop(true);
    world.close();
  }
}

/** Odoo has every currency, most of them switched off and without a rate. */
async function activate(odoo: Odoo, code: string, rate: number): Promise<void> {
  const [currency] = await odoo.call<{ id: number; active: boolean; rate_ids: number[] }[]>(
    'res.currency',
    'search_read',
    {
      domain: [
        ['name', '=', code],
        ['active', 'in', [true, false]],
      ],
      fields: ['active', 'rate_ids'],
    },
  );
  const { id, active, rate_ids: rates } = currency!;
  if (!active) await odoo.call('res.currency', 'write', { ids: [id], vals: { active: true } });
  if (rates.length === 0)
    await odoo.call('res.currency.rate', 'create', {
      vals_list: [{ currency_id: id, name: '2020-01-01', rate }],
    });
}
