/** Counts each delivery's work through Node-RED's message hooks, so that nobody wires an acknowledgement. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire } from 'node:module';
import RED from 'node-red';
import './core-jsonata.ts';
import './core-switch.ts';
import { asCoded, CodedError } from '../errors/coded-error.ts';
import type { Deliveries, Unit } from '../hub/deliveries.ts';
import { isOwn } from './define-node.ts';
import type { Log } from '../log/log.ts';
import { enterSpan, spanNow, type Span } from '../tracing/span.ts';

interface RuntimeNode {
  id: string;
  name?: string;
  type: string;
  _expectedDoneCount: number;
  error(error: unknown, msg?: object): void;
  close(removed?: boolean): Promise<void>;
}

interface Message {
  _delivery?: string;
}

interface SendEvent {
  msg: Message;
  source: { node: RuntimeNode };
  destination: { node: RuntimeNode };
}

/** One object goes through onReceive and postReceive. */
interface ReceiveEvent {
  msg: Message;
  destination: { node: RuntimeNode };
  /** The delivery at work around this one: a node may hand a message to another in the middle of its own work. */
  around?: string | undefined;
  /** What is traced there. */
  spanAround?: Span | undefined;
}

interface CompleteEvent {
  msg: Message;
  error?: unknown;
  node: { node: RuntimeNode };
}

const label = 'crossdock-settlement';
const hooks = ['onSend', 'preDeliver', 'onReceive', 'postReceive', 'onComplete'];

/**
 * Adds the hooks. Returns the function that takes them away.
 * A unit begins when a message is sent to a node, or is handed to it without a wire (catch, complete, link),
 * and ends when that node has completed with it. A node whose handler knows no `done` has completed when the handler returns.
 */
export function trackDeliveries(deliveries: Deliveries, log: Log): () => void {
  const { begin, at } = heldUnits(deliveries);
  const current = new AsyncLocalStorage<string | undefined>();
  const toldLate = new WeakSet<RuntimeNode>();
  const fail = (unit: Unit, error: unknown, node: RuntimeNode): void => {
    unit.span?.failed(asCoded(error).code);
    deliveries.fail(unit.open.delivery.id, error, node.name ?? node.type);
  };
  const enter = (id: string | undefined): void => {
    if (current.getStore() !== id) current.enterWith(id);
  };

  RED.hooks.add(`onSend.${label}`, (events: SendEvent[]) => {
    const id = current.getStore();
    if (id) for (const { msg } of events) msg._delivery ??= id;
  });
  RED.hooks.add(`preDeliver.${label}`, ({ msg, source, destination }: SendEvent) => {
    if (begin(msg, destination.node) || !msg._delivery || toldLate.has(source.node)) return;
    toldLate.add(source.node);
    const { id, type, name } = source.node;
    log.warn({ node: name ?? id, type }, 'A node sent a message whose delivery was settled before');
  });
  RED.hooks.add(`onReceive.${label}`, (event: ReceiveEvent) => {
    const { msg, destination } = event;
    const unit = at(msg, destination.node) ?? begin(msg, destination.node);
    event.around = current.getStore();
    event.spanAround = spanNow();
    enter(unit?.open.delivery.id);
    enterSpan(unit && spanAt(unit, destination.node));
  });
  RED.hooks.add(`postReceive.${label}`, ({ msg, destination, around, spanAround }: ReceiveEvent) => {
    const unit = destination.node._expectedDoneCount === 0 ? at(msg, destination.node) : undefined;
    if (unit) {
      wasAt(unit, destination.node, true);
      deliveries.end(unit);
    }
    enter(around);
    enterSpan(spanAround);
  });
  RED.hooks.add(`onComplete.${label}`, ({ msg, error, node }: CompleteEvent) => {
    const unit = at(msg, node.node);
    if (!unit) return;
    wasAt(unit, node.node, !error);
    if (error) fail(unit, error, node.node);
    else if (closing === node.node) fail(unit, interrupted(), node.node);
    deliveries.end(unit);
  });

  let closing: RuntimeNode | undefined;
  const restore = watchNodes({
    /** A handler that throws, or calls node.error(e, msg) and never done, fires no hook. */
    error(node, error, msg) {
      const unit = at(msg, node) ?? deliveries.at(node, msg._delivery ?? current.getStore() ?? '')[0];
      if (!unit) return;
      fail(unit, error, node);
      deliveries.end(unit);
    },
    /** Node-RED's nodes say done of what they hold when they close, and drop it. */
    async close(node, close) {
      const outer = closing;
      closing = node;
      const closed = close();
      closing = outer;
      await closed;
      for (const unit of deliveries.at(node)) {
        fail(unit, interrupted(), node);
        deliveries.end(unit);
      }
    },
  });

  return () => {
    for (const hook of hooks) RED.hooks.remove(`${hook}.${label}`);
    restore();
  };
}

/** The units that have a message: the youngest is known, the others follow by `next`. */
function heldUnits(deliveries: Deliveries) {
  const units = new WeakMap<Message, Unit>();
  return {
    begin(msg: Message, node: RuntimeNode): Unit | undefined {
      const unit = deliveries.begin(msg._delivery, node);
      if (!unit) return undefined;
      const before = notDone(units.get(msg));
      if (before) before.next = notDone(before.next);
      unit.next = before;
      units.set(msg, unit);
      return unit;
    },
    at(msg: Message, node: RuntimeNode): Unit | undefined {
      let unit = units.get(msg);
      while (unit && (unit.done || unit.at !== node)) unit = unit.next;
      return unit;
    },
  };
}

/** The last node that had the message, and whether it came somewhere there. */
function wasAt({ open: { delivery } }: Unit, { name, type }: RuntimeNode, well: boolean): void {
  delivery.last = name ?? type;
  if (well && leadsOut(type)) delivery.came = true;
}

/** The work of the node, as part of its delivery's trace. */
function spanAt(unit: Unit, { name, type }: RuntimeNode): Span | undefined {
  unit.span ??= unit.open.delivery.trace?.child({
    name: name || type,
    attributes: { 'crossdock.node.type': type },
  });
  return unit.span;
}

/** Nodes of Node-RED that hand a message on, or show it. */
const passing = new Set(
  (
    'batch,catch,change,comment,complete,csv,debug,delay,file in,function,html,inject,join,json,junction,link call,link in,' +
    'link out,range,rbe,sort,split,status,switch,template,trigger,xml,yaml'
  ).split(','),
);

/** What a node of others does with a message is not known: it counts as done. Ours say it themselves. */
function leadsOut(type: string): boolean {
  return !passing.has(type) && !type.startsWith('subflow:') && !isOwn(type);
}

function notDone(unit: Unit | undefined): Unit | undefined {
  let first = unit;
  while (first?.done) first = first.next;
  return first;
}

function interrupted(): CodedError {
  return new CodedError('DELIVERY_INTERRUPTED', 'A deploy or stop ended the node that held the message');
}

interface Watch {
  error(node: RuntimeNode, error: unknown, msg: Message): void;
  close(node: RuntimeNode, close: () => Promise<void>): Promise<void>;
}

/** What no hook tells: the methods that every node of Node-RED has are wrapped. */
function watchNodes(watch: Watch): () => void {
  const require = createRequire(createRequire(import.meta.url).resolve('node-red'));
  const { prototype } = require('@node-red/runtime/lib/nodes/Node.js') as { prototype: RuntimeNode };
  const { error, close } = prototype;
  prototype.error = function (this: RuntimeNode, text: unknown, msg?: object): void {
    if (msg) watch.error(this, text, msg);
    error.call(this, text, msg);
  };
  prototype.close = function (this: RuntimeNode, removed?: boolean): Promise<void> {
    return watch.close(this, () => close.call(this, removed));
  };
  return () => Object.assign(prototype, { error, close });
}
