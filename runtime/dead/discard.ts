/** Gives dead letters up, with a reason; they stay in the journal. */
import { CodedError } from '../errors/coded-error.ts';
import { decide, type DeadStores } from './decide.ts';
import { attempt, lettersOf, type LetterResult } from './letters.ts';

/** Throws REQUEST_INVALID without a reason. */
export async function discard(
  stores: Omit<DeadStores, 'broker'>,
  ids: readonly string[],
  { by, reason: given }: { by: string; reason: string },
): Promise<LetterResult[]> {
  const reason = given.trim();
  if (reason === '') throw new CodedError('REQUEST_INVALID', 'To discard an exception, say the reason');
  const choice = { to: 'discarded' as const, content: '', act: async () => {}, decision: { by, reason } };
  const results: LetterResult[] = [];
  for await (const found of lettersOf(stores.journal, ids)) {
    const { result, stop } = await attempt(found, (letter) => decide(stores, letter, choice));
    results.push(result);
    if (stop) break;
  }
  return results;
}
