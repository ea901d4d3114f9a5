/** What a run says: the share of mutants that tests notice, by folder and file, and those that none does. */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parse } from 'yaml';
import type { Mutant } from './mutants.ts';
import type { Result } from './kept.ts';
import { textOf } from './tests.ts';

export interface Judged {
  file: string;
  mutant: Mutant;
  result: Result;
}

/** A mutant that changes nothing anyone could see: `in` its file, on the line that reads `line`. */
interface Equivalent {
  in: string;
  line: string;
  /** As the report shows it. */
  mutant: string;
  why: string;
}

interface Count {
  mutants: number;
  killed: number;
  timeout: number;
  survived: number;
  uncovered: number;
  equivalent: number;
}

const equivalents = parse(readFileSync(new URL('equivalent.yaml', import.meta.url), 'utf8')) as Equivalent[];

const lineOf = ({ file, mutant }: Judged): string => textOf(file).split('\n')[mutant.line - 1]!.trim();

export function shown({ file, mutant }: Pick<Judged, 'file' | 'mutant'>): string {
  const was = textOf(file).slice(mutant.start, mutant.end).replaceAll(/\s+/g, ' ');
  const short = was.length > 60 ? `${was.slice(0, 57)}…` : was;
  return `${short} → ${mutant.text || 'nothing'}`;
}

const entryOf = (one: Judged): Equivalent | undefined =>
  equivalents.find(
    (entry) => entry.in === one.file && entry.line === lineOf(one) && entry.mutant === shown(one),
  );

export function report(all: readonly Judged[]): void {
  const alive = all.filter(({ result }) => result.state === 'survived' || result.state === 'uncovered');
  const used = new Set(alive.map(entryOf));
  for (const one of alive.filter((one) => !entryOf(one)))
    console.log(
      `${one.file}:${one.mutant.line}  ${one.result.state}  ${one.mutant.kind}: ${shown(one)}${
        one.result.tests ? `  (${one.result.tests} tests)` : ''
      }`,
    );
  for (const { file, mutant, result } of all)
    if (result.state === 'timeout')
      console.log(`${file}:${mutant.line}  timeout  ${shown({ file, mutant })}`);
  const files = new Set(all.map(({ file }) => file));
  for (const entry of equivalents.filter((entry) => files.has(entry.in) && !used.has(entry)))
    console.log(`equivalent.yaml: no mutant is alive on ${entry.in}: ${entry.line}`);
  table(all);
}

function table(all: readonly Judged[]): void {
  const columns = ['mutants', 'killed', 'timeout', 'survived', 'uncovered', 'equivalent', 'score'];
  console.log(`\n${'| '.padEnd(40)}| ${columns.join(' | ')} |`);
  console.log(`| ${'-'.repeat(37)} |${columns.map((name) => ` ${'-'.repeat(name.length - 1)}: |`).join('')}`);
  for (const [room, of] of Object.entries(Object.groupBy(all, ({ file }) => dirname(file)))) {
    const byFile = Object.entries(Object.groupBy(of!, ({ file }) => file));
    if (byFile.length > 1) for (const [file, one] of byFile) row(file, one!, columns);
    row(byFile.length > 1 ? `**${room}**` : byFile[0]![0], of!, columns);
  }
  row('**all**', all, columns);
}

function row(name: string, all: readonly Judged[], columns: readonly string[]): void {
  const count: Count = { mutants: 0, killed: 0, timeout: 0, survived: 0, uncovered: 0, equivalent: 0 };
  for (const one of all) {
    const { state } = one.result;
    count.mutants += 1;
    count[(state === 'survived' || state === 'uncovered') && entryOf(one) ? 'equivalent' : state] += 1;
  }
  const counted = count.mutants - count.equivalent;
  const score = counted === 0 ? '–' : `${((100 * (count.killed + count.timeout)) / counted).toFixed(1)} %`;
  const cells = [...Object.values(count).map(String), score];
  console.log(
    `| ${name.padEnd(37)} | ${cells.map((cell, i) => cell.padStart(columns[i]!.length)).join(' | ')} |`,
  );
}
