/** The broker of the embedded profile: a table as durable queues, handed out as soon as something is due. */
import type { Logger } from 'pino';
import type { Envelope } from '../envelope/envelope.ts';
import { written } from '../envelope/written.ts';
import { CodedError } from '../errors/coded-error.ts';
import { openedColumn, sealedColumn } from '../seal/columns.ts';
import { storeKeys, type StoreKeys } from '../seal/keys.ts';
import type { Store } from '../sqlite/store.ts';
import type { Broker, Consumer, Subscription, Verdict } from './broker.ts';

interface Row {
  seq: number;
  source: string;
  id: string;
  key: string;
  body: string;
  attempt: number;
  redelivered: number;
}

interface Worker extends Consumer {
  queue: string;
  wake(): void;
}

interface Place {
  store: Store;
  keys: StoreKeys | undefined;
  log: Logger | undefined;
}

const SETTLE_AGAIN_MS = 1000;
/** Delay of a message that cannot be opened: its key comes with a restart at the earliest. */
const UNREADABLE_MS = 60_000;
const LOOK_FOR_OTHERS_MS = 500;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Publishing the same (source, id) again while it still waits in a queue stores nothing twice. Bindings only grow:
 * a queue keeps the types it ever subscribed to. One process consumes; others may publish to the same file.
 * `close` does not close the store.
 */
export function embeddedBroker(store: Store, options: { log?: Logger } = {}): Broker {
  const { log } = options;
  const keys = storeKeys();
  const workers = new Set<Worker>();
  const recovered = new Set<string>();
  let closed = false;
  let stopLooking: (() => void) | undefined;

  const wake = (queue: string): void => {
    for (const worker of workers) if (worker.queue === queue) worker.wake();
  };
  const wakeAll = (): void => {
    for (const worker of workers) worker.wake();
  };

  function refuseWhenClosed(): void {
    if (closed) throw unavailable(undefined);
  }

  return {
    traits: { name: 'embedded', shared: false, keyOrder: 'always' },

    async publish(message) {
      refuseWhenClosed();
      const queues = await store.write(() => insert(store, message, keys)).catch(rethrow);
      for (const queue of queues) wake(queue);
    },

    async publishTo(queue, message) {
      refuseWhenClosed();
      await store.write(() => insertInto(store, queue, message, keys)).catch(rethrow);
      wake(queue);
    },

    async declare(queue, types) {
      refuseWhenClosed();
      await store.write(() => bind(store, queue, types)).catch(rethrow);
    },

    async consume(subscription) {
      refuseWhenClosed();
      store.lock();
      const { queue, types } = subscription;
      await store
        .write(() => {
          bind(store, queue, types);
          if (!recovered.has(queue)) giveBack(store, queue);
        })
        .catch(rethrow);
      recovered.add(queue);
      stopLooking ??= lookForOthers(store, wakeAll, log);
      const worker = startWorker({ store, keys, log }, subscription, (one) => void workers.delete(one), wake);
      workers.add(worker);
      worker.wake();
      return worker;
    },

    depth: async (queue) => depthOf(store, queue),
    oldest: async (queue) => oldestIn(store, queue),
    queues: async () => filledQueues(store),

    async ready() {
      refuseWhenClosed();
      await store.write(() => store.prepare('SELECT 1').get()).catch(rethrow);
    },

    async close() {
      closed = true;
      stopLooking?.();
      await Promise.all([...workers].map((worker) => worker.stop()));
    },
  };
}

/** Tells when another process, such as a command, has written to the store: it may have published. Returns what ends that. */
function lookForOthers(store: Store, changed: () => void, log: Logger | undefined): () => void {
  let seen = store.dataVersion();
  const timer = setInterval(() => {
    try {
      const version = store.dataVersion();
      if (version === seen) return;
      seen = version;
      changed();
    } catch (error) {
      // An error thrown here would end the process. The store is closed: there is nothing left to read.
      log?.warn({ err: error }, 'the store was closed before the broker');
      clearInterval(timer);
    }
  }, LOOK_FOR_OTHERS_MS).unref();
  return () => clearInterval(timer);
}

function bind(store: Store, queue: string, types: readonly string[]): void {
  for (const type of types)
    store.prepare('INSERT OR IGNORE INTO binding (type, queue) VALUES (?, ?)').run(type, queue);
}

/** Stores one copy for each subscribed queue. Returns the names of these queues. */
function insert(store: Store, message: Envelope, keys: StoreKeys | undefined): string[] {
  const bound = store.prepare('SELECT queue FROM binding WHERE type = ?').all(message.type);
  if (bound.length === 0)
    throw new CodedError('EVENT_UNROUTABLE', `No flow has subscribed to ${message.type}`, {
      type: message.type,
    });
  const queues = bound.map((row) => row['queue'] as string);
  for (const queue of queues) append(store, queue, message, keys);
  return queues;
}

function insertInto(store: Store, queue: string, message: Envelope, keys: StoreKeys | undefined): void {
  if (!store.prepare('SELECT 1 FROM binding WHERE queue = ? LIMIT 1').get(queue))
    throw new CodedError('EVENT_UNROUTABLE', `There is no queue ${queue}`, { queue });
  append(store, queue, message, keys);
}

function append(store: Store, queue: string, message: Envelope, keys: StoreKeys | undefined): void {
  store
    .prepare(
      `INSERT OR IGNORE INTO message (queue, source, id, key, body, due, head)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, NOT EXISTS (SELECT 1 FROM message WHERE queue = ?1 AND key = ?4))`,
    )
    .run(queue, message.source, message.id, message.partitionkey, bodyOf(queue, message, keys), Date.now());
}

/** The text of a message, sealed where the store is; its time stays readable beside it, for `oldestWaiting`. */
function bodyOf(queue: string, message: Envelope, keys: StoreKeys | undefined): string {
  const text = written(message);
  return keys ? sealedColumn(keys, 'message', 'body', [queue, message.source, message.id], text) : text;
}

/** Reads the text of a message. Throws CodedError STORE_KEY_MISSING or STORE_TAMPERED. */
function messageOf(queue: string, { source, id, body }: Row, keys: StoreKeys | undefined): Envelope {
  return JSON.parse(openedColumn(keys, 'message', 'body', [queue, source, id], body)) as Envelope;
}

/** Marks up to `room` due messages as at work. */
function take(store: Store, queue: string, room: number): Row[] {
  const rows = store
    .prepare(
      `SELECT seq, source, id, key, body, attempt + 1 AS attempt, redelivered FROM message
       WHERE queue = ? AND head = 1 AND taken = 0 AND due <= ? ORDER BY due, seq LIMIT ?`,
    )
    .all(queue, Date.now(), room) as unknown as Row[];
  for (const { seq } of rows)
    store.prepare('UPDATE message SET taken = 1, attempt = attempt + 1 WHERE seq = ?').run(seq);
  return rows;
}

function apply(store: Store, queue: string, seq: number, key: string, verdict: Verdict): void {
  if (verdict.do === 'again') {
    const due = Date.now() + Math.max(0, verdict.afterMs);
    store.prepare('UPDATE message SET taken = 0, due = ? WHERE seq = ?').run(due, seq);
    return;
  }
  store.prepare('DELETE FROM message WHERE seq = ?').run(seq);
  store
    .prepare(
      `UPDATE message SET head = 1
       WHERE seq = (SELECT min(seq) FROM message WHERE queue = ? AND key = ?)`,
    )
    .run(queue, key);
}

/** Makes messages that were at work when the last process ended come again. */
function giveBack(store: Store, queue: string): void {
  store.prepare('UPDATE message SET taken = 0, redelivered = 1 WHERE queue = ? AND taken = 1').run(queue);
}

/** How many messages of a queue are ready, delayed, and at work. */
function depthOf(store: Store, queue: string): Awaited<ReturnType<Broker['depth']>> {
  // Only the oldest of a key can be delayed, and there are few at work: nothing here counts what is ready.
  const { messages, delayed, unsettled } = store
    .prepare(
      `SELECT coalesce((SELECT messages FROM queue_size WHERE queue = ?1), 0) AS messages,
              (SELECT count(*) FROM message WHERE queue = ?1 AND head = 1 AND taken = 0 AND due > ?2) AS delayed,
              (SELECT count(*) FROM message WHERE queue = ?1 AND taken = 1) AS unsettled`,
    )
    .get(queue, Date.now()) as { messages: number; delayed: number; unsettled: number };
  return { ready: messages - delayed - unsettled, delayed, unsettled };
}

/** Since when the message that waits longest has waited, as an ISO time. */
function oldestIn(store: Store, queue: string): string | undefined {
  // For messages that were tried before only their own time says when they came.
  const { since } = store.prepare(oldestWaiting).get(queue, Date.now()) as { since: number | null };
  return since === null ? undefined : new Date(since).toISOString();
}

/** The first of those that are due, of those at work, and of those that wait for their next try: of a key its first only. */
const oldestWaiting = `
  SELECT min(CASE WHEN attempt <= taken THEN due ELSE CAST(1000 * unixepoch(body ->> '$.time', 'subsec') AS INTEGER) END) AS since
  FROM (
    SELECT * FROM (SELECT attempt, taken, due, body FROM message
      WHERE queue = ?1 AND head = 1 AND taken = 0 AND due <= ?2 ORDER BY due, seq LIMIT 200)
    UNION ALL SELECT * FROM (SELECT attempt, taken, due, body FROM message
      WHERE queue = ?1 AND head = 1 AND taken = 0 AND due > ?2 LIMIT 1000)
    UNION ALL SELECT attempt, taken, due, body FROM message WHERE queue = ?1 AND taken = 1
  )`;

/** Names of the queues that hold messages. */
function filledQueues(store: Store): string[] {
  return store
    .prepare('SELECT queue FROM queue_size WHERE messages > 0 ORDER BY queue')
    .all()
    .map(({ queue }) => queue as string);
}

/** When the next message that nobody works on is due, in ms; null where there is none. */
function nextDue(store: Store, queue: string): number | null {
  const next = store
    .prepare('SELECT min(due) AS due FROM message WHERE queue = ? AND head = 1 AND taken = 0')
    .get(queue) as { due: number | null };
  return next.due;
}

/** `wakeAll`: wakes the workers of a queue, of which one more message can be worked on. */
function startWorker(
  place: Place,
  subscription: Subscription,
  ended: (worker: Worker) => void,
  wakeAll: (queue: string) => void,
): Worker {
  const { store, log } = place;
  const { queue, concurrency, prefetch } = subscription;
  const limit = Math.min(concurrency, prefetch || concurrency);
  const atWork = new Set<Promise<void>>();
  let stopped = false;
  let taking: Promise<void> | undefined;
  let wanted = false;
  let alarm: NodeJS.Timeout | undefined;

  function hand(row: Row): void {
    const job = work(place, subscription, row).then(() => {
      atWork.delete(job);
      wakeAll(queue);
    });
    atWork.add(job);
  }

  function sleepUntilDue(): void {
    const due = nextDue(store, queue);
    if (due === null) return;
    alarm = setTimeout(wake, Math.min(Math.max(1, due - Date.now()), LONGEST_TIMER_MS));
  }

  async function pump(): Promise<void> {
    for (;;) {
      if (!wanted || stopped) return;
      wanted = false;
      clearTimeout(alarm);
      const room = limit - atWork.size;
      if (room <= 0) return;
      try {
        const rows = await store.write(() => (stopped ? [] : take(store, queue, room)));
        rows.forEach(hand);
        if (rows.length < room && !stopped) sleepUntilDue();
      } catch (error) {
        if (!isOpen(store)) return;
        if (!isFull(error)) log?.error({ err: error, queue }, 'queue could not be read, trying again');
        alarm = setTimeout(wake, SETTLE_AGAIN_MS);
      }
    }
  }

  function wake(): void {
    wanted = true;
    taking ??= pump().finally(() => {
      taking = undefined;
      if (wanted && !stopped && atWork.size < limit) wake();
    });
  }

  const worker: Worker = {
    queue,
    wake,
    async stop() {
      stopped = true;
      await taking;
      clearTimeout(alarm);
      await Promise.all(atWork);
      ended(worker);
    },
  };
  return worker;
}

/** Resolves when the verdict on the message is stored, or cannot be any more. */
async function work(place: Place, subscription: Subscription, row: Row): Promise<void> {
  const { store, log } = place;
  const { queue } = subscription;
  const verdict = await judged(place, subscription, row);
  for (;;) {
    try {
      await store.write(() => apply(store, queue, row.seq, row.key, verdict));
      return;
    } catch (error) {
      if (!isFull(error)) log?.error({ err: error, queue, id: row.id }, 'verdict not stored, trying again');
      // The store is closed and stays closed: the message comes again after the restart.
      if (!isOpen(store)) return;
      await new Promise((resolve) => setTimeout(resolve, SETTLE_AGAIN_MS));
    }
  }
}

async function judged({ keys, log }: Place, { handle, queue }: Subscription, row: Row): Promise<Verdict> {
  let message: Envelope;
  try {
    message = messageOf(queue, row, keys);
  } catch (error) {
    log?.error({ err: error, queue, id: row.id }, 'message cannot be read, it waits');
    return { do: 'again', afterMs: UNREADABLE_MS };
  }
  try {
    return await handle({ message, attempt: row.attempt, redelivered: row.redelivered === 1 });
  } catch (error) {
    if (!isFull(error)) log?.error({ err: error, id: message.id }, 'handler failed, message comes again');
    return { do: 'again', afterMs: 1000 };
  }
}

/** The store itself says that it is full, once. */
function isFull(error: unknown): boolean {
  return error instanceof CodedError && error.code === 'STORE_FULL';
}

function isOpen(store: Store): boolean {
  try {
    store.dataVersion();
    return true;
  } catch {
    return false;
  }
}

function rethrow(error: unknown): never {
  if (error instanceof CodedError && error.code !== 'STORE_UNAVAILABLE') throw error;
  throw unavailable(error);
}

function unavailable(cause: unknown): CodedError {
  return new CodedError('BROKER_UNAVAILABLE', 'The embedded broker cannot take a message', {}, { cause });
}
