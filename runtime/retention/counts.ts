/** The counts for pictures go by buckets of time, each width by its own rule. */
import type { Counting, Rollups } from '../journal/rollups.ts';
import { before, type Retention } from './rules.ts';
import type { Sweep } from './sweeps.ts';

const widths = { minutes: '5min', hours: 'hour', days: 'day' } as const;
const tables: Record<Counting, string> = { rollup: 'counts', gauge: 'samples' };

export function countSweeps(rollups: Rollups, keep: Retention['rollups'], now: Date): Sweep[] {
  const kinds = Object.keys(widths) as (keyof typeof widths)[];
  return (Object.keys(tables) as Counting[]).flatMap((table) =>
    kinds.map((kind) => {
      const until = before(now, keep[kind]);
      return {
        table,
        what: `${tables[table]} by ${kind}`,
        before: until,
        pages: (dryRun: boolean) => rollups.prune(table, widths[kind], until, dryRun),
      };
    }),
  );
}
