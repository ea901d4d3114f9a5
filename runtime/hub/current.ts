/** The one hub of this process, for the nodes: without all that a hub is made of, where only their settings are read. */
import type { Hub } from './hub.ts';

let current: Hub | undefined;

/** Throws when none is open. */
export function currentHub(): Hub {
  if (!current) throw new Error('No hub is open');
  return current;
}

export function setCurrentHub(hub: Hub | undefined): void {
  current = hub;
}
