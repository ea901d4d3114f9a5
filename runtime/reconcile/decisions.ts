/** What people say of a break: why it is so, and that a second person accepts it. It holds as long as the break stays as it was, until it is gone. */
import { createHash } from 'node:crypto';
import type { Act } from '../audit/acts.ts';
import { audited, hashed, type AuditedAct } from '../audit/audited.ts';
import { CodedError } from '../errors/coded-error.ts';
import type { Documents } from '../journal/documents.ts';
import type { Journal } from '../journal/journal.ts';
import { samePerson } from '../promotion/promotion.ts';
import type { Break } from './breaks.ts';

export interface Decision {
  explained: { by: string; at: string; why: string };
  accepted?: { by: string; at: string };
}

export const breakStates = ['open', 'explained', 'accepted'] as const;
export type BreakState = (typeof breakStates)[number];

/** What was decided, and what about: the amounts that stood on both sides. */
interface Kept extends Decision {
  left: string;
  right: string;
}

type Judged = Pick<Break, 'id' | 'left' | 'right'>;

const kind = 'reconciliation-decision';
const ended = 'reconciliation-decision-ended';

/** By the ids of breaks, of those that stand as they did when it was decided. */
export async function decisionsOf(
  documents: Pick<Documents, 'get'>,
  breaks: readonly Judged[],
): Promise<Map<string, Decision>> {
  const found = await Promise.all(
    breaks.map(async (one) => [one.id, await standing(documents, one)] as const),
  );
  return new Map(found.flatMap(([id, kept]) => (kept ? [[id, kept.decision] as const] : [])));
}

async function standing(documents: Pick<Documents, 'get'>, { id, left, right }: Judged) {
  const body = await documents.get(kind, id);
  if (body === undefined) return undefined;
  const { left: was, right: wasRight, ...decision } = JSON.parse(body) as Kept;
  return was === left.amount && wasRight === right.amount ? { body, decision } : undefined;
}

export function stateOf(decision: Decision | undefined): BreakState {
  if (!decision) return 'open';
  return decision.accepted ? 'accepted' : 'explained';
}

/** Whoever accepted an earlier explanation did not accept this one. */
export async function explain(
  documents: Pick<Documents, 'put'>,
  { id, left, right }: Judged,
  said: { by: string; why: string },
  now: Date,
): Promise<void> {
  const { by, why } = said;
  if (why.trim() === '') throw new CodedError('REQUEST_INVALID', 'Say why it is so');
  const explained = { by, at: now.toISOString(), why: why.trim() };
  const kept: Kept = { left: left.amount, right: right.amount, explained };
  await documents.put(kind, id, JSON.stringify(kept));
}

/** Throws CodedError FOUR_EYES for who explained it, and REQUEST_INVALID for what nobody has, or has said anew meanwhile. */
export async function accept(
  documents: Pick<Documents, 'get' | 'swap'>,
  one: Judged,
  by: string,
  now: Date,
): Promise<void> {
  const kept = await standing(documents, one);
  if (!kept) throw new CodedError('REQUEST_INVALID', 'Nobody has explained this break as it stands now');
  const { explained } = kept.decision;
  if (samePerson(explained.by, by)) throw new CodedError('FOUR_EYES', `${by} explained this break`, { by });
  const accepted = { by, at: now.toISOString() };
  const next: Kept = { left: one.left.amount, right: one.right.amount, explained, accepted };
  if (await documents.swap(kind, one.id, kept.body, JSON.stringify(next))) return;
  throw new CodedError('REQUEST_INVALID', 'Somebody explained this break anew: read that first');
}

/** The break is gone as of this time: one that comes later, with the same amounts too, is another. What was said stays kept. */
export async function endDecision(
  documents: Pick<Documents, 'get' | 'put' | 'drop'>,
  id: string,
  at: string,
): Promise<void> {
  const body = await documents.get(kind, id);
  if (body === undefined) return;
  await documents.put(ended, `${id}/${at}`, body);
  await documents.drop(kind, id);
}

type Books = Pick<Journal, 'audit' | 'documents'>;

export function explainAudited(
  { audit, documents }: Books,
  one: Judged,
  said: { by: string; why: string },
  now: Date,
): Promise<void> {
  return audited(audit, { ...rowOf(one, said.by, 'reconcile.explain'), ...hashed('reason', said.why) }, () =>
    explain(documents, one, said, now),
  );
}

export function acceptAudited(
  { audit, documents }: Books,
  one: Judged,
  by: string,
  now: Date,
): Promise<void> {
  return audited(audit, rowOf(one, by, 'reconcile.accept'), () => accept(documents, one, by, now));
}

function rowOf({ id, left, right }: Judged, who: string, act: Act): AuditedAct {
  return { who, act, object: `break/${id}`, ...hashed('before', [left.amount, right.amount]) };
}

/** What a person types for a break. */
export function refOf({ id }: Pick<Break, 'id'>): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 10);
}
