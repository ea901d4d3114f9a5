/** Tokens of other hubs and of scripts: made once, shown once, kept as hashes. */
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { CodedError } from '../errors/coded-error.ts';
import { replaceFile, textOf } from '../flow-file/durable.ts';
import { permits } from '../roles/permissions.ts';
import type { EditorUser } from './roles.ts';

/** What a token may do. None may approve: that is for people. One that cuts releases does so for the person who is their author. */
export const scopes: Record<'metrics' | 'read' | 'cut' | 'promote', readonly string[]> = {
  metrics: ['crossdock.metrics'],
  read: ['crossdock.read', 'crossdock.metrics'],
  cut: ['crossdock.read', 'crossdock.cut'],
  promote: ['crossdock.read', 'crossdock.metrics', 'crossdock.promote'],
};

export type Scope = keyof typeof scopes;

interface Kept {
  sha256: string;
  scope: Scope;
  /** For whom it cuts. */
  person?: string;
}

/** Null where nobody is called so. */
type People = (name: string) => Promise<EditorUser | null>;

/** The token; an earlier one of the same name is worth nothing from now on. `person`: who is the author of what it cuts. */
export async function makeToken(
  dataDir: string,
  name: string,
  scope: Scope,
  person?: string,
): Promise<string> {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name) || !Object.hasOwn(scopes, scope))
    throw new CodedError(
      'CONFIG_INVALID',
      `A token has a name of small letters, and the scope ${Object.keys(scopes).join(', ')}`,
    );
  if ((scope === 'cut') !== (person !== undefined))
    throw new CodedError(
      'CONFIG_INVALID',
      'A token of the scope cut says for whom it cuts; no other is for a person',
    );
  const token = `cd_${randomBytes(32).toString('base64url')}`;
  const kept = {
    ...(await read(dataDir)),
    [name]: { sha256: hash(token), scope, ...(person && { person }) },
  };
  await replaceFile(fileOf(dataDir), `${JSON.stringify(kept, null, 2)}\n`, 0o600);
  return token;
}

/** Node-RED's user of a token; null for one that is not known, and for one of a person who may not cut any more. */
export async function ownerOf(
  dataDir: string,
  token: string,
  people: People = async () => null,
): Promise<EditorUser | null> {
  const sha256 = hash(token);
  const found = Object.entries(await read(dataDir)).find(([, one]) => one.sha256 === sha256);
  if (!found) return null;
  const [name, { scope, person }] = found;
  const user = { username: `token:${name}`, permissions: scopes[scope], teams: [] };
  if (!person) return user;
  const author = await people(person);
  return author && permits(author.permissions, 'crossdock.cut') ? { ...user, author: person } : null;
}

async function read(dataDir: string): Promise<Record<string, Kept>> {
  return JSON.parse((await textOf(fileOf(dataDir))) ?? '{}') as Record<string, Kept>;
}

function fileOf(dataDir: string): string {
  return join(dataDir, 'tokens.json');
}

/** Of 256 random bits: no salt and no slow hash is needed. */
function hash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
