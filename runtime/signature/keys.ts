/** The key a hub signs its releases with, and the keys of others it trusts. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../errors/coded-error.ts';
import { replaceFile, textOf, unlessAbsent } from '../files/durable.ts';
import { keyId, type TrustedKeys } from './signature.ts';

/** Of the key that signs. */
export function signingKeyFile(dataDir: string, env: NodeJS.ProcessEnv): string {
  return env['CROSSDOCK_SIGNING_KEY'] || join(dataDir, 'signing-key.pem');
}

/** The file that CROSSDOCK_SIGNING_KEY names, else `<dataDir>/signing-key.pem` (mode 600), made at its first use. */
export async function signingKey(dataDir: string, env: NodeJS.ProcessEnv): Promise<KeyObject> {
  const file = signingKeyFile(dataDir, env);
  const kept = await textOf(file);
  if (kept !== undefined) return ed25519(kept, file);
  if (env['CROSSDOCK_SIGNING_KEY'])
    throw new CodedError('CONFIG_INVALID', `There is no key ${file}`, { file });
  const { privateKey } = generateKeyPairSync('ed25519');
  await replaceFile(file, String(privateKey.export({ type: 'pkcs8', format: 'pem' })), 0o600);
  return privateKey;
}

/** The hub's own key, and each `<id>.pem` of `<dataDir>/trusted`. */
export async function trustedKeys(dataDir: string, env: NodeJS.ProcessEnv): Promise<TrustedKeys> {
  const own = createPublicKey(await signingKey(dataDir, env));
  const folder = join(dataDir, 'trusted');
  const names = (await readdir(folder).catch(unlessAbsent)) ?? [];
  const others = names
    .filter((name) => name.endsWith('.pem'))
    .map(async (name) => publicKeyOf((await textOf(join(folder, name))) ?? '', name));
  return new Map([own, ...(await Promise.all(others))].map((key) => [keyId(key), key]));
}

/** The id of the key that is trusted from now on. Throws CONFIG_INVALID for what is no public Ed25519 key. */
export async function trust(dataDir: string, pem: string): Promise<string> {
  const key = publicKeyOf(pem, 'the key');
  const id = keyId(key);
  await replaceFile(
    join(dataDir, 'trusted', `${id}.pem`),
    String(key.export({ type: 'spki', format: 'pem' })),
  );
  return id;
}

export function publicPem(key: KeyObject): string {
  return String(createPublicKey(key).export({ type: 'spki', format: 'pem' }));
}

function ed25519(pem: string, file: string): KeyObject {
  const key = readKey(() => createPrivateKey(pem), file);
  if (key.asymmetricKeyType !== 'ed25519') throw wrong(file);
  return key;
}

function publicKeyOf(pem: string, name: string): KeyObject {
  // Of a private key Node would make the public one, and the secret would lie among the trusted.
  const key = readKey(() => {
    if (pem.includes('PRIVATE')) throw wrong(name);
    return createPublicKey(pem);
  }, name);
  if (key.asymmetricKeyType !== 'ed25519') throw wrong(name);
  return key;
}

function readKey(read: () => KeyObject, file: string): KeyObject {
  try {
    return read();
  } catch {
    throw wrong(file);
  }
}

function wrong(file: string): CodedError {
  return new CodedError('CONFIG_INVALID', `${file} is no Ed25519 key of the right kind in PEM`, { file });
}
