/** A company of its own in the real Odoo, with a user who works for it, so that its settings are nobody else's. */
import { randomBytes } from 'node:crypto';
import { openOdoo, type Odoo } from '../../runtime/odoo/client.ts';
import type { RealServices } from '../real.ts';

export type Rounding = 'round_per_line' | 'round_globally';

export interface OwnCompany {
  name: string;
  /** What its user may do. */
  odoo: Odoo;
  round(rounding: Rounding): Promise<void>;
}

/** Currencies of `active` are switched on for all. */
export async function ownCompany(
  { url, database, login, apiKey }: RealServices['odoo'],
  active: string[],
): Promise<OwnCompany> {
  const admin = openOdoo({ url, database, login, apiKey, timeoutMs: 60_000 });
  const name = `totals${randomBytes(4).toString('hex')}`;
  const [us] = await find(admin, 'res.country', [['code', '=', 'US']]);
  const [usd] = await find(admin, 'res.currency', [['name', '=', 'USD']]);
  const company = await make(admin, 'res.company', { name, currency_id: usd!.id, country_id: us!.id });
  const [me] = await find(admin, 'res.users', [['login', '=', login]], ['group_ids']);
  // Odoo lets the one who made it work for it, and so would count its records among the others'.
  await admin.call('res.users', 'write', { ids: [me!.id], vals: { company_ids: [[3, company, 0]] } });
  const password = randomBytes(16).toString('hex');
  await make(admin, 'res.users', {
    name,
    login: name,
    password,
    company_id: company,
    company_ids: [[6, 0, [company]]],
    group_ids: [[6, 0, me!['group_ids']]],
  });
  const inactive = await find(admin, 'res.currency', [
    ['name', 'in', active],
    ['active', '=', false],
  ]);
  if (inactive.length > 0)
    await admin.call('res.currency', 'write', { ids: inactive.map(({ id }) => id), vals: { active: true } });
  // Only over JSON-RPC does a password stand for a key, which nobody can make for another.
  const odoo = openOdoo({
    url,
    database,
    login: name,
    apiKey: password,
    protocol: 'jsonrpc',
    timeoutMs: 120_000,
  });
  await make(odoo, 'account.tax.group', { name, company_id: company });
  const round = async (rounding: Rounding) => {
    await odoo.call('res.company', 'write', {
      ids: [company],
      vals: { tax_calculation_rounding_method: rounding },
    });
  };
  return { name, odoo, round };
}

type Found = { id: number; [field: string]: unknown };

function find(odoo: Odoo, model: string, domain: unknown[], fields = ['id']): Promise<Found[]> {
  return odoo.call(model, 'search_read', { domain, fields, context: { active_test: false } });
}

async function make(odoo: Odoo, model: string, vals: Record<string, unknown>): Promise<number> {
  const context = { no_reset_password: true };
  const [id] = await odoo.call<number[]>(model, 'create', { vals_list: [vals], context });
  return id!;
}
