/** Runs processes: events change instances in the journal, and what these ask for is published, once each. */
import { audited } from '../../audit/audited.ts';
import type { Broker } from '../../broker/broker.ts';
import { deterministicId, envelope, type Envelope } from '../../envelope/envelope.ts';
import { lettersOf } from '../../dead/letters.ts';
import { asCoded, CodedError } from '../../errors/coded-error.ts';
import type { Catalogue } from '../../events/catalogue.ts';
import type { DeadLetter, Journal } from '../../journal/journal.ts';
import { definitionOf, type ProcessDefinition, type ProcessFile } from '../definition.ts';
import { acted, applied, broken, failed, lookedAt, type Action } from '../instance.ts';
import { rowOf } from './row.ts';
import { newInstance, type IssuedCommand, type Instance } from '../state.ts';
import { stamp } from '../../broker/publishing.ts';

export interface EngineOptions {
  definition: ProcessDefinition;
  definitionsDir: string;
  journal: Pick<Journal, 'processes' | 'documents' | 'letters' | 'audit'>;
  broker: Pick<Broker, 'publish'>;
  catalogue: Pick<Catalogue, 'validate'>;
}

export interface Engine {
  /** Saves this version of the process in the journal, for the instances that begin with it. Throws what the journal throws. */
  keep(): Promise<void>;
  /**
   * Counts an event once and publishes the commands it leads to. Safe to call again with the same event. Returns undefined
   * when the process does not read this type of event. Throws CodedError KEY_MISSING, MAPPING_FAILED, SCHEMA_INVALID (of a
   * command's data), or what journal and broker throw. A command that cannot be published now is published by the next poll.
   */
  take(event: Envelope): Promise<Instance | undefined>;
  /**
   * Finds steps that are late, steps whose message became an exception since the last poll, and commands that are not yet
   * published, and acts on each. An instance whose own file or data fail it is paused, and its owner is asked. `now` is the
   * current time by default. Throws what journal and broker throw.
   */
  poll(now?: Date): Promise<void>;
  /**
   * Does what the person `by` decided about the instance with the key or number `called`, and writes a row of the audit.
   * Throws CodedError PROCESS_UNKNOWN, or PROCESS_STATE where the instance is in no state for it.
   */
  act(action: Action, called: string, by: string): Promise<Instance>;
}

/** How often a change is tried while others change the same instance at the same time. */
const tries = 50;
/** How long after its time a failure is still looked for: it may reach the journal later than a younger one. */
const overlapMs = 300_000;

export function processEngine(options: EngineOptions): Engine {
  const { definition, definitionsDir, journal, broker, catalogue } = options;
  const { process } = definition;
  const older = new Map<string, ProcessDefinition>();
  let lookedSince = new Date(0).toISOString();
  /** The failures since then that were handled, with their times. */
  let told = new Map<string, string>();

  async function definitionFor({ version }: Instance): Promise<ProcessDefinition> {
    if (version === definition.version) return definition;
    const known = older.get(version);
    if (known) return known;
    const kept = await journal.documents.get('process', `${process}@${version}`);
    // The version is missing only where the journal lost rows; the newer one is then better than standing still.
    const found = kept ? definitionOf(JSON.parse(kept) as ProcessFile, definitionsDir) : definition;
    older.set(version, found);
    return found;
  }

  async function keyOf(event: Pick<Envelope, 'type' | 'data'>): Promise<string> {
    const key = await definition.evaluate(definition.key, { event: event.type, data: event.data });
    if (typeof key === 'string' && key !== '') return key;
    throw new CodedError('KEY_MISSING', `The key of the process ${process} gives no text`, {
      event: event.type,
    });
  }

  /** Changes the instance, whoever else does so at the same time; then publishes its open commands. */
  async function change(
    key: string,
    make: (before: Instance, of: ProcessDefinition) => Promise<Instance> | Instance,
    create = true,
    kept?: () => void,
  ): Promise<Instance | undefined> {
    for (let attempt = 0; attempt < tries; attempt += 1) {
      const row = await journal.processes.get(process, key);
      if (!row && !create) return undefined;
      const before = row ? (JSON.parse(row.body) as Instance) : newInstance(definition, key);
      const of = await definitionFor(before);
      const after = await make(before, of);
      const revision = row?.revision ?? 0;
      if (after === before) return publishOpen(after, revision, of);
      if (!(await stored(after, revision, of))) continue;
      kept?.();
      return publishOpen(after, revision + 1, of);
    }
    throw new CodedError('STORE_UNAVAILABLE', `The process ${process} ${key} changes all the time`, { key });
  }

  /** Publishes the open commands as far as possible and marks them sent. One that can never be published pauses the instance. */
  async function publishOpen(instance: Instance, revision: number, of: ProcessDefinition): Promise<Instance> {
    if (instance.asked.every(({ sent }) => sent)) return instance;
    const failures: CodedError[] = [];
    const commands: IssuedCommand[] = [];
    for (const one of instance.asked)
      commands.push(
        one.sent
          ? one
          : await publish(instance, one).then(
              () => ({ ...one, sent: true }),
              (error: unknown) => {
                failures.push(asCoded(error));
                return one;
              },
            ),
      );
    const never = failures.find(isNever);
    const sent = { ...instance, asked: commands };
    const after = never ? broken(of, sent, never, new Date()) : sent;
    // Where somebody changed the instance meanwhile the marks are lost: the commands are published again, with the same ids.
    if (revision > 0) await stored(after, revision, of);
    const error = never ?? failures[0];
    if (error) throw error;
    return after;
  }

  /** Stores the instance. `revision`: as it was read, or 0 where there was none. False when somebody else was quicker. */
  function stored(instance: Instance, revision: number, of: ProcessDefinition): Promise<boolean> {
    const next = rowOf(instance, of);
    return revision > 0 ? journal.processes.replace({ ...next, revision }) : journal.processes.add(next);
  }

  const idOf = ({ key }: Instance, { cause, step, type }: IssuedCommand): string =>
    deterministicId('process', process, key, cause, step, type);

  async function publish(instance: Instance, command: IssuedCommand): Promise<void> {
    const { key, number, version } = instance;
    const { type, data } = command;
    catalogue.validate(type, data);
    const message = envelope({
      id: idOf(instance, command),
      type,
      source: process,
      subject: number || key,
      data,
      flow: process,
      flowversion: version,
    });
    stamp(message);
    await broker.publish(message);
  }

  async function take(event: Envelope): Promise<Instance | undefined> {
    const reads = definition.events.has(event.type);
    const key = await keyOf(event).catch((error: unknown) => {
      if (reads) throw error;
      return '';
    });
    if (!reads && !(await olderReads(key, event.type))) return undefined;
    const counted = { id: event.replayof ?? event.id, type: event.type, data: event.data };
    return change(key, (before, of) => applied(of, before, counted, new Date()));
  }

  /** Whether the instance began with an older version of the file, which reads this event. */
  async function olderReads(key: string, type: string): Promise<boolean> {
    const row = await journal.processes.get(process, key);
    return row !== undefined && (await definitionFor(JSON.parse(row.body) as Instance)).events.has(type);
  }

  async function lookAtDue(now: Date): Promise<void> {
    const rows = await journal.processes.due(process, now.toISOString());
    for (const { key } of rows) await changeAlone(key, (before, of) => lookedAt(of, before, now), now);
  }

  /** Changes one instance: an error in its own file or data pauses it and stops no other instance. */
  async function changeAlone(
    key: string,
    make: (before: Instance, of: ProcessDefinition) => Promise<Instance>,
    now: Date,
  ): Promise<void> {
    const making = (before: Instance, of: ProcessDefinition): Promise<Instance> =>
      make(before, of).catch((error: unknown) => broken(of, before, asCoded(error), now));
    await change(key, making, false).catch((error: unknown) => {
      if (!isNever(asCoded(error))) throw error;
    });
  }

  /** The steps that cannot go on when a message of this type became an exception. */
  function stepsAwaiting(type: string): string[] {
    return Object.entries(definition.steps)
      .filter(([, { fails, asks, on }]) => (fails ?? [asks?.command ?? on]).includes(type))
      .map(([name]) => name);
  }

  const isOf = (instance: Instance, command: IssuedCommand, { id, replayof = id }: Envelope): boolean =>
    idOf(instance, command) === replayof;

  /** The key of the instance whose command this message is. */
  async function askerOf(message: Envelope): Promise<string | undefined> {
    const rows = await journal.processes.called(message.subject, process);
    return rows.find(({ body }) => {
      const instance = JSON.parse(body) as Instance;
      return instance.asked.some((command) => isOf(instance, command, message));
    })?.key;
  }

  async function lookAtExceptions(now: Date): Promise<void> {
    let last = lookedSince;
    for await (const letter of lettersOf(journal, { state: 'open', since: lookedSince })) {
      if (typeof letter === 'string') continue;
      const { id, lastFailed } = letter;
      const failure = `${id}/${lastFailed}`;
      if (!told.has(failure)) await tellFailure(letter, failure, now);
      told.set(failure, lastFailed);
      if (lastFailed > last) last = lastFailed;
    }
    const overlap = new Date(Date.parse(last) - overlapMs);
    if (overlap.toISOString() > lookedSince) lookedSince = overlap.toISOString();
    told = new Map([...told].filter(([, at]) => at >= lookedSince));
  }

  async function tellFailure({ message, code }: DeadLetter, id: string, now: Date): Promise<void> {
    const own = message.source === process;
    const waiting = own ? [] : stepsAwaiting(message.type);
    if (!own && waiting.length === 0) return;
    const key = own ? await askerOf(message) : await keyOf(message).catch(() => undefined);
    if (key === undefined) return;
    const failure = { id, why: `failed with ${code}` };
    const fail = async (before: Instance, of: ProcessDefinition): Promise<Instance> => {
      const command = before.asked.find((one) => isOf(before, one, message));
      let after = before;
      for (const name of command ? [command.step] : waiting)
        after = await failed(of, after, name, { ...failure, command }, now);
      return after;
    };
    await changeAlone(key, fail, now);
  }

  return {
    async keep() {
      const { events: _events, evaluate: _evaluate, ...file } = definition;
      await journal.documents.put('process', `${process}@${definition.version}`, JSON.stringify(file));
    },
    take,
    async poll(now = new Date()) {
      await lookAtDue(now);
      await lookAtExceptions(now);
    },
    async act(action, called, by) {
      const [row] = await journal.processes.called(called, process);
      const unknown = new CodedError('PROCESS_UNKNOWN', `There is no ${process} called ${called}`, {
        called,
      });
      if (!row) throw unknown;
      const object = `process/${process}/${row.key} ${action}`;
      return audited(journal.audit, { who: by, act: 'process.act', object }, async (did) => {
        const now = new Date();
        const after = await change(row.key, (before, of) => acted(of, before, action, by, now), false, did);
        if (!after) throw unknown;
        return after;
      });
    },
  };
}

/** Whether publishing again cannot help, as the file or the data of the instance are wrong. */
function isNever({ row, code }: CodedError): boolean {
  return code !== 'INTERNAL' && !row.retryable && row.owner !== 'operations';
}
