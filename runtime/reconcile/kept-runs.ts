/** The runs that are kept, each by its id. */
import { CodedError } from '../errors/coded-error.ts';
import type { Documents } from '../journal/documents.ts';
import { takeRun } from './open-breaks.ts';
import type { Scope } from './read-hub.ts';
import { runId, runText, type Run, type SealedRun } from './run.ts';

const kind = 'reconciliation';

/** Keeps it, and what it found open is work; one that is there already is the same. */
export async function keepRun(documents: Parameters<typeof takeRun>[0], sealed: SealedRun): Promise<string> {
  const id = runId(sealed);
  await documents.add(kind, id, runText(sealed));
  await takeRun(documents, id, sealed);
  return id;
}

/** The text as it was kept. Throws CodedError RECONCILIATION_UNKNOWN. */
export async function keptRun(documents: Pick<Documents, 'get'>, id: string): Promise<string> {
  const body = await documents.get(kind, id);
  if (body !== undefined) return body;
  throw new CodedError('RECONCILIATION_UNKNOWN', `There is no reconciliation ${id}`, { id });
}

export interface Listed {
  id: string;
  scope: Scope;
  orders: Run['orders'];
  counts: Run['counts'];
  key: string;
}

/** The latest cut-off first. */
export async function listRuns(documents: Pick<Documents, 'list'>, limit?: number): Promise<Listed[]> {
  const kept = await documents.list(kind, limit);
  return kept.map(({ id, body }) => {
    const { run, signature } = JSON.parse(body) as SealedRun;
    return { id, scope: run.scope, orders: run.orders, counts: run.counts, key: signature.key };
  });
}
