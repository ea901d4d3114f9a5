/** CloudEvents in AMQP, binary mode: the attributes as headers `cloudEvents_…`, the data as the body. */
import type { ConsumeMessage, Options } from 'amqplib';
import type { Envelope } from '../envelope/envelope.ts';

const PREFIX = 'cloudEvents_';
/** Deliveries before this copy of the message was stored. */
const ATTEMPTS = 'crossdock-attempts';
/** Not to be handled before this time, in ms since 1970. */
const DUE = 'crossdock-due';

export interface AmqpMessage {
  content: Buffer;
  options: Options.Publish;
}

export function toAmqp(message: Envelope, retry?: { attempts: number; due: number }): AmqpMessage {
  const { data, datacontenttype, ...attributes } = message;
  const headers: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined) headers[PREFIX + name] = value;
  if (retry) Object.assign(headers, { [ATTEMPTS]: retry.attempts, [DUE]: retry.due });
  return {
    content: Buffer.from(JSON.stringify(data ?? null)),
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
}

/** Throws SyntaxError for a body that is not JSON. */
export function fromAmqp({ content, properties }: ConsumeMessage): FromAmqp {
  const headers = (properties.headers ?? {}) as Record<string, unknown>;
  const attributes: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(headers))
    if (name.startsWith(PREFIX)) attributes[name.slice(PREFIX.length)] = value;
  const message = {
    ...attributes,
    datacontenttype: 'application/json',
    data: JSON.parse(content.toString('utf8')) as unknown,
  } as Envelope;
  // RabbitMQ counts the deliveries of this copy that came back without an answer.
  const cameBack = Number(headers['x-delivery-count'] ?? 0);
  return { message, attempts: Number(headers[ATTEMPTS] ?? 0) + cameBack, due: Number(headers[DUE] ?? 0) };
}
