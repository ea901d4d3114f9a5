/** A message that is tried, read as the hub reads what partners send. */
import { CodedError } from '../../errors/coded-error.ts';
import { dataOf } from '../../verify/parse.ts';

/** Throws CodedError REQUEST_INVALID, TEXT_INVALID. */
export function readMessage(json: string): unknown {
  try {
    return dataOf(json);
  } catch (error) {
    if (error instanceof CodedError) throw error;
    throw new CodedError('REQUEST_INVALID', 'The message is not JSON');
  }
}
