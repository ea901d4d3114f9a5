/** Sends a checkpoint outside where rows were added since the last one, and none for a chain that is broken. */
import type { KeyObject } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError } from '../../errors/coded-error.ts';
import type { Log } from '../../log/log.ts';
import { positive } from '../../stores/profile.ts';
import { regularly, type Regularly } from '../../limits/regularly.ts';
import { allRows, type Audit } from '../../journal/audit.ts';
import type { Documents } from '../../journal/documents.ts';
import { beginning, type Link } from '../chain.ts';
import { checkpointOf, type Checkpoint } from './checkpoint.ts';
import { keepOutside, outsideOf, type Outside, type SinkState } from './outside.ts';
import { sinksOf } from './sinks.ts';
import type { Sink } from './sink.ts';
import { verifyChain, type Verdict } from './verify.ts';

export interface Keeping {
  audit: Pick<Audit, 'after' | 'last'>;
  /** Reads the one of now: another may come after it. */
  key: () => Promise<KeyObject>;
  sinks: readonly Sink[];
  now?: () => Date;
  /** Reads the whole chain, once; default here. */
  whole?: () => Promise<Verdict>;
  /** Hears what came of each sending. */
  told?: (sink: Sink, came: Checkpoint | CodedError) => void;
}

/** Also where nothing is new: a place that hears nothing for longer knows that somebody keeps it from hearing. */
const ALIVE_MS = 23 * 3_600_000;

/**
 * Each call sends what is new to each sink, and answers with it; undefined where nothing is new. The first one reads the whole
 * chain. Throws AUDIT_BROKEN, where a row since the last one, or the row of the last one, was changed; and what a sink throws, once the others have theirs.
 */
export function checkpoints({ audit, key, sinks, now = () => new Date(), whole, told }: Keeping) {
  const sent = new Map<Sink, Pick<Checkpoint, 'sequence' | 'at'>>();
  /** From here on the chain is read before it is signed: at first all of it. */
  let known: Link | undefined;

  async function toSink(sink: Sink, checkpoint: Checkpoint): Promise<void> {
    try {
      await sink.send(checkpoint);
    } catch (error) {
      told?.(sink, error instanceof CodedError ? error : away(sink, error));
      throw error;
    }
    sent.set(sink, checkpoint);
    told?.(sink, checkpoint);
  }

  return async function send(): Promise<Checkpoint | undefined> {
    if (!known && whole) known = sound(await whole());
    const last = await checkedSince(audit, known ?? beginning);
    known = last;
    const isDue = (sink: Sink): boolean => {
      const before = sent.get(sink);
      if (!before) return last.sequence > 0;
      return before.sequence < last.sequence || now().getTime() - Date.parse(before.at) >= ALIVE_MS;
    };
    const waiting = sinks.filter(isDue);
    if (waiting.length === 0) return undefined;
    const checkpoint = checkpointOf(last, await key(), now());
    const done = await Promise.allSettled(waiting.map((sink) => toSink(sink, checkpoint)));
    const failed = done.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
    return checkpoint;
  };
}

function away({ name }: Sink, cause: unknown): CodedError {
  return new CodedError('PARTNER_UNREACHABLE', `${name} takes no checkpoint`, {}, { cause });
}

async function checkedSince(audit: Keeping['audit'], known: Link): Promise<Link> {
  const verdict = await verifyChain(allRows(audit, known.sequence), [], known);
  const [there] = known.sequence > 0 ? await audit.after(known.sequence - 1, 1) : [beginning];
  const changed = there?.sequence !== known.sequence || there.hash !== known.hash;
  if (changed) throw broken(known.sequence);
  return sound(verdict);
}

function sound({ bad, last }: Verdict): Link {
  if (bad) throw broken(bad.sequence);
  return last;
}

function broken(row: number): CodedError {
  return new CodedError('AUDIT_BROKEN', `Row ${row} of the audit was changed`, { row });
}

/** What each place has, as documents for pages and alerts. Where it cannot be kept, it is kept the next time. */
function keepingPlaces(documents: Pick<Documents, 'get' | 'put'>, sinks: readonly Sink[], now: () => Date) {
  const places = new Map<string, SinkState>();
  let ready: Promise<void> | undefined;
  const read = async (): Promise<void> => {
    const before = await outsideOf(documents);
    for (const { name } of sinks)
      places.set(name, before.places.find((one) => one.name === name) ?? { name });
  };
  return {
    /** What could not be read is read again the next time. */
    begin: () =>
      (ready ??= read().catch((error: unknown) => {
        ready = undefined;
        throw error;
      })),
    told(sink: Sink, came: Checkpoint | CodedError): void {
      const { name, sent, failed } = places.get(sink.name) ?? { name: sink.name };
      const before = sent && { sent };
      if (!(came instanceof Error)) {
        const { sequence, hash, at } = came;
        places.set(name, { name, sent: { sequence, hash, at } });
        return;
      }
      const { since = now().toISOString(), tries = 0 } = failed ?? {};
      places.set(name, { name, ...before, failed: { since, code: came.code, tries: tries + 1 } });
    },
    sent: (): Link[] => [...places.values()].flatMap(({ sent }) => sent ?? []),
    async keep(broken: Outside['broken']): Promise<void> {
      const outside = { places: [...places.values()], ...(broken && { broken }) };
      const before = await outsideOf(documents);
      if (JSON.stringify(before) !== JSON.stringify(outside)) await keepOutside(documents, outside);
    },
  };
}

const minutes = 5;
/** A place that is away is asked again so soon. */
const RETRY_MS = 30_000;
/** A place that is away holds up no stop for longer. */
const STOP_MS = 5000;

export interface KeepingPlace {
  env: NodeJS.ProcessEnv;
  log: Log;
  documents?: Pick<Documents, 'get' | 'put'>;
  /** Reads the whole chain beside the work. */
  aside?: (sent: readonly Link[]) => Promise<Verdict>;
  /** Commits the chain to what was done, before a checkpoint goes. */
  seal?: (now: Date) => Promise<void>;
  retryMs?: number;
}

/** Nothing where no place outside is set. Throws CONFIG_INVALID. */
export function keepCheckpoints(
  audit: Keeping['audit'],
  key: () => Promise<KeyObject>,
  { env, log, documents, aside, seal, retryMs = RETRY_MS }: KeepingPlace,
): Regularly | undefined {
  const sinks = sinksOf(env, key);
  const every = (positive(env, 'CROSSDOCK_AUDIT_MINUTES') ?? minutes) * 60_000;
  if (sinks.length === 0) return undefined;
  const clock = () => new Date();
  const places = documents && keepingPlaces(documents, sinks, clock);
  const whole = aside && (() => aside(places?.sent() ?? []));
  const send = checkpoints({
    audit,
    key,
    sinks,
    ...(whole && { whole }),
    ...(places && { told: places.told }),
  });
  let again: NodeJS.Timeout | undefined;
  let since: string | undefined;
  const work = async (): Promise<void> => {
    clearTimeout(again);
    let row: number | undefined;
    let begun = false;
    try {
      await places?.begin();
      begun = true;
      await seal?.(clock()).catch((error: unknown) => log.warn({ err: error }, 'The steps are sealed later'));
      await send();
    } catch (error) {
      row = brokenRow(error);
      // The whole chain is not read again and again.
      if (row === undefined) again = setTimeout(() => void kept.now(), Math.min(every, retryMs)).unref();
      throw error;
    } finally {
      since = row === undefined ? undefined : (since ?? clock().toISOString());
      // Else nothing would stand over what is known.
      if (begun) await places?.keep(row === undefined ? undefined : { row, since: since! });
    }
  };
  const kept = regularly(every, work, (error) => {
    if (brokenRow(error) !== undefined)
      log.error({ err: error }, 'THE AUDIT WAS CHANGED: no checkpoint is made of it');
    else log.warn({ err: error }, 'A checkpoint of the audit is sent later');
  });
  void kept.now();
  return {
    ...kept,
    async end() {
      const late = sleep(STOP_MS, undefined, { ref: false });
      await Promise.race([kept.now(), late]);
      await Promise.race([kept.end(), late]);
      clearTimeout(again);
    },
  };
}

function brokenRow(error: unknown): number | undefined {
  const coded = error instanceof CodedError && error.code === 'AUDIT_BROKEN' ? error : undefined;
  return coded && Number(coded.facts['row']);
}
