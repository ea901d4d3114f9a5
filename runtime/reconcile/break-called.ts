/** The break that a person names. */
import { CodedError } from '../errors/coded-error.ts';
import type { Documents } from '../journal/documents.ts';
import type { Break } from './breaks.ts';
import { refOf } from './decisions.ts';
import { standingBreaks } from './open-breaks.ts';
import type { SealedRun } from './run.ts';

/** Of one that stands no more, the newest of these many runs that has it. */
const looked = 100;

/** By its id or what a person types for it, as it was found last. Throws CodedError RECONCILIATION_UNKNOWN. */
export async function breakCalled(
  documents: Pick<Documents, 'get' | 'list'>,
  called: string,
): Promise<Break> {
  const isIt = (one: Pick<Break, 'id'>) => one.id === called || refOf(one) === called;
  const standing = (await standingBreaks(documents)).find(isIt);
  const kept = standing && (await documents.get('reconciliation', standing.run));
  const runs = kept === undefined ? await documents.list('reconciliation', looked) : [{ body: kept }];
  for (const { body } of runs) {
    const found = (JSON.parse(body) as SealedRun).run.breaks.find(isIt);
    if (found) return found;
  }
  throw new CodedError('RECONCILIATION_UNKNOWN', `No break of the last runs is called ${called}`, { called });
}
