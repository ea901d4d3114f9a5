/** The tolerances of reconciliation read, and do not hide what they are for. */
import Big from 'big.js';
import { join } from 'node:path';
import { duration } from '../process/definition.ts';
import { loadTolerances } from '../reconcile/tolerances.ts';
import { findingIn } from './finding.ts';
import type { Finding } from './rule.ts';

/** Longer ago nobody remembers why. */
const longest = '30d';

/** Throws CodedError CONFIG_INVALID for a file that does not read. */
export function lintReconciliation(definitionsDir: string): Finding[] {
  const { within, rounding } = loadTolerances(definitionsDir);
  const finding = findingIn(join(definitionsDir, 'reconciliation.yaml'), 'warning');
  const cents = Object.entries(rounding)
    .filter(([, amount]) => Big(amount).gt('1'))
    .map(([name, amount]) =>
      finding('TOLERANCE_WIDE', `rounding.${name}`, `lets ${amount} pass as rounding.`),
    );
  const times = Object.entries(within)
    .filter(([, time]) => duration(time) > duration(longest))
    .map(([name, time]) =>
      finding('TOLERANCE_WIDE', `within.${name}`, `takes nothing for missing before ${time} are over.`),
    );
  return [...cents, ...times];
}
