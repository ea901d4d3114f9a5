/** Decides about a dead letter: of those who decide about the same failure one acts, and what was done is not done twice. */
import { audited, hashed, type AuditedAct } from '../audit/audited.ts';
import type { Broker } from '../broker/broker.ts';
import { CodedError } from '../errors/coded-error.ts';
import type { Guard } from '../guard/guard.ts';
import type { DeadLetter, Decision, Journal } from '../journal/journal.ts';
import type { Step } from '../journal/step.ts';

export interface DeadStores {
  broker: Broker;
  guard: Guard;
  journal: Journal;
}

export interface Choice {
  to: 'replayed' | 'discarded';
  /** Two choices with the same content are the same choice. */
  content: string;
  /** What is done once, before the letter moves. */
  act(): Promise<void>;
  decision: Omit<Decision, 'time'>;
  reference?: string;
  /** What is sent instead of its data. */
  data?: unknown;
}

/** The name of the steps in which decisions stand. */
export const decided = 'exceptions';

/** Of who died over it. A broker confirms or fails in less. */
const leaseMs = 20_000;
const keepMs = 7 * 24 * 3_600_000;

/**
 * Acts, then moves the letter, then notes it in the journal. Where a first try ended between these, the same choice
 * again goes on without acting twice. A letter that failed again meanwhile stays open.
 * Throws LETTER_NOT_OPEN, LETTER_EMPTIED, CLAIM_IN_FLIGHT, CLAIM_CONFLICT (another choice was made before), and what `act` throws.
 */
export function decide(
  stores: Omit<DeadStores, 'broker'>,
  letter: DeadLetter,
  choice: Choice,
): Promise<void> {
  return audited(stores.journal.audit, saidOf(letter, choice), (did) =>
    decideOnce(stores, letter, choice, did),
  );
}

function saidOf({ id, message }: DeadLetter, { to, decision, data }: Choice): AuditedAct {
  const again = data === undefined ? 'letter.replay' : 'letter.edit';
  return {
    who: decision.by,
    act: to === 'discarded' ? 'letter.discard' : again,
    object: `letter/${id}`,
    ...hashed('before', message.data),
    ...hashed('after', data),
    ...hashed('reason', decision.reason),
  };
}

async function decideOnce(
  { guard, journal }: Omit<DeadStores, 'broker'>,
  letter: DeadLetter,
  { to, content, act, decision, reference }: Choice,
  did: () => void,
): Promise<void> {
  const { id, state, lastFailed } = letter;
  if (state !== 'open' && state !== 'parked') throw notOpen(letter);
  if (to === 'replayed' && letter.emptied)
    throw new CodedError('LETTER_EMPTIED', 'The personal data of its message was erased', { id });
  const claimed = await guard.claim({
    key: `crossdock:dead/${id}/${lastFailed}`,
    fingerprint: `${to} ${content}`,
    leaseMs,
    beside: true,
  });
  if (claimed.state === 'in-flight')
    throw new CodedError('CLAIM_IN_FLIGHT', 'Somebody decides about this exception at this moment', { id });
  if (claimed.state === 'conflict')
    throw new CodedError(
      'CLAIM_CONFLICT',
      'It was sent again or discarded in another way before: repeat that',
      { id },
    );
  const made = { time: new Date().toISOString(), ...decision };
  const move = () => journal.move(id, ['open', 'parked'], to, { lastFailed, decision: made });
  if (claimed.state === 'done') {
    if (!(await move())) throw notOpen(letter);
  } else {
    // A claim that can be neither given back nor kept ends by its lease.
    try {
      await act();
    } catch (error) {
      await guard.release(claimed.claim).catch(() => {});
      throw error;
    }
    did();
    try {
      await move();
    } finally {
      await guard.commit(claimed.claim, null, keepMs).catch(() => {});
    }
  }
  await journal.append([step(letter, to, made, reference)]);
}

function notOpen({ id, state }: DeadLetter): CodedError {
  return new CodedError('LETTER_NOT_OPEN', 'This exception was replayed or discarded before', { id, state });
}

function step(
  { message, flow, flowVersion }: DeadLetter,
  outcome: Choice['to'],
  decision: Decision,
  reference: string | undefined,
): Step {
  return {
    time: decision.time,
    correlationId: message.correlationid,
    businessKey: message.subject,
    step: decided,
    flow,
    flowVersion,
    outcome,
    partner: message.source,
    detail: told(decision),
    ...(reference !== undefined && { reference }),
  };
}

function told({ by, reason, changed }: Decision): string {
  return [`by ${by}`, changed?.length && `changed: ${changed.join(', ')}`, reason].filter(Boolean).join('; ');
}

/** What `told` said of a decision: the trace keeps each, the letter only its last. */
export function decisionOf(time: string, detail: string): Decision {
  const [by = '', ...rest] = detail.replace(/^by /, '').split('; ');
  const changed = /^changed: (.+)$/.exec(rest[0] ?? '')?.[1]?.split(', ');
  const reason = (changed ? rest.slice(1) : rest).join('; ');
  return { time, by, ...(changed && { changed }), ...(reason !== '' && { reason }) };
}
