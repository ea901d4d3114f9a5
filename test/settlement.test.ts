/** A delivery is settled when all of its work is done: not before, and not only by the time limit. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import helper from 'node-red-node-test-helper';
import { flows, node, type Settled } from './settlement/flows.ts';

const slow = { how: 'slow' };
const func = (code: string) => ({ func: code, outputs: 1, libs: [] });

describe('settlement', () => {
  const flow = flows();
  const settledAfter = (delivery: Settled, nodes: string[]): void => {
    assert.equal(delivery.failure, undefined);
    assert.deepEqual(delivery.finished, nodes);
    assert.equal(flow.deliveries.size, 0);
  };

  it('a chain: after the last node', async () => {
    settledAfter(
      await flow.deliver([
        node('first', 'odd', ['b']),
        node('b', 'odd', ['c'], { how: 'slow' }),
        node('c', 'odd', []),
      ]),
      ['b', 'c', 'first'],
    );
  });
  it('a fan-out: after the slowest branch', async () => {
    settledAfter(
      await flow.deliver([
        node('first', 'odd', ['b', 'c']),
        node('b', 'odd', [], { how: 'slow' }),
        node('c', 'odd', []),
      ]),
      ['b', 'c', 'first'],
    );
  });
  it('a function that returns a new message', async () => {
    settledAfter(
      await flow.deliver([
        node('first', 'function', ['b'], { func: 'return { payload: 1 }', outputs: 1, libs: [] }),
        node('b', 'odd', [], { how: 'slow' }),
      ]),
      ['b'],
    );
  });
  it('an asynchronous node that sends a new message', async () => {
    settledAfter(
      await flow.deliver([
        node('first', 'odd', ['b'], { how: 'new message' }),
        node('b', 'odd', [], { how: 'slow' }),
      ]),
      ['b', 'first'],
    );
  });
  it('a node that says done before it sends', async () => {
    settledAfter(
      await flow.deliver([
        node('first', 'odd', ['b'], { how: 'done first' }),
        node('b', 'odd', [], { how: 'slow' }),
      ]),
      ['b'],
    );
  });
  it('a node whose handler knows no done', async () => {
    settledAfter(
      await flow.deliver([
        node('first', 'odd', ['b'], { how: 'no done' }),
        node('b', 'odd', [], { how: 'slow' }),
      ]),
      ['b'],
    );
  });
  it('split and join', async () => {
    settledAfter(
      await flow.deliver(
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
      await flow.deliver([
        node('first', 'delay', ['b'], { pauseType: 'delay', timeout: '30', timeoutUnits: 'milliseconds' }),
        node('b', 'odd', []),
      ]),
      ['b'],
    );
  });
  it('links', async () => {
    settledAfter(
      await flow.deliver([
        node('first', 'link out', [], { mode: 'link', links: ['li'] }),
        node('li', 'link in', ['b'], { links: ['first'] }),
        node('b', 'odd', [], { how: 'slow' }),
      ]),
      ['b'],
    );
  });
  it('a link call that returns', async () => {
    settledAfter(
      await flow.deliver([
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
      await flow.deliver([
        subflow,
        { ...node('s1', 'odd', [], { how: 'slow' }), z: 'sub' },
        node('first', 'subflow:sub', ['b']),
        node('b', 'odd', [], { how: 'slow' }),
      ]),
      ['b', 's1'],
    );
  });
  it('a failure: given back, after the catch flow has completed', async () => {
    const delivery = await flow.deliver([
      node('first', 'odd', [], { how: 'fail' }),
      node('catch', 'catch', ['b'], { scope: null }),
      node('b', 'odd', [], { how: 'slow' }),
    ]);
    assert.equal(delivery.failure?.code, 'INTERNAL');
    assert.deepEqual(delivery.finished, ['b', 'first']);
  });
  it('a synchronous throw: given back at once, not by the time limit', async () => {
    const delivery = await flow.deliver([node('first', 'odd', [], { how: 'throw' })], 'x', 5000);
    assert.equal(delivery.failure?.code, 'INTERNAL');
  });
  it('an error reported without done: given back', async () => {
    const delivery = await flow.deliver([node('first', 'odd', [], { how: 'legacy error' })], 'x', 5000);
    assert.equal(delivery.failure?.code, 'INTERNAL');
  });
  it('a node that never completes: given back by the time limit', async () => {
    const delivery = await flow.deliver([node('first', 'odd', [], { how: 'never' })], 'x', 50);
    assert.equal(delivery.failure?.code, 'DELIVERY_TIMEOUT');
    assert.equal(flow.deliveries.size, 0);
  });
  it('a complete node: its flow belongs to the delivery', async () => {
    settledAfter(
      await flow.deliver([
        node('first', 'odd', []),
        node('done', 'complete', ['b'], { scope: ['first'] }),
        node('b', 'odd', [], { how: 'slow' }),
      ]),
      ['b', 'first'],
    );
  });

  describe("Node-RED's own nodes that pass a message on", () => {
    const dir = mkdtempSync(join(tmpdir(), 'crossdock-settlement-'));
    const file = join(dir, 'file.txt');
    let server: Server;
    let url: string;
    before(async () => {
      server = createServer((_request, response) => void setTimeout(() => response.end('answer'), 20));
      await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    after(() => {
      server.close();
      server.closeAllConnections();
      rmSync(dir, { recursive: true });
    });

    const nodes: [string, () => object, unknown?, number?][] = [
      ['junction', () => ({})],
      ['switch', () => ({ property: 'payload', rules: [{ t: 'eq', v: 'x', vt: 'str' }], checkall: 'true' })],
      ['change', () => ({ rules: [{ t: 'set', p: 'payload', pt: 'msg', to: '$now()', tot: 'jsonata' }] })],
      [
        'range',
        () => ({ minin: 0, maxin: 1, minout: 0, maxout: 2, action: 'scale', property: 'payload' }),
        1,
      ],
      [
        'template',
        () => ({ field: 'payload', fieldType: 'msg', template: '{{payload}}', syntax: 'mustache' }),
      ],
      ['rbe', () => ({ func: 'rbe', property: 'payload' })],
      ['delay', () => ({ pauseType: 'delayv', timeout: '20', timeoutUnits: 'milliseconds' })],
      ['delay', () => ({ pauseType: 'random', randomFirst: 1, randomLast: 9, randomUnits: 'milliseconds' })],
      ['delay', () => ({ pauseType: 'rate', rate: '50', rateUnits: 'second', nbRateUnits: '1' })],
      ['http request', () => ({ method: 'GET', ret: 'txt', url })],
      ['file', () => ({ filename: file, filenameType: 'str', createDir: true, overwriteFile: 'true' })],
      ['file in', () => ({ filename: file, filenameType: 'str', format: 'utf8' })],
      ['file in', () => ({ filename: file, filenameType: 'str', format: 'lines' })],
      [
        'csv',
        () => ({ sep: ',', hdrin: false, hdrout: 'none', multi: 'one', ret: '\\n', temp: 'a,b' }),
        '1,2\n3,4',
        2,
      ],
      ['html', () => ({ tag: 'p', ret: 'text', as: 'multi' }), '<p>1</p><p>2</p><p>3</p>', 3],
      ['json', () => ({ action: '', property: 'payload' }), '{"a":1}'],
      ['xml', () => ({ attr: '', chr: '', property: 'payload' }), '<a>1</a>'],
      ['yaml', () => ({ property: 'payload' }), 'a: 1'],
      [
        'sort',
        () => ({
          target: 'payload',
          targetType: 'msg',
          msgKey: 'payload',
          msgKeyType: 'elem',
          order: 'ascending',
        }),
        [2, 1],
      ],
    ];
    for (const [type, config, payload, messages = 1] of nodes)
      it(`${type} ${JSON.stringify(config()).slice(0, 60)}`, async () => {
        settledAfter(
          await flow.deliver([node('first', type, ['b'], config()), node('b', 'odd', [], slow)], payload),
          Array.from({ length: messages }, () => 'b'),
        );
      });
  });

  describe('a function', () => {
    const codes: [string, string, string[]][] = [
      ['sends several messages', 'return [[{ payload: 1 }, { payload: 2 }, msg]];', ['b', 'b', 'b']],
      ['waits', 'await new Promise((r) => setTimeout(r, 20)); return { payload: 1 };', ['b']],
      [
        'sends while it waits',
        'for (const n of [1, 2]) { await 0; node.send({ n }); } return msg;',
        ['b', 'b', 'b'],
      ],
      ['says done itself', 'setTimeout(() => { node.send({ payload: 1 }); node.done(); }, 20);', ['b']],
      ['sends nothing', 'return null;', []],
    ];
    for (const [title, code, nodes] of codes)
      it(title, async () => {
        settledAfter(
          await flow.deliver([node('first', 'function', ['b'], func(code)), node('b', 'odd', [], slow)]),
          nodes,
        );
      });
    it('that throws in its timer fails at once, not by the time limit', async () => {
      const code = "if (msg.never) node.done(); setTimeout(() => { throw new Error('late'); }, 10);";
      const { failure } = await flow.deliver([node('first', 'function', [], func(code))], 'x', 5000);
      assert.equal(failure?.code, 'INTERNAL');
    });
    it('that throws, after its catch flow', async () => {
      const { failure, finished } = await flow.deliver([
        node('first', 'function', [], func("throw new Error('no');")),
        node('catch', 'catch', ['b'], { scope: ['first'] }),
        node('b', 'odd', [], slow),
      ]);
      assert.deepEqual([failure?.code, finished], ['INTERNAL', ['b']]);
    });
    it('whose message comes after done, while another branch works: counted and told to nobody', async () => {
      settledAfter(
        await flow.deliver([
          node(
            'first',
            'function',
            ['b', 'c'],
            func('setTimeout(() => node.send({ payload: 2 }), 20); return msg;'),
          ),
          node('b', 'odd', [], slow),
          node('c', 'odd', [], slow),
        ]),
        ['b', 'b', 'c', 'c'],
      );
      assert.deepEqual(flow.log, []);
    });
  });

  it('no way out of a switch: settled', async () => {
    const rules = [{ t: 'eq', v: 'other', vt: 'str' }];
    settledAfter(
      await flow.deliver([
        node('first', 'switch', ['b'], { property: 'payload', rules }),
        node('b', 'odd', []),
      ]),
      [],
    );
  });
  it('a switch that queues: each delivery when its own message has gone', async () => {
    await flow.load([
      node('first', 'switch', ['b'], {
        property: '$exists(payload)',
        propertyType: 'jsonata',
        rules: [{ t: 'true' }],
      }),
      node('b', 'odd', [], slow),
    ]);
    for (const settled of await flow.send(Array.from({ length: 10 }, (_, at) => at)))
      settledAfter(settled, ['b']);
    assert.deepEqual(flow.log, []);
  });
  it('a disabled node in the middle ends the way', async () => {
    settledAfter(
      await flow.deliver([
        node('first', 'odd', ['off', 'c']),
        node('off', 'odd', ['b'], { d: true }),
        node('b', 'odd', []),
        node('c', 'odd', [], slow),
      ]),
      ['c', 'first'],
    );
  });
  it('split and join of several deliveries at the same time, each by itself', async () => {
    await flow.load([
      node('first', 'split', ['b'], { splt: '\\n', spltType: 'str', arraySplt: 1, arraySpltType: 'len' }),
      node('b', 'odd', ['c']),
      node('c', 'join', ['d'], { mode: 'auto' }),
      node('d', 'odd', [], slow),
    ]);
    for (const settled of await flow.send([
      [1, 2],
      [3, 4],
      [5, 6],
    ]))
      settledAfter(settled, ['b', 'b', 'd']);
  });
  it('a manual join by the parts of a split', async () => {
    await flow.load([
      node('first', 'split', ['c'], { splt: '\\n', spltType: 'str', arraySplt: 1, arraySpltType: 'len' }),
      node('c', 'join', ['d'], {
        mode: 'custom',
        build: 'array',
        property: 'payload',
        propertyType: 'msg',
        count: '',
      }),
      node('d', 'odd', [], slow),
    ]);
    for (const settled of await flow.send([
      [1, 2],
      [3, 4],
    ]))
      settledAfter(settled, ['d']);
  });
  it('a rate limit that queues: each delivery when its own message has gone', async () => {
    await flow.load([
      node('first', 'delay', ['b'], { pauseType: 'rate', rate: '50', rateUnits: 'second', nbRateUnits: '1' }),
      node('b', 'odd', [], slow),
    ]);
    for (const settled of await flow.send(['x', 'y', 'z'])) settledAfter(settled, ['b']);
  });
  it('a rate limit whose surplus has a second way', async () => {
    const config = {
      pauseType: 'rate',
      rate: '1',
      rateUnits: 'hour',
      nbRateUnits: '1',
      drop: true,
      outputs: 2,
    };
    await flow.load([
      { ...node('first', 'delay', [], config), wires: [['b'], ['c']] },
      node('b', 'odd', [], slow),
      node('c', 'odd', [], slow),
    ]);
    const [x, y] = await flow.send(['x', 'y']);
    settledAfter(x as Settled, ['b']);
    settledAfter(y as Settled, ['c']);
  });
  it('a link call whose way does not return fails with the time limit of the call', async () => {
    const { failure } = await flow.deliver(
      [
        node('first', 'link call', [], { links: ['li'], linkType: 'static', timeout: '0.05' }),
        node('li', 'link in', ['b'], { links: [] }),
        node('b', 'odd', []),
      ],
      'x',
      5000,
    );
    assert.equal(failure?.code, 'INTERNAL');
  });
  it('an error in a subflow, after the catch flow outside', async () => {
    const delivery = await flow.deliver([
      { id: 'sub', type: 'subflow', name: 'sub', in: [{ wires: [{ id: 's1' }] }], out: [] },
      { ...node('s1', 'odd', [], { how: 'fail' }), z: 'sub' },
      node('first', 'subflow:sub', []),
      node('catch', 'catch', ['b'], { scope: null }),
      node('b', 'odd', [], slow),
    ]);
    assert.equal(delivery.failure?.code, 'INTERNAL');
    assert.deepEqual(delivery.finished, ['b', 's1']);
  });
  it('a status on the way: its flow is not work on the message, and what follows still is', async () => {
    const delivery = await flow.deliver([
      node('first', 'odd', ['b'], { how: 'status' }),
      node('b', 'odd', [], slow),
      node('told', 'status', ['c'], { scope: null }),
      node('c', 'odd', []),
    ]);
    settledAfter(delivery, ['b', 'first']);
    assert.ok(flow.finished.some(({ at, delivery: of }) => at === 'c' && of === undefined));
  });
  it('a message that no delivery brought is let alone', async () => {
    await flow.load([node('first', 'odd', ['b']), node('b', 'odd', [])]);
    helper.getNode('in').send({ payload: 'x' } as never);
    await sleep(50);
    assert.deepEqual(
      flow.finished.map(({ at, delivery }) => [at, delivery]),
      [
        ['first', undefined],
        ['b', undefined],
      ],
    );
    assert.deepEqual(flow.log, []);
  });

  describe('a node that a deploy ends while it holds a message: given back', () => {
    const holding: [string, string, object][] = [
      ['in its own work', 'odd', slow],
      ['in a delay', 'delay', { pauseType: 'delay', timeout: '5', timeoutUnits: 'seconds' }],
      ['in a queue', 'delay', { pauseType: 'queue', rate: '1', rateUnits: 'minute', nbRateUnits: '1' }],
      ['in a function', 'function', func('setTimeout(() => { node.send(msg); node.done(); }, 5000);')],
      ['in a batch', 'batch', { mode: 'count', count: 2 }],
      [
        'in a join',
        'join',
        { mode: 'custom', build: 'array', property: 'payload', propertyType: 'msg', count: '2' },
      ],
    ];
    for (const [title, type, config] of holding)
      it(title, async () => {
        const rest = [node('b', 'odd', [])];
        await flow.load([node('first', type, ['b'], config), ...rest]);
        const sending = flow.send(['x'], 5000);
        await sleep(15);
        await helper.setFlows(
          [{ id: 'tab', type: 'tab', label: 'flow' }, node('in', 'helper', []), ...rest] as never,
          'nodes',
        );
        const [delivery] = await sending;
        assert.equal(delivery?.failure?.code, 'DELIVERY_INTERRUPTED');
        assert.equal(delivery?.failedAt, type);
        assert.deepEqual(delivery?.finished, []);
      });
  });
});
