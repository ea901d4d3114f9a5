/** A hub among those of its store: says what it runs, and, as a worker, runs what it is to run. */
import { hostname } from 'node:os';
import { asCoded, CodedError } from '../errors/coded-error.ts';
import type { Log } from '../log/log.ts';
import type { Documents } from '../journal/documents.ts';
import { contentOf, current, forgetGone, report, rolloutNow, type Member, type Rollout } from './fleet.ts';
import { isLeft, type Rolling } from './rolling.ts';
import type { Switcher } from './switcher.ts';

export interface MemberOptions {
  documents: Documents;
  id: string;
  worker: boolean;
  production: boolean;
  switcher: Switcher;
  rolling: Rolling;
  log: Log;
  now?: () => Date;
}

export interface Membership {
  /** Says what runs here now, and, as a worker, takes what it is to run. To be called each second or so. */
  poll(): Promise<void>;
  /** It is there no longer. */
  gone(): Promise<void>;
}

const TELL_MS = 3000;

export function membership(options: MemberOptions): Membership {
  const { documents, id, worker, production, switcher, log, now = () => new Date() } = options;
  const say = reporting(documents, now);
  let state: Member['state'] = 'running';
  let failed: Member['failed'];
  /** What runs is not known after a switch that failed. */
  let unknown = false;
  let busy = false;
  /** Without a roll-out: it fails again, so it is not tried each second. */
  let given: string | undefined;

  const tell = (): Promise<void> =>
    say({
      id,
      host: hostname(),
      pid: process.pid,
      worker,
      ...switcher.runs(),
      state,
      ...(failed && { failed }),
    });

  async function follow(): Promise<void> {
    const rollout = await rolloutNow(documents);
    if (rollout && isLeft(rollout, now())) return takeBack(options);
    const wanted = rollout ? turnOf(rollout) : await current(documents, production);
    if ((wanted === switcher.runs().digest && !unknown) || wanted === given) return;
    given = undefined;
    await switchTo(wanted, rollout);
  }

  function turnOf(rollout: Rollout): string | undefined {
    const mine = rollout.turns.includes(id) && failed?.roll !== rollout.id;
    return mine ? rollout.digest : rollout.before;
  }

  async function switchTo(digest: string | undefined, rollout: Rollout | undefined): Promise<void> {
    state = 'switching';
    await tell();
    try {
      await run(options, digest, rollout?.known ?? []);
      [state, unknown] = ['running', false];
      if (digest === rollout?.digest) failed = undefined;
      log.info({ digest }, 'Release runs here too');
    } catch (error) {
      const { code, message: reason } = asCoded(error);
      log.error({ err: error, digest }, 'What the other hubs run does not run here');
      [state, unknown] = ['failed', true];
      if (rollout && digest === rollout.digest) failed = { roll: rollout.id, code, reason };
      else [given, failed] = [digest, { roll: '', code, reason }];
    }
    await tell();
  }

  return {
    async poll() {
      await tell();
      if (busy || !worker) return;
      busy = true;
      follow()
        .catch((error: unknown) => log.warn({ err: error }, 'What is to run here is looked up later'))
        .finally(() => (busy = false));
    },
    async gone() {
      await documents.drop('member', id);
      await forgetGone(documents, now());
    },
  };
}

/** Notes what a member says of itself: where that changed, and again and again, as a sign of life. */
function reporting(documents: Documents, now: () => Date): (is: Omit<Member, 'seen'>) => Promise<void> {
  let told = { at: -Infinity, as: '' };
  return async (is) => {
    const seen = now();
    const as = JSON.stringify(is);
    if (as === told.as && seen.getTime() - told.at < TELL_MS) return;
    told = { at: seen.getTime(), as };
    await report(documents, { ...is, seen: seen.toISOString() });
  };
}

async function run(
  { documents, switcher }: MemberOptions,
  digest: string | undefined,
  known: readonly string[],
): Promise<void> {
  const content = digest === undefined ? undefined : await contentOf(documents, digest);
  if (digest !== undefined && !content)
    throw new CodedError('RELEASE_UNKNOWN', 'That release is not kept here', { digest });
  const { manifest } = content ?? {};
  if (manifest) switcher.check({ manifest });
  await switcher.run(content, manifest ? undefined : known);
}

/** Whoever brought it is gone. Of the workers that see it one gets it. */
async function takeBack({ documents, rolling, log }: MemberOptions): Promise<void> {
  const roll = await rolling.left().catch(() => undefined);
  if (!roll) return;
  const { pointer, digest } = roll.rollout;
  log.error({ digest }, 'The hub that brought a release to the workers is gone: all go back');
  await documents.put('running', pointer.id, pointer.text);
  // Its own turn comes too, so it goes on looking meanwhile.
  void roll
    .back(new CodedError('WORKER_SILENT', 'The hub that brought it to the workers is gone'))
    .then(() => roll.end())
    .catch((error: unknown) => log.error({ err: error }, 'The roll-out could not be ended'));
}
