/** What the process of an order or a purchase has come to, read from the journal beside the hub, as the commands do. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Journal } from '../../runtime/journal/journal.ts';
import type { Instance } from '../../runtime/process/state.ts';

/** The first that fits; `called` is its number. Rejects with the whole instance when none does in time. */
export async function untilInstance(
  { processes }: Journal,
  called: string,
  fits: (instance: Instance) => boolean,
  withinMs: number,
): Promise<Instance> {
  let body = '';
  for (const end = Date.now() + withinMs; Date.now() < end; await sleep(200)) {
    const [row] = await processes.called(called);
    body = row?.body ?? '';
    const instance = row && (JSON.parse(body) as Instance);
    if (instance && fits(instance)) return instance;
  }
  throw new Error(
    `the process of ${called} does not get there in ${withinMs / 1000} s: ${body || 'there is none'}`,
  );
}
