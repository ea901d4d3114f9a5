/** Counts an interchange once, and tells the same one again from another one under the same control number. */
import { CodedError } from '../../errors/coded-error.ts';
import type { Claim, Guard } from '../../guard/guard.ts';
import type { Interchange } from '../document.ts';

export type Counted =
  | { is: 'new' }
  | { is: 'repeated'; result: unknown }
  /** The number stands for another content. */
  | { is: 'duplicate' };

/**
 * Only an interchange of which a document is taken uses up its control number: who was refused sends it again, mended,
 * under the same one. `held`: the claims of the work at hand, to which those made here come. Throws CLAIM_IN_FLIGHT.
 */
export async function countOnce(
  guard: Guard,
  of: { partner: string; interchange: Interchange; digest: string },
  held: { claims: { claim: Claim; keepMs: number }[]; leaseMs: number; keepMs: number },
): Promise<Counted> {
  const { interchange, digest } = of;
  const number = `edi-interchange/${of.partner}/${interchange.control}`;
  const claim = async (key: string): Promise<Counted> => {
    const claimed = await guard.claim({ key, fingerprint: digest, leaseMs: held.leaseMs });
    if (claimed.state === 'new') held.claims.push({ claim: claimed.claim, keepMs: held.keepMs });
    if (claimed.state === 'done') return { is: 'repeated', result: claimed.result };
    if (claimed.state === 'in-flight') {
      // Twice in one text.
      if (held.claims.some((one) => one.claim.key === key)) return { is: 'repeated', result: undefined };
      throw new CodedError('CLAIM_IN_FLIGHT', 'The same interchange is being worked on', { key });
    }
    return { is: claimed.state === 'conflict' ? 'duplicate' : 'new' };
  };
  const isTaken = interchange.documents.length > 0 && interchange.answer !== undefined;
  const counted = await claim(isTaken ? number : `${number}/${digest}`);
  if (counted.is !== 'duplicate') return counted;
  // It is answered once, too.
  const answered = await claim(`${number}/${digest}`);
  return answered.is === 'new' ? counted : answered;
}
