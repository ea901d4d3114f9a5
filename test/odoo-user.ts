/** The user that `crossdock odoo user` makes, in a real Odoo, for one run of a suite. */
import { randomBytes } from 'node:crypto';
import { openOdoo, type Odoo } from '../runtime/odoo/client.ts';
import type { OdooOptions } from '../runtime/odoo/protocol/protocol.ts';
import type { Group } from '../runtime/odoo/rights/needs.ts';
import { ensureHubUser } from '../runtime/odoo/rights/user.ts';
import { keyOf } from './odoo-key.ts';

type Access = Pick<OdooOptions, 'url' | 'database' | 'login'> & { apiKey: string };

export interface TestUser {
  /** Makes it at the first call. */
  access(): Promise<Access>;
  admin: Odoo;
  /** Gives it these groups of Odoo in the place of its own. */
  groups(wanted: readonly Group[]): Promise<void>;
  /** It logs in no more. */
  close(): Promise<void>;
}

export function testUser(site: Access): TestUser {
  const admin = openOdoo({ ...site, timeoutMs: 60_000 });
  const login = `crossdock-${randomBytes(6).toString('hex')}`;
  const name = 'Crossdock test';
  const password = randomBytes(20).toString('hex');
  let made: Promise<{ id: number; access: Access }> | undefined;

  async function make() {
    const { id } = await ensureHubUser(admin, { login, name, password });
    // Before 19 the password does as well as a key.
    const apiKey = (await admin.version()) >= 19 ? await keyOf(site, login, password) : password;
    return { id, access: { url: site.url, database: site.database, login, apiKey } };
  }

  return {
    admin,
    access: async () => (await (made ??= make())).access,
    async groups(wanted) {
      await ensureHubUser(admin, { login, name }, wanted);
    },
    async close() {
      if (made) await admin.call('res.users', 'write', { ids: [(await made).id], vals: { active: false } });
    },
  };
}
