/** An act and its row: first the row, so that nothing is done that cannot be audited. */
import { asCoded } from '../errors/coded-error.ts';
import { digestOf } from '../signature/signature.ts';
import type { AuditEntry } from './acts.ts';
import { fromHere } from './from.ts';

export interface Auditing {
  append(entry: AuditEntry): Promise<unknown>;
}

export type AuditedAct = Omit<AuditEntry, 'from' | 'outcome'>;

/** The row of what is done from here, before it is done. Throws STORE_UNAVAILABLE or STORE_FULL: then nothing is. */
export function begun(audit: Auditing, act: AuditedAct): Promise<unknown> {
  return audit.append({ ...act, from: fromHere(act.who), outcome: 'begun' });
}

/**
 * Writes the row, then does it. `done`: what is known only then; a second row says it. Where it fails, a second row has the
 * code, and says `done` where the work had called `did`: only what follows the act failed. Throws STORE_UNAVAILABLE or STORE_FULL without doing it, and what `work` throws.
 */
export async function audited<T>(
  audit: Auditing,
  act: AuditedAct,
  work: (did: () => void) => Promise<T>,
  done?: (result: T) => Partial<AuditedAct> & { outcome?: 'failed' },
): Promise<T> {
  const from = fromHere(act.who);
  await begun(audit, act);
  // It is done or not by then, and the first row stands.
  const then = (entry: AuditEntry) => audit.append(entry).catch(() => {});
  let acted = false;
  let result: T;
  try {
    result = await work(() => void (acted = true));
  } catch (error) {
    const { after: _after, ...same } = act;
    const { code: reason } = asCoded(error);
    await then(
      acted ? { ...act, from, outcome: 'done', reason } : { ...same, from, outcome: 'failed', reason },
    );
    throw error;
  }
  if (done) await then({ ...act, from, outcome: 'done', ...done(result) });
  return result;
}

/** The hash of what may hold anything; undefined for what has no canonical text. */
export function fingerprint(value: unknown): string | undefined {
  try {
    return digestOf(value);
  } catch {
    return undefined;
  }
}

/** A field of a row, where there is something to say. */
export function hashed<Name extends 'before' | 'after' | 'reason'>(
  name: Name,
  value: unknown,
): Partial<Record<Name, string>> {
  const hash = value === undefined ? undefined : fingerprint(value);
  return (hash === undefined ? {} : { [name]: hash }) as Partial<Record<Name, string>>;
}
