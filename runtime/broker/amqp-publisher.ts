/** Publishes over one connection with confirms: stored, refused, or an error at once when the connection is away. */
import type { AmqpConnectionManager } from 'amqp-connection-manager';
import type { ConfirmChannel, Message } from 'amqplib';
import type { Logger } from 'pino';
import { CodedError } from '../errors/coded-error.ts';
import type { AmqpMessage } from './amqp-message.ts';

interface Pending {
  timer: NodeJS.Timeout;
  settle(error?: CodedError): void;
}

const REOPEN_MS = 200;

export class AmqpPublisher {
  readonly #connection: AmqpConnectionManager;
  readonly #timeoutMs: number;
  readonly #log: Logger | undefined;
  readonly #pending = new Set<Pending>();
  /** Returned as unroutable, by message id; the confirm of a returned message follows its return. */
  readonly #returned = new Map<string, number>();
  #channel: ConfirmChannel | undefined;
  #blocked = false;
  #closed = false;

  constructor(connection: AmqpConnectionManager, timeoutMs: number, log: Logger | undefined) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
    this.#log = log;
    connection.on('connect', () => void this.#open());
    connection.on('disconnect', () => this.#lost());
    // RabbitMQ takes no more while its memory or disk is short.
    connection.on('blocked', () => (this.#blocked = true));
    connection.on('unblocked', () => (this.#blocked = false));
  }

  get ready(): boolean {
    return this.#channel !== undefined && !this.#blocked;
  }

  async #open(): Promise<void> {
    try {
      const channel = await this.#connection.connection?.createConfirmChannel();
      if (!channel) return;
      channel.on('error', (error: Error) => this.#log?.warn({ err: error }, 'publishing channel'));
      channel.on('return', (message: Message) => this.#noteReturn(message));
      channel.on('close', () => {
        if (this.#channel !== channel) return;
        this.#lost();
        setTimeout(() => void this.#open(), REOPEN_MS).unref();
      });
      this.#blocked = false;
      this.#channel = channel;
    } catch (error) {
      this.#log?.warn({ err: error }, 'publishing channel could not be opened');
      if (!this.#closed) setTimeout(() => void this.#open(), REOPEN_MS).unref();
    }
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

  #lost(): void {
    this.#channel = undefined;
    this.#returned.clear();
    for (const one of this.#pending) one.settle(unavailable('The connection was lost before the confirm'));
  }

  /**
   * Resolves at the confirm. Throws CodedError EVENT_UNROUTABLE, or BROKER_UNAVAILABLE when it is not known to be
   * stored.
   */
  async publish(exchange: string, routingKey: string, { content, options }: AmqpMessage): Promise<void> {
    const channel = this.#channel;
    if (!channel || !this.ready || this.#closed) throw unavailable('RabbitMQ cannot be reached');
    const id = String(options.messageId);
    await new Promise<void>((resolve, reject) => {
      const one: Pending = {
        timer: setTimeout(() => one.settle(unavailable('RabbitMQ did not confirm in time')), this.#timeoutMs),
        settle: (error) => {
          clearTimeout(one.timer);
          if (!this.#pending.delete(one)) return;
          if (error) reject(error);
          else resolve();
        },
      };
      this.#pending.add(one);
      const confirmed = (error: unknown) => {
        if (this.#channel === channel && this.#wasReturned(id)) one.settle(unroutable(routingKey));
        else one.settle(error ? unavailable('RabbitMQ refused the message') : undefined);
      };
      try {
        channel.publish(exchange, routingKey, content, { ...options, mandatory: true }, confirmed);
      } catch (error) {
        // Thrown for a channel that is closing.
        one.settle(unavailable('The connection was lost', error));
      }
    });
  }

  /** Waits for the confirms that are outstanding. */
  async close(): Promise<void> {
    this.#closed = true;
    const wait = [...this.#pending].map(
      (one) =>
        new Promise<void>((resolve) => {
          const { settle } = one;
          one.settle = (error) => {
            settle(error);
            resolve();
          };
        }),
    );
    await Promise.all(wait);
  }
}

export function unavailable(message: string, cause?: unknown): CodedError {
  return new CodedError('BROKER_UNAVAILABLE', message, {}, { cause });
}

function unroutable(type: string): CodedError {
  return new CodedError('EVENT_UNROUTABLE', `No flow has subscribed to ${type}`, { type });
}
