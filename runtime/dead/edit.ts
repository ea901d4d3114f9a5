/** Other data for a message that is sent again. */
import { isDeepStrictEqual } from 'node:util';
import type { Catalogue } from '../events/catalogue.ts';
import type { DeadLetter } from '../journal/journal.ts';

export interface Edit {
  data: unknown;
  /** Top-level fields that are not as they were, never their values. */
  changed: readonly string[];
}

/** Throws SCHEMA_INVALID where the catalogue knows the event and the data does not fit. */
export function editOf({ message }: DeadLetter, data: unknown, catalogue: Catalogue): Edit {
  if (catalogue.types.includes(message.type)) catalogue.validate(message.type, data);
  return { data, changed: changed(message.data, data) };
}

function changed(before: unknown, after: unknown): string[] {
  if (!isObject(before) || !isObject(after)) return isDeepStrictEqual(before, after) ? [] : ['data'];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => !isDeepStrictEqual(before[name], after[name]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
