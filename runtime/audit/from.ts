/** From where what is done now is done: the call of a browser or a script, or a command. */
import { AsyncLocalStorage } from 'node:async_hooks';

export interface Origin {
  /** `http 10.0.0.7`, `command dead discard`. */
  place: string;
  /** Who is logged in there, where somebody is. */
  actor?: string;
  /** `POST /tower/api/letters/discard`. */
  call?: string;
}

const here = new AsyncLocalStorage<Origin>();
let process: Origin = { place: 'hub' };

/** All that the work does, and awaits. */
export function actingFrom<T>(from: Origin, work: () => T): T {
  return here.run(from, work);
}

/** Of a process that does nothing else: a command. */
export function processActsFrom(place: string, actor: string): void {
  process = { place, actor };
}

/** Who is logged in: at the call, or on the machine of a command; else `hub`. */
export function processActor(): string {
  return here.getStore()?.actor ?? process.actor ?? 'hub';
}

/** `who`: for whom it is done; where somebody else is logged in, that is said too. */
export function fromHere(who: string): string {
  const { place, actor, call } = here.getStore() ?? process;
  const other = actor !== undefined && actor !== who ? actor : undefined;
  if (call !== undefined) return [place, other, call].filter(Boolean).join(' ');
  return other === undefined ? place : `${place} as ${other}`;
}
