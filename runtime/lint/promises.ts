/** Events that break what they promise to who reads them. */
import { brokenPromises, type Texts } from '../events/compatibility.ts';
import type { Finding } from './rule.ts';

/** An event that breaks what it promised its readers stands in a new major version, beside the old one. */
export function lintPromises(before: Texts, now: Texts): Finding[] {
  return brokenPromises(before, now).map(({ path, type, why }) => ({
    code: 'EVENT_INCOMPATIBLE',
    severity: 'error',
    file: path,
    line: 1,
    node: type,
    id: type,
    message: `${type} breaks its promise, ${why}. Make it a new major version: another type.`,
  }));
}
