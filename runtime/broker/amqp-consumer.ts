/** Consumes the partitions of one queue: comes back after every lost channel, keeps keys apart and in order. */
import { setTimeout as delay } from 'node:timers/promises';
import type { AmqpConnectionManager } from 'amqp-connection-manager';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import type { Logger } from 'pino';
import type { Subscription, Verdict } from './broker.ts';
import { closed } from './amqp-close.ts';
import { asItCame, fromAmqp, toAmqp, type FromAmqp } from './amqp-message.ts';
import { unavailable, type AmqpPublisher, type Route } from './amqp-publisher.ts';
import {
  declareDelay,
  declareQueue,
  delayName,
  delayStep,
  PARTITIONS,
  partitionQueues,
  QUEUE_ARGUMENTS,
  type Names,
} from './amqp-queues.ts';
import { priority } from './amqp-worker.ts';
import { Lanes } from './lanes.ts';
import type { Seal } from './seal.ts';
import type { Round, RetryOrder } from './retry-order.ts';

/** A delay up to this is always waited for here, with the message unacknowledged. */
const SHORT_MS = 1000;
/** A delay up to this is waited for here while less than half of the messages held of its partition sleep. */
const HOLD_MS = 30_000;
/** How long a message is held in all: RabbitMQ closes the channel of one that is held for half an hour. */
const HOLD_IN_ALL_MS = 600_000;
const REOPEN_MS = 300;

interface Unsettled {
  raw: ConsumeMessage;
  channel: Channel;
  /** The queue of its partition. */
  queue: string;
}

interface Job extends FromAmqp, Unsettled {
  redelivered: boolean;
  since: number;
}

export interface ConsumerSetup {
  connection: AmqpConnectionManager;
  publisher: AmqpPublisher;
  names: Names;
  /** Name of the queue, with its prefix. */
  queue: string;
  /** Name of the queue, with its prefix, where messages that cannot be read are set aside. */
  unreadable: string;
  workerNumber: (connection: ChannelModel) => Promise<number | undefined>;
  retryOrder: RetryOrder;
  seal: Seal | undefined;
  subscription: Subscription;
  log: Logger | undefined;
}

export class AmqpConsumer {
  readonly #setup: ConsumerSetup;
  readonly #lanes: Lanes<Job>;
  /** How many messages of one partition are held at most. */
  readonly #prefetch: number;
  #channel: Channel | undefined;
  /** Of #channel. */
  #unsettled = 0;
  /** Of #channel: those that can be read. */
  readonly #held = new Map<ConsumeMessage, Job>();
  #delays = new Map<number, Promise<void>>();
  readonly #underWay = new Set<Promise<void>>();
  #opening: Promise<void> | undefined;
  #stopped = false;
  #stopping: Promise<void> | undefined;

  constructor(setup: ConsumerSetup) {
    this.#setup = setup;
    const { concurrency, prefetch } = setup.subscription;
    // More are held than are worked on, so that messages that wait for their key or their time do not stop the other keys.
    this.#prefetch = prefetch
      ? Math.max(1, Math.floor(prefetch / PARTITIONS))
      : 4 + Math.ceil(concurrency / 2);
    this.#lanes = new Lanes(concurrency, (job) => this.#work(job));
  }

  get unsettled(): number {
    return this.#unsettled - this.asleep;
  }

  get asleep(): number {
    let count = 0;
    for (const [first] of this.#lanes.sleeping()) if (this.#isHere(first!)) count++;
    return count;
  }

  /** When the oldest message that is held was published. */
  get oldest(): string | undefined {
    let oldest: string | undefined;
    for (const { message } of this.#held.values())
      if (oldest === undefined || message.time < oldest) oldest = message.time;
    return oldest;
  }

  /** Consumes from now on. Throws the error of the first try; later ones are retried. */
  async start(): Promise<void> {
    this.#setup.connection.on('connect', this.#reopen);
    try {
      await this.#open();
    } catch (error) {
      this.#setup.connection.removeListener('connect', this.#reopen);
      throw error;
    }
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** Stops without cancelling first: RabbitMQ would otherwise give the next messages to others while the last are still worked on. */
  async #stop(): Promise<void> {
    this.#stopped = true;
    this.#setup.connection.removeListener('connect', this.#reopen);
    await this.#opening?.catch(() => {});
    await this.#lanes.stop();
    await Promise.all(this.#underWay);
    // Messages that have not begun or that sleep go back to their place in the queue when the channel closes.
    await closed(this.#channel);
    this.#channel = undefined;
    this.#held.clear();
  }

  readonly #reopen = (): void => {
    this.#open().catch((error: unknown) => {
      this.#setup.log?.warn(
        { err: error, queue: this.#setup.queue },
        'queue cannot be consumed, trying again',
      );
      this.#reopenSoon();
    });
  };

  #reopenSoon(): void {
    setTimeout(() => {
      if (!this.#stopped && this.#setup.connection.isConnected()) this.#reopen();
    }, REOPEN_MS).unref();
  }

  async #open(): Promise<void> {
    if (this.#channel) return;
    this.#opening ??= this.#openChannel().finally(() => (this.#opening = undefined));
    await this.#opening;
  }

  async #openChannel(): Promise<void> {
    const { connection, names, queue, subscription, log, workerNumber } = this.#setup;
    const model = connection.connection;
    const channel = await model?.createChannel();
    if (!model || !channel) throw new Error('not connected');
    channel.on('error', (error: Error) => log?.warn({ err: error, queue }, 'consuming channel'));
    channel.on('close', () => {
      if (this.#channel !== channel) return;
      this.#channel = undefined;
      this.#held.clear();
      this.#reopenSoon();
    });
    try {
      await declareQueue(channel, names, queue, subscription.types);
      await channel.prefetch(this.#prefetch);
      const worker = await workerNumber(model);
      if (this.#stopped) return await closed(channel);
      this.#delays = new Map();
      this.#unsettled = 0;
      this.#held.clear();
      this.#channel = channel;
      await Promise.all(
        partitionQueues(queue).map((partition, n) =>
          channel.consume(partition, (raw) => this.#receive({ raw, channel, queue: partition }), {
            priority: priority(worker, n),
          }),
        ),
      );
    } catch (error) {
      if (this.#channel === channel) this.#channel = undefined;
      await closed(channel);
      throw error;
    }
  }

  #receive({ raw, ...from }: { raw: ConsumeMessage | null; channel: Channel; queue: string }): void {
    if (!raw) {
      // The queue was deleted or moved: closing leads to a new channel, which declares it again.
      from.channel.close().catch(() => {});
      return;
    }
    const unsettled = { raw, ...from };
    if (!this.#isHere(unsettled)) return;
    this.#unsettled++;
    if (this.#stopped) return;
    const job = this.#read(unsettled);
    if (!job) return;
    this.#held.set(job.raw, job);
    this.#admit(job);
  }

  #read(unsettled: Unsettled): Job | undefined {
    const { raw } = unsettled;
    try {
      return {
        ...fromAmqp(raw, this.#setup.seal),
        ...unsettled,
        redelivered: raw.fields.redelivered,
        since: Date.now(),
      };
    } catch (error) {
      this.#whileUnderWay(this.#setAside(unsettled, error));
      return undefined;
    }
  }

  #admit(job: Job): void {
    const { retryOrder } = this.#setup;
    const key = job.message.partitionkey;
    const turn = retryOrder.arrives(key, job.round);
    const wakes = this.#lanes.wakes(key);
    if (!turn) this.#whileUnderWay(this.#sendRound(job, retryOrder.follow(key, job.round)));
    else if (wakes !== undefined && !this.#mayHold(job.queue, 1))
      this.#whileUnderWay(this.#sendRound(job, retryOrder.lead(key, 1, wakes)[0]!));
    else this.#lanes.push(key, job);
  }

  #whileUnderWay(work: Promise<void>): void {
    this.#underWay.add(work);
    void work.finally(() => this.#underWay.delete(work));
  }

  /** Of a lost channel nothing is done: it comes again on the next one. */
  #isHere({ channel }: Unsettled): boolean {
    return channel === this.#channel;
  }

  /** Whether, with so many more, at most half of the messages held of a partition sleep or wait behind one that sleeps. */
  #mayHold(queue: string, more: number): boolean {
    let asleep = more;
    for (const jobs of this.#lanes.sleeping())
      if (jobs[0]!.queue === queue) asleep += jobs.filter((job) => this.#isHere(job)).length;
    return asleep <= this.#prefetch / 2;
  }

  /** The work on one job for Lanes: resolves with the ms to sleep, or undefined when the job is done. */
  async #work(job: Job): Promise<number | undefined> {
    if (!this.#isHere(job)) return undefined;
    const early = job.due - Date.now();
    if (early > 0) return this.#wait(job, early);
    const verdict = await this.#judge(job);
    if (verdict.do === 'settle') {
      this.#ack(job);
      return undefined;
    }
    if (!this.#isHere(job) || this.#stopped) return undefined;
    const ms = Math.max(0, verdict.afterMs);
    job.attempts++;
    job.due = Date.now() + ms;
    return this.#wait(job, ms);
  }

  async #judge({ message, attempts, redelivered, refused }: Job): Promise<Verdict> {
    try {
      return await this.#setup.subscription.handle({
        message,
        attempt: attempts + 1,
        redelivered,
        ...(refused && { refused }),
      });
    } catch (error) {
      this.#setup.log?.error({ err: error, id: message.id }, 'handler failed, message comes again');
      return { do: 'again', afterMs: 1000 };
    }
  }

  /** Waits here while that is reasonable; else sends the message round by a delay queue, and those behind it follow. */
  async #wait(job: Job, ms: number): Promise<number | undefined> {
    const key = job.message.partitionkey;
    const heldLong = Date.now() + ms - job.since > HOLD_IN_ALL_MS;
    const mayHold = ms <= HOLD_MS && !heldLong && this.#mayHold(job.queue, this.#lanes.length(key));
    if (ms <= SHORT_MS || mayHold) return ms;
    const all = [job, ...this.#lanes.takeFollowers(key)].filter((one) => this.#isHere(one));
    const rounds = this.#setup.retryOrder.lead(key, all.length, job.due);
    await Promise.all(all.map((one, i) => this.#sendRound(one, rounds[i]!)));
    return undefined;
  }

  /** Stores the message in a delay queue first and acknowledges it after, so that it is always in one of the two. */
  async #sendRound(job: Job, round: Round): Promise<void> {
    const { queue, channel, message, attempts } = job;
    const { names, publisher, retryOrder, seal, log } = this.#setup;
    const { token, due } = round;
    const step = delayStep(due - Date.now());
    round.left = Date.now();
    round.back = round.left + step;
    // A message that was refused stays refused: it gets no seal on its way round.
    const sent = toAmqp(message, { attempts, due, round: token }, job.refused ? undefined : seal);
    while (this.#isHere(job)) {
      try {
        await this.#declareDelay(channel, step);
        await publisher.publish(route(delayName(names, step), queue), sent);
        return this.#ack(job);
      } catch (error) {
        log?.warn({ err: error, queue, id: message.id }, 'retry not stored yet, trying again');
        this.#delays.delete(step);
        if (this.#stopped) break;
        await delay(REOPEN_MS);
      }
    }
    // The message comes again in its place.
    retryOrder.forget(message.partitionkey, round);
  }

  async #declareDelay(channel: Channel, ms: number): Promise<void> {
    const declared = this.#delays.get(ms) ?? declareDelay(channel, this.#setup.names, ms);
    this.#delays.set(ms, declared);
    await declared;
  }

  /** Sets a message aside that no hub has written: it must neither be lost nor stay in the prefetch for ever. */
  async #setAside(unsettled: Unsettled, why: unknown): Promise<void> {
    const { raw, channel, queue } = unsettled;
    const { unreadable, publisher, log } = this.#setup;
    while (this.#isHere(unsettled)) {
      try {
        await channel.assertQueue(unreadable, { durable: true, arguments: QUEUE_ARGUMENTS });
        await publisher.publish(route('', unreadable), asItCame(raw, queue));
        log?.error({ err: why, queue, to: unreadable }, 'not a CloudEvent, set aside');
        return this.#ack(unsettled);
      } catch (error) {
        log?.warn({ err: error, queue }, 'unreadable message not set aside yet, trying again');
        if (this.#stopped) return;
        await delay(REOPEN_MS);
      }
    }
  }

  #ack(unsettled: Unsettled): void {
    if (!this.#isHere(unsettled)) return;
    this.#unsettled--;
    this.#held.delete(unsettled.raw);
    try {
      unsettled.channel.ack(unsettled.raw);
    } catch {
      // The channel is closing: the message will be delivered again.
    }
  }
}

function route(exchange: string, routingKey: string): Route {
  return { exchange, routingKey, unroutable: () => unavailable(`${exchange || routingKey} is missing`) };
}
