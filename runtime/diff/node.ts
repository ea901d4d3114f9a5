/** What changed in a node or in a flow's header, property by property, in words. */
import { isDeepStrictEqual } from 'node:util';
import type { FlowNode } from '../flow-file/format.ts';
import type { Change, Weight } from './change.ts';
import { expressionChanges } from './expression.ts';
import type { Placed, Side } from './side.ts';

/** Told otherwise, or not at all. */
const apart = new Set(
  'id type z g x y w h l icon inputLabels outputLabels style wires nodes d name'.split(' '),
);

export function nodeChanges(was: Placed, is: Placed, old: Side, now: Side): Change[] {
  const tell = (text: string, weight: Weight = 'fix'): Change => ({
    flow: is.flow,
    node: is.name,
    nodeId: is.node.id,
    weight,
    text,
  });
  const keys = [...new Set([...Object.keys(was.node), ...Object.keys(is.node)])].filter(
    (key) => !apart.has(key),
  );
  return [
    ...(was.name === is.name ? [] : [tell(`renamed, was ${was.name}`, 'layout')]),
    ...(was.flow === is.flow ? [] : [tell(`moved here from ${was.flow}`, 'feature')]),
    ...(was.node.type === is.node.type
      ? []
      : [tell(`is a ${is.node.type} now, was a ${was.node.type}`, 'feature')]),
    ...(Boolean(was.node.d) === Boolean(is.node.d)
      ? []
      : [tell(is.node.d ? 'switched off' : 'switched on', 'feature')]),
    ...(isDeepStrictEqual(labelOf(was), labelOf(is))
      ? []
      : [tell(`shown as ${quoted(is.node.name)}, was ${quoted(was.node.name)}`, 'layout')]),
    ...keys
      .filter((key) => !isDeepStrictEqual(was.node[key], is.node[key]))
      .map((key) => tell(propertyText(key, was, is, old, now), weightOf(is.node.type, key))),
    ...wireTexts(was, is, old, now).map((text) => tell(text, 'feature')),
    ...(isDeepStrictEqual(was.node.nodes, is.node.nodes) ? [] : [tell('holds other nodes', 'layout')]),
  ];
}

/** A renamed node has another key already. */
function labelOf({ node, name }: Placed): unknown {
  return node.name === name ? '' : node.name;
}

function weightOf(type: string, key: string): Weight {
  const outside: Record<string, string[]> = {
    'webhook-in': ['path', 'method'],
    'webhook-verify': ['scheme'],
    'event-publish': ['event'],
    'event-consume': ['types', 'queue'],
    'http in': ['url', 'method'],
  };
  return outside[type]?.includes(key) ? 'breaking' : 'fix';
}

function propertyText(key: string, was: Placed, is: Placed, old: Side, now: Side): string {
  const [before, after] = [was.node[key], is.node[key]];
  const label = key === 'policy' ? 'retry policy' : key;
  if (key === 'file' && is.node.type === 'canonical-map') return `mapping ${shown(before)} → ${shown(after)}`;
  if (typeof before === 'string' && typeof after === 'string') {
    const [from, to] = [old.byId.get(before), now.byId.get(after)];
    if (from && to) return `${label} ${from.name} → ${to.name}`;
    if (key === 'expression') return `mapping changed (${expressionChanges(before, after).join(', ')})`;
    if (before.includes('\n') || after.includes('\n') || key === 'func')
      return codeText(label, before, after);
  }
  if (isShort(before) && isShort(after)) return `${label} ${shown(before)} → ${shown(after)}`;
  return `${label} changed${listText(before, after)}`;
}

function isShort(value: unknown): boolean {
  return (typeof value !== 'object' || value === null) && String(value).length <= 60;
}

/** What looks like a secret is never shown, whatever the linter said. */
function shown(value: unknown): string {
  if (value === undefined || value === '') return 'none';
  const text = String(value);
  return /\b[A-Za-z0-9+/_=-]{32,}\b/.test(text) ? '…' : text;
}

function quoted(value: unknown): string {
  return value === undefined || value === '' ? 'nothing' : `"${String(value)}"`;
}

function codeText(label: string, before: string, after: string): string {
  const lines = before.split('\n');
  const known = new Set(lines);
  const others = after.split('\n');
  const mine = new Set(others);
  const [added, removed] = [
    others.filter((line) => !known.has(line)),
    lines.filter((line) => !mine.has(line)),
  ];
  return `${label} changed (${added.length} lines new, ${removed.length} gone)`;
}

/** Of lists of texts, what came and what went. */
function listText(before: unknown, after: unknown): string {
  const texts = (value: unknown): string[] | undefined =>
    Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined;
  const [from, to] = [texts(before), texts(after)];
  if (!from || !to) return '';
  const parts = [
    ...to.filter((one) => !from.includes(one)).map((one) => `+${shown(one)}`),
    ...from.filter((one) => !to.includes(one)).map((one) => `−${shown(one)}`),
  ];
  return parts.length === 0 ? ' (order)' : ` (${parts.join(', ')})`;
}

function wireTexts(was: Placed, is: Placed, old: Side, now: Side): string[] {
  const [from, to] = [targets(was.node, old), targets(is.node, now)];
  const added = [...to].filter(([id]) => !from.has(id)).map(([, name]) => `goes to ${name}`);
  const removed = [...from].filter(([id]) => !to.has(id)).map(([, name]) => `goes no longer to ${name}`);
  const found = [...added, ...removed];
  return found.length === 0 && !isDeepStrictEqual(was.node.wires, is.node.wires)
    ? ['wires in another order']
    : found;
}

/** By output and target; a node without wires has none. */
function targets({ wires }: FlowNode, side: Side): Map<string, string> {
  const outputs = Array.isArray(wires) ? (wires as string[][]) : [];
  return new Map(
    outputs.flatMap((ids, output) =>
      ids.map((id): [string, string] => {
        const name = side.byId.get(id)?.name ?? id;
        return [`${output} ${name}`, outputs.length > 1 ? `${name} (output ${output + 1})` : name];
      }),
    ),
  );
}

/** Tab or subflow. */
export function headerChanges(flow: string, was: FlowNode, is: FlowNode): Change[] {
  const tell = (text: string, weight: Weight): Change => ({ flow, weight, text });
  const [before, after] = [variables(was), variables(is)];
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const others = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter(
    (key) => !['id', 'type', 'env', 'info', 'disabled'].includes(key),
  );
  return [
    ...(Boolean(was.disabled) === Boolean(is.disabled)
      ? []
      : [tell(is.disabled ? 'flow switched off' : 'flow switched on', 'feature')]),
    ...(was.info === is.info ? [] : [tell('summary changed', 'layout')]),
    ...names
      .filter((name) => before.get(name) !== after.get(name))
      .map((name) =>
        tell(`${labels[name] ?? name} ${shown(before.get(name))} → ${shown(after.get(name))}`, 'fix'),
      ),
    ...others
      .filter((key) => !isDeepStrictEqual(was[key], is[key]))
      .map((key) => tell(`${key} changed`, key === 'in' || key === 'out' ? 'feature' : 'fix')),
  ];
}

const labels: Record<string, string> = { FLOW_VERSION: 'version', FLOW_OWNER: 'owner', FLOW_TIER: 'tier' };

function variables({ env }: FlowNode): Map<string, string> {
  const list = Array.isArray(env) ? (env as { name?: unknown; value?: unknown }[]) : [];
  return new Map(
    list.map(({ name, value }) => [String(name), JSON.stringify(value) === undefined ? '' : String(value)]),
  );
}
