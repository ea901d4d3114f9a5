/** JSONata as the project runs it: compiled to JavaScript where all of an expression can be, else interpreted. */
import type original from 'jsonata';
import { CodedError } from '../errors/coded-error.ts';
import { compiled } from './compile/compile.ts';
import { TookTooLong } from './compile/run.ts';
import { limited } from './limits.ts';
import { synchronous, waiting, type Options } from './package.ts';

export { builtins, type Options } from './package.ts';

type Evaluate = (input: unknown, bindings: Record<string, unknown>) => unknown;

export interface Expression {
  ast(): original.ExprNode;
  /** What in it is not compiled, in a person's words; undefined when it is compiled. */
  readonly notCompiled: string | undefined;
  /** `bindings` are values and synchronous functions. Throws what JSONata throws. */
  evaluate(input: unknown, bindings: Record<string, unknown>): Promise<unknown>;
  /** The same at once. Throws a RangeError where the stack does not hold the calls. */
  evaluateNow: Evaluate;
}

export function jsonata(text: string, options: Options): Expression {
  const package_ = synchronous(text, options);
  const fast = compiled(package_.ast(), options);
  const slow: Evaluate = (input, bindings) => package_.evaluate(input, bindings);
  if (typeof fast === 'string') return expressionOf(text, options, package_.ast(), slow, fast);
  return expressionOf(text, options, package_.ast(), (input, bindings) => {
    try {
      return fast(input, bindings);
    } catch (error) {
      if (error instanceof CodedError || error instanceof TookTooLong) throw error;
      return slow(input, bindings);
    }
  });
}

/** Never compiled. */
export function interpreted(text: string, options: Options): Expression {
  const package_ = synchronous(text, options);
  const slow: Evaluate = (input, bindings) => package_.evaluate(input, bindings);
  return expressionOf(text, options, package_.ast(), slow, 'it is asked for as it is');
}

function expressionOf(
  text: string,
  options: Options,
  ast: original.ExprNode,
  work: Evaluate,
  notCompiled?: string,
): Expression {
  const evaluateNow: Evaluate = (input, bindings) => limited(input, () => work(input, bindings));
  return {
    ast: () => ast,
    notCompiled,
    evaluateNow,
    async evaluate(input, bindings) {
      try {
        return evaluateNow(input, bindings);
      } catch (error) {
        // Deep calls can need more stack than there is; awaiting, the package needs none.
        if (error instanceof RangeError) return waiting(text, options).evaluate(input, bindings);
        throw error;
      }
    },
  };
}
