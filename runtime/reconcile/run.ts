/** A run of the reconciliation: what it compared and what it found, never changed and signed. The same books give the same run. */
import type { KeyObject } from 'node:crypto';
import Type, { type Static } from 'typebox';
import { CodedError } from '../errors/coded-error.ts';
import { digestOf, hasDigest, signed, whyUntrusted, type TrustedKeys } from '../signature/signature.ts';
import { readJson } from '../schema/read-json.ts';
import { ownSchema } from '../schema/schema.ts';
import type { Break } from './breaks.ts';
import type { Reconciled } from './reconcile.ts';
import { books, type Books, type Scope } from './read-hub.ts';
import type { Tolerances } from './tolerances.ts';

/** No time of its own: run again, it is identical. */
export interface Run extends Reconciled {
  scope: Scope;
  /** Of Odoo. */
  database: string;
  tolerances: Tolerances;
  /** How many breaks of each class, of those there are. */
  counts: Partial<Record<Break['class'], number>>;
}

const closed = { additionalProperties: false };
const KeptRun = Type.Object(
  {
    format: Type.Literal('crossdock-reconciliation/1'),
    run: Type.Object({
      scope: Type.Object({ since: Type.String(), cutOff: Type.String() }),
      breaks: Type.Array(Type.Object({})),
    }),
    /** Of the run, in canonical form. */
    digest: Type.String({ pattern: '^sha256:[0-9a-f]{64}$' }),
    signature: Type.Object({ key: Type.String(), value: Type.String() }, closed),
  },
  closed,
);
const schema = ownSchema(KeptRun);

export type SealedRun = Omit<Static<typeof KeptRun>, 'run'> & { run: Run };

export function runOf(reconciled: Reconciled, of: Pick<Run, 'scope' | 'database' | 'tolerances'>): Run {
  const groups = [...Map.groupBy(reconciled.breaks, (one) => one.class)];
  const counts = groups.map(([kind, found]) => [kind, found.length] as const);
  return {
    ...of,
    ...reconciled,
    counts: Object.fromEntries(counts.toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}

export function sealRun(run: Run, key: KeyObject): SealedRun {
  const digest = digestOf(run);
  return { format: 'crossdock-reconciliation/1', run, digest, signature: signed(digest, key) };
}

export function runText(sealed: SealedRun): string {
  return `${JSON.stringify(sealed, null, 1)}\n`;
}

/** `2026-11-28T00:00:00.000Z/0123456789ab`; of other books than sales `…Z/purchases-0123456789ab`. */
export function runId({ run, digest }: SealedRun): string {
  const { cutOff, books } = run.scope;
  const short = digest.slice('sha256:'.length, 'sha256:'.length + 12);
  return `${cutOff}/${books ? `${books}-` : ''}${short}`;
}

/** Whose books a run of this id compared. */
export function booksOfId(id: string): Books {
  return books.find((one) => id.split('/')[1]?.startsWith(`${one}-`)) ?? 'sales';
}

/** Throws CodedError RECONCILIATION_INVALID that says why: no run, changed since, or signed by nobody who is trusted. */
export function readRun(text: string, trusted: TrustedKeys): SealedRun {
  const sealed = readJson<SealedRun>(text, schema, invalid);
  if (!hasDigest(sealed.run, sealed.digest)) throw invalid('it was changed after it was signed');
  const why = whyUntrusted(sealed.digest, sealed.signature, trusted);
  if (why !== undefined) throw invalid(why);
  return sealed;
}

function invalid(why: string): CodedError {
  return new CodedError('RECONCILIATION_INVALID', `This is no sound reconciliation: ${why}`);
}
