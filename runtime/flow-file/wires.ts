/** The wires of a node ⇄ its `to:`. */
import { isDeepStrictEqual } from 'node:util';
import { CodedError } from '../errors/coded-error.ts';

/** What is known of a node's outputs: their names, or only how many. */
export interface Outputs {
  names: readonly string[] | undefined;
  count: number;
}

/** Name of a target ⇄ its id. */
export type Translate = (target: string) => string;

/** Nodes of Node-RED itself that have no output. */
const sinks = new Set([
  'comment',
  'debug',
  'group',
  'http response',
  'link out',
  'tab',
  'mqtt out',
  'tcp out',
]);

export function outputsOfNode(
  node: { type: string; outputs?: unknown },
  names: readonly string[] | undefined,
): Outputs {
  if (names) return { names, count: names.length };
  const count = typeof node.outputs === 'number' ? node.outputs : Number.NaN;
  return { names, count: count >= 0 && count < 1000 ? Math.floor(count) : sinks.has(node.type) ? 0 : 1 };
}

/**
 * `to` is a name (one output), a list of names (one output, several targets), a map by output name or number from 1,
 * a list of lists (exactly these outputs), `[]` (no output at all) or null (a node without the property `wires`).
 * Without `to`, a node that is drawn has its outputs, unconnected. Throws CodedError FLOW_FILE_INVALID.
 */
export function wiresFrom(to: unknown, drawn: boolean, outputs: Outputs, idOf: Translate): unknown {
  if (to === null || (to === undefined && !drawn)) return undefined;
  const ids = (targets: unknown) => [targets].flat().map((target) => idOf(String(target)));
  const wires: string[][] = Array.from({ length: outputs.count }, () => []);
  if (to === undefined) return wires;
  if (Array.isArray(to) && (to.length === 0 || to.some(Array.isArray)))
    return to.map((list: unknown) => ids(list));
  if (!(to instanceof Map)) {
    wires[0] = ids(to);
    return wires;
  }
  for (const [output, targets] of to as Map<unknown, unknown>) {
    const index = indexOf(String(output), outputs);
    while (wires.length <= index) wires.push([]);
    wires[index] = ids(targets);
  }
  return wires;
}

function indexOf(output: string, { names }: Outputs): number {
  const named = names?.indexOf(output) ?? -1;
  if (named >= 0) return named;
  const number = /^[1-9]\d{0,2}$/.test(output) ? Number(output) : 0;
  if (number > (names?.length ?? 0)) return number - 1;
  throw new CodedError('FLOW_FILE_INVALID', `has no output "${output}"`);
}

/**
 * The shortest `to` that means exactly these wires, with the output's name where there are several; undefined when
 * none is needed. `wires` is a list of lists or undefined.
 */
export function toFrom(
  wires: string[][] | undefined,
  drawn: boolean,
  outputs: Outputs,
  nameOf: Translate,
): unknown {
  const means = (to: unknown) =>
    isDeepStrictEqual(
      wiresFrom(to, drawn, outputs, (id) => id),
      wires,
    );
  if (means(undefined)) return undefined;
  if (wires === undefined) return null;
  const first = wires[0] ?? [];
  const plain = first.length === 1 ? first[0] : first;
  const named = byOutput(wires, outputs);
  const several = (outputs.names?.length ?? 0) > 1;
  const short = (several ? [named, plain] : [plain, named]).find(means);
  return rename(short ?? wires, nameOf);
}

function byOutput(wires: string[][], { names }: Outputs): Map<string | number, unknown> {
  const used = wires.map((targets, index) => [
    names?.[index] ?? index + 1,
    targets.length === 1 ? targets[0] : targets,
  ]);
  return new Map(used.filter((_, index) => wires[index]?.length) as [string, unknown][]);
}

function rename(to: unknown, nameOf: Translate): unknown {
  if (Array.isArray(to)) return to.map((part) => rename(part, nameOf));
  if (to instanceof Map) return new Map([...to].map(([output, part]) => [output, rename(part, nameOf)]));
  return nameOf(String(to));
}

export function isWires(value: unknown): value is string[][] {
  return (
    Array.isArray(value) &&
    value.every((list) => Array.isArray(list) && list.every((target) => typeof target === 'string'))
  );
}
