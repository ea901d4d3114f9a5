/** `crossdock prune`: lets go what is older than its rule, now; or says what would go. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CodedError } from '../runtime/errors/coded-error.ts';
import type { OpenStores } from '../runtime/stores/profile.ts';
import { auditedPrune } from '../runtime/retention/audited.ts';
import { prune, type PruneResult } from '../runtime/retention/prune.ts';
import { loadRetention } from '../runtime/retention/rules.ts';
import { openStore } from '../runtime/sqlite/store.ts';
import { places } from '../runtime/app/project.ts';
import { print, storesHere, withJournal } from './stores.ts';

const flag = { type: 'boolean', default: false } as const;

export async function pruneCommand(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { 'dry-run': flag, json: flag, rewrite: flag } });
  if (values.rewrite) return rewrite(storesHere());
  const { definitionsDir } = places();
  const keep = loadRetention(definitionsDir);
  if (!keep)
    throw new CodedError('CONFIG_INVALID', `${definitionsDir} has no retention.yaml: nothing goes`, {
      file: 'retention.yaml',
    });
  const dryRun = values['dry-run'];
  const result = await withJournal((journal) =>
    dryRun
      ? prune(journal, keep, { now: new Date(), dryRun, rest: 0 })
      : auditedPrune(journal, keep, { now: new Date(), rest: 1 }),
  );
  if (values.json) print({ dryRun, ...result });
  else process.stdout.write(textOf(result, dryRun));
}

function textOf({ pruned, withoutRule, freed }: PruneResult, dryRun: boolean): string {
  const going = pruned.filter(({ rows }) => rows > 0);
  const lines = going.map(
    ({ rows, what, before, oldest }) =>
      `${String(rows).padStart(10)}  ${what.padEnd(26)} older than ${before.slice(0, 10)}${oldest ? `, the oldest of ${oldest.slice(0, 10)}` : ''}`,
  );
  const beside = withoutRule.map((kind) => `Documents of the kind ${kind} have no rule: they stay`);
  const room = freed ? [`The file is ${(freed / 1024 / 1024).toFixed(1)} MB smaller`] : [];
  const none = dryRun ? 'Nothing would go' : 'Nothing was old enough';
  const all = [...(going.length > 0 ? lines : [none]), ...beside, ...room];
  return `${all.join('\n')}\n`;
}

/** Writes the file of the store anew, which nobody else may use meanwhile. Throws CodedError CONFIG_INVALID where a hub does. */
function rewrite({ profile, dataDir }: OpenStores): void {
  if (profile !== 'embedded')
    throw new CodedError(
      'REQUEST_INVALID',
      '--rewrite is for the embedded store: PostgreSQL does so by itself',
    );
  const store = openStore(join(dataDir, 'crossdock.db'));
  try {
    store.lock();
    store.space.rewrite();
    process.stdout.write('The file is written anew, and becomes smaller by itself from now on\n');
  } finally {
    store.close();
  }
}
