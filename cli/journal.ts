/** What the journal knows of an order, for a person at a terminal. */
import { CodedError } from '../runtime/errors/coded-error.ts';
import type { Step } from '../runtime/journal/step.ts';
import { print, withJournal } from './stores.ts';

/** Every step of the transactions of this order number, or of this correlation id, oldest first. False: none is known. */
export async function trace(key: string | undefined, json: boolean): Promise<boolean> {
  if (!key) throw new CodedError('KEY_MISSING', 'Say which order: crossdock trace 1001');
  const steps = await withJournal(async (journal) => {
    const byKey = await journal.trace({ businessKey: key });
    return byKey.length > 0 ? byKey : journal.trace({ correlationId: key });
  }, `trace/${key}`);
  if (steps.length === 0) process.stderr.write(`Nothing is known of ${key}\n`);
  if (json) print(steps);
  else for (const step of steps) tell(step);
  return steps.length > 0;
}

function tell({ time, flow, step, outcome, code, detail, reference }: Step): void {
  const more = [code, detail, reference].filter(Boolean).join('  ');
  process.stdout.write(`${time}  ${outcome.padEnd(10)}  ${flow} / ${step}  ${more}\n`);
}
