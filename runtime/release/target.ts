/** A hub as the target of promotions: takes releases, waits for approvals, switches, and goes back when that fails. */
import { audited, hashed, type Auditing } from '../audit/audited.ts';
import { approvalsOf, type Environment } from '../environments/environment.ts';
import { asCoded, CodedError } from '../errors/coded-error.ts';
import type { Documents } from '../journal/documents.ts';
import type { Log } from '../log/log.ts';
import { bundleText, readBundle, verifyBundle, type Bundle } from './bundle.ts';
import type { TrustedKeys } from '../signature/signature.ts';
import type { Succession } from './succession.ts';
import {
  current,
  lastRollout,
  members,
  rolloutNow,
  type Content,
  type Member,
  type Rollout,
  type Runs,
} from './fleet.ts';
import { approved, breakGlass, decide, demandNewer, isDue, type Promotion } from '../promotion/promotion.ts';
import type { Roll, Rolling } from './rolling.ts';

/** What runs by decision; nothing: the working copy. */
export interface Pointer {
  digest: string;
  version: string;
  since: string;
  by: string;
}

/** Changes what the hub runs. */
export interface Switcher {
  /** Throws CodedError ENVIRONMENT_INCOMPLETE when it could not run here. */
  check(bundle: Pick<Bundle, 'manifest'>): void;
  /**
   * Drains, switches and reads back. Throws when it does not run as it is; then anything may run. What is `known` not to
   * run as it should where it was made does not count.
   */
  run(content: Content | undefined, known?: readonly string[]): Promise<void>;
  /** How what runs differs from this, in words. */
  differences(content: Content): string[];
  /** What runs since its last switch, or its start. */
  runs(): Runs;
}

export interface TargetOptions {
  documents: Documents;
  audit: Auditing;
  environment: Environment;
  trusted(): Promise<TrustedKeys>;
  /** A release was signed with a key that came after one of those. */
  succeeded?(steps: readonly Succession[], by: string): Promise<void>;
  switcher: Switcher;
  /** Takes a release to the workers. */
  rolling: Rolling;
  log: Log;
  now?: () => Date;
}

export interface Submitted {
  /** Text of the release's file. */
  bundle: string;
  by: string;
  /** Why it must not wait for approvals or for the end of a freeze. */
  overrideReason?: string | undefined;
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

/** What runs by decision; undefined: the working copy. */
async function runningRelease(documents: Documents): Promise<Bundle | undefined> {
  const text = await documents.get('running', pointerId);
  return text ? releaseOf(documents, (JSON.parse(text) as Pointer).digest) : undefined;
}

async function releaseOf(documents: Documents, digest: string): Promise<Bundle> {
  const text = await documents.get('release', digest);
  if (text === undefined)
    throw new CodedError('RELEASE_UNKNOWN', 'That release is not kept here', { digest });
  return readBundle(text);
}

const pointerId = 'now';

export function openTarget(options: TargetOptions): Target {
  const { documents, audit, environment, trusted, switcher, rolling, log, now = () => new Date() } = options;
  let switching = false;

  const readPointer = async (): Promise<Pointer | undefined> => {
    const text = await documents.get('running', pointerId);
    return text ? (JSON.parse(text) as Pointer) : undefined;
  };
  const point = (pointer: Pointer | undefined): Promise<void> =>
    documents.put('running', pointerId, pointer ? JSON.stringify(pointer) : '');
  const bundleOf = (digest: string): Promise<Bundle> => releaseOf(documents, digest);
  const running = (): Promise<Bundle | undefined> => runningRelease(documents);
  const all = async (): Promise<Promotion[]> =>
    (await documents.list('promotion')).map(({ body }) => JSON.parse(body) as Promotion);
  const keep = async (promotion: Promotion): Promise<Promotion> => {
    await documents.put('promotion', promotion.id, JSON.stringify(promotion));
    return promotion;
  };

  /** Throws PROMOTION_RUNNING before anything is kept. */
  async function alone(work: () => Promise<Promotion>): Promise<Promotion> {
    if (switching) throw new CodedError('PROMOTION_RUNNING', 'Another release is just being switched on');
    switching = true;
    try {
      return await work();
    } finally {
      switching = false;
    }
  }

  /** Kept under an id that grows with time and that no other has. */
  async function add(promotion: Omit<Promotion, 'id'>): Promise<Promotion> {
    const time = promotion.at.replaceAll(/\D/g, '');
    for (let count = 0; ; count += 1) {
      const id = count === 0 ? time : `${time}-${count}`;
      const added = { id, ...promotion };
      if (await documents.add('promotion', id, JSON.stringify(added))) return added;
    }
  }

  async function enter(promotion: Omit<Promotion, 'id'>): Promise<Promotion> {
    if (decide(promotion, environment, now()) === 'wait') return add(promotion);
    return alone(async () => switchOn(await add({ ...promotion, state: 'switching' })));
  }

  async function switchOn(promotion: Promotion): Promise<Promotion> {
    const before = await readPointer();
    const old = before && (await bundleOf(before.digest));
    const { id, digest, version, promotedBy: by } = promotion;
    const stands = await current(documents, environment.production ?? false);
    const roll = await rolling.begin({
      id,
      digest,
      version,
      by,
      ...(stands !== undefined && { before: stands }),
      pointer: { id: 'now', text: before ? JSON.stringify(before) : '' },
      known: [],
    });
    await point({ digest, version, since: now().toISOString(), by });
    try {
      await switcher.run(await bundleOf(digest));
      await roll.forth();
    } catch (error) {
      return goBack(promotion, before, old, error, roll);
    }
    log.info({ version, digest, by }, 'Release runs');
    const runs = await nowRuns(promotion);
    await roll.end();
    return runs;
  }

  async function nowRuns(promotion: Promotion): Promise<Promotion> {
    for (const one of await all())
      if (one.state === 'running' && one.id !== promotion.id) await keep({ ...one, state: 'replaced' });
    return keep({ ...promotion, state: 'running' });
  }

  async function goBack(
    promotion: Promotion,
    before: Pointer | undefined,
    old: Bundle | undefined,
    error: unknown,
    roll: Roll | undefined,
  ): Promise<Promotion> {
    const { code, message } = asCoded(error);
    log.error(
      { err: error, version: promotion.version },
      'The release does not run; the one before runs again',
    );
    if (roll?.lost) return followOther(promotion, error);
    await point(before);
    await roll?.back(error);
    await switcher
      .run(old)
      .catch((worse: unknown) => log.error({ err: worse }, 'The release before does not run either'));
    await roll?.end();
    const known = code === 'INTERNAL' ? 'READBACK_FAILED' : code;
    return keep({ ...promotion, state: 'failed', code: known, reason: message });
  }

  /** This hub was thought gone: another has decided meanwhile. */
  async function followOther(promotion: Promotion, error: unknown): Promise<Promotion> {
    const pointer = await readPointer();
    await switcher.run(pointer && (await bundleOf(pointer.digest)));
    if (pointer?.digest === promotion.digest) throw error;
    const { code, message: reason } = asCoded(error);
    return keep({ ...promotion, state: 'failed', code, reason });
  }

  async function goBackToLast(
    promotion: Promotion,
    error: unknown,
    roll: Roll | undefined,
  ): Promise<Promotion> {
    const last = (await all()).find(({ state }) => state === 'running');
    const pointer = last && {
      digest: last.digest,
      version: last.version,
      since: last.at,
      by: last.promotedBy,
    };
    return goBack(promotion, pointer, last && (await bundleOf(last.digest)), error, roll);
  }

  /** The release runs here. It goes on to the workers that have not had their turn. */
  async function goOn(promotion: Promotion, roll: Roll | undefined): Promise<Promotion> {
    try {
      await roll?.forth();
    } catch (error) {
      return goBackToLast(promotion, error, roll);
    }
    const runs = await nowRuns(promotion);
    await roll?.end();
    return runs;
  }

  async function promoted({ bundle: text, by, overrideReason }: Submitted): Promise<Promotion> {
    const bundle = readBundle(text);
    verifyBundle(bundle, await trusted());
    if (bundle.succession) await options.succeeded?.(bundle.succession, by);
    const { version, author, evidence } = bundle.manifest;
    if (evidence.tests.failed > 0 || evidence.lint.errors > 0)
      throw new CodedError(
        'RELEASE_REFUSED',
        `Release ${version} was cut with failing tests or errors of the linter`,
      );
    switcher.check(bundle);
    const at = now();
    const promotion: Omit<Promotion, 'id'> = {
      digest: bundle.digest,
      version,
      author,
      promotedBy: by,
      at: at.toISOString(),
      state: 'waiting',
      approvals: [],
      ...(overrideReason && { glass: breakGlass(overrideReason, environment, at) }),
    };
    demandNewer(promotion, (await readPointer())?.version);
    decide(promotion, environment, at);
    if (overrideReason)
      log.warn(
        { version, by, reason: overrideReason },
        'GLASS BROKEN: a release goes ahead without its approvals',
      );
    await documents.put('release', bundle.digest, bundleText(bundle));
    return enter(promotion);
  }

  async function approve(id: string, by: string): Promise<Promotion> {
    const text = await documents.get('promotion', id);
    if (text === undefined) throw new CodedError('PROMOTION_UNKNOWN', `There is no promotion ${id}`, { id });
    const before = JSON.parse(text) as Promotion;
    // One that has its approvals and stands still is let go on by whoever may approve.
    const complete = before.state === 'waiting' && before.approvals.length >= approvalsOf(environment);
    const promotion = complete ? before : approved(before, by, environment, now());
    // A newer one may have come while it waited.
    if (promotion.state === 'waiting') demandNewer(promotion, (await readPointer())?.version);
    const swap = async (to: Promotion): Promise<Promotion> => {
      if (await documents.swap('promotion', id, text, JSON.stringify(to))) return to;
      throw new CodedError('PROMOTION_UNKNOWN', `Promotion ${id} was just changed by somebody else`, {
        id,
      });
    };
    if (promotion.state !== 'waiting' || decide(promotion, environment, now()) === 'wait')
      return swap(promotion);
    return alone(async () => switchOn(await swap({ ...promotion, state: 'switching' })));
  }

  async function rollback(by: string, version?: string): Promise<Promotion> {
    const pointer = await readPointer();
    const ran = (await all()).filter(({ state }) => state === 'replaced');
    const to = ran.find((one) => (version ? one.version === version : one.digest !== pointer?.digest));
    if (!to)
      throw new CodedError(
        'RELEASE_UNKNOWN',
        version ? `Release ${version} never ran here` : 'No other release ran here',
      );
    const at = now().toISOString();
    const { digest, author } = to;
    return enter({
      digest,
      version: to.version,
      author,
      promotedBy: by,
      at,
      state: 'waiting',
      rollback: true,
      approvals: [],
    });
  }

  /** A switch that failed is no error of the call: the promotion says it. */
  const ended = ({ id, state, digest, code }: Promotion) => ({
    object: `promotion/${id}`,
    after: digest,
    ...(state === 'failed' && { outcome: 'failed' as const, reason: code ?? 'INTERNAL' }),
  });

  return {
    async promote(submitted) {
      const { by: who, overrideReason } = submitted;
      const { manifest, digest: after } = readBundle(submitted.bundle);
      const said = { who, object: `release/${manifest.version}`, after, ...hashed('reason', overrideReason) };
      const promote = () =>
        audited(audit, { ...said, act: 'release.promote' }, () => promoted(submitted), ended);
      return overrideReason ? audited(audit, { ...said, act: 'release.break-glass' }, promote) : promote();
    },

    approve: (id, by) =>
      audited(
        audit,
        { who: by, act: 'release.approve', object: `promotion/${id}` },
        () => approve(id, by),
        ended,
      ),

    rollback: (by, version) =>
      audited(
        audit,
        { who: by, act: 'release.rollback', object: version ? `release/${version}` : 'release' },
        () => rollback(by, version),
        ended,
      ),

    async status() {
      const [pointer, history] = [await readPointer(), await all()];
      const bundle = pointer && (await bundleOf(pointer.digest));
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
    },

    running,

    async recover() {
      const pointer = await readPointer();
      const left = (await rolloutNow(documents))?.pointer.id === 'now' ? await rolling.left() : undefined;
      for (const one of (await all()).filter(({ state }) => state === 'switching')) {
        const roll = left?.rollout.id === one.id ? left : undefined;
        const stands = one.digest === pointer?.digest;
        const wrong = stands
          ? switcher.differences(await bundleOf(one.digest))
          : ['the hub stopped before the switch'];
        const error = wrong[0] && new CodedError('READBACK_FAILED', wrong[0]);
        if (!error) await alone(() => goOn(one, roll));
        else if (stands) await goBackToLast(one, error, roll);
        else {
          await roll?.back(error);
          await keep({ ...one, state: 'failed', code: error.code, reason: error.message });
        }
      }
      await left?.end();
    },
  };
}
