/** What the journal knows of an order, for a person at a terminal. */
import { CodedError } from '../runtime/errors/coded-error.ts';
import { openJournal } from '../runtime/hub/profile.ts';
import type { Step } from '../runtime/journal/journal.ts';
import { print, storesHere } from './stores.ts';

/** Every step of the transactions of this order number, or of this correlation id, oldest first. False: none is known. */
export async function trace(key: string | undefined, json: boolean): Promise<boolean> {
  if (!key) throw new CodedError('KEY_MISSING', 'Say which order: crossdock trace 1001');
  const journal = await openJournal(storesHere());
  try {
    const byKey = await journal.trace({ businessKey: key });
    const steps = byKey.length > 0 ? byKey : await journal.trace({ correlationId: key });
    if (steps.length === 0) process.stderr.write(`Nothing is known of ${key}\n`);
    if (json) print(steps);
    else for (const step of steps) tell(step);
    return steps.length > 0;
  } finally {
    await journal.close();
  }
}

function tell({ time, flow, step, outcome, code, detail, reference }: Step): void {
  const more = [code, detail, reference].filter(Boolean).join('  ');
  process.stdout.write(`${time}  ${outcome.padEnd(10)}  ${flow} / ${step}  ${more}\n`);
}
