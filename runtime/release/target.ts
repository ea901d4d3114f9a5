/** A hub as the target of promotions: takes releases, waits for approvals, switches, and goes back when that fails. */
import { approvalsOf, type Environment } from '../environments/environment.ts';
import { asCoded, CodedError } from '../errors/coded-error.ts';
import type { Documents } from '../journal/documents.ts';
import type { Log } from '../hub/log.ts';
import { bundleText, readBundle, verifyBundle, type Bundle, type TrustedKeys } from './bundle.ts';
import { approved, breakGlass, decide, isDue, type Promotion } from './promotion.ts';

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
  check(bundle: Bundle): void;
  /** Drains, switches and reads back. Throws when it does not run as it is; then anything may run. */
  run(bundle: Bundle | undefined): Promise<void>;
  /** How what runs differs from this release, in words. */
  differences(bundle: Bundle): string[];
}

export interface TargetOptions {
  documents: Documents;
  environment: Environment;
  trusted(): Promise<TrustedKeys>;
  switcher: Switcher;
  log: Log;
  /** Digest of the release that runs already; undefined: the working copy. */
  runs?: string | undefined;
  now?: () => Date;
}

export interface Submitted {
  /** Text of the release's file. */
  bundle: string;
  by: string;
  /** Why it must not wait for approvals or for the end of a freeze. */
  glass?: string | undefined;
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
}

export interface Target {
  /** Throws RELEASE_INVALID, RELEASE_UNTRUSTED, RELEASE_REFUSED, ENVIRONMENT_INCOMPLETE, FROZEN. Nothing is changed then. */
  promote(submitted: Submitted): Promise<Promotion>;
  /** Throws PROMOTION_UNKNOWN, FOUR_EYES, FROZEN. */
  approve(id: string, by: string): Promise<Promotion>;
  /** To the release that ran before, or to one that ever ran here. Throws RELEASE_UNKNOWN. */
  rollback(by: string, version?: string): Promise<Promotion>;
  status(): Promise<TargetStatus>;
  /** What runs by decision; undefined: the working copy. */
  running(): Promise<Bundle | undefined>;
  /** After a start: what a stop left half done is judged by what runs now. */
  recover(): Promise<void>;
  /** Switches to what another hub of the same store has switched to. */
  follow(): Promise<void>;
}

/** What runs by decision; undefined: the working copy. */
export async function runningRelease(documents: Documents): Promise<Bundle | undefined> {
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
  const { documents, environment, trusted, switcher, log, now = () => new Date() } = options;
  let switching = false;
  let { runs } = options;

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
    const { digest, version, promotedBy: by } = promotion;
    await point({ digest, version, since: now().toISOString(), by });
    try {
      await switcher.run(await bundleOf(digest));
      runs = digest;
    } catch (error) {
      return goBack(promotion, before, old, error);
    }
    log.info({ version, digest, by }, 'Release runs');
    return nowRuns(promotion);
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
  ): Promise<Promotion> {
    const { code, message } = asCoded(error);
    log.error(
      { err: error, version: promotion.version },
      'The release does not run; the one before runs again',
    );
    await point(before);
    await switcher
      .run(old)
      .catch((worse: unknown) => log.error({ err: worse }, 'The release before does not run either'));
    const known = code === 'INTERNAL' ? 'READBACK_FAILED' : code;
    return keep({ ...promotion, state: 'failed', code: known, reason: message });
  }

  async function goBackToLast(promotion: Promotion, error: CodedError): Promise<void> {
    const last = (await all()).find(({ state }) => state === 'running');
    const pointer = last && {
      digest: last.digest,
      version: last.version,
      since: last.at,
      by: last.promotedBy,
    };
    await goBack(promotion, pointer, last && (await bundleOf(last.digest)), error);
  }

  async function followTo(digest: string | undefined): Promise<void> {
    if (digest === runs || switching) return;
    switching = true;
    try {
      await switcher.run(digest === undefined ? undefined : await bundleOf(digest));
      log.info({ digest }, 'Release runs here too');
    } finally {
      // A release that fails here fails again: it is not tried every few seconds.
      runs = digest;
      switching = false;
    }
  }

  return {
    async promote({ bundle: text, by, glass }) {
      const bundle = readBundle(text);
      verifyBundle(bundle, await trusted());
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
        ...(glass && { glass: breakGlass(glass, environment, at) }),
      };
      decide(promotion, environment, at);
      if (glass)
        log.warn({ version, by, reason: glass }, 'GLASS BROKEN: a release goes ahead without its approvals');
      await documents.put('release', bundle.digest, bundleText(bundle));
      return enter(promotion);
    },

    async approve(id, by) {
      const text = await documents.get('promotion', id);
      if (text === undefined)
        throw new CodedError('PROMOTION_UNKNOWN', `There is no promotion ${id}`, { id });
      const before = JSON.parse(text) as Promotion;
      // One that has its approvals and stands still is let go on by whoever may approve.
      const complete = before.state === 'waiting' && before.approvals.length >= approvalsOf(environment);
      const promotion = complete ? before : approved(before, by, environment, now());
      const swap = async (to: Promotion): Promise<Promotion> => {
        if (await documents.swap('promotion', id, text, JSON.stringify(to))) return to;
        throw new CodedError('PROMOTION_UNKNOWN', `Promotion ${id} was just changed by somebody else`, {
          id,
        });
      };
      if (promotion.state !== 'waiting' || decide(promotion, environment, now()) === 'wait')
        return swap(promotion);
      return alone(async () => switchOn(await swap({ ...promotion, state: 'switching' })));
    },

    async rollback(by, version) {
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
    },

    async status() {
      const [pointer, history] = [await readPointer(), await all()];
      const bundle = pointer && (await bundleOf(pointer.digest));
      return {
        environment: environment.environment,
        production: environment.production ?? false,
        ...(pointer && { running: pointer }),
        ...(bundle && { drift: switcher.differences(bundle) }),
        waiting: history.filter(({ state }) => state === 'waiting'),
        due: history.filter((one) => isDue(one, environment)),
        history: history.slice(0, 20),
      };
    },

    running,

    follow: async () => followTo((await readPointer())?.digest),

    async recover() {
      const pointer = await readPointer();
      for (const one of (await all()).filter(({ state }) => state === 'switching')) {
        const stands = one.digest === pointer?.digest;
        const wrong = stands
          ? switcher.differences(await bundleOf(one.digest))
          : ['the hub stopped before the switch'];
        const error = wrong[0] && new CodedError('READBACK_FAILED', wrong[0]);
        if (!error) await nowRuns(one);
        else if (stands) await goBackToLast(one, error);
        else await keep({ ...one, state: 'failed', code: error.code, reason: error.message });
      }
    },
  };
}
