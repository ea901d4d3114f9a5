/** JSONata as the project runs it: compiled to JavaScript where all of an expression can be, else interpreted. */
import type original from 'jsonata';
import { limited } from './limits.ts';
import { synchronous, waiting, type Options } from './package.ts';

export { builtins, type Options } from './package.ts';

export interface Expression {
  ast(): original.ExprNode;
  /** What in it is not compiled, in a person's words; undefined when it is compiled. */
  readonly notCompiled: string | undefined;
  /** `bindings` are values and synchronous functions. Throws what JSONata throws. */
  evaluate(input: unknown, bindings: Record<string, unknown>): Promise<unknown>;
  /** The same at once. Throws a RangeError where the stack does not hold the calls. */
  evaluateNow(input: unknown, bindings: Record<string, unknown>): unknown;
}

export function jsonata(text: string, options: Options): Expression {
  return interpreted(text, options);
}

/** Never compiled. */
export function interpreted(text: string, options: Options): Expression {
  const expression = synchronous(text, options);
  const now: Expression['evaluateNow'] = (input, bindings) =>
    limited(input, () => expression.evaluate(input, bindings));
  return expressionOf(text, options, expression.ast(), 'it was asked for the interpreter', now);
}

function expressionOf(
  text: string,
  options: Options,
  ast: original.ExprNode,
  notCompiled: string | undefined,
  evaluateNow: Expression['evaluateNow'],
): Expression {
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
