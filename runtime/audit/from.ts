/** From where what is done now is done: the call of a browser or a script, or a command. */
import { AsyncLocalStorage } from 'node:async_hooks';

const here = new AsyncLocalStorage<string>();
let process = 'hub';
let actor = 'hub';

/** All that the work does, and awaits. */
export function actingFrom<T>(from: string, work: () => T): T {
  return here.run(from, work);
}

/** Of a process that does nothing else: a command. */
export function processActsFrom(from: string, who: string): void {
  process = from;
  actor = who;
}

/** Who is logged in on the machine of a command; `hub` in a hub. */
export function processActor(): string {
  return actor;
}

export function fromHere(): string {
  return here.getStore() ?? process;
}
