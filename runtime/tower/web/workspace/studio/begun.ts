/** The message that a new mapping is begun with: it stays while the page does. */
import type { Message } from './choose-message.ts';

const begun = new Map<string, Message>();

export function beginWith(mapping: string, message: string): void {
  begun.set(mapping, { message });
}

export function begunWith(mapping: string): Message | undefined {
  return begun.get(mapping);
}
