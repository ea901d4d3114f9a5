/** Publishes over one connection with confirms: stored, refused, or not known to be stored when its time is over. */
import type { AmqpConnectionManager } from 'amqp-connection-manager';
import type { ConfirmChannel, Message } from 'amqplib';
import type { Logger } from 'pino';
import { CodedError } from '../errors/coded-error.ts';
import type { AmqpMessage } from './amqp-message.ts';

export interface Route {
  exchange: string;
  routingKey: string;
  /** The error to throw when no queue takes the message. */
  unroutable: () => CodedError;
}

interface Pending extends Route, AmqpMessage {
  /** The channel on which it was sent, as long as that is open. */
  channel: ConfirmChannel | undefined;
  settle(error?: CodedError): void;
}

const REOPEN_MS = 200;

export class AmqpPublisher {
  readonly #connection: AmqpConnectionManager;
  readonly #timeoutMs: number;
  readonly #log: Logger | undefined;
  /** Messages without a confirm, in the order they were published. Those that a lost channel leaves in doubt are sent again on the next. */
  readonly #pending = new Set<Pending>();
  /** Ids of messages that were returned as unroutable; the confirm of a returned message follows its return. */
  readonly #returned = new Map<string, number>();
  #channel: ConfirmChannel | undefined;
  #opening = false;
  #blocked = false;
  #closing: Promise<unknown> | undefined;

  constructor(connection: AmqpConnectionManager, timeoutMs: number, log: Logger | undefined) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
    this.#log = log;
    connection.on('connect', () => void this.#open());
    // RabbitMQ takes no more while its memory or disk is short.
    connection.on('blocked', () => (this.#blocked = true));
    connection.on('unblocked', () => (this.#blocked = false));
  }

  get ready(): boolean {
    return this.#channel !== undefined && !this.#blocked && !this.#closing;
  }

  async #open(): Promise<void> {
    if (this.#channel || this.#opening) return;
    this.#opening = true;
    try {
      const channel = await this.#connection.connection?.createConfirmChannel();
      if (!channel) return;
      channel.on('error', (error: Error) => this.#log?.warn({ err: error }, 'publishing channel'));
      channel.on('return', (message: Message) => this.#noteReturn(message));
      // This comes before amqplib calls back for messages that it leaves unconfirmed.
      channel.prependListener('close', () => this.#lost(channel));
      this.#blocked = false;
      this.#channel = channel;
      for (const one of this.#pending) this.#send(one);
    } catch (error) {
      this.#log?.warn({ err: error }, 'publishing channel could not be opened');
      this.#reopenSoon();
    } finally {
      this.#opening = false;
    }
  }

  #lost(channel: ConfirmChannel): void {
    for (const one of this.#pending) if (one.channel === channel) one.channel = undefined;
    if (this.#channel !== channel) return;
    this.#channel = undefined;
    this.#returned.clear();
    this.#reopenSoon();
  }

  /** When the connection itself is lost, its manager has noticed by then; it tells when it is back. */
  #reopenSoon(): void {
    setTimeout(() => {
      if (this.#connection.isConnected()) void this.#open();
    }, REOPEN_MS).unref();
  }

  #noteReturn(message: Message): void {
    const id = String(message.properties.messageId);
    this.#returned.set(id, (this.#returned.get(id) ?? 0) + 1);
  }

  #wasReturned(id: string): boolean {
    const count = this.#returned.get(id);
    if (count === undefined) return false;
    if (count > 1) this.#returned.set(id, count - 1);
    else this.#returned.delete(id);
    return true;
  }

  /**
   * Publishes the message; resolves at the confirm. Throws CodedError BROKER_UNAVAILABLE at once while the connection is away, later when the
   * confirm does not come in time or RabbitMQ refuses the message; and what the route says when no queue takes it.
   */
  async publish(route: Route, { content, options }: AmqpMessage): Promise<void> {
    if (!this.ready) throw unavailable('RabbitMQ cannot be reached');
    await new Promise<void>((resolve, reject) => {
      const one: Pending = {
        ...route,
        content,
        options,
        channel: undefined,
        settle: (error) => {
          clearTimeout(timer);
          if (!this.#pending.delete(one)) return;
          if (error) reject(error);
          else resolve();
        },
      };
      const late = () => one.settle(unavailable('RabbitMQ did not confirm in time'));
      const timer = setTimeout(late, this.#timeoutMs);
      this.#pending.add(one);
      this.#send(one);
    });
  }

  #send(one: Pending): void {
    const channel = this.#channel!;
    const confirmed = (error: unknown) => {
      const returned = this.#channel === channel && this.#wasReturned(String(one.options.messageId));
      // A channel that was lost says nothing: whether it stored the message is not known.
      if (one.channel !== channel) return;
      if (returned) one.settle(one.unroutable());
      else one.settle(error ? unavailable('RabbitMQ refused the message') : undefined);
    };
    one.channel = channel;
    try {
      channel.publish(
        one.exchange,
        one.routingKey,
        one.content,
        { ...one.options, mandatory: true },
        confirmed,
      );
    } catch {
      // The channel is closing.
      one.channel = undefined;
    }
  }

  /** Takes no more messages and waits for the outstanding confirms. */
  close(): Promise<unknown> {
    this.#closing ??= Promise.all(
      [...this.#pending].map(
        (one) =>
          new Promise<void>((resolve) => {
            const { settle } = one;
            one.settle = (error) => {
              settle(error);
              resolve();
            };
          }),
      ),
    );
    return this.#closing;
  }
}

export function unavailable(message: string, cause?: unknown): CodedError {
  return new CodedError('BROKER_UNAVAILABLE', message, {}, { cause });
}
