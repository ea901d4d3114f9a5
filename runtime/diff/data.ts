/** What differs between two pieces of JSON data, field by field. */
import { isDeepStrictEqual } from 'node:util';
import { isMap } from '../schema/schema.ts';

export interface DataChange {
  /** `lines/0/sku`; empty for the whole. */
  path: string;
  /** Undefined: it was not there. */
  before?: unknown;
  /** Undefined: it is gone. */
  after?: unknown;
}

export function dataChanges(before: unknown, after: unknown, path = ''): DataChange[] {
  if (isDeepStrictEqual(before, after)) return [];
  const at = (step: string | number): string => (path ? `${path}/${step}` : String(step));
  if (isMap(before) && isMap(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
      dataChanges(before[key], after[key], at(key)),
    );
  if (Array.isArray(before) && Array.isArray(after))
    return Array.from({ length: Math.max(before.length, after.length) }, (_, index) =>
      dataChanges(before[index], after[index], at(index)),
    ).flat();
  return [{ path, before, after }];
}
