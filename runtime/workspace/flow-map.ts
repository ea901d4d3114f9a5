/** All flows and what passes between them: who publishes an event, in which queue it waits, and who takes it. */
import type { FlowNode } from '../flow-file/format.ts';

export interface Passage {
  event: string;
  /** Names of flows; a process that asks for it counts as the flow it runs in. */
  from: string[];
  to: { flow: string; queue: string; node: string }[];
}

export interface MapFlow {
  flow: string;
  /** Of its tab in the editor. */
  id: string;
  summary: string;
  /** The team that owns it. */
  team: string;
  tier: string;
  partners: string[];
  /** From outside of the hub: `webhook /shopify/orders`. */
  sources: string[];
  /** What it writes outside: `odoo sale.order`. */
  targets: string[];
}

export interface FlowMap {
  flows: MapFlow[];
  passages: Passage[];
}

interface Process {
  steps: Record<string, { asks?: { command: string }; undo?: { asks?: { command: string } } }>;
  holds?: Record<string, { release: { command: string } }>;
}

interface Known {
  partners: ReadonlySet<string>;
  processes: ReadonlyMap<string, Process>;
  /** What a node of this type writes. */
  writes(type: string): string | undefined;
}

export function flowMap(nodes: readonly FlowNode[], known: Known): FlowMap {
  const tabs = nodes.filter(({ type, disabled }) => type === 'tab' && disabled !== true);
  const inside = Map.groupBy(
    nodes.filter(({ d }) => d !== true),
    ({ z }) => String(z),
  );
  const flows = tabs.map((tab) => flowOf(tab, inside.get(tab.id) ?? [], known));
  const passages = new Map<string, Passage>();
  const passage = (event: string): Passage => {
    const found = passages.get(event) ?? { event, from: [], to: [] };
    passages.set(event, found);
    return found;
  };
  for (const tab of tabs) {
    const flow = String(tab.label);
    for (const node of inside.get(tab.id) ?? []) {
      for (const event of publishedBy(node, known)) {
        const { from } = passage(event);
        if (!from.includes(flow)) from.push(flow);
      }
      for (const event of takenBy(node))
        passage(event).to.push({ flow, queue: String(node.queue || flow), node: node.id });
    }
  }
  return { flows, passages: [...passages.values()].toSorted((a, b) => a.event.localeCompare(b.event)) };
}

function flowOf(tab: FlowNode, nodes: readonly FlowNode[], known: Known): MapFlow {
  const variables = new Map(
    ((tab.env ?? []) as { name: string; value: unknown }[]).map(({ name, value }) => [name, String(value)]),
  );
  return {
    flow: String(tab.label),
    id: tab.id,
    summary: String(tab.info ?? '')
      .trim()
      .split('\n')[0]!,
    team: variables.get('FLOW_OWNER') ?? '',
    tier: variables.get('FLOW_TIER') ?? '',
    partners: partnersOf(String(tab.label), nodes, known.partners),
    sources: unique(nodes.flatMap(sourceOf)),
    targets: unique(nodes.flatMap((node) => targetOf(node, known))),
  };
}

/** Named in its name, its addresses, its events or its mappings. */
function partnersOf(flow: string, nodes: readonly FlowNode[], partners: ReadonlySet<string>): string[] {
  const said = nodes.flatMap(({ path, file, event, types, source }) =>
    [path, file, event, source, ...[types ?? []].flat()].map((one) => String(one ?? '')),
  );
  const words = new Set([flow, ...said].flatMap((one) => one.toLowerCase().split(/[^a-z0-9]+/)));
  return [...partners].filter((partner) => words.has(partner)).toSorted();
}

function sourceOf({ type, path, pattern, model }: FlowNode): string[] {
  if (type === 'webhook-in') return [`webhook ${String(path)}`];
  if (type === 'schedule') return [`schedule ${String(pattern)}`];
  return type === 'odoo-changes' ? [`odoo ${String(model)}`] : [];
}

function targetOf({ type, model, method }: FlowNode, { writes }: Known): string[] {
  if (type === 'http-call') return method === 'GET' ? [] : ['partner API'];
  if (type === 'odoo-call') return [`odoo ${String(model)}`];
  const written = writes(type);
  return written ? [`odoo ${written}`] : [];
}

function publishedBy({ type, event, process }: FlowNode, { processes }: Known): string[] {
  if (type === 'event-publish') return event ? [String(event)] : [];
  const found = type === 'business-process' ? processes.get(String(process)) : undefined;
  if (!found) return [];
  const asked = Object.values(found.steps).flatMap(({ asks, undo }) => [asks, undo?.asks]);
  const released = Object.values(found.holds ?? {}).map(({ release }) => release);
  return unique([...asked, ...released].flatMap((one) => one?.command ?? []));
}

function takenBy({ type, types }: FlowNode): string[] {
  return type === 'event-consume' && Array.isArray(types) ? types.map(String) : [];
}

const unique = (values: string[]): string[] => [...new Set(values)];
