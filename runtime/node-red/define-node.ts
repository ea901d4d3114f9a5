/** What a node of the palette is: one definition, from which come validation, form, defaults, help and docs. */
import type { NodeAPI, Node, NodeMessage } from 'node-red';
import type { Static, TObject } from 'typebox';

/** A message on a wire: `payload` is the data, `event` the envelope without its data, `_delivery` names the delivery at work. */
export interface FlowMessage extends NodeMessage {
  payload?: unknown;
  event?: Record<string, unknown>;
  _delivery?: string;
  [name: string]: unknown;
}

export interface Output {
  /** Name of the output: its label in the editor and its key in a flow file's `to:`. */
  name: string;
  description: string;
}

/**
 * Each property of `config` is a TypeBox schema whose options the form is made from:
 * `title` (label), `description` (help), `default`, `enum` (select), `format: 'jsonata' | 'json' | 'text'` (code editor),
 * `configNode: 'crossdock-odoo'` (reference to a config node), `unit` (shown behind the field), `placeholder`.
 */
export interface NodeDefinition<C extends TObject = TObject> {
  /** `odoo-order`; the palette label is the same with spaces. */
  type: string;
  /** A config node is shared by others and has no wires. */
  kind?: 'flow' | 'config';
  /** One sentence: what it does for the user. */
  summary: string;
  /** Markdown: what comes in, what goes out, what can fail. */
  help: string;
  /** Font Awesome 4.7 name: `fa-truck`. */
  icon: string;
  color: string;
  config: C;
  inputs: 0 | 1;
  outputs: readonly Output[];
  /** Property of config whose value the node is labelled with when it has no name. */
  labelFrom?: string;
  /** Called once a deploy. Throw CodedError CONFIG_INVALID for a setting that cannot work. */
  start(context: NodeContext<Static<C>>): Running | Promise<Running>;
}

/** What a started node does. */
export interface Running {
  /**
   * Works on one message; the node has completed when it resolves. A throw is the failure of the delivery
   * and reaches Catch nodes. To send on: `send('verified', msg)`.
   */
  input?(msg: FlowMessage, send: Send): Promise<void> | void;
  close?(): Promise<void> | void;
  /** What other nodes get from a config node through `context.use(id)`. */
  api?: unknown;
}

export type Send = (output: string, msg: FlowMessage) => void;

export interface NodeContext<Config> {
  config: Config;
  node: Node;
  RED: NodeAPI;
}
