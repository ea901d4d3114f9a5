/** Every metric that the hub tells at /metrics: what it counts, by which labels, and how many series it may have. */

/** Where the words of a label come from; nothing else becomes one. `docs/operators/metrics.md` says it for people. */
export type Label =
  | 'route' // path of a webhook node
  | 'status' // of HTTP, or why there is none
  | 'flow'
  | 'outcome' // of `outcomes`
  | 'code' // of the table of codes
  | 'target' // name of a connection
  | 'queue' // of a consuming node
  | 'state' // of `states`
  | 'process'
  | 'step' // of the process
  | 'class' // of breaks
  | 'channel'; // that takes stock levels

/** What became of the work on a message. */
export const outcomes = [
  'done',
  'duplicate',
  'refused',
  'retrying',
  'outage',
  'parked',
  'exception',
] as const;
export type Ending = (typeof outcomes)[number];

/** Of messages in a queue, and of letters. */
export const states = ['ready', 'delayed', 'working', 'open', 'parked'] as const;

/** Stands for every word that is not known, and for those beyond `most`. */
export const OTHER = 'other';

/** More series than this a hub never has. */
export const MOST_SERIES = 2000;

/** Upper ends in seconds. */
export const ends = [0.05, 0.2, 1, 5, 20, 60] as const;

export interface Metric {
  type: 'counter' | 'gauge' | 'histogram';
  unit: string;
  help: string;
  labels: readonly Label[];
  /** Different sets of labels it may have, beside the one of `other`. */
  most: number;
  /** The store's are the same wherever they are read, so one hub tells them. */
  of: 'hub' | 'store';
}

/** By the rules of Prometheus: the unit is the end of the name, and a counter ends in `_total`. */
export const metrics = {
  crossdock_webhook_requests_total: {
    type: 'counter',
    unit: 'requests',
    help: 'Webhooks answered, by the path of their node and the HTTP status',
    labels: ['route', 'status'],
    most: 150,
    of: 'hub',
  },
  crossdock_message_seconds: {
    type: 'histogram',
    unit: 'seconds',
    help: 'Work of a flow on one message, from when it was taken up until it was done or decided about',
    labels: ['flow', 'outcome'],
    most: 90,
    of: 'hub',
  },
  crossdock_retries_total: {
    type: 'counter',
    unit: 'messages',
    help: 'Failed tries after which the message comes again by itself',
    labels: ['flow', 'code'],
    most: 100,
    of: 'hub',
  },
  crossdock_dead_letters_total: {
    type: 'counter',
    unit: 'messages',
    help: 'Messages that failed for good and wait for a person',
    labels: ['flow', 'code'],
    most: 100,
    of: 'hub',
  },
  crossdock_outages_total: {
    type: 'counter',
    unit: 'outages',
    help: 'Outages that a flow met, each counted when it began',
    labels: ['flow', 'code'],
    most: 60,
    of: 'hub',
  },
  crossdock_flow_outage: {
    type: 'gauge',
    unit: '0 or 1',
    help: '1 while the messages of the flow wait here for its target',
    labels: ['flow'],
    most: 80,
    of: 'hub',
  },
  crossdock_calls_total: {
    type: 'counter',
    unit: 'calls',
    help: 'Calls to Odoo and to the APIs of partners, by connection and HTTP status, or why no answer came',
    labels: ['target', 'status'],
    most: 100,
    of: 'hub',
  },
  crossdock_event_loop_lag_p99_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: 'How late timers of the process were, 99 of 100, in the last ten seconds or since it was last asked',
    labels: [],
    most: 1,
    of: 'hub',
  },
  crossdock_event_loop_lag_max_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: 'How late the latest timer of the process was, in the same time',
    labels: [],
    most: 1,
    of: 'hub',
  },
  crossdock_folded_total: {
    type: 'counter',
    unit: 'values',
    help: 'Values counted under other, because a word was not known or a metric had all its series',
    labels: [],
    most: 1,
    of: 'hub',
  },
  crossdock_store_figures: {
    type: 'gauge',
    unit: '0 or 1',
    help: '1 on the hub that tells the figures of the store; 0 where another does, or where they cannot be read',
    labels: [],
    most: 1,
    of: 'hub',
  },
  process_cpu_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Processor time of the process',
    labels: [],
    most: 1,
    of: 'hub',
  },
  process_resident_memory_bytes: {
    type: 'gauge',
    unit: 'bytes',
    help: 'Memory of the process',
    labels: [],
    most: 1,
    of: 'hub',
  },
  process_start_time_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: 'When the process began, since 1970',
    labels: [],
    most: 1,
    of: 'hub',
  },
  crossdock_queue_messages: {
    type: 'gauge',
    unit: 'messages',
    help: 'Messages in a queue: ready, delayed until their next try, or worked on',
    labels: ['queue', 'state'],
    most: 270,
    of: 'store',
  },
  crossdock_queue_oldest_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: 'How long the message has waited that waits longest; absent where that is not known',
    labels: ['queue'],
    most: 90,
    of: 'store',
  },
  crossdock_letters_waiting: {
    type: 'gauge',
    unit: 'messages',
    help: 'Dead letters that are open, for a person, or parked, for their predecessor',
    labels: ['flow', 'state'],
    most: 60,
    of: 'store',
  },
  crossdock_processes: {
    type: 'gauge',
    unit: 'processes',
    help: 'Processes under way, by the step they stand at',
    labels: ['process', 'step'],
    most: 60,
    of: 'store',
  },
  crossdock_processes_late: {
    type: 'gauge',
    unit: 'processes',
    help: 'Those of them that are past their planned time',
    labels: ['process', 'step'],
    most: 60,
    of: 'store',
  },
  crossdock_reconciliation_breaks: {
    type: 'gauge',
    unit: 'breaks',
    help: 'Breaks that the last reconciliation found, by their class; absent where none has run',
    labels: ['class'],
    most: 9,
    of: 'store',
  },
  crossdock_stock_lag_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: 'From a change of stock in Odoo to the answer of the channel, of nine in ten of the last hour; absent where none came',
    labels: ['channel'],
    most: 8,
    of: 'store',
  },
  crossdock_stock_waiting_oldest_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: 'How long the change of stock has waited that a channel has not taken; 0 where none waits',
    labels: ['channel'],
    most: 8,
    of: 'store',
  },
  crossdock_store_bytes: {
    type: 'gauge',
    unit: 'bytes',
    help: 'Size of the store',
    labels: [],
    most: 1,
    of: 'store',
  },
  crossdock_store_limit_bytes: {
    type: 'gauge',
    unit: 'bytes',
    help: 'What the store can grow to, by its limit or its disk; absent where that is not known',
    labels: [],
    most: 1,
    of: 'store',
  },
  crossdock_hubs: {
    type: 'gauge',
    unit: 'hubs',
    help: 'Hubs and workers of this store that are there',
    labels: [],
    most: 1,
    of: 'store',
  },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof metrics;
type Named<T extends Metric['type']> = {
  [Name in MetricName]: (typeof metrics)[Name]['type'] extends T ? Name : never;
}[MetricName];
export type CounterName = Named<'counter'>;
export type GaugeName = Named<'gauge'>;
export type HistogramName = Named<'histogram'>;

/** A word for each of its labels, and for no other. */
export type LabelsOf<Name extends MetricName> = Record<(typeof metrics)[Name]['labels'][number], string>;
