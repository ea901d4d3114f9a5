/** What a node of the palette is: one definition, from which come validation, form, defaults, help and docs. */
import type { NodeAPI, Node, NodeDef, NodeMessage } from 'node-red';
import { Type, type Static, type TLiteral, type TObject, type TSchemaOptions, type TUnion } from 'typebox';
import { formSchema, type Schema } from '../schema/schema.ts';
import { demand } from '../authority/authority.ts';
import { asCoded, CodedError } from '../errors/coded-error.ts';
import { noteVersion, type Settings } from '../flow-file/versions.ts';
import type { Accepts } from '../lint/project.ts';
import { currentHub } from '../hub/current.ts';
import type { Hub } from '../hub/hub.ts';
import { secretSetting } from './secret-setting.ts';
import type { Delivery, FlowContext } from '../hub/deliveries.ts';
import { tierOf, type Tier } from '../limits/limits.ts';

/** A message on a wire: `payload` is the data, `event` the envelope without its data, `_delivery` names the delivery at work. */
export interface FlowMessage extends NodeMessage {
  payload?: unknown;
  event?: Record<string, unknown>;
  _delivery?: string;
  [name: string]: unknown;
}

/** In the order in which a message comes by. */
export const uses = ['in', 'check', 'once', 'map', 'out'] as const;
export type Use = (typeof uses)[number];

export interface Output {
  /** Name of the output: its label in the editor and its key in a flow file's `to:`. */
  name: string;
  description: string;
}

/**
 * Each property of `config` is a TypeBox schema whose options the form is made from:
 * `title` (label), `description` (help), `default`, `enum` (select), `format: 'jsonata' | 'json' | 'text'` (code editor),
 * `configNode: 'crossdock-odoo'` (reference to a config node), `unit` (shown behind the field), `placeholder` (an example),
 * `refers: 'event'` (the form offers what there is; `of` names the setting that says of which), `when: { scheme: ['hmac'] }`
 * (it matters only then, see schema/applies.ts), `group` (the part of the form), `lines` (height of a code editor).
 */
export interface NodeDefinition<C extends TObject = TObject> {
  /** `odoo-order`; the palette label is the same with spaces. */
  type: string;
  /** Where a flow needs it, and so its place in the palette; default map. A config node has none. */
  use?: Use;
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
  /** Of the settings; default 1. Where one is renamed, this goes up by one, and `migrate` takes flows of before along. */
  version?: number;
  /** Settings of version `from`, by name, → those of the next version. */
  migrate?(settings: Settings, from: number): Settings;
  inputs: 0 | 1;
  outputs: readonly Output[];
  /**
   * The schema that `msg.payload` must fit, a file of definitions/schemas: `order.v1`; or the one for each value of a
   * setting. The linter looks what comes.
   */
  accepts?: Accepts;
  /** Webhooks cannot be taken without it: /readyz names the variables it lacks. */
  intake?: boolean;
  /** What it writes outside of the hub, in the words of a review: `sale.order`. */
  writes?: string;
  /** Value maps that it looks things up in, by name. */
  values?: readonly string[];
  /** Property of config whose value the node is labelled with when it has no name. */
  labelFrom?: string;
  /** Called once a deploy. Throw CodedError CONFIG_INVALID for a setting that cannot work. */
  start(context: NodeContext<Static<C>>): Running;
}

/** What a started node does. */
export interface Running {
  /**
   * Works on one message; the node has completed when it resolves. A throw is the failure of the delivery
   * and reaches Catch nodes.
   */
  input?(msg: FlowMessage): Promise<void> | void;
  /** Takes no new work and resolves when the work at hand is done. */
  close?(): Promise<void> | void;
  /** What other nodes get from a config node through `context.use(id)`. */
  api?: unknown;
}

export interface NodeContext<Config> {
  config: Config;
  node: Node;
  /** Sends on the output of this name. */
  send(output: string, msg: FlowMessage): void;
  RED: NodeAPI;
  hub: Hub;
  /** The node's name, its flow, and the flow's version: what the journal calls it; and the tier of the flow. */
  flowContext: FlowContext & { tier: Tier };
  /** The delivery a message belongs to; undefined for messages that no webhook or queue brought. */
  delivery(msg: FlowMessage): Delivery | undefined;
  /** What a setting with a secret is now: it may get another value while the node runs. */
  secret(setting: keyof Config & string): () => string;
  /** The api of a config node. Throws CONFIG_INVALID when none is chosen. */
  use<Api>(id: string, title: string): Api;
}

export interface NodeFactory {
  (RED: NodeAPI): void;
  definition: NodeDefinition;
}

interface Started extends Node {
  running?: Running | undefined;
}

/** A setting that is one of these words. */
export function choice<Word extends string>(
  words: readonly Word[],
  options: TSchemaOptions & { title: string; description: string; default: Word },
): TUnion<TLiteral<Word>[]> {
  return Type.Union(
    words.map((word) => Type.Literal(word)),
    options,
  );
}

const own = new Set<string>();

/** A node made from a definition: of this palette, not of another module. */
export function isOwn(type: string): boolean {
  return own.has(type);
}

/** The Node-RED node made from a definition. */
export function defineNode<C extends TObject>(definition: NodeDefinition<C>): NodeFactory {
  own.add(definition.type);
  const { version = 1, migrate = (settings) => settings } = definition;
  noteVersion(definition.type, { version, migrate });
  const factory = (RED: NodeAPI): void => {
    function construct(this: Started, properties: NodeDef): void {
      RED.nodes.createNode(this, properties);
      startNode(definition, this, properties, RED);
    }
    RED.nodes.registerType(definition.type, construct as never);
  };
  return Object.assign(factory, { definition: definition as unknown as NodeDefinition });
}

function startNode<C extends TObject>(
  definition: NodeDefinition<C>,
  node: Started,
  properties: NodeDef,
  RED: NodeAPI,
): void {
  let failure: CodedError | undefined;
  let found = (): void => {};
  node.running = undefined;
  const flowContext = flowContextOf(node, RED);
  try {
    const context = { ...nodeContext(definition, node, properties, RED), flowContext };
    context.hub.tiers.set(flowContext.flow, flowContext.tier);
    if (definition.writes)
      demand(context.hub.authority.wrongWriter(definition.writes, context.flowContext.flow));
    node.running = definition.start(context);
  } catch (error) {
    failure = asCoded(error);
    node.status({ fill: 'red', shape: 'ring', text: failure.message });
    const { missing } = failure.facts;
    if (failure.code === 'SETTING_MISSING' && typeof missing === 'string')
      found = currentHub().missing.add(missing, flowContext.flow, definition.intake ?? false);
    else node.error(failure);
  }
  if (definition.inputs === 1) {
    node.on('input', (msg, _send, done) => {
      void handle(node.running, failure, msg as FlowMessage, flowContext.step).then(
        () => done(),
        (error: unknown) => done(asCoded(error)),
      );
    });
  }
  node.on('close', (done: () => void) => {
    found();
    void Promise.resolve(node.running?.close?.()).then(done, done);
  });
}

async function handle(
  running: Running | undefined,
  failure: CodedError | undefined,
  msg: FlowMessage,
  step: string,
): Promise<void> {
  // The log has said it when the node started.
  if (failure?.code === 'SETTING_MISSING' && msg._delivery !== undefined && msg['webhook'])
    return currentHub().deliveries.fail(msg._delivery, failure, step);
  if (failure) throw failure;
  await running?.input?.(msg);
}

function nodeContext<C extends TObject>(
  definition: NodeDefinition<C>,
  node: Started,
  properties: NodeDef,
  RED: NodeAPI,
): Omit<NodeContext<Static<C>>, 'flowContext'> {
  const config = readConfig(definition, properties);
  return {
    config,
    node,
    secret: (setting) => secretSetting(RED, node, setting, String(config[setting] ?? '')),
    send(output, msg) {
      const at = definition.outputs.findIndex(({ name }) => name === output);
      if (at < 0) throw new Error(`${definition.type} has no output ${output}`);
      node.send(definition.outputs.map((_, index) => (index === at ? msg : null)));
    },
    RED,
    hub: currentHub(),
    delivery: (msg) => currentHub().deliveries.of(msg),
    use<Api>(id: string, title: string): Api {
      const target = RED.nodes.getNode(id) as Started | null;
      if (!target?.running)
        throw new CodedError('CONFIG_INVALID', `${title} is not chosen, or does not work`);
      return target.running.api as Api;
    },
  };
}

function flowContextOf(node: Node, RED: NodeAPI): FlowContext & { tier: Tier } {
  const setting = (name: string): string => String(RED.util.getSetting(node, name) ?? '');
  return {
    step: node.name || node.type,
    flow: setting('NR_FLOW_NAME') || 'connections',
    flowVersion: setting('FLOW_VERSION') || '0',
    tier: tierOf(setting('FLOW_TIER')),
  };
}

/** The node's settings by its schema: defaults filled in, numbers read from the form's text. Throws CONFIG_INVALID, or SETTING_MISSING. */
export function readConfig<C extends TObject>(
  definition: Pick<NodeDefinition<C>, 'type' | 'config'>,
  properties: object,
): Static<C> {
  const known = Object.keys(definition.config.properties);
  const given = Object.fromEntries(
    Object.entries(properties).filter(
      ([name, value]) => known.includes(name) && value !== '' && value !== null,
    ),
  );
  for (const [name, value] of Object.entries(given)) {
    const missing = typeof value === 'string' && /^\$\{([^}]+)\}$/.exec(value)?.[1];
    if (missing && mayLack(definition.config, name)) delete given[name];
    else if (missing) {
      throw new CodedError('SETTING_MISSING', `${name}: the environment has no ${missing}`, {
        setting: name,
        missing,
      });
    }
  }
  const config = structuredClone(given);
  const violation = schemaOf(definition.config).check(config);
  if (!violation) return config as Static<C>;
  const { path, message } = violation;
  throw new CodedError('CONFIG_INVALID', `${path}: ${message}`, { setting: path });
}

/** Its variable may be unset. */
function mayLack({ properties }: TObject, name: string): boolean {
  return (properties[name] as { mayLack?: true } | undefined)?.mayLack === true;
}

const schemas = new WeakMap<TObject, Schema>();

function schemaOf(config: TObject): Schema {
  const schema = schemas.get(config) ?? formSchema(config);
  schemas.set(config, schema);
  return schema;
}
