/** Reads process files: steps, the events they wait for, and what to do if a step is late or fails. */
import { basename, join } from 'node:path';
import Type, { type Static } from 'typebox';
import { filesEnding, readYaml } from '../definitions/read-yaml.ts';
import { CodedError } from '../errors/coded-error.ts';
import { compileMapping, type Mapping } from '../map/mapping.ts';
import { ownSchema } from '../schema/schema.ts';

const closed = { additionalProperties: false };
const word = Type.String({ minLength: 1 });
/** A duration such as `30s`, `15m`, `4h` or `10d`. */
const Duration = Type.String({ pattern: '^[1-9][0-9]*[smhd]$' });

/** What to do about a step that is late or has failed. */
const Reaction = Type.Object(
  {
    do: Type.Enum(['pause', 'retry', 'compensate', 'escalate']),
    /** The team to ask: for `escalate`, and after the last retry. Default: the owner of the process. */
    to: Type.Optional(word),
    /** Number of retries, 1 to 100. Default 3. */
    times: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  },
  closed,
);

const Command = Type.Object(
  {
    /** The type of event to publish. */
    command: word,
    /** JSONata on {event, data, instance}: the data of the published event. */
    data: word,
  },
  closed,
);

const Step = Type.Object(
  {
    /** The type of event that begins the step, each time the event comes. */
    on: word,
    /** JSONata on {event, data, instance}: the step begins only if it is true. Default: always. */
    when: Type.Optional(word),
    /** The command that is published when the step begins. Without it the step waits for what others do. */
    asks: Type.Optional(Command),
    /** The type of event that reports the step done. */
    awaits: word,
    /** Types of event that report progress of the step without reporting it done. */
    also: Type.Optional(Type.Array(word)),
    /**
     * JSONata on {data, done, also, instance}: true if no more reports will come. `data` is that of the last report,
     * `done` that of all reports, `also` that of the events in `also`. Default: true after as many reports as
     * beginnings.
     */
    until: Type.Optional(word),
    /**
     * Types of event whose exceptions count as failures of the step. Default: its command, or the event that begins the
     * step.
     */
    fails: Type.Optional(Type.Array(word)),
    /** The step is late if it takes longer than this from its last beginning. Default: never late. */
    within: Type.Optional(Duration),
    late: Type.Optional(Reaction),
    failed: Type.Optional(Reaction),
    /** Whether the process can end before this step ever begins. Default false. */
    optional: Type.Optional(Type.Boolean()),
    /** How the step is undone, once for each time it was done. */
    undo: Type.Optional(
      Type.Object(
        {
          /** A few words for people, such as `by a credit note`. */
          how: word,
          /** The command that undoes the step. Without it a person does so. */
          asks: Type.Optional(Command),
          /** The type of event that reports the step undone. */
          awaits: Type.Optional(word),
        },
        closed,
      ),
    ),
  },
  closed,
);

const ProcessFile = Type.Object(
  {
    process: Type.String({ pattern: '^[a-z][a-z0-9-]*$' }),
    version: word,
    owner: word,
    summary: word,
    /** A calendar of definitions/calendars whose days count for the delay of a step. Default `standard`. */
    calendar: Type.Optional(word),
    /** The type of event that starts an instance. */
    start: word,
    /** JSONata on {event, data}: the business key. It has to work on every event of the process. */
    key: word,
    /** JSONata on {event, data} of the first event: the number that people use. */
    number: word,
    /** JSONata on {event, data} of the first event: facts that the other expressions need later. */
    facts: Type.Optional(word),
    steps: Type.Record(word, Step),
    /** Events that hold the process until a person releases it. */
    holds: Type.Optional(Type.Record(word, Type.Object({ to: word, release: Command }, closed))),
    /** Events that end the process, and the state in which it ends. */
    ends: Type.Optional(Type.Record(word, Type.Enum(['done', 'cancelled']))),
  },
  closed,
);

export type Reaction = Static<typeof Reaction>;
export type Command = Static<typeof Command>;
export type Step = Static<typeof Step>;
export type ProcessFile = Static<typeof ProcessFile>;

export interface ProcessDefinition extends ProcessFile {
  /** Every type of event that the process reads. */
  events: ReadonlySet<string>;
  /** Runs an expression of the file. Throws CodedError MAPPING_FAILED, or what else a mapping throws. */
  evaluate(expression: string, input: object): Promise<unknown>;
}

const schema = ownSchema(ProcessFile);

/**
 * Reads one process. Throws CodedError CONFIG_INVALID with file and line, or MAPPING_INVALID for a wrong expression.
 */
export function readProcess(file: string, definitionsDir: string): ProcessDefinition {
  const read = readYaml<ProcessFile>(file, schema);
  if (`${read.process}.yaml` !== basename(file))
    throw new CodedError('CONFIG_INVALID', `${file} describes ${read.process}; both names must be the same`, {
      file,
    });
  return definitionOf(read, definitionsDir);
}

/** Compiles the expressions of a process file. Throws CodedError MAPPING_INVALID for a wrong one. */
export function definitionOf(file: ProcessFile, definitionsDir: string): ProcessDefinition {
  const compiled = new Map<string, Mapping>();
  for (const inline of expressionsOf(file))
    compiled.set(inline, compileMapping({ dir: definitionsDir, inline, title: `process ${file.process}` }));
  return {
    ...file,
    events: new Set(eventsOf(file)),
    evaluate: (expression, input) => compiled.get(expression)!.run(input),
  };
}

/** The key of the instance that an event belongs to. Throws CodedError KEY_MISSING, or what `evaluate` throws. */
export async function keyOf(
  { process, key: expression, evaluate }: ProcessDefinition,
  { type, data }: { type: string; data: unknown },
): Promise<string> {
  const key = await evaluate(expression, { event: type, data });
  if (typeof key === 'string' && key !== '') return key;
  throw new CodedError('KEY_MISSING', `The key of the process ${process} gives no text`, { event: type });
}

/** Reads all processes of the folder, by name. Throws what `readProcess` throws. */
export function loadProcesses(definitionsDir: string): Map<string, ProcessDefinition> {
  const paths = filesEnding(join(definitionsDir, 'processes'), '.yaml');
  const files = paths.map((path) => readProcess(path, definitionsDir));
  return new Map(files.map((definition) => [definition.process, definition]));
}

function expressionsOf({ key, number, facts, steps, holds = {} }: ProcessFile): string[] {
  const ofSteps = Object.values(steps).flatMap(({ when, until, asks, undo }) => [
    when,
    until,
    asks?.data,
    undo?.asks?.data,
  ]);
  const all = [key, number, facts, ...ofSteps, ...Object.values(holds).map(({ release }) => release.data)];
  return all.filter((one) => one !== undefined);
}

function eventsOf({ start, steps, holds = {}, ends = {} }: ProcessFile): string[] {
  const ofSteps = Object.values(steps).flatMap(({ on, awaits, also = [], undo }) => [
    on,
    awaits,
    ...also,
    undo?.awaits,
  ]);
  const all = [start, ...ofSteps, ...Object.keys(holds), ...Object.keys(ends)];
  return all.filter((one) => one !== undefined);
}

const units: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Converts a duration such as `30s` or `4h` to milliseconds. */
export function duration(text: string): number {
  return Number(text.slice(0, -1)) * units[text.at(-1)!]!;
}
