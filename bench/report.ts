/** Writes docs/benchmarks.md from what a run of all benches found. */
import { writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { format, resolveConfig } from 'prettier';
import { floors } from './floors.ts';
import type { Measure } from './measure.ts';

const file = 'docs/benchmarks.md';

export async function report(
  measures: readonly Measure[],
  rounds: number,
  took: string,
  broken: readonly string[],
): Promise<void> {
  const [cpu] = cpus();
  const gb = Math.round(totalmem() / 1e9);
  const rows = measures.map(
    ({ name, unit, figures, ratio, target, met }) =>
      `| ${name} | ${said(figures)} ${unit} | ${ratio ?? ''} | ${target ?? ''} | ${met === undefined ? '' : met ? 'met' : '**not met**'} |`,
  );
  const compared = floors.map(
    ({ bench, name, does, leavesOut }) => `| ${bench} | ${name} | ${does} | ${leavesOut} |`,
  );
  const text = `# Benchmarks

This page is made by \`npm run bench -- all\`. Each figure is the median of ${rounds} rounds in which the contenders took
turns, so that only the ratios of one run mean something; memory is one run. The ratio is the first figure to the second.

Run on ${new Date().toISOString().slice(0, 10)}: ${cpu?.model.trim()}, ${cpus().length} cores, ${gb} GB, Linux ${release()}, Node ${process.version}. The
services of \`test/stack\` and the load ran on the same machine. ${took}.
${broken.length > 0 ? `\n**Ended in an error and is not in the table: ${broken.join(', ')}.**\n` : ''}
| what | figures | ratio | target | |
| --- | --- | --- | --- | --- |
${rows.join('\n')}

## Floors

What the hub is compared with, written by hand in \`bench/floor/\`. A floor does less than the hub: a ratio below 1 is the
price of what it leaves out.

| bench | figure | does | leaves out |
| --- | --- | --- | --- |
${compared.join('\n')}
`;
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
}

function said(figures: Record<string, number>): string {
  return Object.entries(figures)
    .map(([what, value]) => `${what} ${value}`)
    .join(', ');
}
