/** Writes the instances of a process, and publishes their commands once each. */
import type { Broker } from '../../broker/broker.ts';
import { stamp } from '../../broker/publishing.ts';
import { deterministicId, envelope } from '../../envelope/envelope.ts';
import { asCoded, CodedError } from '../../errors/coded-error.ts';
import type { Catalogue } from '../../events/catalogue.ts';
import type { Journal } from '../../journal/journal.ts';
import { definitionOf, type ProcessDefinition, type ProcessFile } from '../definition.ts';
import { broken } from '../instance.ts';
import { newInstance, type Instance, type IssuedCommand } from '../state.ts';
import { rowOf } from './row.ts';

export interface EngineOptions {
  definition: ProcessDefinition;
  definitionsDir: string;
  journal: Pick<Journal, 'processes' | 'documents' | 'letters' | 'audit'>;
  broker: Pick<Broker, 'publish'>;
  catalogue: Pick<Catalogue, 'validate'>;
}

/** The options of the engine with what it has cached. */
export interface Writing extends EngineOptions {
  /** Older versions of the definition that were read, by version. */
  older: Map<string, ProcessDefinition>;
}

/** How often a change is tried while others change the same instance. */
const tries = 50;

/** The definition that the instance began with. */
export async function definitionFor(writing: Writing, { version }: Instance): Promise<ProcessDefinition> {
  const { definition, definitionsDir, journal, older } = writing;
  if (version === definition.version) return definition;
  const known = older.get(version);
  if (known) return known;
  const kept = await journal.documents.get('process', `${definition.process}@${version}`);
  // A version is missing only if the journal lost rows. The current version is then better than none.
  const found = kept ? definitionOf(JSON.parse(kept) as ProcessFile, definitionsDir) : definition;
  older.set(version, found);
  return found;
}

/**
 * Changes the instance, and publishes its open commands. Tries again if the instance was changed meanwhile. `kept` is
 * called when the change is stored. Returns undefined if there is no instance and `create` is false. Throws
 * STORE_UNAVAILABLE after the last try, and what `make`, journal and broker throw.
 */
export async function change(
  writing: Writing,
  key: string,
  make: (before: Instance, of: ProcessDefinition) => Promise<Instance> | Instance,
  create = true,
  kept?: () => void,
): Promise<Instance | undefined> {
  const { definition, journal } = writing;
  const { process } = definition;
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const row = await journal.processes.get(process, key);
    if (!row && !create) return undefined;
    const before = row ? (JSON.parse(row.body) as Instance) : newInstance(definition, key);
    const of = await definitionFor(writing, before);
    const after = await make(before, of);
    const revision = row?.revision ?? 0;
    if (after === before) return publishOpen(writing, after, revision, of);
    if (!(await stored(writing, after, revision, of))) continue;
    kept?.();
    return publishOpen(writing, after, revision + 1, of);
  }
  throw new CodedError('STORE_UNAVAILABLE', `The process ${process} ${key} changes all the time`, { key });
}

/** Changes one instance. An error in its own file or data pauses it and affects no other instance. */
export async function changeAlone(
  writing: Writing,
  key: string,
  make: (before: Instance, of: ProcessDefinition) => Promise<Instance>,
  now: Date,
): Promise<void> {
  const making = (before: Instance, of: ProcessDefinition): Promise<Instance> =>
    make(before, of).catch((error: unknown) => broken(of, before, asCoded(error), now));
  await change(writing, key, making, false).catch((error: unknown) => {
    if (!isNever(asCoded(error))) throw error;
  });
}

/**
 * Publishes the open commands as far as possible and marks them as sent. A command that can never be published pauses
 * the instance.
 */
async function publishOpen(
  writing: Writing,
  instance: Instance,
  revision: number,
  of: ProcessDefinition,
): Promise<Instance> {
  if (instance.asked.every(({ sent }) => sent)) return instance;
  const failures: CodedError[] = [];
  const commands: IssuedCommand[] = [];
  for (const one of instance.asked)
    commands.push(
      one.sent
        ? one
        : await publish(writing, instance, one).then(
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
  // If the instance was changed meanwhile, the marks are lost: the commands are published again, with the same ids.
  if (revision > 0) await stored(writing, after, revision, of);
  const error = never ?? failures[0];
  if (error) throw error;
  return after;
}

/**
 * Stores the instance. `revision`: the one that was read, or 0 for a new instance. False if it was changed meanwhile.
 */
function stored(
  { journal }: Writing,
  instance: Instance,
  revision: number,
  of: ProcessDefinition,
): Promise<boolean> {
  const next = rowOf(instance, of);
  return revision > 0 ? journal.processes.replace({ ...next, revision }) : journal.processes.add(next);
}

/** The id of the message that a command is published as. */
export function idOf({ process, key }: Instance, { cause, step, type }: IssuedCommand): string {
  return deterministicId('process', process, key, cause, step, type);
}

async function publish(
  { broker, catalogue }: Writing,
  instance: Instance,
  command: IssuedCommand,
): Promise<void> {
  const { process, key, number, version } = instance;
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

/** Whether publishing again cannot help, because the file or the data of the instance is wrong. */
function isNever({ row, code }: CodedError): boolean {
  return code !== 'INTERNAL' && !row.retryable && row.owner !== 'operations';
}
