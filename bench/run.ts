/** `npm run bench -- <name>|all [--json] [--rounds N]`: measures against floors written by hand, in one run, in turn. */
import { parseArgs } from 'node:util';
import { commands } from './commands.ts';
import { drain } from './drain.ts';
import { history } from './history.ts';
import { landing } from './landing.ts';
import { latency } from './latency.ts';
import { intake } from './intake.ts';
import { map } from './map.ts';
import type { Bench, Measure } from './measure.ts';
import { orderToCash } from './order-to-cash.ts';
import { memory } from './memory.ts';
import { refused } from './refused.ts';
import { report } from './report.ts';
import { scale } from './scale.ts';
import { sealed } from './sealed.ts';
import { settle } from './settle.ts';
import { studio } from './studio.ts';
import { tower } from './tower.ts';
import { traces } from './traces.ts';

const benches: Record<string, Bench> = {
  'order-to-cash': orderToCash,
  map,
  intake,
  drain,
  landing,
  latency,
  settle,
  memory,
  history,
  scale,
  commands,
  tower,
  studio,
  traces,
  refused,
  sealed,
};

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean' }, rounds: { type: 'string', default: '3' } },
  allowPositionals: true,
});
const [name = ''] = positionals;
const rounds = Number(values.rounds);
const chosen = name === 'all' ? Object.keys(benches) : [name];
if (!chosen.every((one) => one in benches) || !(rounds >= 1)) {
  process.stderr.write(`npm run bench -- ${Object.keys(benches).join('|')}|all [--json] [--rounds N]\n`);
  process.exit(2);
}
const measures: Measure[] = [];
/** Those that ended in an error: the others still run and are reported. */
const broken: string[] = [];
/** Seconds. */
const took = new Map<string, number>();
for (const one of chosen) {
  const started = performance.now();
  try {
    for (const found of await benches[one]!(rounds)) {
      measures.push(found);
      process.stdout.write(`${values.json ? JSON.stringify(found) : words(found)}\n`);
    }
  } catch (error) {
    broken.push(one);
    process.stderr.write(`${one} did not end: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  }
  took.set(one, Math.round((performance.now() - started) / 1000));
}
process.stderr.write(`${told(took)}\n`);
if (name === 'all') await report(measures, rounds, told(took), broken);

function told(seconds: ReadonlyMap<string, number>): string {
  const whole = [...seconds.values()].reduce((sum, one) => sum + one, 0);
  const each = [...seconds].map(([one, count]) => `${one} ${count} s`);
  return `It took ${(whole / 60).toFixed(1)} minutes: ${each.join(', ')}`;
}

function words({ name, unit, figures, ratio, target, met }: Measure): string {
  const said = Object.entries(figures).map(([what, value]) => `${what} ${value}`);
  const compared = ratio === undefined ? '' : `; ratio ${ratio}`;
  const judged = target === undefined ? '' : `; target ${target}: ${met ? 'met' : 'NOT MET'}`;
  return `${name}: ${said.join(', ')} ${unit}${compared}${judged}`;
}
