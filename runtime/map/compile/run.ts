/** What the evaluation that runs has used of what it may use. Evaluations do not wait, so there is one at a time. */
import { inside } from '../package.ts';

export const run = {
  /** Nested evaluations, counted as the interpreter counts them, or more. */
  depth: 0,
  steps: 0,
  since: 0,
  timeout: Infinity,
  stack: Infinity,
  sequence: Infinity,
};

/** Compiled code gives up: the interpreter says what comes of it. */
export class Interpret extends Error {}

export function interpret(): never {
  throw new Interpret();
}

/** At each round of a loop and each call. */
export function step(): void {
  if ((++run.steps & 15) === 0 && Date.now() - run.since > run.timeout) throw tookTooLong();
}

/** At the begin of a function inside of which are so many nested evaluations. */
export function enter(most: number): number {
  step();
  if (run.depth + most > run.stack) interpret();
  return run.depth;
}

/** Of a sequence that grows. */
export function allowLength(length: number): void {
  if (length > run.sequence) interpret();
}

export class TookTooLong extends Error {}

function tookTooLong(): Error {
  const error = Object.assign(new TookTooLong(), { code: 'D1012', value: run.timeout });
  inside.populateMessage(error);
  return error;
}
