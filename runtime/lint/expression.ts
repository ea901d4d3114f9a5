/** What is said of an expression: that it cannot be used, or that it is slow. */
import { CodedError } from '../errors/coded-error.ts';
import type { Mapping } from '../map/mapping.ts';
import type { Remark } from './rule.ts';

/** `compile` throws CodedError for what cannot be used. */
export function ofExpression(
  id: string,
  property: string,
  compile: () => Pick<Mapping, 'notCompiled'>,
): Remark[] {
  try {
    const { notCompiled } = compile();
    if (notCompiled === undefined) return [];
    const message = `is slower than it could be: ${notCompiled} is not compiled, so the whole expression is interpreted.`;
    return [{ id, property, code: 'NOT_COMPILED', severity: 'warning', message }];
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return [unusable(id, property, error.message)];
  }
}

export function unusable(id: string, property: string, message: string): Remark {
  return { id, code: 'MAPPING_INVALID', severity: 'error', property, message: `${message}.` };
}
