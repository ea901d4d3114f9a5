/** CloudEvents in AMQP, binary mode: the attributes as headers `cloudEvents_…`, the data as the body. */
import { randomUUID } from 'node:crypto';
import type { ConsumeMessage, Options } from 'amqplib';
import type { Envelope } from '../envelope/envelope.ts';
import type { CodedError } from '../errors/coded-error.ts';
import type { Seal } from './seal.ts';

const PREFIX = 'cloudEvents_';
/** Header: how many deliveries there were before this copy of the message was stored. */
const ATTEMPTS = 'crossdock-attempts';
/** Header: the message is not to be handled before this time, in ms since 1970. */
const DUE = 'crossdock-due';
/** Header: the token by which its worker recognises a message that comes back from a delay queue. */
const ROUND = 'crossdock-round';
/** Header: the seal of a hub over attributes and data. */
const SEAL = 'crossdock-seal';
/** Header: the queue from which an unreadable message was set aside. */
const CAME_FROM = 'crossdock-queue';

const REQUIRED = 'id source type subject time correlationid partitionkey flow flowversion'.split(' ');

export interface AmqpMessage {
  content: Buffer;
  options: Options.Publish;
}

export function toAmqp(
  message: Envelope,
  retry?: { attempts: number; due: number; round: string },
  seal?: Seal,
): AmqpMessage {
  const { data, datacontenttype, ...attributes } = message;
  const content = Buffer.from(JSON.stringify(data ?? null));
  const headers: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined) headers[PREFIX + name] = value;
  if (retry) Object.assign(headers, { [ATTEMPTS]: retry.attempts, [DUE]: retry.due, [ROUND]: retry.round });
  if (seal) headers[SEAL] = seal.of(attributes, content);
  return {
    content,
    options: {
      headers,
      contentType: datacontenttype,
      messageId: message.id,
      correlationId: message.correlationid.slice(0, 255),
      persistent: true,
    },
  };
}

export interface FromAmqp {
  message: Envelope;
  attempts: number;
  due: number;
  round: string | undefined;
  /** Set where no hub has sealed the message as it is. */
  refused?: CodedError;
}

/** Reads a message. Throws SyntaxError for a body that is not JSON, and for attributes that are missing or not text. */
export function fromAmqp({ content, properties }: ConsumeMessage, seal?: Seal): FromAmqp {
  const headers = (properties.headers ?? {}) as Record<string, unknown>;
  const attributes: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(headers))
    if (name.startsWith(PREFIX)) attributes[name.slice(PREFIX.length)] = value;
  const wrong = REQUIRED.find((name) => typeof attributes[name] !== 'string');
  if (wrong || attributes['specversion'] !== '1.0')
    throw new SyntaxError(`not a CloudEvent: ${wrong ?? 'specversion'} is missing or not text`);
  const message = {
    ...attributes,
    datacontenttype: 'application/json',
    data: JSON.parse(content.toString('utf8')) as unknown,
  } as Envelope;
  // RabbitMQ counts the deliveries of this copy that came back without an answer.
  const cameBack = Number(headers['x-delivery-count'] ?? 0);
  const round = headers[ROUND];
  const refused = seal?.wrong(attributes, content, headers[SEAL]);
  return {
    message,
    attempts: Number(headers[ATTEMPTS] ?? 0) + cameBack,
    due: Number(headers[DUE] ?? 0),
    round: typeof round === 'string' ? round : undefined,
    ...(refused && { refused }),
  };
}

/**
 * A message as it came, to be stored in another queue. Left out is what would make RabbitMQ drop it (expiration),
 * refuse it (user id) or send it elsewhere too (CC).
 */
export function asItCame({ content, properties }: ConsumeMessage, queue: string): AmqpMessage {
  const { contentType, contentEncoding, correlationId, type, appId, timestamp } = properties;
  const { CC: _cc, BCC: _bcc, ...headers } = (properties.headers ?? {}) as Record<string, unknown>;
  return {
    content,
    options: {
      contentType,
      contentEncoding,
      correlationId,
      type,
      appId,
      timestamp,
      messageId: (properties.messageId as string | undefined) ?? randomUUID(),
      headers: { ...headers, [CAME_FROM]: queue },
      persistent: true,
    },
  };
}
