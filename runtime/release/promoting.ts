/** A promotion from state to state: it is taken, waits for its approvals, is switched on, and runs. */
import { approvalsOf, type Environment } from '../environments/environment.ts';
import { CodedError } from '../errors/coded-error.ts';
import { approved, breakGlass, decide, demandNewer, type Promotion } from '../promotion/promotion.ts';
import type { TrustedKeys } from '../signature/signature.ts';
import { bundleText, readBundle, verifyBundle } from './bundle.ts';
import { current } from './fleet.ts';
import { add, nowRuns, point, promotions, readPointer, releaseOf } from './kept.ts';
import { goBack, type Site } from './recover.ts';
import type { Succession } from './succession.ts';

/** A site, and by which rules releases come to it. */
export interface Governed extends Site {
  environment: Environment;
  trusted(): Promise<TrustedKeys>;
  /** A release was signed with a key that came after one of those. */
  succeeded?(steps: readonly Succession[], by: string): Promise<void>;
  now: () => Date;
}

export interface Submitted {
  /** Text of the release's file. */
  bundle: string;
  by: string;
  /** Why it must not wait for approvals or for the end of a freeze. */
  overrideReason?: string | undefined;
}

export async function promote(
  site: Governed,
  { bundle: text, by, overrideReason }: Submitted,
): Promise<Promotion> {
  const { documents, environment, switcher, log, now } = site;
  const bundle = readBundle(text);
  verifyBundle(bundle, await site.trusted());
  if (bundle.succession) await site.succeeded?.(bundle.succession, by);
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
  demandNewer(promotion, (await readPointer(documents))?.version);
  decide(promotion, environment, at);
  if (overrideReason)
    log.warn(
      { version, by, reason: overrideReason },
      'GLASS BROKEN: a release goes ahead without its approvals',
    );
  await documents.put('release', bundle.digest, bundleText(bundle));
  return enter(site, promotion);
}

export async function approve(site: Governed, id: string, by: string): Promise<Promotion> {
  const { documents, environment, now } = site;
  const text = await documents.get('promotion', id);
  if (text === undefined) throw new CodedError('PROMOTION_UNKNOWN', `There is no promotion ${id}`, { id });
  const before = JSON.parse(text) as Promotion;
  // One that has its approvals and stands still is let go on by whoever may approve.
  const complete = before.state === 'waiting' && before.approvals.length >= approvalsOf(environment);
  const promotion = complete ? before : approved(before, by, environment, now());
  // A newer one may have come while it waited.
  if (promotion.state === 'waiting') demandNewer(promotion, (await readPointer(documents))?.version);
  const swap = async (to: Promotion): Promise<Promotion> => {
    if (await documents.swap('promotion', id, text, JSON.stringify(to))) return to;
    throw new CodedError('PROMOTION_UNKNOWN', `Promotion ${id} was just changed by somebody else`, {
      id,
    });
  };
  if (promotion.state !== 'waiting' || decide(promotion, environment, now()) === 'wait')
    return swap(promotion);
  return site.alone(async () => switchOn(site, await swap({ ...promotion, state: 'switching' })));
}

export async function rollback(site: Governed, by: string, version?: string): Promise<Promotion> {
  const { documents, now } = site;
  const pointer = await readPointer(documents);
  const ran = (await promotions(documents)).filter(({ state }) => state === 'replaced');
  const to = ran.find((one) => (version ? one.version === version : one.digest !== pointer?.digest));
  if (!to)
    throw new CodedError(
      'RELEASE_UNKNOWN',
      version ? `Release ${version} never ran here` : 'No other release ran here',
    );
  const at = now().toISOString();
  const { digest, author } = to;
  return enter(site, {
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

async function enter(site: Governed, promotion: Omit<Promotion, 'id'>): Promise<Promotion> {
  if (decide(promotion, site.environment, site.now()) === 'wait') return add(site.documents, promotion);
  return site.alone(async () =>
    switchOn(site, await add(site.documents, { ...promotion, state: 'switching' })),
  );
}

async function switchOn(site: Governed, promotion: Promotion): Promise<Promotion> {
  const { documents, environment, switcher, rolling, log, now } = site;
  const pointer = await readPointer(documents);
  const before = pointer && { pointer, bundle: await releaseOf(documents, pointer.digest) };
  const { id, digest, version, promotedBy: by } = promotion;
  const stands = await current(documents, environment.production ?? false);
  const roll = await rolling.begin({
    id,
    digest,
    version,
    by,
    ...(stands !== undefined && { before: stands }),
    pointer: { id: 'now', text: pointer ? JSON.stringify(pointer) : '' },
    known: [],
  });
  await point(documents, { digest, version, since: now().toISOString(), by });
  try {
    await switcher.run(await releaseOf(documents, digest));
    await roll.forth();
  } catch (error) {
    return goBack(site, promotion, before, error, roll);
  }
  log.info({ version, digest, by }, 'Release runs');
  const runs = await nowRuns(documents, promotion);
  await roll.end();
  return runs;
}
