/** Records what each node gets and gives, as copies of a bounded size. */
import RED from 'node-red';
import { dataChanges } from '../diff/data.ts';
import type { FlowNode } from '../flow-file/format.ts';
import type { Step } from '../flow-test/trail.ts';

export interface Steps {
  /** In their order. */
  taken(nodes: readonly FlowNode[]): Step[];
}

interface Sent {
  source: { node: { id: string }; port: number };
  destination: { node: { id: string } };
  msg: Record<string, unknown>;
}

const label = 'crossdock-steps';
const mostSteps = 500;
const mostChars = 200_000;
const mostChanges = 200;

/** From now on, until all hooks of the process go. */
export function recordSteps(): Steps {
  const steps: (Pick<Step, 'node' | 'got' | 'atMs'> & { gave: { output: number; message: unknown }[] })[] =
    [];
  const begun = performance.now();
  const add = (node: string, got: unknown): (typeof steps)[number] => {
    const made = { node, got, gave: [], atMs: Math.round(performance.now() - begun) };
    if (steps.length < mostSteps) steps.push(made);
    return made;
  };
  RED.hooks.add(`onReceive.${label}`, (event: unknown) => {
    const { destination, msg } = event as Pick<Sent, 'destination' | 'msg'>;
    add(destination.node.id, copy(msg));
  });
  RED.hooks.add(`preDeliver.${label}`, (event: unknown) => {
    const { source, msg } = event as Sent;
    // What begins by itself has got nothing.
    const step = steps.findLast(({ node }) => node === source.node.id) ?? add(source.node.id, undefined);
    const { port: output } = source;
    if (step.gave.length < 50) step.gave.push({ output, message: copy(msg) });
  });
  return {
    taken(nodes) {
      const byId = new Map(nodes.map((node) => [node.id, node]));
      return steps.flatMap((step) => {
        const node = byId.get(step.node);
        if (!node) return [];
        const { type, name, z } = node;
        const flow = String(byId.get(String(z))?.label ?? '');
        return [{ ...step, gave: step.gave.map(changed(step.got)), type, name: String(name || type), flow }];
      });
    },
  };
}

/** What begins by itself has changed nothing. */
function changed(got: unknown) {
  return (gave: { output: number; message: unknown }): Step['gave'][number] => ({
    ...gave,
    changes: got === undefined ? [] : dataChanges(got, gave.message).slice(0, mostChanges),
  });
}

/** What only the runtime needs is left out. */
const inside = new Set(['_msgid', '_delivery', '_event', 'req', 'res', 'unverified']);

function copy(message: Record<string, unknown>): unknown {
  const text = JSON.stringify(message, function (this: Record<string, unknown>, name, value: unknown) {
    if (inside.has(name)) return undefined;
    const own = this[name];
    return Buffer.isBuffer(own) ? own.toString() : value;
  });
  return text.length > mostChars ? { cut: `${text.slice(0, 1000)}…` } : (JSON.parse(text) as unknown);
}
