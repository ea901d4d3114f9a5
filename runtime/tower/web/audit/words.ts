/** What acts and outcomes are called on the pages of the audit. */
import type { Act, ActOutcome } from '../../../audit/acts.ts';
import { textOf } from '../kit/text.ts';
import { en } from '../texts/en.ts';

const every: Record<ActOutcome, true> = { begun: true, done: true, failed: true };
export const outcomes = Object.keys(every) as ActOutcome[];

export function actNames(): Act[] {
  return Object.keys(en.audit).flatMap((key) =>
    key.startsWith('act-') ? [key.slice('act-'.length) as Act] : [],
  );
}

export function actName(act: string): string {
  return textOf(`audit.act-${act}`) ?? act;
}
