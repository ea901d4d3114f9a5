/** Counts each delivery's work through Node-RED's message hooks, so that nobody wires an acknowledgement. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire } from 'node:module';
import RED from 'node-red';
import type { Deliveries } from '../hub/deliveries.ts';

interface Unit {
  delivery: string;
  done: boolean;
}

interface RuntimeNode {
  name?: string;
  type: string;
  _expectedDoneCount: number;
  error(error: unknown, msg?: object): void;
}

interface Message {
  _delivery?: string;
}

interface SendEvent {
  msg: Message;
  destination: { node: RuntimeNode };
}

interface CompleteEvent {
  msg: Message;
  error?: unknown;
  node: { node: RuntimeNode };
}

/** The units under way on one message object: one for each node that has it. */
type Units = Map<RuntimeNode, Unit[]>;

const label = 'crossdock-settlement';

/**
 * Adds the hooks. Returns the function that takes them away.
 * A unit begins when a message is sent to a node, or is handed to it without a wire (catch, complete, link),
 * and ends when that node has completed with it. A node whose handler knows no `done` has completed when the handler returns.
 */
export function trackDeliveries(deliveries: Deliveries): () => void {
  const units = new WeakMap<Message, Units>();
  const current = new AsyncLocalStorage<string>();

  const begin = (msg: Message, node: RuntimeNode): Unit | undefined => {
    if (!msg._delivery || !deliveries.of(msg)) return undefined;
    const unit = { delivery: msg._delivery, done: false };
    const ofMessage: Units = units.get(msg) ?? new Map<RuntimeNode, Unit[]>();
    ofMessage.set(node, [...(ofMessage.get(node) ?? []), unit]);
    units.set(msg, ofMessage);
    deliveries.hold(unit.delivery);
    return unit;
  };
  const at = (msg: Message, node: RuntimeNode): Unit | undefined =>
    units
      .get(msg)
      ?.get(node)
      ?.find(({ done }) => !done);
  const end = (unit: Unit | undefined): void => {
    if (!unit || unit.done) return;
    unit.done = true;
    deliveries.release(unit.delivery);
  };

  RED.hooks.add(`onSend.${label}`, (events: SendEvent[]) => {
    const id = current.getStore();
    if (id) for (const { msg } of events) msg._delivery ??= id;
  });
  RED.hooks.add(`preDeliver.${label}`, ({ msg, destination }: SendEvent) => {
    begin(msg, destination.node);
  });
  RED.hooks.add(`onReceive.${label}`, ({ msg, destination }: SendEvent) => {
    const unit = at(msg, destination.node) ?? begin(msg, destination.node);
    current.enterWith(unit?.delivery ?? '');
  });
  RED.hooks.add(`postReceive.${label}`, ({ msg, destination }: SendEvent) => {
    if (destination.node._expectedDoneCount === 0) end(at(msg, destination.node));
    current.enterWith('');
  });
  RED.hooks.add(`onComplete.${label}`, ({ msg, error, node }: CompleteEvent) => {
    const unit = at(msg, node.node);
    if (unit && error) deliveries.fail(unit.delivery, error, node.node.name ?? node.node.type);
    end(unit);
  });
  const restoreError = watchErrors((node, error, msg) => {
    const unit = at(msg, node);
    if (!unit) return;
    deliveries.fail(unit.delivery, error, node.name ?? node.type);
    end(unit);
  });

  return () => {
    for (const hook of ['onSend', 'preDeliver', 'onReceive', 'postReceive', 'onComplete']) {
      RED.hooks.remove(`${hook}.${label}`);
    }
    restoreError();
  };
}

/** A handler that throws, or calls node.error(e, msg) and never done, fires no hook: the one method both go through is watched. */
function watchErrors(seen: (node: RuntimeNode, error: unknown, msg: Message) => void): () => void {
  const require = createRequire(createRequire(import.meta.url).resolve('node-red'));
  const { prototype } = require('@node-red/runtime/lib/nodes/Node.js') as { prototype: RuntimeNode };
  const original = prototype.error;
  prototype.error = function error(this: RuntimeNode, text: unknown, msg?: object): void {
    if (msg) seen(this, text, msg);
    original.call(this, text, msg);
  };
  return () => {
    prototype.error = original;
  };
}
