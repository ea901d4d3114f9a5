/** Sends a checkpoint outside where rows were added since the last one, and none for a chain that is broken. */
import type { KeyObject } from 'node:crypto';
import { CodedError } from '../errors/coded-error.ts';
import type { Log } from '../hub/log.ts';
import { positive } from '../hub/profile.ts';
import { regularly, type Regularly } from '../hub/regularly.ts';
import { allRows, type Audit } from '../journal/audit.ts';
import { beginning, type Link } from './chain.ts';
import { checkpointOf, type Checkpoint } from './checkpoint.ts';
import { sinksOf, type Sink } from './sinks.ts';
import { verifyChain } from './verify.ts';

export interface Keeping {
  audit: Pick<Audit, 'after' | 'last'>;
  /** A function reads the one of now: another may come after it. */
  key: KeyObject | (() => Promise<KeyObject>);
  sinks: readonly Sink[];
  now?: () => Date;
}

/**
 * Each call sends what is new to each sink, and answers with it; undefined where nothing is new. The first one reads the whole
 * chain. Throws AUDIT_BROKEN, where a row since the last one, or the row of the last one, was changed; and what a sink throws, once the others have theirs.
 */
export function checkpoints({ audit, key, sinks, now = () => new Date() }: Keeping) {
  const sent = new Map<Sink, number>();
  /** From here on the chain is read before it is signed: at first all of it. */
  let known = beginning;

  return async function send(): Promise<Checkpoint | undefined> {
    const last = await checkedSince(audit, known);
    known = last;
    const waiting = sinks.filter((sink) => (sent.get(sink) ?? 0) < last.sequence);
    if (waiting.length === 0) return undefined;
    const checkpoint = checkpointOf(last, typeof key === 'function' ? await key() : key, now());
    const done = await Promise.allSettled(
      waiting.map((sink) => sink.send(checkpoint).then(() => sent.set(sink, last.sequence))),
    );
    const failed = done.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
    return checkpoint;
  };
}

async function checkedSince(audit: Keeping['audit'], known: Link): Promise<Link> {
  const { bad, last } = await verifyChain(allRows(audit, known.sequence), [], known);
  const [there] = known.sequence > 0 ? await audit.after(known.sequence - 1, 1) : [beginning];
  const changed = there?.sequence !== known.sequence || there.hash !== known.hash;
  const row = changed ? known.sequence : bad?.sequence;
  if (row === undefined) return last;
  throw new CodedError('AUDIT_BROKEN', `Row ${row} of the audit was changed`, { row });
}

const minutes = 5;

/** Nothing where no place outside is set. Throws CONFIG_INVALID. */
export function keepCheckpoints(
  audit: Keeping['audit'],
  key: () => Promise<KeyObject>,
  { env, log }: { env: NodeJS.ProcessEnv; log: Log },
): Regularly | undefined {
  const sinks = sinksOf(env, key);
  const every = positive(env, 'CROSSDOCK_AUDIT_MINUTES') ?? minutes;
  if (sinks.length === 0) return undefined;
  const send = checkpoints({ audit, key, sinks });
  const kept = regularly(
    every * 60_000,
    async () => void (await send()),
    (error) => {
      const broken = error instanceof CodedError && error.code === 'AUDIT_BROKEN';
      if (broken) log.error({ err: error }, 'THE AUDIT WAS CHANGED: no checkpoint is made of it');
      else log.warn({ err: error }, 'A checkpoint of the audit is sent later');
    },
  );
  void kept.now();
  return {
    ...kept,
    async end() {
      await kept.now();
      await kept.end();
    },
  };
}
