/** Reads JSON that a hub has written, and that anybody may have changed since. */
import type { CodedError } from '../errors/coded-error.ts';
import type { Schema } from './schema.ts';

/** The caller's type is what `schema` guarantees. `unsound` makes the error of why it is none. */
export function readJson<T>(text: string, schema: Schema, unsound: (why: string) => CodedError): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unsound('it is not JSON');
  }
  const wrong = schema.check(value);
  if (wrong) throw unsound(`${wrong.path || 'the file'} ${wrong.message}`);
  return value as T;
}
