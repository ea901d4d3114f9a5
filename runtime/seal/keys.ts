/** The keys of the store: where they come from, by what they are known, and what each is for. */
import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { CodedError } from '../errors/coded-error.ts';

/** One secret; what is made of it is used for one thing each. */
export interface StoreKey {
  /** Of the secret, which it does not tell: the same secret has the same id everywhere. */
  id: string;
  seal: KeyObject;
  nonce: KeyObject;
  blind: KeyObject;
}

export interface StoreKeys {
  /** What is written is sealed with it. Without it, it is written in clear. */
  current?: StoreKey;
  /** By id: what is sealed with one of these can be read. */
  all: ReadonlyMap<string, StoreKey>;
}

export const keySetting = 'CROSSDOCK_STORE_KEY';
export const oldKeysSetting = 'CROSSDOCK_STORE_OLD_KEYS';

const BYTES = 32;
const kept = new Map<string, StoreKeys | undefined>();

/**
 * Of this process and its threads, whatever store they open. Undefined: nothing is sealed, and nothing is opened.
 * Throws CodedError CONFIG_INVALID.
 */
export function storeKeys(env: NodeJS.ProcessEnv = process.env): StoreKeys | undefined {
  const [now, before] = [env[keySetting] ?? '', env[oldKeysSetting] ?? ''];
  if (now === '' && before === '') return undefined;
  const said = `${now} ${before}`;
  if (!kept.has(said)) kept.set(said, read(now, before));
  return kept.get(said);
}

function read(now: string, before: string): StoreKeys {
  const current = now === '' ? undefined : keyOf(now, keySetting);
  const old = before.split(/[\s,]+/).flatMap((one) => (one === '' ? [] : [keyOf(one, oldKeysSetting)]));
  const all = new Map([...old, ...(current ? [current] : [])].map((key) => [key.id, key]));
  return { ...(current && { current }), all };
}

function keyOf(text: string, setting: string): StoreKey {
  const secret = Buffer.from(text.trim(), 'base64');
  if (secret.length !== BYTES || !/^[A-Za-z0-9+/_-]{43}=?$/.test(text.trim()))
    throw new CodedError(
      'CONFIG_INVALID',
      `${setting} is ${BYTES} bytes in base64, as openssl rand -base64 ${BYTES} makes them`,
      { setting },
    );
  const derived = (use: string, bytes = BYTES) =>
    Buffer.from(hkdfSync('sha256', secret, '', `crossdock store ${use}`, bytes));
  return {
    id: derived('id', 4).toString('hex'),
    seal: createSecretKey(derived('seal')),
    nonce: createSecretKey(derived('nonce')),
    blind: createSecretKey(derived('blind')),
  };
}
