/** `crossdock token` and `user`: who may use this hub. */
import { parseArgs } from 'node:util';
import { audited, hashed } from '../runtime/audit/audited.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { loudly } from '../runtime/node-red/sign-on/break-glass.ts';
import { signOnOf } from '../runtime/sign-on/settings.ts';
import { permits, roles, type Role } from '../runtime/node-red/roles.ts';
import type { Scope } from '../runtime/node-red/tokens.ts';
import type { ListedUser, Users } from '../runtime/node-red/users.ts';
import { localUser } from './local-user.ts';
import { places } from './project.ts';
import { withJournal } from './stores.ts';

export async function token(args: string[]): Promise<void> {
  const options = { scope: { type: 'string', default: 'promote' }, for: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const { makeToken } = await import('../runtime/node-red/tokens.ts');
  const [name = ''] = positionals;
  const { dataDir } = places();
  if (values.for !== undefined) await demandAuthor(dataDir, values.for);
  const said = hashed('after', { scope: values.scope, person: values.for });
  const made = await withJournal(({ audit }) =>
    audited(audit, { who: localUser(), act: 'token.make', object: `token/${name}`, ...said }, () =>
      makeToken(dataDir, name, values.scope as Scope, values.for),
    ),
  );
  process.stdout.write(`${made}\n`);
}

async function demandAuthor(dataDir: string, name: string): Promise<void> {
  const user = await withUsers((users) => users.user(name), dataDir);
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
  const user = await withUsers((users) => users.check(by, process.env['CROSSDOCK_PASSWORD'] ?? ''));
  if (!user)
    throw new CodedError(
      'LOGIN_MISSING',
      `Say who ${agrees}: --by NAME, with the password in CROSSDOCK_PASSWORD`,
    );
  if (!permits(user.permissions, permission))
    throw new CodedError('PERMISSION_MISSING', `The role of ${by} may not ${to}`);
}

/** With rows in the audit of the store, for logins too. */
function withUsers<Result>(
  work: (users: Users) => Promise<Result>,
  dataDir = places().dataDir,
): Promise<Result> {
  return withJournal(async ({ audit }) => {
    const { openUsers } = await import('../runtime/node-red/users.ts');
    const say = (text: string): void => void process.stderr.write(text);
    const settings = signOnOf(process.env);
    const breakGlass = settings && loudly(settings.breakGlass, (text) => say(`${text}\n`));
    return work(await openUsers(dataDir, say, { audit, breakGlass }));
  });
}

const verbs = ['list', 'add', 'role', 'password', 'disable', 'enable'];

/** `crossdock user`. The password comes from CROSSDOCK_PASSWORD: an argument would stand in the list of processes. */
export async function user(args: string[]): Promise<void> {
  const options = {
    role: { type: 'string' },
    team: { type: 'string', multiple: true },
    json: { type: 'boolean', default: false },
  } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [verb = 'list', name] = positionals;
  if (!verbs.includes(verb) || (verb !== 'list' && !name))
    throw new CodedError('CONFIG_INVALID', `Say what and who: crossdock user ${verbs.join('|')} NAME`);
  const all = await withUsers(async (users) => {
    if (name) await change(users, verb, name, { role: roleOf(values.role), teams: values.team });
    return users.list();
  });
  const shown = name ? all.filter(({ username }) => username === name) : all;
  if (values.json) return void process.stdout.write(`${JSON.stringify(shown)}\n`);
  const { readPeople } = await import('../runtime/node-red/sign-on/people.ts');
  const people = name ? [] : Object.entries(await readPeople(places().dataDir));
  const known = people.map(
    ([id, { name: called, subject, issuer }]) =>
      `${id} is ${called || 'somebody'}, ${subject} of ${issuer}\n`,
  );
  process.stdout.write([...shown.map(line), ...known].join(''));
}

async function change(
  users: Users,
  verb: string,
  name: string,
  { role, teams }: { role: Role | undefined; teams: string[] | undefined },
): Promise<void> {
  if (verb === 'add') {
    if (await users.list().then((all) => all.some(({ username }) => username === name)))
      throw new CodedError('CONFIG_INVALID', `${name} is a user of this hub already`);
    return users.set(name, password(), role ?? 'viewer', teams ?? []);
  }
  if (verb === 'role' && !role && !teams)
    throw new CodedError('CONFIG_INVALID', 'Say what they are: --role, or --team');
  await users.change(name, {
    ...(verb === 'role' && { ...(role && { role }), ...(teams && { teams }) }),
    ...(verb === 'password' && { password: password() }),
    ...(verb.endsWith('able') && { disabled: verb === 'disable' }),
  });
}

function roleOf(given: string | undefined): Role | undefined {
  if (given !== undefined && !Object.hasOwn(roles, given))
    throw new CodedError('CONFIG_INVALID', `A role is one of ${Object.keys(roles).join(', ')}`);
  return given as Role | undefined;
}

function password(): string {
  const given = process.env['CROSSDOCK_PASSWORD'];
  if (!given) throw new CodedError('CONFIG_INVALID', 'The password is given in CROSSDOCK_PASSWORD');
  return given;
}

function line({ username, role, teams = [], disabled }: ListedUser): string {
  const of = teams.length > 0 ? `, of ${teams.join(', ')}` : '';
  return `${username} is ${role}${of}${disabled ? ', and disabled' : ''}\n`;
}
