/** The store knows by which keys it is sealed: one that is missing is told before anything is read or written. */
import type { Documents } from './documents.ts';
import { keyKind } from '../seal/columns.ts';
import { storeKeys, type StoreKeys } from '../seal/keys.ts';
import { keyMissing } from '../seal/seal.ts';

/** The ids of keys that something may be sealed with. */
export async function keyIds(documents: Pick<Documents, 'list'>): Promise<string[]> {
  return (await documents.list(keyKind, 1000)).map(({ id }) => id).toSorted();
}

/** Throws STORE_KEY_MISSING, CONFIG_INVALID for a key that is none, and STORE_UNAVAILABLE. */
export async function checkKeys(
  documents: Pick<Documents, 'list' | 'add'>,
  keys: StoreKeys | undefined = storeKeys(),
): Promise<void> {
  const known = await keyIds(documents);
  const missing = known.find((id) => !keys?.all.has(id));
  if (missing !== undefined) throw keyMissing(missing);
  const current = keys?.current?.id;
  if (current !== undefined && !known.includes(current))
    await documents.add(keyKind, current, JSON.stringify({ since: new Date().toISOString() }));
}
