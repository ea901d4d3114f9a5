/** Where a command finds the stores of the hub, which may run or not. */
import { resolve } from 'node:path';
import { begun } from '../runtime/audit/audited.ts';
import { processActsFrom } from '../runtime/audit/from.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { profileOf, withJournalOf, type OpenStores } from '../runtime/stores/profile.ts';
import type { Journal } from '../runtime/journal/journal.ts';
import { localUser } from './local-user.ts';
import { dataFolder } from '../runtime/app/project.ts';

export function storesHere(): OpenStores {
  commandActs();
  const { env } = process;
  const profile = profileOf(env);
  const dataDir = resolve(env['CROSSDOCK_DATA'] ?? '.crossdock');
  if (profile === 'embedded') dataFolder(dataDir);
  return { profile, dataDir, env };
}

/** What the audit row says about this command. */
export function commandActs(): void {
  const words = process.argv.slice(2, 4).filter((word) => /^[a-z-]+$/.test(word));
  processActsFrom(['command', ...words].join(' '), localUser());
}

/** Opens the journal for the work and closes it after. `reads`: whose data the work shows, which gets a row in the audit first. */
export function withJournal<Result>(
  work: (journal: Journal) => Promise<Result>,
  reads?: string,
): Promise<Result> {
  return withJournalOf(storesHere(), async (journal) => {
    if (reads !== undefined)
      await begun(journal.audit, { who: localUser(), act: 'data.read', object: reads });
    return work(journal);
  });
}

const usualLimit = 1000;

/** The number in `--limit` of a list. Throws CodedError REQUEST_INVALID. */
export function limitOf(given: string | undefined): number {
  const limit = Number(given ?? usualLimit);
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw new CodedError('REQUEST_INVALID', '--limit is a whole number above 0');
}

/** Says on stderr that the list goes on: stdout has the list itself, which another program may read. */
export function sayMore(place: string): void {
  process.stderr.write(`There may be more: --after '${place.replaceAll("'", "'\\''")}'\n`);
}

export function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
