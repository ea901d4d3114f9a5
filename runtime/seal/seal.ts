/** A text of the store, sealed for its place: AES-256-GCM under a key that is named, and of no use in another row. */
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { CodedError } from '../errors/coded-error.ts';
import type { StoreKey, StoreKeys } from './keys.ts';

/** In which column of which row a text stands. */
export interface CellRef {
  table: string;
  column: string;
  /** What the row is known by, and that never changes. */
  row: readonly string[];
}

const cipher = 'aes-256-gcm';
const NONCE = 12;
const TAG = 16;
/** How a sealed text begins. JSON, for what reads JSON in SQL. */
export const sealedMark = '{"enc":"1.';
const envelope = /^\{"enc":"1\.([0-9a-f]{8})\.([\w-]+)"(.*)\}$/;
const blindMark = 'hmac.';

export const isSealed = (text: string): boolean => text.startsWith(sealedMark);

/** The key's id of a sealed text. */
export const keyIdOf = (text: string): string | undefined =>
  isSealed(text) ? text.slice(sealedMark.length, sealedMark.length + 8) : undefined;

/** As it is told apart in associated data, and behind a sealed text that is read. The last of the row may have any form. */
export const placeText = ({ table, column, row }: CellRef): string =>
  [`${table}.${column}`, ...row].join('\n');

/**
 * `beside` stays readable in the envelope, and cannot be changed. The nonce is made of the text and its place: the same text
 * in the same row under the same key is the same envelope, so that a row can be found by what it holds; nowhere else are two
 * envelopes alike.
 */
export function sealText(
  key: StoreKey,
  place: CellRef,
  text: string,
  beside: Readonly<Record<string, string>> = {},
): string {
  const told = Object.entries(beside).map(([name, one]) => `,${JSON.stringify(name)}:${JSON.stringify(one)}`);
  const data = `${placeText(place)}\n${told.join('')}`;
  const nonce = createHmac('sha256', key.nonce).update(data).update('\0').update(text).digest();
  const sealing = createCipheriv(cipher, key.seal, nonce.subarray(0, NONCE)).setAAD(Buffer.from(data));
  const parts = [
    nonce.subarray(0, NONCE),
    sealing.update(text, 'utf8'),
    sealing.final(),
    sealing.getAuthTag(),
  ];
  return `${sealedMark}${key.id}.${Buffer.concat(parts).toString('base64url')}"${told.join('')}}`;
}

/** `place`: from `placeText`. What is not sealed is as it is. Throws STORE_KEY_MISSING and STORE_TAMPERED. */
export function openText(keys: StoreKeys, place: string, sealed: string): string {
  if (!isSealed(sealed)) return sealed;
  const [, id, text, told] = envelope.exec(sealed) ?? [];
  if (id === undefined || text === undefined || told === undefined) throw tampered(place);
  const key = keys.all.get(id);
  if (!key) throw keyMissing(id);
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length < NONCE + TAG) throw tampered(place);
  try {
    const opening = createDecipheriv(cipher, key.seal, bytes.subarray(0, NONCE))
      .setAAD(Buffer.from(`${place}\n${told}`))
      .setAuthTag(bytes.subarray(-TAG));
    return opening.update(bytes.subarray(NONCE, -TAG), undefined, 'utf8') + opening.final('utf8');
  } catch {
    throw tampered(place);
  }
}

/** A text that can be searched for by who knows it whole, and read by nobody. */
export function blind(key: StoreKey, text: string): string {
  return `${blindMark}${key.id}.${createHmac('sha256', key.blind).update(text).digest('base64url')}`;
}

export const isBlind = (text: string): boolean => text.startsWith(blindMark);

export function keyMissing(id: string): CodedError {
  return new CodedError(
    'STORE_KEY_MISSING',
    `What the store holds is sealed with the key ${id}, which is not among those given`,
    { key: id },
  );
}

/** Of the place only table and column are told. */
function tampered(place: string): CodedError {
  const [where = ''] = place.split('\n', 1);
  return new CodedError(
    'STORE_TAMPERED',
    `A value of ${where} was changed, or moved from another row: it cannot be read`,
    { place: where },
  );
}
