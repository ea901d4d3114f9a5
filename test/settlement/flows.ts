/** Flows of Node-RED's own nodes and of odd ones, and deliveries sent through them, in a real Node-RED runtime. */
import { createRequire } from 'node:module';
import type { Node, NodeAPI } from 'node-red';
import helper from 'node-red-node-test-helper';
import { Deliveries, type Delivery } from '../../runtime/hub/deliveries.ts';
import { createLog } from '../../runtime/log/log.ts';
import { trackDeliveries } from '../../runtime/node-red/settlement.ts';

const require = createRequire(import.meta.url);
const core = (file: string): unknown => require(`@node-red/nodes/core/${file}`);
const coreNodes = [
  'common/05-junction.js',
  'common/20-inject.js',
  'common/24-complete.js',
  'common/25-catch.js',
  'common/25-status.js',
  'common/60-link.js',
  'function/10-function.js',
  'function/10-switch.js',
  'function/15-change.js',
  'function/16-range.js',
  'function/80-template.js',
  'function/89-delay.js',
  'function/89-trigger.js',
  'function/rbe.js',
  'network/21-httprequest.js',
  'network/31-tcpin.js',
  'parsers/70-CSV.js',
  'parsers/70-HTML.js',
  'parsers/70-JSON.js',
  'parsers/70-XML.js',
  'parsers/70-YAML.js',
  'sequence/17-split.js',
  'sequence/18-sort.js',
  'sequence/19-batch.js',
  'storage/10-file.js',
].map(core);

/** Which odd node finished which message. */
interface Finished {
  at: string;
  delivery: string | undefined;
  payload: unknown;
}

export interface Settled extends Delivery {
  /** What odd nodes had finished of this delivery when it was settled, in the order of their names. */
  finished: string[];
}

export interface Flows {
  deliveries: Deliveries;
  /** What was finished so far, of any delivery. */
  finished: Finished[];
  /** Entries of the log. */
  log: { msg: string; node?: string }[];
  /** Loads a flow; messages begin at the node `first`. */
  load(nodes: object[]): Promise<void>;
  /** One delivery for each payload, all sent at once. */
  send(payloads: unknown[], timeLimitMs?: number, more?: object): Promise<Settled[]>;
  /** Loads and sends one. */
  deliver(nodes: object[], payload?: unknown, timeLimitMs?: number): Promise<Settled>;
}

/**
 * Runs around each suite. An `odd` node passes each message on after 5 ms, or as its `how` says:
 * slow (40 ms), fail, throw, never, legacy error, no done, done first, new message, status.
 */
export function flows(): Flows {
  const deliveries = new Deliveries();
  const finished: Finished[] = [];
  const log: Flows['log'] = [];
  let untrack: () => void;

  before(async () => {
    helper.init(require.resolve('node-red'));
    const destination = { write: (line: string) => void log.push(JSON.parse(line) as { msg: string }) };
    untrack = trackDeliveries(deliveries, createLog({ level: 'warn', destination }));
    await new Promise<void>((resolve) => helper.startServer(resolve));
  });
  after(async () => {
    untrack();
    await new Promise<void>((resolve) => helper.stopServer(resolve));
  });
  beforeEach(() => {
    finished.length = 0;
    log.length = 0;
  });
  afterEach(() => helper.unload());

  const load = (nodes: object[]): Promise<void> =>
    helper.load(
      [...coreNodes, odd(finished)] as never,
      [tab, node('in', 'helper', ['first']), ...nodes] as never,
    );
  const send: Flows['send'] = (payloads, timeLimitMs = 600, more = {}) =>
    Promise.all(
      payloads.map(async (payload) => {
        const options = { flow: 'flow', flowVersion: '1', timeLimitMs };
        const delivery = await deliveries.run(options, ({ id }) =>
          helper.getNode('in').send({ payload, ...more, _delivery: id } as never),
        );
        const own = finished.filter((one) => one.delivery === delivery.id);
        return { ...delivery, finished: own.map(({ at }) => at).toSorted() };
      }),
    );
  return {
    deliveries,
    finished,
    log,
    load,
    send,
    async deliver(nodes, payload = 'x', timeLimitMs = 600) {
      await load(nodes);
      const [settled] = await send([payload], timeLimitMs);
      return settled as Settled;
    },
  };
}

function odd(finished: Finished[]) {
  return (RED: NodeAPI): void =>
    RED.nodes.registerType('odd', function (
      this: Node,
      config: { how?: string; id: string; _alias?: string },
    ) {
      RED.nodes.createNode(this, config as never);
      const { how = '' } = config;
      const at = config._alias ?? config.id;
      const timers: NodeJS.Timeout[] = [];
      this.on('close', () => timers.forEach(clearTimeout));
      if (how === 'no done') {
        this.on('input', ((msg: object) => this.send(msg as never)) as never);
        return;
      }
      this.on('input', (msg, send, done) => {
        const { _delivery: delivery, payload } = msg as { _delivery?: string; payload?: unknown };
        if (how === 'throw') throw new Error('thrown');
        if (how === 'never') return;
        if (how === 'legacy error') return this.error('reported', msg);
        if (how === 'status') this.status({ text: 'working' });
        if (how === 'done first') {
          done();
          send(msg);
          return;
        }
        const finish = (): void => {
          finished.push({ at, delivery, payload });
          if (how === 'fail') return done(new Error('failed'));
          send(how === 'new message' || how === 'status' ? { payload: 'new' } : msg);
          done();
        };
        timers.push(setTimeout(finish, how === 'slow' ? 40 : 5));
      });
    } as never);
}

const tab = { id: 'tab', type: 'tab', label: 'flow' };

export function node(id: string, type: string, to: string[], more: object = {}): Record<string, unknown> {
  return { id, type, z: 'tab', x: 1, y: 1, wires: [to], ...more };
}
