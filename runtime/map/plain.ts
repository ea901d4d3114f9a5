/** Makes plain data of what JSONata returns: ordinary prototypes, no sequences, nothing JSON cannot say. */
import { CodedError } from '../errors/coded-error.ts';
import { resultMeter } from './limits.ts';

/** Throws CodedError MAPPING_FAILED also for what is too large: a small result can stand in itself a million times. */
export function plain(result: unknown): unknown {
  const count = resultMeter();
  const plainly = (value: unknown): unknown => {
    count(value);
    if (typeof value === 'function') throw notData('a function');
    if (typeof value === 'number' && !Number.isFinite(value)) throw notData('a number without end');
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return Array.from(value, plainly);
    if ('_jsonata_lambda' in value || '_jsonata_function' in value) throw notData('a function');
    // fromEntries defines each key on the object, so that `__proto__` is a field like any other.
    const entries = Object.entries(value).filter(([, field]) => field !== undefined);
    return Object.fromEntries(entries.map(([name, field]) => [name, plainly(field)]));
  };
  return plainly(result);
}

function notData(what: string): CodedError {
  return new CodedError('MAPPING_FAILED', `The mapping returns ${what} where data is expected`);
}
