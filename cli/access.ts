/** `crossdock token` and `user`: who may use this hub. */
import { parseArgs } from 'node:util';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { permits, roles } from '../runtime/node-red/roles.ts';
import type { Scope } from '../runtime/node-red/tokens.ts';
import { places } from './project.ts';

export async function token(args: string[]): Promise<void> {
  const options = { scope: { type: 'string', default: 'promote' }, for: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const { makeToken } = await import('../runtime/node-red/tokens.ts');
  const [name = ''] = positionals;
  const { dataDir } = places();
  if (values.for !== undefined) await demandAuthor(dataDir, values.for);
  const made = await makeToken(dataDir, name, values.scope as Scope, values.for);
  process.stdout.write(`${made}\n`);
}

async function demandAuthor(dataDir: string, name: string): Promise<void> {
  const { openUsers } = await import('../runtime/node-red/users.ts');
  const user = await (await openUsers(dataDir, (text) => void process.stderr.write(text))).user(name);
  if (!user || !permits(user.permissions, 'crossdock.cut'))
    throw new CodedError('CONFIG_INVALID', `${name} is no user of this hub who may cut releases`);
}

/**
 * Who agrees to something says so with a password: the name alone anybody can write. `agrees`: what they do here; `to`: what
 * for. Throws CodedError LOGIN_MISSING and PERMISSION_MISSING.
 */
export async function demandPerson(
  by: string,
  permission: string,
  { agrees, to }: { agrees: string; to: string },
): Promise<void> {
  const { openUsers } = await import('../runtime/node-red/users.ts');
  const users = await openUsers(places().dataDir, (said) => void process.stderr.write(said));
  const user = await users.check(by, process.env['CROSSDOCK_PASSWORD'] ?? '');
  if (!user)
    throw new CodedError(
      'LOGIN_MISSING',
      `Say who ${agrees}: --by NAME, with the password in CROSSDOCK_PASSWORD`,
    );
  if (!permits(user.permissions, permission))
    throw new CodedError('PERMISSION_MISSING', `The role of ${by} may not ${to}`);
}

/** The password comes from CROSSDOCK_PASSWORD: an argument would stand in the list of processes. */
export async function user(args: string[]): Promise<void> {
  const options = {
    role: { type: 'string', default: 'viewer' },
    team: { type: 'string', multiple: true },
  } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const { openUsers } = await import('../runtime/node-red/users.ts');
  const [name] = positionals;
  const password = process.env['CROSSDOCK_PASSWORD'];
  if (!name || !password || !Object.hasOwn(roles, values.role))
    throw new CodedError(
      'CONFIG_INVALID',
      `Say a name, a role (${Object.keys(roles).join(', ')}), and the password in CROSSDOCK_PASSWORD`,
    );
  const users = await openUsers(places().dataDir, (text) => void process.stderr.write(text));
  const teams = values.team ?? [];
  await users.set(name, password, values.role as keyof typeof roles, teams);
  const of = teams.length > 0 ? `, of ${teams.join(', ')}` : '';
  process.stdout.write(`${name} is ${values.role}${of}\n`);
}
