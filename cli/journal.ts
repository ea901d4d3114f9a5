/** What the journal knows, for a person at a terminal. */
import { resolve } from 'node:path';
import type { Journal } from '../runtime/journal/journal.ts';
import { openStores, profileOf } from '../runtime/hub/profile.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';

/** Every step of the transactions of this order number, or of this correlation id, oldest first. */
export async function trace(key: string | undefined, json: boolean): Promise<void> {
  if (!key) throw new CodedError('KEY_MISSING', 'Say which order: crossdock trace 1001');
  const steps = await withJournal(async (journal) => {
    const byKey = await journal.trace({ businessKey: key });
    return byKey.length > 0 ? byKey : journal.trace({ correlationId: key });
  });
  if (json) return print(steps);
  if (steps.length === 0) process.stdout.write(`Nothing is known of ${key}\n`);
  for (const { time, flow, step, outcome, code, detail, reference } of steps) {
    const more = [code, detail, reference].filter(Boolean).join('  ');
    process.stdout.write(`${time}  ${outcome.padEnd(10)}  ${flow} / ${step}  ${more}\n`);
  }
}

export async function deadLetters(json: boolean): Promise<void> {
  const letters = await withJournal((journal) => journal.letters({ state: 'open' }));
  if (json) return print(letters);
  if (letters.length === 0) process.stdout.write('No exception waits\n');
  for (const { lastFailed, queue, code, reason, message, attempts } of letters) {
    process.stdout.write(
      `${lastFailed}  ${message.subject.padEnd(12)}  ${queue}  ${code}: ${reason}  (${attempts} tries)\n`,
    );
  }
}

async function withJournal<Result>(ask: (journal: Journal) => Promise<Result>): Promise<Result> {
  const { env } = process;
  const dataDir = resolve(env['CROSSDOCK_DATA'] ?? '.crossdock');
  const stores = await openStores({ profile: profileOf(env), dataDir, env });
  try {
    return await ask(stores.journal);
  } finally {
    await stores.close();
  }
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
