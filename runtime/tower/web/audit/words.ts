/** What acts and outcomes are called on the pages of the audit. */
import type { Act, ActOutcome } from '../../../audit/acts.ts';
import { audit } from '../texts/en/audit.ts';
import { textOf } from '../kit/text.ts';

const every: Record<ActOutcome, true> = { begun: true, done: true, failed: true };
export const outcomes = Object.keys(every) as ActOutcome[];

export function actNames(): Act[] {
  return Object.keys(audit).flatMap((key) =>
    key.startsWith('act-') ? [key.slice('act-'.length) as Act] : [],
  );
}

export function actName(act: string): string {
  return textOf(`audit.act-${act}`) ?? act;
}
