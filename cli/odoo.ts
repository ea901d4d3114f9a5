/** `crossdock odoo user`: makes the user of the hub in Odoo, as an administrator, with the rights it needs and no other. */
import { parseArgs } from 'node:util';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { openOdoo } from '../runtime/odoo/client.ts';
import { groups, own, type Group } from '../runtime/odoo/rights/needs.ts';
import { ensureHubUser } from '../runtime/odoo/rights/user.ts';
import { places } from '../runtime/app/project.ts';
import { takeVariables } from '../runtime/app/variables.ts';

const options = {
  login: { type: 'string', default: 'crossdock' },
  json: { type: 'boolean', default: false },
} as const;

export async function odoo(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [name, ...more] = positionals;
  if (name !== 'user' || more.length > 0)
    throw new CodedError('REQUEST_INVALID', `There is no command odoo ${positionals.join(' ')}: user`);
  const { url, database, login, apiKey } = administrator();
  if (values.login === login)
    throw new CodedError('CONFIG_INVALID', `${login} is the administrator: the user of the hub is another`);
  // Every version takes it, with a password as well as with a key.
  const admin = openOdoo({ url, database, login, apiKey, timeoutMs: 60_000, protocol: 'jsonrpc' });
  const who = { login: values.login, name: 'Crossdock' };
  const { given: granted, left, ...user } = await ensureHubUser(admin, who);
  const version = await admin.version();
  const given = [...granted.map((one) => groups[one]), own.name];
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ ...user, groups: given, left, version }, null, 2)}\n`
      : `${user.login} ${user.repeated ? 'was there and has now' : 'is made with'} these groups in Odoo ${version}, and no other:\n${given
          .map((one) => `  ${one}\n`)
          .join('')}${leftOut(left)}\n${howToKey(user.login, version)}`,
  );
}

function leftOut(left: readonly Group[]): string {
  const named = left.map((one) => `  ${groups[one]}\n`).join('');
  return named && `Left out, for their app is not installed:\n${named}`;
}

/** The connection of an Odoo administrator, from the environment. Throws CodedError SETTING_MISSING for names that are not set. */
function administrator() {
  const { definitionsDir, dataDir } = places();
  takeVariables({ definitionsDir, dataDir });
  const names = ['ODOO_URL', 'ODOO_DATABASE', 'ODOO_ADMIN_LOGIN', 'ODOO_ADMIN_KEY'] as const;
  const missing = names.filter((name) => !process.env[name]).join(', ');
  if (missing)
    throw new CodedError(
      'SETTING_MISSING',
      `${missing}: set which Odoo, and the login and API key or password of an administrator there`,
      { missing },
    );
  const [url, database, login, apiKey] = names.map((name) => process.env[name]!);
  return { url: url!, database: database!, login: login!, apiKey: apiKey! };
}

/** No version lets an administrator make a key for somebody else, nor a program one without the password. */
function howToKey(login: string, version: number): string {
  const keys =
    version >= 18
      ? 'at most three months: put the day of the next one into a calendar'
      : 'until it is deleted';
  const needsLogin = version < 19 ? `, and ODOO_LOGIN to ${login}` : '';
  return `Its API key only the user itself can make, in a browser; Odoo gives it to nobody else:
  1. As administrator: Settings, Users, ${login}, Action, Change Password.
  2. Log in as ${login}: ${version >= 19 ? 'My Preferences' : version >= 16 ? 'My Profile / Preferences' : 'Preferences'}, ${version >= 19 ? 'Security, Add API Key' : 'Account Security, New API Key'}. It lives ${keys}.
  3. Set ODOO_API_KEY of the hub to it${needsLogin}, and start the hub again.
`;
}
