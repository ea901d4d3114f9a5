/** The next API key of Odoo: made with the present one where this Odoo lets the hub, else taken from a person and checked. */
import { audited, type Auditing } from '../../audit/audited.ts';
import { CodedError } from '../../errors/coded-error.ts';
import { openOdoo, type Odoo } from '../../odoo/client.ts';
import type { OdooOptions } from '../../odoo/protocol/protocol.ts';
import { holding, printOf, writeKept, type KeptSecret } from '../kept.ts';
import type { Secrets } from '../secrets.ts';
import { keptFile } from '../sources.ts';

export const odooKey = 'ODOO_API_KEY';

export interface Renewing {
  secrets: Pick<Secrets, 'baseOf'>;
  env: NodeJS.ProcessEnv;
  dataDir: string;
  audit: Auditing;
  by: string;
  /** How long the old one holds beside the new one. */
  overlapMs: number;
}

export interface Renewed {
  name: typeof odooKey;
  /** Who made it. */
  by: 'hub' | 'person';
  /** ISO 8601, UTC; undefined where Odoo does not tell. */
  ends?: string;
  overlapUntil: string;
}

const MODEL = 'res.users.apikeys';
const DAY_MS = 86_400_000;
/** No key of a user who is no administrator lives longer. */
const LONGEST_DAYS = 90;
/** What says that this Odoo has no such method, or that it is switched off. */
const notOffered = new Set(['ODOO_NOT_FOUND', 'ODOO_ACCESS', 'ODOO_REFUSED']);

/** Throws CodedError SETTING_MISSING. */
export function odooAt(env: NodeJS.ProcessEnv, apiKey = env[odooKey]): Odoo {
  const { ODOO_URL: url, ODOO_DATABASE: database, ODOO_LOGIN: login } = env;
  const missing = Object.entries({ ODOO_URL: url, ODOO_DATABASE: database, [odooKey]: apiKey }).filter(
    ([, one]) => !one,
  );
  if (!url || !database || !apiKey)
    throw new CodedError('SETTING_MISSING', `${missing.map(([name]) => name).join(', ')}: not set`);
  const options: OdooOptions = { url, database, apiKey, timeoutMs: 60_000, ...(login && { login }) };
  return openOdoo(options);
}

/** Undefined where this Odoo makes none for the hub: then a person makes it. Throws as calls of Odoo do. */
export async function makeNext(
  odoo: Odoo,
  key: string,
  now: Date,
): Promise<{ key: string; ends: string } | undefined> {
  if ((await odoo.version()) < 19) return undefined;
  for (let days = LONGEST_DAYS; days >= 1; days = Math.floor(days / 3)) {
    const ends = new Date(now.getTime() + days * DAY_MS).toISOString();
    const asked = {
      key,
      scope: 'rpc',
      name: `Crossdock ${now.toISOString().slice(0, 10)}`,
      expiration_date: ends.slice(0, 19).replace('T', ' '),
    };
    try {
      const made = await odoo.call(MODEL, 'generate', asked);
      if (typeof made === 'string' && made !== '') return { key: made, ends };
      return undefined;
    } catch (error) {
      if (!(error instanceof CodedError) || !notOffered.has(error.code)) throw error;
      // A shorter life may be allowed where this one is not.
      if (!/exceed/i.test(error.message)) return undefined;
    }
  }
  return undefined;
}

/** The new one works, and is of the same user. Throws CodedError SECRET_RENEWAL_REFUSED. */
async function demandSameUser(env: NodeJS.ProcessEnv, next: string): Promise<void> {
  const nextUser = await userOf(odooAt(env, next)).catch((error: unknown) => {
    if (error instanceof CodedError && error.code === 'ODOO_AUTH')
      throw new CodedError('SECRET_RENEWAL_REFUSED', 'Odoo does not take the new key');
    throw error;
  });
  // The present one may have ended.
  const user = await userOf(odooAt(env)).catch(() => undefined);
  if (user !== undefined && user !== nextUser)
    throw new CodedError(
      'SECRET_RENEWAL_REFUSED',
      'The new key is of another user in Odoo than the present one',
    );
}

async function userOf(odoo: Odoo): Promise<number> {
  const user = await odoo.user();
  await odoo.ready();
  return user;
}

/** When this key ends, where only one of its user's can be meant. Undefined where Odoo does not tell. */
export async function endOfKey(odoo: Odoo): Promise<string | undefined> {
  if ((await odoo.version()) < 18) return undefined;
  const keys = await odoo.call<{ expiration_date: string | false }[]>(MODEL, 'search_read', {
    domain: [['user_id', '=', await odoo.user()]],
    fields: ['expiration_date'],
  });
  const [only] = keys;
  if (keys.length !== 1 || !only?.expiration_date) return undefined;
  return `${only.expiration_date.replace(' ', 'T')}.000Z`;
}

/** Kept from now on; the old one goes when the overlap is over. */
async function keepNext(
  { secrets, env, dataDir, audit, by, overlapMs }: Renewing,
  next: { key: string; ends?: string | undefined },
  now: Date,
): Promise<string> {
  const file = keptFile(env, dataDir);
  const base = secrets.baseOf(odooKey);
  const until = new Date(now.getTime() + overlapMs).toISOString();
  const kept = (fresh: KeptSecret | undefined): KeptSecret => {
    // Another one may have come in meanwhile: it is removed too, when its time is over.
    const before = fresh ? holding(fresh, base, now) : env[odooKey];
    return {
      kind: 'odoo',
      value: next.key,
      since: now.toISOString(),
      ...(next.ends && { ends: next.ends }),
      ...(base !== undefined && { over: printOf(base) }),
      old: [...(fresh?.old ?? []), ...(before ? [{ value: before, until }] : [])],
    };
  };
  const entry = { who: by, act: 'secret.renew', object: `secret/${odooKey}` } as const;
  await audited(
    audit,
    entry,
    () => writeKept(file, odooKey, kept),
    () => ({}),
  );
  return until;
}

/** Made here, or `taken` from a person. Undefined where this Odoo makes none and none was given. */
export async function renewOdoo(
  how: Renewing,
  taken: string | undefined,
  now: Date,
): Promise<Renewed | undefined> {
  const { env } = how;
  const made = taken === undefined ? await makeNext(odooAt(env), env[odooKey] ?? '', now) : undefined;
  const key = taken ?? made?.key;
  if (key === undefined) return undefined;
  if (key === env[odooKey]) throw new CodedError('SECRET_RENEWAL_REFUSED', 'This is the present key');
  await demandSameUser(env, key);
  const overlapUntil = await keepNext(how, { key, ends: made?.ends }, now);
  return { name: odooKey, by: made ? 'hub' : 'person', ...(made && { ends: made.ends }), overlapUntil };
}

/** False where this Odoo does not let the hub: then a person removes it there. */
export async function removeOld(odoo: Odoo, old: string): Promise<boolean> {
  try {
    await odoo.call(MODEL, 'revoke', { key: old });
    return true;
  } catch (error) {
    if (error instanceof CodedError && (notOffered.has(error.code) || error.code === 'ODOO_AUTH'))
      return false;
    throw error;
  }
}

/** What a person does where the hub cannot. */
export const stepsByHand = `This Odoo does not let the hub make its next key. Make it as the user of the hub:
1. Log in to Odoo as that user; where it has no password, an administrator gives it one: Settings, Users, Action, Change Password.
2. Click on its name at the top right, then My Preferences, the tab Security (before 19 My Profile, Account Security).
3. Add API Key; type the password; a name such as Crossdock; the longest duration; Generate Key.
4. Copy the key, and give it to the hub, which checks it before it takes it:
     crossdock secrets renew odoo --take
   then paste the key, press Enter and Ctrl-D.
5. When the overlap is over, remove the old key in the same tab.
From 19.0 of 2026 on an administrator can let users renew their keys by themselves: the system parameter
base.enable_programmatic_api_keys is True. Then crossdock secrets renew odoo does all of this.
`;
