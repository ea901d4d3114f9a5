/** Notes what the intake refused before any flow saw it; under overload in the log, which costs no store and no memory. */
import type { Logger } from 'pino';
import type { CodedError } from '../errors/coded-error.ts';
import type { Code } from '../errors/codes.ts';
import type { Refusal } from '../intake/routes.ts';
import type { Journal } from '../journal/journal.ts';

const overload: ReadonlySet<Code> = new Set(['HUB_BUSY', 'STORE_FULL']);
const MOST_AT_ONCE = 500;
const QUIET_MS = 10_000;

export function refusalNotes(journal: Journal, log: Logger): (refusal: Refusal) => void {
  const counted = counter(log);
  let writing = 0;
  return ({ id, route, answer, error }) => {
    if (answer.code === 'INTERNAL') log.error({ id, err: error.cause ?? error }, error.message);
    if (overload.has(error.code) || writing >= MOST_AT_ONCE) return counted(error.code);
    writing += 1;
    const step = {
      time: new Date().toISOString(),
      correlationId: id,
      businessKey: '',
      step: route ?? retiredRoute(error) ?? 'intake',
      flow: 'intake',
      flowVersion: '0',
      outcome: 'refused' as const,
      code: answer.code,
      detail: error.row.owner === 'sender' ? error.message : error.row.meaning,
    };
    journal
      .append([step])
      .catch(() => counted(error.code))
      .finally(() => (writing -= 1));
  };
}

/** By it a retired interface tells when it was asked for last; what the caller wrote is never a step. */
function retiredRoute({ code, facts }: CodedError): string | undefined {
  return code === 'INTERFACE_RETIRED' && typeof facts['route'] === 'string' ? facts['route'] : undefined;
}

/** Logs the first of a code at once, those that follow as a number, each ten seconds at the most. */
function counter(log: Logger): (code: Code) => void {
  const seen = new Map<Code, { refused: number; toldAt: number }>();
  return (code) => {
    const entry = seen.get(code) ?? { refused: 0, toldAt: -Infinity };
    seen.set(code, entry);
    entry.refused += 1;
    if (performance.now() - entry.toldAt < QUIET_MS) return;
    log.warn({ code, refused: entry.refused }, 'Webhooks were refused and are not in the journal');
    entry.refused = 0;
    entry.toldAt = performance.now();
  };
}
