import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import type { Node, NodeAPI } from 'node-red';
import helper from 'node-red-node-test-helper';
import { Deliveries, type Delivery } from '../runtime/hub/deliveries.ts';
import { trackDeliveries } from '../runtime/node-red/settlement.ts';

const require = createRequire(import.meta.url);
const core = (file: string): unknown => require(`@node-red/nodes/core/${file}`);
const coreNodes = [
  'common/05-junction.js',
  'common/24-complete.js',
  'common/25-catch.js',
  'common/60-link.js',
  'function/10-function.js',
  'function/10-switch.js',
  'function/15-change.js',
  'function/89-delay.js',
  'sequence/17-split.js',
].map(core);

/** Odd node: its `how` says in which way it misbehaves; what it finished is counted. */
let finished: string[] = [];
function odd(RED: NodeAPI): void {
  RED.nodes.registerType('odd', function (this: Node, config: { how: string; id: string; _alias?: string }) {
    RED.nodes.createNode(this, config as never);
    const { how } = config;
    const id = config._alias ?? config.id;
    if (how === 'no done') {
      this.on('input', ((msg: object) => this.send(msg as never)) as never);
      return;
    }
    this.on('input', (msg, send, done) => {
      if (how === 'throw') throw new Error('thrown');
      if (how === 'never') return;
      if (how === 'legacy error') return this.error('reported', msg);
      if (how === 'done first') {
        done();
        send(msg);
        return;
      }
      setTimeout(
        () => {
          finished.push(id);
          if (how === 'fail') return done(new Error('failed'));
          send(how === 'new message' ? { payload: 'new' } : msg);
          done();
        },
        how === 'slow' ? 40 : 5,
      );
    });
  } as never);
}

const tab = { id: 'tab', type: 'tab', label: 'flow' };
const node = (id: string, type: string, to: string[], more: object = {}): Record<string, unknown> => ({
  id,
  type,
  z: 'tab',
  x: 1,
  y: 1,
  wires: [to],
  ...more,
});

describe('settlement', () => {
  const deliveries = new Deliveries();
  let untrack: () => void;

  before(async () => {
    helper.init(require.resolve('node-red'));
    untrack = trackDeliveries(deliveries);
    await new Promise<void>((resolve) => helper.startServer(resolve));
  });
  after(async () => {
    untrack();
    await new Promise<void>((resolve) => helper.stopServer(resolve));
  });
  beforeEach(() => {
    finished = [];
  });
  afterEach(() => helper.unload());

  async function deliver(nodes: object[], payload: unknown = 'x', timeLimitMs = 400): Promise<Delivery> {
    const flow = [tab, node('in', 'helper', ['first']), ...nodes];
    await helper.load([...coreNodes, odd] as never, flow as never);
    const start = helper.getNode('in');
    return deliveries.run({ flow: 'flow', flowVersion: '1', timeLimitMs }, ({ id }) =>
      start.send({ payload, _delivery: id } as never),
    );
  }
  const settledAfter = (delivery: Delivery, ids: string[]): void => {
    assert.equal(delivery.failure, undefined);
    assert.deepEqual(finished.toSorted(), ids);
    assert.equal(deliveries.size, 0);
  };

  it('a chain: after the last node', async () => {
    settledAfter(
      await deliver([
        node('first', 'odd', ['b']),
        node('b', 'odd', ['c'], { how: 'slow' }),
        node('c', 'odd', []),
      ]),
      ['b', 'c', 'first'],
    );
  });
  it('a fan-out: after the slowest branch', async () => {
    settledAfter(
      await deliver([
        node('first', 'odd', ['b', 'c']),
        node('b', 'odd', [], { how: 'slow' }),
        node('c', 'odd', []),
      ]),
      ['b', 'c', 'first'],
    );
  });
  it('a function that returns a new message', async () => {
    settledAfter(
      await deliver([
        node('first', 'function', ['b'], { func: 'return { payload: 1 }', outputs: 1, libs: [] }),
        node('b', 'odd', [], { how: 'slow' }),
      ]),
      ['b'],
    );
  });
  it('an asynchronous node that sends a new message', async () => {
    settledAfter(
      await deliver([
        node('first', 'odd', ['b'], { how: 'new message' }),
        node('b', 'odd', [], { how: 'slow' }),
      ]),
      ['b', 'first'],
    );
  });
  it('a node that says done before it sends', async () => {
    settledAfter(
      await deliver([
        node('first', 'odd', ['b'], { how: 'done first' }),
        node('b', 'odd', [], { how: 'slow' }),
      ]),
      ['b'],
    );
  });
  it('a node whose handler knows no done', async () => {
    settledAfter(
      await deliver([node('first', 'odd', ['b'], { how: 'no done' }), node('b', 'odd', [], { how: 'slow' })]),
      ['b'],
    );
  });
  it('split and join', async () => {
    settledAfter(
      await deliver(
        [
          node('first', 'split', ['b'], { splt: '\\n', spltType: 'str', arraySplt: 1, arraySpltType: 'len' }),
          node('b', 'odd', ['c']),
          node('c', 'join', ['d'], { mode: 'auto', joinerType: 'str' }),
          node('d', 'odd', []),
        ],
        [1, 2, 3],
      ),
      ['b', 'b', 'b', 'd'],
    );
  });
  it('a delay', async () => {
    settledAfter(
      await deliver([
        node('first', 'delay', ['b'], { pauseType: 'delay', timeout: '30', timeoutUnits: 'milliseconds' }),
        node('b', 'odd', []),
      ]),
      ['b'],
    );
  });
  it('links', async () => {
    settledAfter(
      await deliver([
        node('first', 'link out', [], { mode: 'link', links: ['li'] }),
        node('li', 'link in', ['b'], { links: ['first'] }),
        node('b', 'odd', [], { how: 'slow' }),
      ]),
      ['b'],
    );
  });
  it('a link call that returns', async () => {
    settledAfter(
      await deliver([
        node('first', 'link call', ['b'], { links: ['li'], linkType: 'static', timeout: '5' }),
        node('li', 'link in', ['x'], { links: [] }),
        node('x', 'odd', ['ret'], { how: 'slow' }),
        node('ret', 'link out', [], { mode: 'return' }),
        node('b', 'odd', [], { how: 'slow' }),
      ]),
      ['b', 'x'],
    );
  });
  it('a subflow', async () => {
    const subflow = {
      id: 'sub',
      type: 'subflow',
      name: 'sub',
      in: [{ wires: [{ id: 's1' }] }],
      out: [{ wires: [{ id: 's1', port: 0 }] }],
    };
    settledAfter(
      await deliver([
        subflow,
        { ...node('s1', 'odd', [], { how: 'slow' }), z: 'sub' },
        node('first', 'subflow:sub', ['b']),
        node('b', 'odd', [], { how: 'slow' }),
      ]),
      ['b', 's1'],
    );
  });
  it('a failure: given back, after the catch flow has completed', async () => {
    const delivery = await deliver([
      node('first', 'odd', [], { how: 'fail' }),
      node('catch', 'catch', ['b'], { scope: null }),
      node('b', 'odd', [], { how: 'slow' }),
    ]);
    assert.equal(delivery.failure?.code, 'INTERNAL');
    assert.deepEqual(finished, ['first', 'b']);
  });
  it('a synchronous throw: given back at once, not by the time limit', async () => {
    const delivery = await deliver([node('first', 'odd', [], { how: 'throw' })], 'x', 5000);
    assert.equal(delivery.failure?.code, 'INTERNAL');
  });
  it('an error reported without done: given back', async () => {
    const delivery = await deliver([node('first', 'odd', [], { how: 'legacy error' })], 'x', 5000);
    assert.equal(delivery.failure?.code, 'INTERNAL');
  });
  it('a node that never completes: given back by the time limit', async () => {
    const delivery = await deliver([node('first', 'odd', [], { how: 'never' })], 'x', 50);
    assert.equal(delivery.failure?.code, 'DELIVERY_TIMEOUT');
    assert.equal(deliveries.size, 0);
  });
  it('a complete node: its flow belongs to the delivery', async () => {
    settledAfter(
      await deliver([
        node('first', 'odd', []),
        node('done', 'complete', ['b'], { scope: ['first'] }),
        node('b', 'odd', [], { how: 'slow' }),
      ]),
      ['b', 'first'],
    );
  });
});
