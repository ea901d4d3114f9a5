/** All that looks odd at one moment: what one cause explains is said once. */
import { drift } from './drift.ts';
import { duplicates, type PrintedOrder } from './duplicates.ts';
import { errorShare, type Failure } from './error-share.ts';
import type { Finding } from './finding.ts';
import { utcHours, type LocalHours } from './local-hours.ts';
import { outliers } from './outliers.ts';
import { HOUR_MS, type Series } from './series.ts';
import { silence } from './silence.ts';
import { volume } from './volume.ts';

/** What detectors look at. It may hold what came after `now`: that is not looked at. */
export interface Basis {
  series: readonly Series[];
  failures: readonly Failure[];
  orders: readonly PrintedOrder[];
  /** By which the hours of the series are counted; without, those of UTC. */
  hours?: LocalHours;
}

/** Hours are folded from minutes a little later than they are over. */
const SETTLED_MS = 600_000;

/** `now`: milliseconds since 1970. Only whole hours are counted. */
export function detect({ series, failures, orders, hours }: Basis, now: number): Finding[] {
  return onePerCause([
    ...detectCounts(series, now, hours),
    ...errorShare(failures, now),
    ...duplicates(orders, now),
    ...outliers(orders, now),
  ]);
}

export function detectCounts(
  series: readonly Series[],
  now: number,
  { localOf, utcOf }: LocalHours = utcHours,
): Finding[] {
  const lastHour = localOf(Math.floor((now - SETTLED_MS) / HOUR_MS) - 1);
  return series
    .flatMap((one) => [silence, drift, volume].flatMap((detector) => detector(one, lastHour) ?? []))
    .map((finding) => ({ ...finding, since: utcOf(finding.since / HOUR_MS) * HOUR_MS }));
}

/**
 * Silence is also less than usual; what drifts is off at each hour, too; and what one error code explains are more failures
 * as well.
 */
export function onePerCause(findings: readonly Finding[]): Finding[] {
  const [causes, explained] = [new Set<string>(), new Set<string>()];
  for (const { kind, metric, partner, direction } of findings) {
    if (kind === 'drift') explained.add(`${metric}/${partner}/${direction}`);
    if (kind === 'error-share') explained.add(`failed/${partner}/more`);
  }
  return findings.filter(({ kind, cause }) => {
    if (causes.has(cause) || (kind === 'volume' && explained.has(cause))) return false;
    causes.add(cause);
    return true;
  });
}
