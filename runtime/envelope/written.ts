/** The JSON of a message, made once: what is published of it and what is kept of it are the same text. */
import type { Envelope } from './envelope.ts';

const texts = new WeakMap<Envelope, string>();

/** As the message was when this was asked first: a message does not change. */
export function written(message: Envelope): string {
  const known = texts.get(message);
  if (known !== undefined) return known;
  const text = JSON.stringify(message);
  texts.set(message, text);
  return text;
}
