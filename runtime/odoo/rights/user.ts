/** Creates the user of the hub in Odoo, with the groups it needs and no others. */
import { CodedError } from '../../errors/coded-error.ts';
import type { Odoo } from '../client.ts';
import { groupsOf, own, rights, type Group, type Right } from './needs.ts';

export interface HubUser {
  id: number;
  login: string;
  /** True if the user existed before. */
  repeated: boolean;
  /** Groups that the user was given. */
  given: Group[];
  /** Groups that Odoo does not have, because their app is not installed. */
  left: Group[];
}

/** Odoo 14 posts no message on a record as a user without an address. Nothing can be sent to this domain. */
const nowhere = 'crossdock.invalid';

/** No mail is sent to the user, because nobody reads it. */
const context = { no_reset_password: true, mail_create_nosubscribe: true };

/**
 * Creates the user, or replaces the groups of an existing user with this login. `odoo`: a connection as administrator.
 * `wanted` defaults to the groups whose app is installed. Without `password`, one can be set only in Odoo. Throws
 * CONFIG_INVALID for a wanted group that Odoo does not have, or what a call to Odoo throws.
 */
export async function ensureHubUser(
  odoo: Odoo,
  { login, name, password }: { login: string; name: string; password?: string },
  wanted?: readonly Group[],
): Promise<HubUser> {
  const known = await groupIds(odoo);
  const asked = wanted ?? groupsOf(await odoo.version());
  const given = asked.filter((one) => known.has(one));
  const left = asked.filter((one) => !known.has(one));
  if (wanted && left.length > 0)
    throw new CodedError('CONFIG_INVALID', `Odoo does not have ${left.join(', ')}: its app is not installed`);
  const hub = await ensureOwnGroup(odoo, known);
  const granted = given.map((one) => known.get(one)!);
  const field = await groupField(odoo);
  const vals = { [field]: [[6, 0, [...granted, hub]]], ...(password !== undefined && { password }) };
  const email = login.includes('@') ? login : `${login}@${nowhere}`;
  const [there] = await odoo.call<{ id: number; email: string | false }[]>('res.users', 'search_read', {
    domain: [['login', '=', login]],
    fields: ['email'],
    context: { active_test: false },
  });
  if (there) {
    const changed = { ...vals, active: true, ...(!there.email && { email }) };
    await odoo.call('res.users', 'write', { ids: [there.id], vals: changed, context });
    return { id: there.id, login, repeated: true, given, left };
  }
  const ids = await odoo.call<number[]>('res.users', 'create', {
    vals_list: [{ name, login, email, ...vals }],
    context,
  });
  return { id: ids[0]!, login, repeated: false, given, left };
}

/** Name of the field for groups: `groups_id` up to 18, `group_ids` from 19 on. */
async function groupField(odoo: Odoo): Promise<string> {
  const known = await odoo.call<Record<string, unknown>>('res.users', 'fields_get', {
    allfields: ['group_ids', 'groups_id'],
    attributes: ['type'],
  });
  return 'group_ids' in known ? 'group_ids' : 'groups_id';
}

async function groupIds(odoo: Odoo): Promise<Map<string, number>> {
  const rows = await odoo.call<{ module: string; name: string; res_id: number }[]>(
    'ir.model.data',
    'search_read',
    { domain: [['model', '=', 'res.groups']], fields: ['module', 'name', 'res_id'] },
  );
  return new Map(rows.map(({ module, name, res_id: id }) => [`${module}.${name}`, id]));
}

/**
 * Creates the hub's own group and its access rights. Rights that are set already are not written: each write clears
 * caches in Odoo.
 */
async function ensureOwnGroup(odoo: Odoo, known: ReadonlyMap<string, number>): Promise<number> {
  const id = known.get(own.id) ?? (await loadOne(odoo, 'res.groups', { id: own.id, name: own.name }));
  const fields = ['model_id', ...rights.map((right) => `perm_${right}`)];
  const there = await odoo.call<AccessRow[]>('ir.model.access', 'search_read', {
    domain: [['group_id', '=', id]],
    fields,
  });
  const models = await odoo.call<{ id: number; model: string }[]>('ir.model', 'search_read', {
    domain: [['model', 'in', Object.keys(own.needs)]],
    fields: ['model'],
  });
  for (const { id: model, model: named } of models) {
    const given = own.needs[named]!.split(' ');
    const isSo = ({ model_id: [of], ...row }: AccessRow) =>
      of === model && rights.every((right) => row[`perm_${right}`] === given.includes(right));
    if (there.some(isSo)) continue;
    await loadOne(odoo, 'ir.model.access', {
      id: `crossdock.access_${named.replaceAll('.', '_')}`,
      name: `Crossdock ${named}`,
      'model_id/.id': String(model),
      'group_id/.id': String(id),
      ...Object.fromEntries(rights.map((right) => [`perm_${right}`, given.includes(right) ? '1' : '0'])),
    });
  }
  return id;
}

type AccessRow = { model_id: [number, string] } & Record<`perm_${Right}`, boolean>;

async function loadOne(odoo: Odoo, model: string, row: Record<string, string>): Promise<number> {
  const { ids, messages } = await odoo.call<{ ids: number[] | false; messages: { message: string }[] }>(
    model,
    'load',
    { fields: Object.keys(row), data: [Object.values(row)] },
  );
  if (ids) return ids[0]!;
  throw new CodedError('ODOO_REFUSED', messages[0]?.message ?? `Odoo takes no ${model}`, { model });
}
