/** Consumes one quorum queue: comes back after every lost channel, keeps keys apart, sends retries round by delay queues. */
import { setTimeout as delay } from 'node:timers/promises';
import type { AmqpConnectionManager } from 'amqp-connection-manager';
import type { Channel, ConsumeMessage } from 'amqplib';
import type { Logger } from 'pino';
import type { Subscription, Verdict } from './broker.ts';
import { asItCame, fromAmqp, toAmqp, type FromAmqp } from './amqp-message.ts';
import type { AmqpPublisher } from './amqp-publisher.ts';
import { Lanes } from './lanes.ts';

/** Delay queues of a consuming queue, in ms. A longer or odd delay is made of several rounds. */
export const RETRY_STEPS_MS: readonly number[] = [1000, 5000, 30_000, 120_000, 600_000, 3_600_000];
/** Up to this a delay is waited for here, the message unacknowledged: its key keeps its order. */
const HOLD_MS = 1000;
const REOPEN_MS = 300;

/** A quorum queue drops after 20 redeliveries unless told not to. */
export const QUEUE_ARGUMENTS = { 'x-queue-type': 'quorum', 'x-delivery-limit': -1 };

interface Unsettled {
  raw: ConsumeMessage;
  channel: Channel;
}

interface Job extends FromAmqp, Unsettled {
  redelivered: boolean;
}

export interface ConsumerSetup {
  connection: AmqpConnectionManager;
  publisher: AmqpPublisher;
  exchange: string;
  /** With its prefix. */
  queue: string;
  /** Where what cannot be read is set aside, with its prefix. */
  unreadable: string;
  subscription: Subscription;
  log: Logger | undefined;
}

export class AmqpConsumer {
  readonly #setup: ConsumerSetup;
  readonly #lanes: Lanes<() => Promise<void>>;
  #channel: Channel | undefined;
  #retryQueues = new Set<number>();
  #opening: Promise<void> | undefined;
  #tag = '';
  #stopped = false;
  #stopping: Promise<void> | undefined;

  constructor(setup: ConsumerSetup) {
    this.#setup = setup;
    this.#lanes = new Lanes(setup.subscription.prefetch, (work) => work());
  }

  get atWork(): number {
    return this.#lanes.size;
  }

  /** Consumes from now on. Throws what the broker says of the first try. */
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

  async #stop(): Promise<void> {
    this.#stopped = true;
    this.#setup.connection.removeListener('connect', this.#reopen);
    await this.#opening?.catch(() => {});
    const channel = this.#channel;
    if (channel) await channel.cancel(this.#tag).catch(() => {});
    await this.#lanes.idle();
    // What had not begun goes back to the queue with the channel.
    if (channel && this.#channel === channel) await channel.close().catch(() => {});
    this.#channel = undefined;
  }

  readonly #reopen = (): void => {
    this.#open().catch((error: unknown) => {
      this.#setup.log?.warn(
        { err: error, queue: this.#setup.queue },
        'queue cannot be consumed, trying again',
      );
      setTimeout(() => {
        if (!this.#stopped && !this.#channel && this.#setup.connection.isConnected()) this.#reopen();
      }, REOPEN_MS).unref();
    });
  };

  #open(): Promise<void> {
    this.#opening ??= this.#openChannel().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  async #openChannel(): Promise<void> {
    const { connection, exchange, queue, subscription, log } = this.#setup;
    const channel = await connection.connection?.createChannel();
    if (!channel) throw new Error('not connected');
    channel.on('error', (error: Error) => log?.warn({ err: error, queue }, 'consuming channel'));
    channel.on('close', () => {
      if (this.#channel === channel) this.#channel = undefined;
      if (!this.#stopped && connection.isConnected()) setTimeout(this.#reopen, REOPEN_MS).unref();
    });
    await channel.assertExchange(exchange, 'direct', { durable: true });
    await channel.assertQueue(queue, { durable: true, arguments: QUEUE_ARGUMENTS });
    for (const type of subscription.types) await channel.bindQueue(queue, exchange, type);
    // More than are worked on, so that messages waiting for their key do not stop the other keys.
    await channel.prefetch(2 * subscription.prefetch + 8);
    if (this.#stopped) return void (await channel.close());
    this.#retryQueues = new Set();
    this.#channel = channel;
    const { consumerTag } = await channel.consume(queue, (raw) => this.#receive(channel, raw));
    this.#tag = consumerTag;
  }

  #receive(channel: Channel, raw: ConsumeMessage | null): void {
    if (!raw) {
      // The queue was deleted or moved: closing leads to a new channel, which declares it again.
      channel.close().catch(() => {});
      return;
    }
    try {
      const job = { ...fromAmqp(raw), raw, channel, redelivered: raw.fields.redelivered };
      this.#lanes.push(job.message.partitionkey, () => this.#work(job));
    } catch (error) {
      this.#lanes.push('', () => this.#setAside({ raw, channel }, error));
    }
  }

  /** Not one of ours: it must neither be lost nor hold its place in the prefetch for ever. */
  async #setAside({ raw, channel }: Unsettled, why: unknown): Promise<void> {
    const { queue, unreadable, publisher, log } = this.#setup;
    while (channel === this.#channel) {
      try {
        await channel.assertQueue(unreadable, { durable: true, arguments: QUEUE_ARGUMENTS });
        await publisher.publish('', unreadable, asItCame(raw, queue));
        log?.error({ err: why, queue, to: unreadable }, 'not a CloudEvent, set aside');
        return this.#ack({ raw, channel });
      } catch (error) {
        log?.warn({ err: error, queue }, 'unreadable message not set aside yet, trying again');
        await delay(REOPEN_MS);
      }
    }
  }

  async #work(job: Job): Promise<void> {
    const { message, attempts } = job;
    let attempt = attempts + 1;
    let wait = job.due - Date.now();
    // Of a lost channel: it comes again on the next one.
    while (job.channel === this.#channel) {
      if (wait > HOLD_MS) return this.#sendRound(job, attempt - 1, wait);
      if (wait > 0) await delay(wait);
      if (this.#stopped && attempt === attempts + 1) return;
      const verdict = await this.#judge({ message, attempt, redelivered: job.redelivered });
      if (verdict.do === 'settle') return this.#ack(job);
      wait = verdict.afterMs;
      attempt += 1;
      if (this.#stopped) return this.#sendRound(job, attempt - 1, Math.max(wait, 1));
    }
  }

  async #judge(delivered: Parameters<Subscription['handle']>[0]): Promise<Verdict> {
    try {
      return await this.#setup.subscription.handle(delivered);
    } catch (error) {
      this.#setup.log?.error({ err: error, id: delivered.message.id }, 'handler failed, message comes again');
      return { do: 'again', afterMs: 1000 };
    }
  }

  /** Stored in a delay queue first, acknowledged after: at no time is it in neither. */
  async #sendRound(job: Job, attempts: number, wait: number): Promise<void> {
    const { queue, publisher, log } = this.#setup;
    const step = RETRY_STEPS_MS.findLast((ms) => ms <= wait) ?? RETRY_STEPS_MS[0]!;
    const retry = toAmqp(job.message, { attempts, due: Date.now() + wait });
    while (job.channel === this.#channel) {
      try {
        await this.#assertRetryQueue(job.channel, step);
        await publisher.publish('', retryQueue(queue, step), retry);
        return this.#ack(job);
      } catch (error) {
        log?.warn({ err: error, queue, id: job.message.id }, 'retry not stored yet, trying again');
        await delay(REOPEN_MS);
      }
    }
  }

  async #assertRetryQueue(channel: Channel, ms: number): Promise<void> {
    if (this.#retryQueues.has(ms)) return;
    const { queue } = this.#setup;
    await channel.assertQueue(retryQueue(queue, ms), {
      durable: true,
      arguments: {
        ...QUEUE_ARGUMENTS,
        'x-message-ttl': ms,
        'x-dead-letter-exchange': '',
        'x-dead-letter-routing-key': queue,
        'x-dead-letter-strategy': 'at-least-once',
        'x-overflow': 'reject-publish',
      },
    });
    this.#retryQueues.add(ms);
  }

  #ack(job: Unsettled): void {
    if (job.channel !== this.#channel) return;
    try {
      job.channel.ack(job.raw);
    } catch {
      // The channel is closing: the message comes again.
    }
  }
}

export const retryQueue = (queue: string, ms: number): string => `${queue}.retry.${ms}`;
