/** With CROSSDOCK_ODOO_USER=least the hub of a suite works as the user of `crossdock odoo user`; the suite stays an administrator. */
import { testUser, type TestUser } from '../odoo-user.ts';
import { real } from '../real.ts';

let user: TestUser | undefined;

/** The environment of a hub, with the user of least rights where it has the administrator of the real Odoo. */
export async function withLeastUser(env: Record<string, string>): Promise<Record<string, string>> {
  const odoo = real('odoo');
  if (process.env['CROSSDOCK_ODOO_USER'] !== 'least' || !odoo || env['ODOO_API_KEY'] !== odoo.apiKey)
    return env;
  user ??= testUser(odoo);
  const { login = '', apiKey } = await user.access();
  return { ...env, ODOO_LOGIN: login, ODOO_API_KEY: apiKey };
}

// Of every suite; the campaigns and the acceptance have users of their own.
if (typeof after === 'function') after(() => user?.close());
