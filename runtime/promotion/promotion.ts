/** A release on its way into an environment, and the rules for it: four eyes, freeze, broken glass. No I/O. */
import { approvalsOf, type Environment } from '../environments/environment.ts';
import { CodedError } from '../errors/coded-error.ts';

export type PromotionState =
  | 'waiting' // for approvals
  | 'switching'
  | 'running'
  | 'replaced' // it ran; another release does now
  | 'failed'; // the release before runs

export interface Promotion {
  /** Grows with time. */
  id: string;
  digest: string;
  version: string;
  author: string;
  promotedBy: string;
  /** ISO time. */
  at: string;
  state: PromotionState;
  /** A release that ran here before, put back. */
  rollback?: true;
  approvals: { by: string; at: string }[];
  /** It went ahead without its approvals, which are due by then. */
  glass?: { reason: string; until: string };
  /** Why it failed. */
  code?: string;
  reason?: string;
}

/** Whether it may be switched on, or waits for approvals. Throws CodedError FROZEN with the end of the freeze. */
export function decide(
  promotion: Omit<Promotion, 'id'>,
  environment: Environment,
  now: Date,
): 'run' | 'wait' {
  if (promotion.rollback || promotion.glass) return 'run';
  const frozen = environment.freeze?.find(
    ({ from, until }) => now >= new Date(from) && now < new Date(until),
  );
  if (frozen)
    throw new CodedError(
      'FROZEN',
      `${environment.environment} is frozen until ${frozen.until}: ${frozen.reason}`,
      {
        until: frozen.until,
      },
    );
  return promotion.approvals.length >= approvalsOf(environment) ? 'run' : 'wait';
}

/** With this approval. Throws CodedError FOUR_EYES, or PROMOTION_UNKNOWN when nothing waits for one. */
export function approved(promotion: Promotion, by: string, environment: Environment, now: Date): Promotion {
  if (promotion.state !== 'waiting' && !isDue(promotion, environment))
    throw new CodedError(
      'PROMOTION_UNKNOWN',
      `Promotion ${promotion.id} is ${promotion.state}: it waits for nothing`,
    );
  const roles: [string, boolean][] = [
    ['made this release', samePerson(promotion.author, by)],
    ['promoted it', samePerson(promotion.promotedBy, by)],
    ['approved it already', promotion.approvals.some((one) => samePerson(one.by, by))],
  ];
  const [said] = roles.find(([, is]) => is) ?? [];
  if (said) throw new CodedError('FOUR_EYES', `${by} ${said}; somebody else approves it`, { by });
  return { ...promotion, approvals: [...promotion.approvals, { by, at: now.toISOString() }] };
}

/** An author is called as where the release was cut: `Anna` on one machine is `anna` on another. */
export function samePerson(one: string, other: string): boolean {
  const plain = (name: string): string => name.normalize('NFKC').trim().toLowerCase();
  return plain(one) === plain(other);
}

/**
 * Throws CodedError RELEASE_OLDER: what ran before comes back by a rollback, which says so, and by nothing else that could be
 * sent once more.
 */
export function demandNewer(
  { version, rollback }: Pick<Promotion, 'version' | 'rollback'>,
  runs?: string,
): void {
  if (rollback || runs === undefined || compareVersions(version, runs) >= 0) return;
  throw new CodedError('RELEASE_OLDER', `Release ${version} is older than ${runs}, which runs`, {
    version,
    runs,
  });
}

/** The glass was broken, and its approvals are still missing. */
export function isDue({ glass, approvals, state }: Promotion, environment: Environment): boolean {
  return glass !== undefined && state === 'running' && approvals.length < approvalsOf(environment);
}

/** Throws CodedError CONFIG_INVALID where the environment has no glass to break. */
export function breakGlass(reason: string, { environment, breakGlassHours }: Environment, now: Date) {
  if (breakGlassHours === undefined)
    throw new CodedError(
      'CONFIG_INVALID',
      `${environment} has no breakGlassHours: nothing goes ahead without approval`,
    );
  return { reason, until: new Date(now.getTime() + breakGlassHours * 3_600_000).toISOString() };
}

export function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)];
  const at = left.findIndex((number, index) => number !== right[index]);
  return at < 0 ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
}
