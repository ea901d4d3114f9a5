/** Which notices are due: each cause is told once, again while it goes on, and when it is over. No I/O. */
import type { Cause } from './causes.ts';

/** What is known of a cause that is, or was just now. Times are ISO 8601, UTC. */
export interface Alert extends Omit<Cause, 'under'> {
  since: string;
  /** When it was told last; absent while it is held back. */
  told?: string;
  /** Not seen since then; what comes and goes is one. */
  gone?: string;
  /** Until then another cause explained it. */
  explained?: string;
}

export interface Notice extends Omit<Alert, 'told' | 'gone' | 'explained' | 'once'> {
  /** The same when it is sent again. */
  id: string;
  is: 'raised' | 'repeated' | 'resolved';
  /** When it was decided to tell. */
  at: string;
}

interface Rules {
  repeatMs: number;
  /** Whether the team wants to hear nothing now. */
  isQuiet(team: string): boolean;
  /** Whether nobody can tell of this one. */
  isUnknown?(id: string): boolean;
}

/** What is not seen for so long is over. */
const OVER_MS = 120_000;
/** What an outage held up has this time to go on by itself. */
const AFTER_MS = 900_000;

export function decide(
  before: readonly Alert[],
  causes: readonly Cause[],
  { repeatMs, isQuiet, isUnknown = () => false }: Rules,
  now: Date,
): { alerts: Alert[]; notices: Notice[] } {
  const at = now.toISOString();
  const seen = new Map(causes.map((cause) => [cause.id, cause]));
  const notices: Notice[] = [];
  const tell = (alert: Alert, is: Notice['is']): void => {
    const { told: _told, gone: _gone, explained: _explained, once: _once, ...about } = alert;
    notices.push({ ...about, id: `${alert.id}/${alert.since}/${is}/${at}`, is, at });
  };
  const after = (alert: Alert): Alert[] => {
    const { gone, ...known } = alert;
    const cause = seen.get(alert.id);
    if (!cause) {
      if (isUnknown(alert.id)) return [alert];
      if (gone === undefined) return [{ ...known, gone: at }];
      if (now.getTime() - Date.parse(gone) < OVER_MS) return [alert];
      // What nobody was told of is over without a word.
      if (alert.told !== undefined) tell(known, 'resolved');
      return [];
    }
    const { under = [], ...is } = cause;
    const explained = under.some((parent) => seen.has(parent)) ? at : known.explained;
    const current = { ...known, ...is, ...(explained !== undefined && { explained }) };
    const waits = explained !== undefined && now.getTime() - Date.parse(explained) < AFTER_MS;
    if (waits || (is.tier !== 'critical' && isQuiet(is.team))) return [current];
    if (current.told === undefined) tell(current, 'raised');
    else if (!is.once && now.getTime() - Date.parse(current.told) >= repeatMs) tell(current, 'repeated');
    else return [current];
    return [{ ...current, told: at }];
  };
  const known = new Set(before.map(({ id }) => id));
  const fresh = causes
    .filter(({ id }) => !known.has(id))
    .map(({ under: _under, ...cause }): Alert => ({ ...cause, since: at }));
  return { alerts: [...before, ...fresh].flatMap(after), notices };
}
