/** `crossdock token` and `user`: who may use this hub. */
import { parseArgs } from 'node:util';
import type { Act } from '../runtime/audit/acts.ts';
import { audited, hashed } from '../runtime/audit/audited.ts';
import { environmentName } from '../runtime/environments/environment-name.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import type { Role } from '../runtime/node-red/roles.ts';
import type { ListedToken, Scope } from '../runtime/node-red/tokens.ts';
import { loudly } from '../runtime/node-red/sign-on/break-glass.ts';
import { signOnOf } from '../runtime/sign-on/settings.ts';
import type { ListedUser } from '../runtime/node-red/user-changes.ts';
import type { Users } from '../runtime/node-red/users.ts';
import { permits } from '../runtime/roles/permissions.ts';
import { localUser } from './local-user.ts';
import { places } from '../runtime/app/project.ts';
import { withJournal } from './stores.ts';

const tokenOptions = {
  scope: { type: 'string', default: 'promote' },
  for: { type: 'string' },
  in: { type: 'string' },
  days: { type: 'string' },
  overlap: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

/** `crossdock token`: makes a new token, unless the arguments begin with `list`, `rotate` or `end`. */
export async function token(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args, options: tokenOptions, allowPositionals: true });
  const tokens = await import('../runtime/node-red/tokens.ts');
  const { dataDir } = places();
  const [verb = '', named = ''] = positionals;
  if (verb === 'list') return print(await tokens.listTokens(dataDir), values.json);
  const days = values.days === undefined ? undefined : Number(values.days);
  const acting = <T>(act: Act, name: string, work: () => Promise<T>, said: object = {}): Promise<T> =>
    withJournal(({ audit }) =>
      audited(audit, { who: localUser(), act, object: `token/${name}`, ...said }, work),
    );
  if (verb === 'end') return acting('token.end', named, () => tokens.endToken(dataDir, named));
  let made: string;
  if (verb === 'rotate') {
    const how = {
      ...(days !== undefined && { days }),
      ...(values.overlap !== undefined && { hours: Number(values.overlap) }),
    };
    made = await acting('token.rotate', named, () => tokens.rotateToken(dataDir, named, how));
  } else {
    if (values.for !== undefined) await demandAuthor(dataDir, values.for);
    const terms = {
      person: values.for,
      in: values.in ?? environmentName(process.env),
      days,
    };
    const said = hashed('after', { scope: values.scope, person: values.for });
    const make = () => tokens.makeToken(dataDir, verb, values.scope as Scope, terms);
    made = await acting('token.make', verb, make, said);
  }
  process.stdout.write(`${made}\n`);
}

function print(all: readonly ListedToken[], json: boolean): void {
  process.stdout.write(json ? `${JSON.stringify(all)}\n` : all.map(tokenLine).join(''));
}

function tokenLine({ name, scope, person, in: place, expires, state, used, overlap }: ListedToken): string {
  const until = {
    valid: 'until',
    soon: 'and expires soon,',
    expired: 'and has expired,',
    endless: 'without end',
  }[state];
  const parts = [
    `${name} may ${scope}`,
    person && `for ${person}`,
    place && `in ${place}`,
    [until, expires].filter(Boolean).join(' '),
  ];
  const then = [
    used ? `used ${used}` : 'not used since this is kept',
    overlap && `the one before goes on until ${overlap}`,
  ];
  return `${parts.filter(Boolean).join(' ')}; ${then.filter(Boolean).join('; ')}\n`;
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

/** Opens the users, with rows in the audit of the store, for logins too. */
function withUsers<Result>(
  work: (users: Users) => Promise<Result>,
  dataDir = places().dataDir,
): Promise<Result> {
  return withJournal(async ({ audit }) => {
    const { openUsers } = await import('../runtime/node-red/users.ts');
    const { followRoles } = await import('../runtime/roles/roles.ts');
    const roles = followRoles(() => places().definitionsDir);
    const { sessionLimits } = await import('../runtime/node-red/session-limits.ts');
    const limits = sessionLimits(process.env);
    const environment = environmentName(process.env);
    const say = (text: string): void => void process.stderr.write(text);
    const settings = signOnOf(process.env);
    const breakGlass = settings && loudly(settings.breakGlass, (text) => say(`${text}\n`));
    return work(await openUsers(dataDir, say, { audit, roles, environment, limits, breakGlass }));
  });
}

const verbs = ['list', 'add', 'role', 'password', 'disable', 'enable', 'sessions', 'end'];

/** `crossdock user`. The password comes from CROSSDOCK_PASSWORD: an argument could be read in the list of processes. */
export async function user(args: string[]): Promise<void> {
  const options = {
    role: { type: 'string', multiple: true },
    team: { type: 'string', multiple: true },
    session: { type: 'string' },
    json: { type: 'boolean', default: false },
  } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [verb = 'list', name] = positionals;
  if (!verbs.includes(verb) || (!['list', 'sessions'].includes(verb) && !name))
    throw new CodedError('CONFIG_INVALID', `Say what and who: crossdock user ${verbs.join('|')} NAME`);
  if (verb === 'sessions') return sessions(name, values.json);
  if (verb === 'end') {
    await withUsers((users) => users.endSessions(name!, values.session));
    return sessions(name, values.json);
  }
  const all = await withUsers(async (users) => {
    if (name) await change(users, verb, name, { role: values.role, teams: values.team });
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
  { role, teams }: { role: Role[] | undefined; teams: string[] | undefined },
): Promise<void> {
  if (verb === 'add') {
    if (await users.list().then((all) => all.some(({ username }) => username === name)))
      throw new CodedError('CONFIG_INVALID', `${name} is a user of this hub already`);
    return users.set(name, password(), oneOf(role) ?? 'viewer', teams ?? []);
  }
  if (verb === 'role' && !role && !teams)
    throw new CodedError('CONFIG_INVALID', 'Say what they are: --role, or --team');
  await users.change(name, {
    ...(verb === 'role' && { ...(role && { role: oneOf(role)! }), ...(teams && { teams }) }),
    ...(verb === 'password' && { password: password() }),
    ...(verb.endsWith('able') && { disabled: verb === 'disable' }),
  });
}

/** Those that are open; of one user, or of all. */
async function sessions(name: string | undefined, json: boolean): Promise<void> {
  const all = await withUsers((users) => users.sessions());
  const shown = all.filter(({ user: of }) => name === undefined || of === name);
  const lines = shown.map(
    ({ id, user: of, name: called, began, used, from = 'an address not known' }) =>
      `${id} ${of}${called ? `, ${called},` : ''} from ${from}, since ${began}, used ${used}\n`,
  );
  process.stdout.write(json ? `${JSON.stringify(shown)}\n` : lines.join(''));
}

/** One stands as it is: most have one. */
function oneOf(roles: readonly Role[] | undefined): Role | readonly Role[] | undefined {
  return roles?.length === 1 ? roles[0] : roles;
}

function password(): string {
  const given = process.env['CROSSDOCK_PASSWORD'];
  if (!given) throw new CodedError('CONFIG_INVALID', 'The password is given in CROSSDOCK_PASSWORD');
  return given;
}

function line({ username, role, teams = [], disabled, meet = [] }: ListedUser): string {
  const of = teams.length > 0 ? `, of ${teams.join(', ')}` : '';
  const broken = meet.length > 0 ? `; both sides of ${meet.join(', ')} meet, so they have neither` : '';
  return `${username} is ${[role].flat().join(' and ')}${of}${disabled ? ', and disabled' : ''}${broken}\n`;
}
