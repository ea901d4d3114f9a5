/** Makes plain data of what JSONata returns: ordinary prototypes, no sequences, nothing JSON cannot say. */
import { CodedError } from '../errors/coded-error.ts';
import { isMade, isPlain, put } from './kinds.ts';
import { resultMeter } from './limits.ts';

/**
 * Instances of a class are `kept` as they are, else only their own fields.
 * Throws CodedError MAPPING_FAILED also for what is too large: a small result can stand in itself a million times.
 */
export function plain(result: unknown, instances?: 'kept'): unknown {
  const count = resultMeter();
  const plainly = (value: unknown): unknown => {
    count(value);
    if (typeof value === 'function') throw notData('a function');
    if (typeof value === 'number' && !Number.isFinite(value)) throw notData('a number without end');
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return plainList(value);
    if (isMade(value)) throw notData('a function');
    if (instances === 'kept' && !isPlain(value)) return value;
    return plainObject(value as Record<string, unknown>);
  };
  const plainList = (list: readonly unknown[]): unknown[] => {
    const copy: unknown[] = [];
    for (const item of list) copy.push(plainly(item));
    return copy;
  };
  const plainObject = (object: Record<string, unknown>): object => {
    const copy = {};
    for (const name of Object.keys(object)) {
      const field = object[name];
      if (field !== undefined) put(copy, name, plainly(field));
    }
    return copy;
  };
  return plainly(result);
}

function notData(what: string): CodedError {
  return new CodedError('MAPPING_FAILED', `The mapping returns ${what} where data is expected`);
}
