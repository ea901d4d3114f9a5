/** The register: what follows from flows and definitions, beside what definitions/interfaces.yaml says of it. */
import type { FlowNode } from '../flow-file/format.ts';
import type { Tier } from '../limits/limits.ts';
import { deriveInterfaces, type Interface, type Known } from './derive.ts';
import { isApproved, type Entries, type Entry, type State } from './file.ts';

export interface Registered extends Omit<Interface, 'tier' | 'nodes' | 'traces'> {
  tier: Tier;
  /** Undefined where it has no entry: nobody has proposed it yet. */
  entry?: Entry;
  state: State | 'unlisted';
}

/** Those that follow from the files, and retired ones that nothing makes any more. */
export function registerOf(derived: readonly Interface[], entries: Entries): Registered[] {
  const own = derived.map(({ nodes: _nodes, traces: _traces, ...one }): Registered => {
    const entry = entries.get(one.id);
    return {
      ...one,
      ...(entry && { entry }),
      state: entry?.state ?? 'unlisted',
      tier: entry?.tier ?? one.tier,
      ...((entry?.version ?? one.version) && { version: entry?.version ?? one.version! }),
      consumers: [...new Set([...one.consumers, ...(entry?.consumers ?? [])])],
    };
  });
  const ids = new Set(derived.map(({ id }) => id));
  const past = [...entries].filter(([id, { state }]) => state === 'retired' && !ids.has(id));
  return [...own, ...past.map(([id, entry]) => retired(id, entry))].toSorted((a, b) =>
    a.id < b.id ? -1 : 1,
  );
}

function retired(id: string, entry: Entry): Registered {
  return {
    id,
    kind: id.split('/')[0] as Interface['kind'],
    direction: 'in',
    summary: '',
    flows: [],
    ...(entry.version && { version: entry.version }),
    tier: entry.tier ?? 'standard',
    contract: { schemas: [], operations: [] },
    consumers: entry.consumers ?? [],
    entry,
    state: 'retired',
  };
}

/** Ids of what these flows use and nobody has approved, sorted. Events that nothing uses wait for nobody. */
export function unapproved(nodes: readonly FlowNode[], known: Known, entries: Entries): string[] {
  return inUse(nodes, known)
    .filter(({ id }) => !isApproved(entries.get(id)))
    .map(({ id }) => id);
}

export function inUse(nodes: readonly FlowNode[], known: Known): Interface[] {
  return deriveInterfaces(nodes, known).filter((one) => one.nodes.length > 0);
}

/** The day after its sunset it should be used no more. `today`: `2026-12-01`. */
export function isOver({ state, sunset }: Pick<Entry, 'state' | 'sunset'>, today: string): boolean {
  return state === 'deprecated' && sunset !== undefined && today > sunset;
}
