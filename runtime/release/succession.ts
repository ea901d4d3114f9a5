/** A new signing key, vouched for by the one before: whoever trusts that one can trust this one, and old releases still verify. */
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import { CodedError } from '../errors/coded-error.ts';
import { replaceFile, textOf } from '../files/durable.ts';
import { readJson } from '../schema/read-json.ts';
import { ownSchema } from '../schema/schema.ts';
import { audited, type Auditing } from '../audit/audited.ts';
import { publicPem, signingKey, signingKeyFile, trust, trustedKeys } from '../signature/keys.ts';
import { digestOf, keyId, signed, whyUntrusted, type TrustedKeys } from '../signature/signature.ts';

/** One step: the signature is that of the key before, over the digest of the rest. */
export const Succession = Type.Object(
  {
    /** In PEM. */
    key: Type.String({ minLength: 1 }),
    /** ISO 8601, UTC. */
    at: Type.String({ format: 'date-time' }),
    signature: Type.Object({ key: Type.String(), value: Type.String() }, { additionalProperties: false }),
  },
  { additionalProperties: false },
);
export type Succession = Static<typeof Succession>;
const schema = ownSchema(Type.Array(Succession));

const fileOf = (dataDir: string): string => join(dataDir, 'succession.json');

/** Of this hub, the oldest first. Throws CodedError CONFIG_INVALID for a file that is none. */
export async function successionOf(dataDir: string): Promise<Succession[]> {
  const file = fileOf(dataDir);
  const text = await textOf(file);
  return text === undefined ? [] : readSuccession(text, file);
}

export function readSuccession(text: string, file: string): Succession[] {
  const wrong = () => new CodedError('CONFIG_INVALID', `${file} tells of no succession of keys`, { file });
  return readJson<Succession[]>(text, schema, wrong);
}

/** The trusted keys, and those that one of them vouches for, step by step. What none of them signed changes nothing. */
export function succeeding(trusted: TrustedKeys, steps: readonly Succession[]): TrustedKeys {
  const all = new Map(trusted);
  for (const { signature, ...said } of steps) {
    const key = publicOf(said.key);
    if (key && whyUntrusted(digestOf(said), signature, all) === undefined) all.set(keyId(key), key);
  }
  return all;
}

function publicOf(pem: string): KeyObject | undefined {
  if (pem.includes('PRIVATE')) return undefined;
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Makes the next key, which signs from now on; the one before is trusted here for what it has signed. The step is kept before
 * the key: a stop between leaves the key before in use. Answers with the id of the new key.
 */
export async function rotateSigningKey(dataDir: string, env: NodeJS.ProcessEnv, now: Date): Promise<string> {
  const before = await signingKey(dataDir, env);
  const { privateKey } = generateKeyPairSync('ed25519');
  const said = { key: publicPem(privateKey), at: now.toISOString() };
  const step: Succession = { ...said, signature: signed(digestOf(said), before) };
  const steps = await successionOf(dataDir);
  await trust(dataDir, publicPem(before));
  await replaceFile(fileOf(dataDir), `${JSON.stringify([...steps, step], null, 1)}\n`);
  const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await replaceFile(signingKeyFile(dataDir, env), pem, 0o600);
  return keyId(createPublicKey(privateKey));
}

export interface Following {
  dataDir: string;
  env: NodeJS.ProcessEnv;
  audit: Auditing;
}

/** What a trusted key vouches for is trusted from now on, by itself. Answers with the ids of those that are new. */
export async function followSuccession(
  { dataDir, env, audit }: Following,
  steps: readonly Succession[],
  by: string,
): Promise<string[]> {
  const before = await trustedKeys(dataDir, env);
  const fresh = [...succeeding(before, steps)].filter(([id]) => !before.has(id));
  for (const [id, key] of fresh) {
    const pem = String(key.export({ type: 'spki', format: 'pem' }));
    await audited(
      audit,
      { who: by, act: 'key.trust', object: `key/${id}` },
      () => trust(dataDir, pem),
      () => ({}),
    );
  }
  return fresh.map(([id]) => id);
}
