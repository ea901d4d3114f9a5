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
  const { ast, evaluate: slow } = synchronous(text, options);
  let fast: Evaluate | string | undefined;
  const compile = () => (fast ??= compiled(ast(), options));
  return {
    ast,
    get notCompiled() {
      const made = compile();
      return typeof made === 'string' ? made : undefined;
    },
    ...evaluations(text, options, (input, bindings, hasMarks) => {
      const made = compile();
      if (typeof made === 'string' || hasMarks) return slow(input, bindings);
      try {
        return made(input, bindings);
      } catch (error) {
        if (error instanceof CodedError || error instanceof TookTooLong) throw error;
        // It says what is wrong.
        return slow(input, bindings);
      }
    }),
  };
}

/** Never compiled. */
export function interpreted(text: string, options: Options): Expression {
  const { ast, evaluate } = synchronous(text, options);
  return { ast, notCompiled: 'the whole of it', ...evaluations(text, options, evaluate) };
}

function evaluations(
  text: string,
  options: Options,
  work: (input: unknown, bindings: Record<string, unknown>, hasMarks: boolean) => unknown,
): Pick<Expression, 'evaluate' | 'evaluateNow'> {
  const evaluateNow: Evaluate = (input, bindings) =>
    limited(input, (hasMarks) => work(input, bindings, hasMarks));
  return {
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
