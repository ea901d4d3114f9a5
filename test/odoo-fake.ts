/** An Odoo of this version that answers calls as a test says; all else it knows by the table of names. */
import type { Odoo } from '../runtime/odoo/client.ts';
import type { CallArgs } from '../runtime/odoo/protocol/protocol.ts';
import { dialectOfVersion } from '../runtime/odoo/versions/dialect.ts';

export function fakeOdoo(
  major: number,
  answer: (model: string, method: string, args: CallArgs) => unknown,
): Odoo {
  return {
    url: 'http://odoo',
    database: 'd',
    version: async () => major,
    dialect: async () => dialectOfVersion(major),
    user: async () => 2,
    ready: async () => {},
    call: async <T>(model: string, method: string, args: CallArgs = {}) =>
      (await answer(model, method, args)) as T,
  };
}
