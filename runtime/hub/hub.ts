/** Everything a node can ask the runtime for. One hub a process. */
import type { Logger } from 'pino';
import type { CodedError } from '../errors/coded-error.ts';
import type { Broker } from '../broker/broker.ts';
import type { Authority } from '../authority/authority.ts';
import type { Calendar } from '../calendar/calendar.ts';
import type { DocumentTypes } from '../edi/document-types.ts';
import type { Catalogue } from '../events/catalogue.ts';
import type { Guard } from '../guard/guard.ts';
import type { Intake } from '../intake/routes.ts';
import type { Entries } from '../interfaces/file.ts';
import type { Journal } from '../journal/journal.ts';
import type { Figures } from '../metrics/figures.ts';
import type { Backlog, ConsumedQueue } from '../limits/backlog.ts';
import type { Gate } from '../limits/gate.ts';
import type { Limits, Tier } from '../limits/limits.ts';
import type { Outage } from '../recovery/circuit.ts';
import type { Ownership } from '../ownership/ownership.ts';
import type { Odoo } from '../odoo/client.ts';
import type { Partners } from '../partners/partners.ts';
import type { ProcessDefinition } from '../process/definition.ts';
import type { Policy } from '../recovery/recover.ts';
import type { Retention } from '../retention/rules.ts';
import type { ValueMaps } from '../values/value-maps.ts';
import type { Tracing } from '../tracing/span.ts';
import type { Seen } from '../intake/seen.ts';
import type { Deliveries } from './deliveries.ts';
import type { Profile } from '../stores/profile.ts';
import type { Stores } from '../stores/stores.ts';
import type { Missing } from './missing.ts';
import type { Targets } from './targets.ts';

export interface Hub {
  log: Logger;
  profile: Profile;
  definitionsDir: string;
  broker: Broker;
  guard: Guard;
  journal: Journal;
  /** Of the embedded store. */
  room?: NonNullable<Stores['room']>;
  disk?: NonNullable<Stores['disk']>;
  atOnce?: NonNullable<Stores['atOnce']>;
  /** What an event that is published now waits for. */
  held(): Promise<void> | undefined;
  deliveries: Deliveries;
  intake: Intake;
  catalogue: Catalogue;
  authority: Authority;
  values: ValueMaps;
  partners: Partners;
  documentTypes: DocumentTypes;
  policies: Map<string, Policy>;
  processes: Map<string, ProcessDefinition>;
  ownership: Ownership;
  /** What definitions/interfaces.yaml says of each. */
  interfaces: Entries;
  /** What is counted while it works. */
  figures: Figures;
  /** Of the flows that run, by name. */
  tiers: Map<string, Tier>;
  calendars: Map<string, Calendar>;
  /** Undefined: nothing goes. */
  retention: Retention | undefined;
  limits: Limits;
  /** Before a message from a queue is worked on. */
  work: Gate;
  /** Before an event is published. */
  backlog: Backlog;
  /** Variables that the running flows lack. */
  missing: Missing;
  /** The consuming nodes of the running flows. */
  consumers: Set<Consuming>;
  /** What the running flows reach, as far as it has never worked. */
  targets: Targets;
  /** The Odoo connections of the running flows. */
  odoos: Set<Odoo>;
  /** The last webhooks, where flows are made. */
  seen?: Seen;
  /** Where traces are sent. */
  tracing?: Tracing;
  /** Of the marks that are kept of orders. */
  markKey(): Promise<Buffer>;
  /** Nodes that begin work by themselves, at a time or by looking, do not. */
  quiet: boolean;
  /** Takes no new work and waits, half a minute at the most, for the work at hand. What is not done then is given back. */
  pause(): Promise<void>;
  /** Flows start: an event is published when all their queues are there, with the next `resume`. */
  hold(): void;
  /** Takes work again when the queues of the flows are there. A `pause` before that ends it. */
  resume(): Promise<void>;
  /** Throws the first coded reason why the hub cannot take a message now. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** A consuming node of the running flows. */
export interface Consuming extends ConsumedQueue {
  flowVersion: string;
  readonly state: ConsumerState;
  /** Resolves when what was taken has its verdict. */
  pause(): Promise<void>;
  resume(): void;
}

export type ConsumerState =
  | { is: 'consuming' | 'paused' }
  | ({ is: 'outage' } & Outage) // its messages wait for the target
  | { is: 'failed'; error: CodedError }; // tries again by itself
