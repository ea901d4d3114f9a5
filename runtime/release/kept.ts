/** What a target keeps in the journal: releases, the promotions of them, and which release runs by decision. No decisions. */
import { CodedError } from '../errors/coded-error.ts';
import type { Documents } from '../journal/documents.ts';
import type { Promotion } from '../promotion/promotion.ts';
import { readBundle, type Bundle } from './bundle.ts';

/** What runs by decision; nothing: the working copy. */
export interface Pointer {
  digest: string;
  version: string;
  since: string;
  by: string;
}

const pointerId = 'now';

export async function readPointer(documents: Documents): Promise<Pointer | undefined> {
  const text = await documents.get('running', pointerId);
  return text ? (JSON.parse(text) as Pointer) : undefined;
}

export function point(documents: Documents, pointer: Pointer | undefined): Promise<void> {
  return documents.put('running', pointerId, pointer ? JSON.stringify(pointer) : '');
}

/** Throws RELEASE_UNKNOWN. */
export async function releaseOf(documents: Documents, digest: string): Promise<Bundle> {
  const text = await documents.get('release', digest);
  if (text === undefined)
    throw new CodedError('RELEASE_UNKNOWN', 'That release is not kept here', { digest });
  return readBundle(text);
}

/** What runs by decision; undefined: the working copy. */
export async function runningRelease(documents: Documents): Promise<Bundle | undefined> {
  const pointer = await readPointer(documents);
  return pointer && releaseOf(documents, pointer.digest);
}

/** The newest first. */
export async function promotions(documents: Documents): Promise<Promotion[]> {
  return (await documents.list('promotion')).map(({ body }) => JSON.parse(body) as Promotion);
}

export async function keep(documents: Documents, promotion: Promotion): Promise<Promotion> {
  await documents.put('promotion', promotion.id, JSON.stringify(promotion));
  return promotion;
}

/** Kept under an id that grows with time and that no other has. */
export async function add(documents: Documents, promotion: Omit<Promotion, 'id'>): Promise<Promotion> {
  const time = promotion.at.replaceAll(/\D/g, '');
  for (let count = 0; ; count += 1) {
    const id = count === 0 ? time : `${time}-${count}`;
    const added = { id, ...promotion };
    if (await documents.add('promotion', id, JSON.stringify(added))) return added;
  }
}

/** The one that ran before is replaced. */
export async function nowRuns(documents: Documents, promotion: Promotion): Promise<Promotion> {
  for (const one of await promotions(documents))
    if (one.state === 'running' && one.id !== promotion.id)
      await keep(documents, { ...one, state: 'replaced' });
  return keep(documents, { ...promotion, state: 'running' });
}
