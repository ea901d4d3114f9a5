/** Tokens of other hubs and of scripts: made once, shown once, kept as hashes. */
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { CodedError } from '../errors/coded-error.ts';
import { replaceFile, textOf } from '../flow-file/durable.ts';

/** What a token may do. None may approve: that is for people. */
export const scopes: Record<'metrics' | 'read' | 'promote', readonly string[]> = {
  metrics: ['crossdock.metrics'],
  read: ['crossdock.read', 'crossdock.metrics'],
  promote: ['crossdock.read', 'crossdock.metrics', 'crossdock.promote'],
};

export type Scope = keyof typeof scopes;

interface Kept {
  sha256: string;
  scope: Scope;
}

/** The token; an earlier one of the same name is worth nothing from now on. */
export async function makeToken(dataDir: string, name: string, scope: Scope): Promise<string> {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name) || !Object.hasOwn(scopes, scope))
    throw new CodedError(
      'CONFIG_INVALID',
      `A token has a name of small letters, and the scope ${Object.keys(scopes).join(', ')}`,
    );
  const token = `cd_${randomBytes(32).toString('base64url')}`;
  const kept = { ...(await read(dataDir)), [name]: { sha256: hash(token), scope } };
  await replaceFile(fileOf(dataDir), `${JSON.stringify(kept, null, 2)}\n`, 0o600);
  return token;
}

/** Node-RED's user of a token; null for one that is not known. */
export async function ownerOf(dataDir: string, token: string) {
  const sha256 = hash(token);
  const found = Object.entries(await read(dataDir)).find(([, one]) => one.sha256 === sha256);
  return found ? { username: `token:${found[0]}`, permissions: scopes[found[1].scope] } : null;
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
