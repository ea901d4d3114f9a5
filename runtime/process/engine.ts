/** Runs processes: events change instances in the journal, and what these ask for is published, once each. */
import type { Broker } from '../broker/broker.ts';
import { deterministicId, envelope, type Envelope } from '../envelope/envelope.ts';
import { CodedError } from '../errors/coded-error.ts';
import type { Catalogue } from '../events/catalogue.ts';
import type { Journal } from '../journal/journal.ts';
import type { ProcessRow } from '../journal/processes.ts';
import { definitionOf, type ProcessDefinition, type ProcessFile } from './definition.ts';
import { applied, compensated, failed, lookedAt, paused, resumed, stepped } from './instance.ts';
import { dueOf, newInstance, type Asked, type Instance } from './state.ts';

export interface EngineOptions {
  definition: ProcessDefinition;
  definitionsDir: string;
  journal: Pick<Journal, 'processes' | 'documents' | 'letters'>;
  broker: Pick<Broker, 'publish'>;
  catalogue: Pick<Catalogue, 'validate'>;
}

/** Step: of what a paused one keeps, the first is asked for. */
export type Action = 'pause' | 'step' | 'resume' | 'compensate';

export interface Engine {
  /** Keeps this version of the process, for the instances that begin with it. */
  keep(): Promise<void>;
  /**
   * Counts an event once and publishes what it leads to. Undefined when the process does not read it. Throws
   * KEY_MISSING, MAPPING_FAILED, SCHEMA_INVALID (of what is asked for) or what the stores throw; once more is safe.
   */
  take(event: Envelope): Promise<Instance | undefined>;
  /** Steps that are late, and steps whose message became an exception since the last look. */
  look(now?: Date): Promise<void>;
  /** By key or number. Throws CodedError PROCESS_UNKNOWN. */
  act(action: Action, called: string, by: string): Promise<Instance>;
}

/** Of one who changes the same instance at the same time. */
const tries = 50;

export function processEngine(options: EngineOptions): Engine {
  const { definition, definitionsDir, journal, broker, catalogue } = options;
  const { process } = definition;
  const older = new Map<string, ProcessDefinition>();
  let lookedSince = new Date(0).toISOString();

  async function definitionFor({ version }: Instance): Promise<ProcessDefinition> {
    if (version === definition.version) return definition;
    const known = older.get(version);
    if (known) return known;
    const kept = await journal.documents.get('process', `${process}@${version}`);
    // Never lost as long as the journal is whole; the newer one is better than standing still.
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

  /** Changes the instance, whoever else does so at the same time; then publishes what it asks for. */
  async function change(
    key: string,
    make: (before: Instance, of: ProcessDefinition) => Promise<Instance> | Instance,
    create = true,
  ): Promise<Instance | undefined> {
    for (let attempt = 0; attempt < tries; attempt += 1) {
      const row = await journal.processes.get(process, key);
      if (!row && !create) return undefined;
      const before = row ? (JSON.parse(row.body) as Instance) : newInstance(definition, key);
      const after = await make(before, await definitionFor(before));
      if (after !== before && !(await stored(row, after))) continue;
      const open = after.asked.some(({ sent }) => !sent);
      if (!open) return after;
      for (const asked of after.asked) if (!asked.sent) await publish(after, asked);
      const sent = { ...after, asked: after.asked.map((one): Asked => ({ ...one, sent: true })) };
      const now = await journal.processes.get(process, key);
      // Somebody changed it meanwhile: what is not marked is published again, with the same id.
      if (now && now.body === JSON.stringify(after)) await stored(now, sent);
      return sent;
    }
    throw new CodedError('STORE_UNAVAILABLE', `The process ${process} ${key} changes all the time`, { key });
  }

  function stored(row: ProcessRow | undefined, instance: Instance): Promise<boolean> {
    const { key, number, state } = instance;
    const next = { process, key, number, state, due: dueOf(instance), body: JSON.stringify(instance) };
    return row ? journal.processes.replace({ ...next, revision: row.revision }) : journal.processes.add(next);
  }

  const idOf = ({ key }: Instance, { cause, step, type }: Asked): string =>
    deterministicId('process', process, key, cause, step, type);

  async function publish(instance: Instance, asked: Asked): Promise<void> {
    const { key, number, version } = instance;
    const { type, data } = asked;
    catalogue.validate(type, data);
    await broker.publish(
      envelope({
        id: idOf(instance, asked),
        type,
        source: process,
        subject: number || key,
        data,
        flow: process,
        flowversion: version,
      }),
    );
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

  /** An instance that began with an older version, which knows this event. */
  async function olderReads(key: string, type: string): Promise<boolean> {
    const row = await journal.processes.get(process, key);
    return row !== undefined && (await definitionFor(JSON.parse(row.body) as Instance)).events.has(type);
  }

  async function lookAtDue(now: Date): Promise<void> {
    const rows = await journal.processes.list({ process, dueBefore: now.toISOString() });
    for (const { key } of rows) await change(key, (before, of) => lookedAt(of, before, now), false);
  }

  /** The steps that do not go on when such a message became an exception. */
  function stepsAwaiting(type: string): string[] {
    return Object.entries(definition.steps)
      .filter(([, { fails, asks, on }]) => (fails ?? [asks?.command ?? on]).includes(type))
      .map(([name]) => name);
  }

  const isOf = (instance: Instance, asked: Asked, { id, replayof = id }: Envelope): boolean =>
    idOf(instance, asked) === replayof;

  /** The key of the instance that asked for it. */
  async function askerOf(message: Envelope): Promise<string | undefined> {
    const rows = await journal.processes.list({ process, called: message.subject });
    return rows.find(({ body }) => {
      const instance = JSON.parse(body) as Instance;
      return instance.asked.some((asked) => isOf(instance, asked, message));
    })?.key;
  }

  async function lookAtExceptions(now: Date): Promise<void> {
    const letters = await journal.letters({ state: 'open', since: lookedSince, order: 'oldest' });
    for (const { message, code, id, lastFailed } of letters) {
      const own = message.source === process;
      const waiting = own ? [] : stepsAwaiting(message.type);
      if (!own && waiting.length === 0) continue;
      const key = own ? await askerOf(message) : await keyOf(message).catch(() => undefined);
      if (key === undefined) continue;
      const failure = { id: `${id}/${lastFailed}`, why: `failed with ${code}` };
      const fail = async (before: Instance, of: ProcessDefinition): Promise<Instance> => {
        const asked = before.asked.find((one) => isOf(before, one, message));
        let after = before;
        for (const name of asked ? [asked.step] : waiting)
          after = await failed(of, after, name, { ...failure, asked }, now);
        return after;
      };
      await change(key, fail, false);
    }
    lookedSince = letters.at(-1)?.lastFailed ?? lookedSince;
  }

  return {
    async keep() {
      const { events: _events, evaluate: _evaluate, ...file } = definition;
      await journal.documents.put('process', `${process}@${definition.version}`, JSON.stringify(file));
    },
    take,
    async look(now = new Date()) {
      await lookAtDue(now);
      await lookAtExceptions(now);
    },
    async act(action, called, by) {
      const [row] = await journal.processes.list({ process, called, limit: 1 });
      const now = new Date();
      const acted =
        row &&
        (await change(
          row.key,
          (before, of) => {
            if (action === 'pause') return paused(before, by, now);
            if (action === 'step') return stepped(before, by, now);
            return action === 'resume' ? resumed(of, before, by, now) : compensated(of, before, by, now);
          },
          false,
        ));
      if (acted) return acted;
      throw new CodedError('PROCESS_UNKNOWN', `There is no ${process} called ${called}`, { called });
    },
  };
}
