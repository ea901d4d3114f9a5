/** Runs processes: events change instances in the journal, and the commands that follow are published once each. */
import { audited } from '../../audit/audited.ts';
import type { Envelope } from '../../envelope/envelope.ts';
import { CodedError } from '../../errors/coded-error.ts';
import { keyOf } from '../definition.ts';
import { acted, applied, type Action } from '../instance.ts';
import type { Instance } from '../state.ts';
import { exceptionsOf, lookAtDue } from './polling.ts';
import { change, definitionFor, type EngineOptions, type Writing } from './writing.ts';

export interface Engine {
  /**
   * Stores this version of the process in the journal, for the instances that begin with it. Throws what the journal
   * throws.
   */
  keep(): Promise<void>;
  /**
   * Applies an event once and publishes the commands that follow. Safe to call again with the same event. Returns
   * undefined if the process does not read this type of event. Throws CodedError KEY_MISSING, MAPPING_FAILED,
   * SCHEMA_INVALID for the data of a command, or what journal and broker throw. A command that cannot be published now
   * is published by the next poll.
   */
  take(event: Envelope): Promise<Instance | undefined>;
  /**
   * Finds late steps, steps whose message became an exception since the last poll, and commands that are not published,
   * and acts on each. Pauses an instance if its own file or data cause an error, and asks its owner. `now` defaults to
   * the current time. Throws what journal and broker throw.
   */
  poll(now?: Date): Promise<void>;
  /**
   * Performs an action of the person `by` on the instance with the key or number `called`, and writes a row of the
   * audit. Throws CodedError PROCESS_UNKNOWN, or PROCESS_STATE if the state of the instance does not allow the action.
   */
  act(action: Action, called: string, by: string): Promise<Instance>;
}

export function processEngine(options: EngineOptions): Engine {
  const { definition, journal } = options;
  const { process } = definition;
  const writing: Writing = { ...options, older: new Map() };
  const lookAtExceptions = exceptionsOf(writing);
  return {
    async keep() {
      const { events: _events, evaluate: _evaluate, ...file } = definition;
      await journal.documents.put('process', `${process}@${definition.version}`, JSON.stringify(file));
    },
    take: (event) => take(writing, event),
    async poll(now = new Date()) {
      await lookAtDue(writing, now);
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
        const after = await change(
          writing,
          row.key,
          (before, of) => acted(of, before, action, by, now),
          false,
          did,
        );
        if (!after) throw unknown;
        return after;
      });
    },
  };
}

async function take(writing: Writing, event: Envelope): Promise<Instance | undefined> {
  const { definition } = writing;
  const reads = definition.events.has(event.type);
  const key = await keyOf(definition, event).catch((error: unknown) => {
    if (reads) throw error;
    return '';
  });
  if (!reads && !(await olderReads(writing, key, event.type))) return undefined;
  const counted = { id: event.replayof ?? event.id, type: event.type, data: event.data };
  return change(writing, key, (before, of) => applied(of, before, counted, new Date()));
}

/** Whether the instance began with an older version of the file that reads this event. */
async function olderReads(writing: Writing, key: string, type: string): Promise<boolean> {
  const row = await writing.journal.processes.get(writing.definition.process, key);
  return (
    row !== undefined && (await definitionFor(writing, JSON.parse(row.body) as Instance)).events.has(type)
  );
}
