/**
 * JSONata without its awaits. The package awaits at every step, for functions that are asynchronous; a mapping has none,
 * and waiting for nothing is more than half of the time it takes. So its source is read without `async` and `await`, and
 * without the look-ups of debugging callbacks at each step. Everything else is the package as it stands.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { compileFunction } from 'node:vm';
import original from 'jsonata';

export type Options = original.JsonataOptions;

export interface Expression {
  ast(): original.ExprNode;
  /** `bindings` are values and synchronous functions. Throws what JSONata throws. */
  evaluate(input: unknown, bindings: Record<string, unknown>): Promise<unknown>;
}

type Synchronous = (
  text: string,
  options: Options,
) => { ast(): original.ExprNode; evaluate(input: unknown, bindings: Record<string, unknown>): unknown };

const synchronous = read();

export function jsonata(text: string, options: Options): Expression {
  const expression = synchronous(text, options);
  return {
    ast: () => expression.ast(),
    async evaluate(input, bindings) {
      try {
        return expression.evaluate(input, bindings);
      } catch (error) {
        // Sorting thousands of items needs more stack than there is; awaiting, the package needs none.
        if (error instanceof RangeError) return original(text, options).evaluate(input, bindings);
        throw error;
      }
    },
  };
}

function read(): Synchronous {
  const file = createRequire(import.meta.url).resolve('jsonata');
  const source = readFileSync(file, 'utf8')
    .replaceAll(/\basync\s+(?=function\b|\()/g, '')
    .replaceAll(/\bawait\s+/g, '')
    .replaceAll('Promise.all(', 'Array.from(')
    .replaceAll(/\w+\.lookup\(Symbol\.for\('jsonata\.__\w+'\)\)/g, 'undefined');
  const module: { exports: unknown } = { exports: {} };
  compileFunction(source, ['module', 'exports'], { filename: file }).call(undefined, module, module.exports);
  return module.exports as Synchronous;
}
