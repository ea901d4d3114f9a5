/** What became of each mutant, kept by the text of its file and of the tests that were asked. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mutant } from './mutants.ts';
import { hash, hashOfTest, kept, nearest, textOf } from './tests.ts';

export interface Result {
  /** `uncovered`: no test runs its place. */
  state: 'killed' | 'timeout' | 'survived' | 'uncovered';
  /** The test that failed. */
  by?: { file: string; title: string; error: string };
  /** How many tests it was given. */
  tests?: number;
}

interface KeptResult extends Result {
  asked: string;
}

export interface KeptResults {
  get(mutant: Mutant): Result | undefined;
  set(mutant: Mutant, result: Result): void;
}

const opened = new Map<string, KeptResults>();

export function resultsOf(file: string): KeptResults {
  const known = opened.get(file) ?? open(file);
  opened.set(file, known);
  return known;
}

const nameOf = ({ start, end, text }: Mutant): string => `${start}:${end}:${text}`;

/** What was killed stays so while the test that did it is the same; the rest while all tests are. */
const askedOf = (file: string, { by }: Result): string =>
  by ? hashOfTest(by.file) : hash(...nearest(file).flatMap((test) => [test, hashOfTest(test)]));

function open(file: string): KeptResults {
  const path = join(kept, 'results', `${file.replaceAll('/', '+')}.json`);
  const text = hash(textOf(file));
  const found = existsSync(path)
    ? (JSON.parse(readFileSync(path, 'utf8')) as { text: string; results: Record<string, KeptResult> })
    : undefined;
  const results = found?.text === text ? found.results : {};
  mkdirSync(join(kept, 'results'), { recursive: true });
  return {
    get(mutant) {
      const result = results[nameOf(mutant)];
      return result && askedOf(file, result) === result.asked ? result : undefined;
    },
    set(mutant, result) {
      results[nameOf(mutant)] = { ...result, asked: askedOf(file, result) };
      writeFileSync(path, JSON.stringify({ text, results }, undefined, 1));
    },
  };
}
