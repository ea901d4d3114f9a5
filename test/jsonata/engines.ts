/** Runs an expression on both engines, compiled and interpreted, and tells what came of it in a form that can be compared. */
import { CodedError } from '../../runtime/errors/coded-error.ts';
import { interpreted, jsonata, type Expression, type Options } from '../../runtime/map/jsonata.ts';
import { guardrails } from '../../runtime/map/limits.ts';
import { BoundedRegExp } from '../../runtime/map/regex.ts';

/** `told` is text that differs where two engines differ: the value, or the error and what people are told of it. */
export type Outcome = { told: string; value: unknown } | { told: string; code: string };

export interface Both {
  compiled: Outcome;
  interpreted: Outcome;
  /** Why it is not compiled, where it is not. */
  notCompiled: string | undefined;
}

type Run = (input: unknown, bindings?: Record<string, unknown>) => Promise<Both>;

/** What does not compile fails at each run. */
export function onBoth(text: string, timeout: number = guardrails.timeout): Run {
  const options = { ...guardrails, timeout, RegexEngine: BoundedRegExp } as unknown as Options;
  const fast = once(() => jsonata(text, options));
  const slow = once(() => interpreted(text, options));
  return async (input, bindings = {}) => {
    const given = structuredClone(input);
    const compiled = await outcome(() => fast().evaluateNow(given, bindings));
    const both = {
      compiled,
      interpreted: await outcome(() => slow().evaluate(structuredClone(input), bindings)),
    };
    if (isParserError(both.interpreted)) return { ...both, notCompiled: 'what is no expression' };
    const { notCompiled } = fast();
    // The transform |$$|…| of the package does.
    if (notCompiled === undefined && told(given) !== told(input))
      throw new Error(`${text} changes what it is given`);
    return { ...both, notCompiled };
  };
}

function once(make: () => Expression): () => Expression {
  let made: Expression | undefined;
  return () => (made ??= make());
}

export function isParserError(one: Outcome): boolean {
  return 'code' in one && one.code.startsWith('S0');
}

/** How far it came differs by how quick an engine is. */
export function ranOutOfTime({ compiled, interpreted }: Both): boolean {
  return [compiled, interpreted].some((one) => 'code' in one && one.code === 'D1012');
}

/** At the end of a function, `$sort` of the package does not find the function it sorts by; compiled code does. */
export function isUnsorted({ interpreted }: Both): boolean {
  return 'code' in interpreted && interpreted.code === 'unsorted';
}

async function outcome(work: () => unknown): Promise<Outcome> {
  try {
    const value = await work();
    return { told: told(value), value };
  } catch (error) {
    const { code, message, value, value2 } = error as Record<string, unknown>;
    // What has no code is told as a failure without words: messageOf of runtime/map/mapping.ts.
    if (typeof code !== 'string')
      return {
        told: 'fails without a code',
        code: message === 'comp is not a function' ? 'unsorted' : 'none',
      };
    const quotes = error instanceof CodedError ? '' : ` ${told([value, value2])}`;
    return { told: `fails with ${code}: ${String(message)}${quotes}`, code };
  }
}

/** JSON that also tells undefined, functions, numbers without end and −0; prototypes and marks of lists do not count. */
export function told(value: unknown): string {
  if (typeof value === 'function') return 'ƒ';
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  if (Array.isArray(value)) return `[${value.map(told).join()}]`;
  if (value instanceof RegExp || '_jsonata_lambda' in value || '_jsonata_function' in value) return 'ƒ';
  return `{${Object.entries(value).map(([name, field]) => `${JSON.stringify(name)}:${told(field)}`)}}`;
}
