/** Expressions of Node-RED's own nodes, on the engine of mappings: with its decimals and limits, and at once. */
import { CodedError } from '../errors/coded-error.ts';
import { compile, messageOf } from './mapping.ts';
import { plain } from './plain.ts';

export interface FlowExpression {
  /**
   * `bindings` are values and synchronous functions. The result is plain data, in which instances of classes stand as they
   * are. Throws CodedError MAPPING_FAILED.
   */
  evaluate(input: unknown, bindings: Record<string, unknown>): unknown;
}

/** Throws CodedError MAPPING_INVALID. */
export function flowExpression(text: string): FlowExpression {
  const expression = compile('JSONata', text);
  return {
    evaluate(input, bindings) {
      try {
        return plain(expression.evaluateNow(input, bindings), 'kept');
      } catch (error) {
        if (error instanceof CodedError) throw error;
        const why =
          error instanceof RangeError ? 'the data or the calls are nested too deeply' : messageOf(error);
        throw new CodedError('MAPPING_FAILED', why);
      }
    },
  };
}
