/** A hub as the target of promotions: takes releases, waits for approvals, switches, and goes back when that fails. */
import { audited, hashed, type Auditing } from '../audit/audited.ts';
import { CodedError } from '../errors/coded-error.ts';
import { isDue, type Promotion } from '../promotion/promotion.ts';
import { readBundle, type Bundle } from './bundle.ts';
import { lastRollout, members, rolloutNow, type Member, type Rollout } from './fleet.ts';
import { promotions, readPointer, releaseOf, runningRelease, type Pointer } from './kept.ts';
import { approve, promote, rollback, type Governed, type Submitted } from './promoting.ts';
import { recover, type Site } from './recover.ts';

export interface TargetOptions extends Omit<Governed, 'alone' | 'now'> {
  audit: Auditing;
  now?: () => Date;
}

export interface TargetStatus {
  environment: string;
  production: boolean;
  running?: Pointer;
  /** Undefined when the working copy runs. */
  drift?: string[];
  waiting: Promotion[];
  /** Went ahead without their approvals. */
  due: Promotion[];
  history: Promotion[];
  /** Every hub of this store that is there. */
  members: Member[];
  /** Under way. */
  rollout?: Rollout;
  lastRollout?: Rollout;
}

export interface Target {
  /** Throws RELEASE_INVALID, RELEASE_UNTRUSTED, RELEASE_REFUSED, RELEASE_OLDER, ENVIRONMENT_INCOMPLETE, FROZEN. Nothing is changed then. */
  promote(submitted: Submitted): Promise<Promotion>;
  /** Throws PROMOTION_UNKNOWN, FOUR_EYES, RELEASE_OLDER, FROZEN. */
  approve(id: string, by: string): Promise<Promotion>;
  /** To the release that ran before, or to one that ever ran here. Throws RELEASE_UNKNOWN. */
  rollback(by: string, version?: string): Promise<Promotion>;
  status(): Promise<TargetStatus>;
  /** What runs by decision; undefined: the working copy. */
  running(): Promise<Bundle | undefined>;
  /** After a start: what a stop left half done is judged by what runs now. */
  recover(): Promise<void>;
}

export function openTarget(options: TargetOptions): Target {
  const { documents, audit, now = () => new Date() } = options;
  const site = { ...options, now, alone: oneAtATime() };
  return {
    async promote(submitted) {
      const { by: who, overrideReason } = submitted;
      const { manifest, digest: after } = readBundle(submitted.bundle);
      const said = { who, object: `release/${manifest.version}`, after, ...hashed('reason', overrideReason) };
      const work = () =>
        audited(audit, { ...said, act: 'release.promote' }, () => promote(site, submitted), ended);
      return overrideReason ? audited(audit, { ...said, act: 'release.break-glass' }, work) : work();
    },

    approve: (id, by) =>
      audited(
        audit,
        { who: by, act: 'release.approve', object: `promotion/${id}` },
        () => approve(site, id, by),
        ended,
      ),

    rollback: (by, version) =>
      audited(
        audit,
        { who: by, act: 'release.rollback', object: version ? `release/${version}` : 'release' },
        () => rollback(site, by, version),
        ended,
      ),

    status: () => status(site),
    running: () => runningRelease(documents),
    recover: () => recover(site),
  };
}

async function status({ documents, environment, switcher, now }: Governed): Promise<TargetStatus> {
  const [pointer, history] = [await readPointer(documents), await promotions(documents)];
  const bundle = pointer && (await releaseOf(documents, pointer.digest));
  const [rollout, last] = [await rolloutNow(documents), await lastRollout(documents)];
  return {
    environment: environment.environment,
    production: environment.production ?? false,
    ...(pointer && { running: pointer }),
    ...(bundle && { drift: switcher.differences(bundle) }),
    waiting: history.filter(({ state }) => state === 'waiting'),
    due: history.filter((one) => isDue(one, environment)),
    history: history.slice(0, 20),
    members: await members(documents, now()),
    ...(rollout && { rollout }),
    ...(last && { lastRollout: last }),
  };
}

/** A switch that failed is no error of the call: the promotion says it. */
function ended({ id, state, digest, code }: Promotion) {
  return {
    object: `promotion/${id}`,
    after: digest,
    ...(state === 'failed' && { outcome: 'failed' as const, reason: code ?? 'INTERNAL' }),
  };
}

function oneAtATime(): Site['alone'] {
  let busy = false;
  return async (work) => {
    if (busy) throw new CodedError('PROMOTION_RUNNING', 'Another release is just being switched on');
    busy = true;
    try {
      return await work();
    } finally {
      busy = false;
    }
  };
}
