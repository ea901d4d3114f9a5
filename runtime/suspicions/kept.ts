/** Suspicions as documents of the journal, what people say of them, and the detectors that are muted by that. */
import { CodedError } from '../errors/coded-error.ts';
import type { Documents } from '../journal/documents.ts';
import { decide, type Suspicion, type Told } from './decide.ts';
import type { Finding, Kind } from './finding.ts';

/** Of one kind and partner. */
export interface Detector {
  kind: Kind;
  partner: string;
  /** How many were judged since it was last unmuted, and how many of them were useful. */
  judged: number;
  useful: number;
  /** ISO time. */
  muted?: string;
  /** What was judged before does not count any more. */
  unmuted?: string;
  /** The oldest first. */
  history: { at: string; by: string; what: 'muted' | 'unmuted'; judged: number; useful: number }[];
}

type Store = Pick<Documents, 'get' | 'list' | 'add' | 'swap'>;

/** As many as are known at once. */
const MOST = 1000;
/** With fewer judged it is not known what it is worth. */
const LEAST_JUDGED = 10;
const LEAST_USEFUL = 0.3;

/** The last raised first. */
export async function keptSuspicions({ list }: Pick<Store, 'list'>): Promise<Suspicion[]> {
  return (await list('suspicion', MOST)).map(({ body }) => JSON.parse(body) as Suspicion);
}

export async function detectors({ list }: Pick<Store, 'list'>): Promise<Detector[]> {
  return (await list('suspicion-detector', MOST)).map(({ body }) => JSON.parse(body) as Detector);
}

/** What was found at this time; whoever judges meanwhile is not overwritten: what changed is seen again the next time. */
export async function keepFound(
  documents: Store,
  findings: readonly Finding[],
  now: number,
): Promise<Suspicion[]> {
  const kept = await documents.list('suspicion', MOST);
  const bodies = new Map(kept.map(({ id, body }) => [id, body]));
  const muted = new Set(
    (await detectors(documents)).filter((one) => one.muted).map(({ kind, partner }) => `${kind}/${partner}`),
  );
  const known = kept.map(({ body }) => JSON.parse(body) as Suspicion);
  const changed = decide(known, findings, ({ kind, partner }) => muted.has(`${kind}/${partner}`), now);
  for (const one of changed) {
    const [before, body] = [bodies.get(one.id), JSON.stringify(one)];
    if (before === undefined) await documents.add('suspicion', one.id, body);
    else await documents.swap('suspicion', one.id, before, body);
  }
  return changed;
}

/** Again: what is said last counts. Throws CodedError SUSPICION_UNKNOWN, and CLAIM_IN_FLIGHT where it changes all the time. */
export async function judge(
  documents: Store,
  id: string,
  { useful, by }: { useful: boolean; by: string },
  now: Date,
): Promise<Suspicion> {
  const judged = { by, at: now.toISOString(), useful };
  const told: Told = { at: judged.at, by, what: useful ? 'useful' : 'useless' };
  const after = await changed<Suspicion>(documents, 'suspicion', id, (before) => {
    if (!before) throw unknown(id);
    return { ...before, judged, history: [...before.history, told] };
  });
  await weigh(documents, after, now);
  return after;
}

/** Mutes the detector where too little of what was judged was useful. */
async function weigh(documents: Store, { kind, partner }: Suspicion, now: Date): Promise<void> {
  const all = await keptSuspicions(documents);
  await changed<Detector>(documents, 'suspicion-detector', `${kind}/${partner}`, (before) => {
    const since = before?.unmuted ?? '';
    const said = all.filter(
      (one) => one.kind === kind && one.partner === partner && one.judged && one.judged.at > since,
    );
    const useful = said.filter((one) => one.judged!.useful).length;
    const sums = { judged: said.length, useful };
    const standing: Detector = { ...(before ?? { kind, partner, history: [] }), ...sums };
    const isBad = said.length >= LEAST_JUDGED && useful / said.length < LEAST_USEFUL;
    if (!isBad || standing.muted !== undefined) return standing;
    const muted = now.toISOString();
    const history = [...standing.history, { at: muted, by: '', what: 'muted' as const, ...sums }];
    return { ...standing, muted, history };
  });
}

/** It counts anew from then on. Throws CodedError SUSPICION_UNKNOWN where it is not muted. */
export async function unmute(
  documents: Store,
  { kind, partner, by }: { kind: string; partner: string; by: string },
  now: Date,
): Promise<void> {
  const id = `${kind}/${partner}`;
  await changed<Detector>(documents, 'suspicion-detector', id, (before) => {
    if (!before?.muted) throw unknown(id);
    const { muted: _muted, judged, useful, history, ...standing } = before;
    const unmuted = now.toISOString();
    const told = { at: unmuted, by, what: 'unmuted' as const, judged, useful };
    return { ...standing, judged: 0, useful: 0, unmuted, history: [...history, told] };
  });
}

/** How often somebody else may be quicker. */
const tries = 20;

async function changed<T>(
  documents: Store,
  kind: 'suspicion' | 'suspicion-detector',
  id: string,
  make: (before: T | undefined) => T,
): Promise<T> {
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const body = await documents.get(kind, id);
    const after = make(body === undefined ? undefined : (JSON.parse(body) as T));
    const text = JSON.stringify(after);
    if (await written(documents, kind, id, body, text)) return after;
  }
  throw new CodedError('CLAIM_IN_FLIGHT', `${id} changes all the time`, { id });
}

function written(
  documents: Store,
  kind: 'suspicion' | 'suspicion-detector',
  id: string,
  before: string | undefined,
  after: string,
): Promise<boolean> {
  if (kind === 'suspicion') return documents.swap('suspicion', id, before ?? '', after);
  return before === undefined
    ? documents.add('suspicion-detector', id, after)
    : documents.swap('suspicion-detector', id, before, after);
}

function unknown(id: string): CodedError {
  return new CodedError('SUSPICION_UNKNOWN', `There is no such suspicion or muted detector: ${id}`, { id });
}
