/** A target whose switch went wrong, or was left half done by a stop: what ran before runs again, on it and its workers. */
import { asCoded, CodedError } from '../errors/coded-error.ts';
import type { Documents } from '../journal/documents.ts';
import type { Log } from '../log/log.ts';
import type { Promotion } from '../promotion/promotion.ts';
import type { Bundle } from './bundle.ts';
import { rolloutNow } from './fleet.ts';
import { keep, nowRuns, point, promotions, readPointer, releaseOf, type Pointer } from './kept.ts';
import type { Roll, Rolling } from './rolling.ts';
import type { Switcher } from './switcher.ts';

/** Where a release is switched on. */
export interface Site {
  documents: Documents;
  switcher: Switcher;
  /** Takes a release to the workers. */
  rolling: Rolling;
  log: Log;
  /** Throws PROMOTION_RUNNING while other work is under way: before anything is kept. */
  alone: (work: () => Promise<Promotion>) => Promise<Promotion>;
}

/** What ran by decision before. Undefined: the working copy. */
export type Before = { pointer: Pointer; bundle: Bundle } | undefined;

/** The promotion, failed: `before` runs again. */
export async function goBack(
  site: Site,
  promotion: Promotion,
  before: Before,
  error: unknown,
  roll: Roll | undefined,
): Promise<Promotion> {
  const { documents, switcher, log } = site;
  const { code, message } = asCoded(error);
  log.error(
    { err: error, version: promotion.version },
    'The release does not run; the one before runs again',
  );
  if (roll?.lost) return followOther(site, promotion, error);
  await point(documents, before?.pointer);
  await roll?.back(error);
  await switcher
    .run(before?.bundle)
    .catch((worse: unknown) => log.error({ err: worse }, 'The release before does not run either'));
  await roll?.end();
  const known = code === 'INTERNAL' ? 'READBACK_FAILED' : code;
  return keep(documents, { ...promotion, state: 'failed', code: known, reason: message });
}

/** This hub was thought gone: another has decided meanwhile. */
async function followOther(
  { documents, switcher }: Site,
  promotion: Promotion,
  error: unknown,
): Promise<Promotion> {
  const pointer = await readPointer(documents);
  await switcher.run(pointer && (await releaseOf(documents, pointer.digest)));
  if (pointer?.digest === promotion.digest) throw error;
  const { code, message: reason } = asCoded(error);
  return keep(documents, { ...promotion, state: 'failed', code, reason });
}

async function goBackToLast(
  site: Site,
  promotion: Promotion,
  error: unknown,
  roll: Roll | undefined,
): Promise<Promotion> {
  const { documents } = site;
  const last = (await promotions(documents)).find(({ state }) => state === 'running');
  const before = last && {
    pointer: { digest: last.digest, version: last.version, since: last.at, by: last.promotedBy },
    bundle: await releaseOf(documents, last.digest),
  };
  return goBack(site, promotion, before, error, roll);
}

/** The release runs here. It goes on to the workers that have not had their turn. */
async function goOn(site: Site, promotion: Promotion, roll: Roll | undefined): Promise<Promotion> {
  try {
    await roll?.forth();
  } catch (error) {
    return goBackToLast(site, promotion, error, roll);
  }
  const runs = await nowRuns(site.documents, promotion);
  await roll?.end();
  return runs;
}

/** After a start: what a stop left half done is judged by what runs now. */
export async function recover(site: Site): Promise<void> {
  const { documents, switcher, rolling, alone } = site;
  const pointer = await readPointer(documents);
  const left = (await rolloutNow(documents))?.pointer.id === 'now' ? await rolling.left() : undefined;
  for (const one of (await promotions(documents)).filter(({ state }) => state === 'switching')) {
    const roll = left?.rollout.id === one.id ? left : undefined;
    const stands = one.digest === pointer?.digest;
    const wrong = stands
      ? switcher.differences(await releaseOf(documents, one.digest))
      : ['the hub stopped before the switch'];
    const error = wrong[0] && new CodedError('READBACK_FAILED', wrong[0]);
    if (!error) await alone(() => goOn(site, one, roll));
    else if (stands) await goBackToLast(site, one, error, roll);
    else {
      await roll?.back(error);
      await keep(documents, { ...one, state: 'failed', code: error.code, reason: error.message });
    }
  }
  await left?.end();
}
