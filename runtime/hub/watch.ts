/** What this hub sees of itself: its queues, its consumers and their outages; told to the journal now and then. */
import { hostname } from 'node:os';
import { asCoded, CodedError } from '../errors/coded-error.ts';
import type { Broker } from '../broker/broker.ts';
import type { Sample } from '../journal/watched.ts';
import type { Consuming, Hub } from './hub.ts';

/** JSON, as other hubs read it. */
export interface HubStatus {
  host: string;
  pid: number;
  /** ISO time. */
  started: string;
  consumers: SeenConsumer[];
  queues: SeenQueue[];
  /** Why the broker tells nothing. */
  brokerAway?: Away;
}

export interface Away {
  code: string;
  message: string;
}

export interface SeenConsumer {
  flow: string;
  queue: string;
  is: Consuming['state']['is'];
  /** Of an outage or a failure. */
  code?: string;
  /** ISO times of an outage. */
  since?: string;
  nextTry?: string;
}

export interface SeenQueue {
  queue: string;
  ready: number;
  /** Wait for their next try, and are worked on, as far as this hub knows. */
  delayed: number;
  working: number;
  /** ISO time. */
  oldest?: string;
  oldestUnknown?: true;
}

const LIMIT_MS = 3000;
const TELL_MS = 30_000;
const FOLD_MS = 300_000;
/** A hub that was not seen for so long is not there. */
export const ABSENT_MS = 3 * TELL_MS;

const started = new Date(Date.now() - 1000 * process.uptime()).toISOString();

/** It never throws: a broker that is away is part of what is seen. */
export async function statusOf(
  { broker, consumers }: Pick<Hub, 'broker' | 'consumers'>,
  limitMs = LIMIT_MS,
): Promise<HubStatus> {
  const seen: HubStatus = {
    host: hostname(),
    pid: process.pid,
    started,
    consumers: [...consumers].map(consumerOf),
    queues: [],
  };
  try {
    const known = await within(limitMs, broker.queues());
    const names = new Set([...seen.consumers.map(({ queue }) => queue), ...known]);
    seen.queues = await within(
      limitMs,
      Promise.all([...names].toSorted().map((queue) => queueOf(broker, queue))),
    );
  } catch (error) {
    const { code, message } = asCoded(error);
    seen.brokerAway = { code, message };
  }
  return seen;
}

function consumerOf({ flow, queue, state }: Consuming): SeenConsumer {
  const named = { flow, queue, is: state.is };
  if (state.is === 'outage')
    return {
      ...named,
      code: state.code,
      since: state.since.toISOString(),
      nextTry: state.nextProbe.toISOString(),
    };
  return state.is === 'failed' ? { ...named, code: state.error.code } : named;
}

async function queueOf(broker: Broker, queue: string): Promise<SeenQueue> {
  const [{ ready, delayed, unsettled: working }, oldest] = await Promise.all([
    broker.depth(queue),
    broker.oldest(queue),
  ]);
  const known = oldest === 'unknown' ? { oldestUnknown: true as const } : oldest && { oldest };
  return { queue, ready, delayed, working, ...known };
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new CodedError('BROKER_UNAVAILABLE', 'The broker does not answer'));
  }, ms);
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Tells the journal each half minute what is seen, and folds the rollups each five minutes. To be called more often. */
export function telling(hub: Hub): () => void {
  // Where there are several the others learn soon that it is there.
  let next = Date.now() + (hub.profile === 'cluster' ? 0 : TELL_MS);
  let fold = Date.now() + TELL_MS;
  let busy = false;
  return () => {
    const now = Date.now();
    if (busy || now < next) return;
    next = now + TELL_MS;
    busy = true;
    const folds = now >= fold;
    if (folds) fold = now + FOLD_MS;
    recordStatus(hub, new Date(now))
      .then(() => (folds ? hub.journal.rollups.fold(new Date(now)) : undefined))
      .catch((error: unknown) =>
        hub.log.warn({ err: error }, 'What the hub sees is told to the journal later'),
      )
      .finally(() => (busy = false));
  };
}

export async function recordStatus(hub: Hub, now: Date): Promise<void> {
  const { journal, profile } = hub;
  const { watched } = journal;
  const time = now.toISOString();
  const seen = await statusOf(hub);
  // Alone on its store it is there while it runs.
  if (profile === 'cluster') await watched.here(time, JSON.stringify(seen));
  const hubs =
    profile === 'cluster'
      ? (await watched.hubs(new Date(now.getTime() - ABSENT_MS).toISOString())).length
      : 1;
  const bytes = await journal.size();
  await watched.sample(time, [
    ...samplesOf(seen, now),
    { name: 'hubs', subject: '', value: hubs },
    ...(bytes === undefined ? [] : [{ name: 'store' as const, subject: '', value: bytes }]),
  ]);
}

function samplesOf({ queues, consumers }: HubStatus, now: Date): Sample[] {
  const away = new Map<string, 0 | 1>();
  for (const { flow, is } of consumers)
    if (is === 'outage' || is === 'consuming') away.set(flow, is === 'outage' ? 1 : (away.get(flow) ?? 0));
  return [
    ...queues.flatMap(({ queue, ready, delayed, working, oldest, oldestUnknown }): Sample[] => [
      { name: 'waiting', subject: queue, value: ready + delayed + working },
      ...(oldestUnknown
        ? []
        : [{ name: 'oldest' as const, subject: queue, value: secondsSince(oldest, now) }]),
    ]),
    ...[...away].map(([flow, value]): Sample => ({ name: 'outage', subject: flow, value })),
  ];
}

function secondsSince(time: string | undefined, now: Date): number {
  return time === undefined ? 0 : Math.max(0, Math.round((now.getTime() - Date.parse(time)) / 1000));
}
