/** Makes plain data of what JSONata returns: ordinary prototypes, no sequences, nothing JSON cannot say. */
import { CodedError } from '../errors/coded-error.ts';

export function plain(value: unknown): unknown {
  if (typeof value === 'function') throw notData('a function');
  if (typeof value === 'number' && !Number.isFinite(value)) throw notData('a number without end');
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return Array.from(value, plain);
  if ('_jsonata_lambda' in value || '_jsonata_function' in value) throw notData('a function');
  // fromEntries defines each key on the object, so that `__proto__` is a field like any other.
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(entries.map(([name, field]) => [name, plain(field)]));
}

function notData(what: string): CodedError {
  return new CodedError('MAPPING_FAILED', `The mapping returns ${what} where data is expected`);
}
