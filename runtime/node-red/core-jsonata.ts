/**
 * JSONata in Node-RED's own nodes is evaluated by the engine of mappings. As Node-RED has it, each evaluation waits many
 * times, and its numbers lose cents. All nodes reach it through RED.util, where it is replaced.
 */
import { createRequire } from 'node:module';
import RED from 'node-red';
import { CodedError } from '../errors/coded-error.ts';
import { flowExpression, type FlowExpression } from '../map/flow-expression.ts';

type Named = Record<string, unknown>;

/** A node, or what stands for one where a flow computes its environment. */
interface Owner {
  _flow?: unknown;
  context(): Record<'flow' | 'global', { get(key: string, store?: string): unknown }>;
}

/** What nodes do with an expression. */
interface Prepared {
  assign(name: string, value: unknown): void;
  registerFunction(name: string, work: unknown): void;
  evaluate(input: unknown, bindings?: Named): Promise<unknown>;
}

type Callback = (error: unknown, value?: unknown) => void;

interface Util {
  cloneMessage(value: unknown): unknown;
  getSetting(node: Owner | undefined, name: string, flow?: unknown): unknown;
  evaluateNodeProperty(
    value: string,
    type: string,
    node?: Owner,
    msg?: unknown,
    callback?: Callback,
  ): unknown;
  prepareJSONataExpression(text: string, node?: Owner): Prepared;
  evaluateJSONataExpression(expression: Prepared, msg: unknown, callback?: Callback): void;
}

const util = RED.util as unknown as Util;
const nodeRed = createRequire(createRequire(import.meta.url).resolve('node-red'));
const moment = createRequire(nodeRed.resolve('@node-red/util'))('moment-timezone') as (
  ...args: unknown[]
) => unknown;

class Expression implements Prepared {
  readonly #expression: FlowExpression;
  readonly #bindings: Named;
  /** An expression that says `msg` sees the message below that name. */
  readonly #saysMsg: boolean;

  constructor(text: string, node: Owner | undefined) {
    this.#expression = flowExpression(text);
    this.#bindings = given(node);
    this.#saysMsg = /(^|[^a-zA-Z0-9_'".])msg([^a-zA-Z0-9_'"]|$)/.test(text);
  }

  assign(name: string, value: unknown): void {
    this.#bindings[name] = value;
  }

  registerFunction(name: string, work: unknown): void {
    this.#bindings[name] = work;
  }

  of(msg: unknown): unknown {
    return this.#expression.evaluate(this.#saysMsg ? { msg } : msg, this.#bindings);
  }

  async evaluate(input: unknown, bindings: Named = {}): Promise<unknown> {
    return this.#expression.evaluate(input, { ...this.#bindings, ...bindings });
  }
}

/** The functions that Node-RED gives beside JSONata's own. */
function given(node: Owner | undefined): Named {
  return {
    flowContext: (key: string, store?: string) => (node ? node.context().flow.get(key, store) : ''),
    globalContext: (key: string, store?: string) => (node ? node.context().global.get(key, store) : ''),
    env: (name: string) => {
      const value = util.getSetting(node, name, node?._flow);
      return value === undefined ? '' : value;
    },
    moment: (a: unknown, b: unknown, c: unknown, d: unknown) => moment(a, b, c, d),
    clone(this: unknown, ...args: unknown[]): unknown {
      const value = args.length > 0 ? args[0] : this;
      if (value !== undefined && (typeof value !== 'object' || value === null))
        throw new CodedError('MAPPING_FAILED', '$clone takes an object or a list');
      return util.cloneMessage(value);
    },
  };
}

/** A node that goes on with the next message in its callback would go deeper with each. */
const deepest = 100;
let depth = 0;

function answer(callback: Callback, error: unknown, value?: unknown): void {
  if (depth >= deepest) return queueMicrotask(() => answer(callback, error, value));
  depth++;
  try {
    callback(error, value);
  } finally {
    depth--;
  }
}

function evaluateNow(expression: Prepared, msg: unknown, callback?: Callback): void {
  if (!callback) throw new Error('Calls to RED.util.evaluateJSONataExpression must include a callback.');
  let value: unknown;
  try {
    value = (expression as Expression).of(msg);
  } catch (error) {
    return answer(callback, error);
  }
  answer(callback, null, value);
}

const { evaluateNodeProperty } = util;
const own: Partial<Util> = {
  prepareJSONataExpression: (text, node) => new Expression(text, node),
  evaluateJSONataExpression: evaluateNow,
  evaluateNodeProperty: (value, type, node, msg, callback) =>
    type === 'jsonata'
      ? evaluateNow(new Expression(value, node), msg, callback)
      : evaluateNodeProperty(value, type, node, msg, callback),
};
Object.assign(util, own);
