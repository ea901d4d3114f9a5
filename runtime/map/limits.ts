/** How much a mapping may be given, may build and may give: what is larger would hold up all other work of the process. */
import { Script, createContext } from 'node:vm';
import { CodedError } from '../errors/coded-error.ts';
import { isPlain } from './kinds.ts';

/** Milliseconds, nested calls, items in one list: a 100-line order needs a tenth of each. */
export const guardrails = { timeout: 2000, stack: 500, sequence: 100_000 } as const;
/** Characters. */
const longestText = 4_000_000;
const mostInput = 10_000_000;
const mostResult = 10_000_000;
const mostBuilt = 20_000_000;
/** Values in a result, each as often as it stands there. */
const mostValues = 1_000_000;
/** Characters and values of an input from which on the clock counts, which costs 0.1 ms. */
const large = 50_000;

/** Counts what a result holds. */
export function resultMeter(): (value: unknown) => void {
  let characters = 0;
  let values = 0;
  return (value) => {
    if (++values > mostValues) throw tooMuch('result', `${mostValues} values`);
    if (typeof value === 'string' && (characters += value.length) > mostResult)
      throw tooMuch('result', `${mostResult} characters`);
  };
}

/** Names by which JSONata knows its own functions and lists: it takes what has one for such. */
const marks = new Set(['_jsonata_function', '_jsonata_lambda', 'outerWrapper', 'tupleStream']);

interface Weighed {
  /** Characters and values. */
  weight: number;
  hasMarks: boolean;
}

/** Throws MAPPING_FAILED when they are too many. */
function weigh(input: unknown): Weighed {
  let weight = 0;
  let hasMarks = false;
  const add = (value: unknown): void => {
    weight += typeof value === 'string' ? value.length + 1 : 1;
    if (weight > mostInput) throw tooMuch('input', `${mostInput} characters`);
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) for (const item of value) add(item);
    else if (isPlain(value))
      for (const name in value) {
        if (name.length > 10 && marks.has(name)) hasMarks = true;
        add((value as Record<string, unknown>)[name]);
      }
  };
  add(input);
  return { weight, hasMarks };
}

let built = 0;
const room = createContext({ work: undefined as unknown });
const run = new Script('work()');

/** Does the work within what is allowed. A function of JSONata that sees a large input does not look at the time itself. */
export function limited<T>(input: unknown, work: (hasMarks: boolean) => T): T {
  built = 0;
  const { weight, hasMarks } = weigh(input);
  if (weight < large) return work(hasMarks);
  room['work'] = () => work(hasMarks);
  try {
    return run.runInContext(room, { timeout: guardrails.timeout }) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new CodedError('MAPPING_FAILED', `The mapping took more than ${guardrails.timeout} ms`);
  } finally {
    room['work'] = undefined;
  }
}

/** Two texts as one. */
export function joined(a: string, b: string): string {
  allowText(a.length + b.length);
  return a + b;
}

/** Refuses what a function of JSONata would have to build before anyone could see its size. */
export function allowCall(name: string, [first, second]: readonly unknown[]): void {
  if (name === 'pad') allowText(Math.abs(Number(second)));
  if (name === 'split' && second === '') allowList(String(first).length);
  if (name === 'join' && Array.isArray(first)) {
    const gaps = String(second ?? '').length * (first.length - 1);
    allowText(first.reduce<number>((sum, part) => sum + String(part).length, gaps));
  }
}

/** Refuses a text or list that a function of JSONata has made too large. */
export function allowResult(value: unknown): void {
  if (Array.isArray(value)) allowList(value.length);
  if (typeof value !== 'string') return;
  allowText(value.length);
  if ((built += value.length) > mostBuilt) throw tooMuch('work', `${mostBuilt} characters`);
}

function allowText(length: number): void {
  if (length > longestText) throw tooMuch('text', `${longestText} characters`);
}

function allowList(length: number): void {
  if (length > guardrails.sequence) throw tooMuch('list', `${guardrails.sequence} items`);
}

function tooMuch(what: string, limit: string): CodedError {
  const of = {
    result: 'The result',
    input: 'The input',
    work: 'All texts made',
    text: 'A text',
    list: 'A list',
  };
  return new CodedError('MAPPING_FAILED', `${of[what as keyof typeof of]} would have more than ${limit}`, {
    limit,
  });
}
