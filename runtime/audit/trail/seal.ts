/** Once an hour a row that commits the chain to the journal's steps; and whether these are still the same. */
import type { Kysely } from 'kysely';
import type { Audit } from '../../journal/audit.ts';
import type { Tables } from '../../journal/tables.ts';
import type { AuditEntry } from '../acts.ts';
import type { Auditing } from '../audited.ts';
import type { AuditRow } from '../chain.ts';
import { sealOf, type Sealed, type Span } from './steps.ts';

const HOUR_MS = 3_600_000;
/** What is noted later than this after it happened is in no seal. */
const LATE_MS = 15 * 60_000;
const objectForm = /^steps\/(\S+) to (\S+), (\d+)$/;

const lastHour = (now: Date): Date => new Date(Math.floor((now.getTime() - LATE_MS) / HOUR_MS) * HOUR_MS);

/** To be called as often as one likes: each hour is looked at once, and again only where that failed. */
export function sealing(
  audit: SealedAudit,
  read: (span: Span) => Promise<Sealed>,
): (now: Date) => Promise<void> {
  let looked = '';
  return async (now) => {
    const to = lastHour(now).toISOString();
    if (to === looked) return;
    await seal(audit, read, now);
    looked = to;
  };
}

type SealedAudit = Auditing & Pick<Audit, 'newest'>;

/** Up to the last full hour that is over for long enough; nothing where nothing was done. The one before goes up to where this begins. */
export async function seal(
  audit: SealedAudit,
  read: (span: Span) => Promise<Sealed>,
  now: Date,
): Promise<void> {
  const to = lastHour(now);
  const [last] = await audit.newest(1, { act: 'steps.seal' });
  const from = (last && spanOf(last)?.to) ?? new Date(to.getTime() - HOUR_MS).toISOString();
  if (from >= to.toISOString()) return;
  const sealed = await read({ from, to: to.toISOString() });
  if (sealed.count > 0) await audit.append(rowOf(sealed));
}

function rowOf({ from, to, count, steps, references }: Sealed): AuditEntry {
  return {
    who: 'hub',
    from: 'hub',
    act: 'steps.seal',
    object: `steps/${from} to ${to}, ${count}`,
    outcome: 'done',
    before: references,
    after: steps,
  };
}

export function spanOf({
  act,
  object,
}: Pick<AuditRow, 'act' | 'object'>): (Span & { count: number }) | undefined {
  const [, from, to, count] = (act === 'steps.seal' && objectForm.exec(object)) || [];
  return from && to ? { from, to, count: Number(count) } : undefined;
}

/** `erased`: only addresses of effects differ, and an erasure came later. */
export type SealState = 'agrees' | 'differs' | 'erased';

export async function stateOf(
  db: Kysely<Tables>,
  row: AuditRow,
  erasedSince: () => Promise<boolean>,
): Promise<SealState | undefined> {
  const span = spanOf(row);
  if (!span) return undefined;
  const now = await sealOf(db, span);
  if (now.steps !== row.after || now.count !== span.count) return 'differs';
  if (now.references === row.before) return 'agrees';
  return (await erasedSince()) ? 'erased' : 'differs';
}

export interface SealsChecked {
  agreed: number;
  erased: number;
  /** Of times of which the rules keep no steps any more. */
  gone: number;
  /** The first that differs. */
  bad?: { sequence: number; object: string };
}

/** All seals. `since`: an ISO time from which on all steps are kept. */
export async function checkSeals(
  db: Kysely<Tables>,
  audit: Pick<Audit, 'after' | 'newest'>,
  since: string,
): Promise<SealsChecked> {
  const checked: SealsChecked = { agreed: 0, erased: 0, gone: 0 };
  for (let at = 0; ;) {
    const rows = await audit.after(at, 500, { act: 'steps.seal' });
    for (const row of rows) {
      if ((spanOf(row)?.from ?? '') < since) {
        checked.gone += 1;
        continue;
      }
      const state = await stateOf(db, row, () => erasedAfter(audit, row.sequence));
      if (state === 'agrees') checked.agreed += 1;
      else if (state === 'erased') checked.erased += 1;
      else checked.bad ??= { sequence: row.sequence, object: row.object };
    }
    if (rows.length < 500) return checked;
    at = rows.at(-1)!.sequence;
  }
}

export async function erasedAfter(audit: Pick<Audit, 'after'>, sequence: number): Promise<boolean> {
  return (await audit.after(sequence, 1, { act: 'data.erase' })).length > 0;
}
