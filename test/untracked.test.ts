/** Each entry of the linter's table goes wrong in Node-RED as the table says; else the node need not be refused. */
import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { untracked } from '../runtime/lint/settlement.ts';
import { flows, node, type Settled } from './settlement/flows.ts';

describe('what settlement cannot track', () => {
  const flow = flows();
  const next = node('b', 'odd', [], { how: 'slow' });
  const tried: object[] = [];
  /** Messages sent one after the other to a node that the table must refuse, and the work that follows it. */
  const refused = async (
    config: Record<string, unknown>,
    payloads: unknown[],
    more = {},
  ): Promise<Settled[]> => {
    const first = node('first', String(config['type']), ['b'], config);
    const entry = untracked.find(
      ({ type, when }) => type === first['type'] && (when?.(first as never) ?? true),
    );
    assert.ok(entry, 'the table does not refuse it');
    tried.push(entry);
    await flow.load([first, next]);
    return flow.send(payloads, 300, more);
  };
  const settledWithout = (delivery: Settled | undefined): void => {
    assert.equal(delivery?.failure, undefined);
    assert.deepEqual(delivery?.finished, []);
  };
  const cameLater = async (): Promise<void> => {
    await sleep(150);
    assert.ok(flow.finished.some(({ at }) => at === 'b'));
    assert.match(flow.log[0]?.msg ?? '', /whose delivery was settled before/);
  };

  it('batch holds a message until the time limit', async () => {
    const [delivery] = await refused({ type: 'batch', mode: 'count', count: 2 }, ['x']);
    assert.equal(delivery?.failure?.code, 'DELIVERY_TIMEOUT');
  });
  const rate = { type: 'delay', rate: '1', rateUnits: 'hour', nbRateUnits: '1', outputs: 1 };
  it('a delay that drops', async () => {
    const [, dropped] = await refused({ ...rate, pauseType: 'rate', drop: true }, ['x', 'y']);
    settledWithout(dropped);
  });
  it('a burst', async () => {
    const [, dropped] = await refused({ ...rate, pauseType: 'burst' }, ['x', 'y']);
    settledWithout(dropped);
  });
  it('a delay by topic', async () => {
    const byTopic = { ...rate, pauseType: 'timed', rate: '20', rateUnits: 'second' };
    const [dropped] = await refused(byTopic, ['x', 'y'], { topic: 'same' });
    settledWithout(dropped);
  });
  it('a function that sends from a timer', async () => {
    const func = 'setTimeout(() => node.send(msg), 30);\nreturn null;';
    const [delivery] = await refused({ type: 'function', func, outputs: 1, libs: [] }, ['x']);
    settledWithout(delivery);
    await cameLater();
  });
  it('a join by number', async () => {
    const join = { type: 'join', mode: 'custom', build: 'array', property: 'payload', propertyType: 'msg' };
    const both = await refused({ ...join, count: '2' }, ['x', 'y']);
    assert.equal(both.filter(({ finished }) => finished.length === 0).length, 1);
    assert.ok(both.every(({ failure }) => !failure));
  });
  it('a split as a stream', async () => {
    const split = { type: 'split', splt: ',', spltType: 'str', stream: true };
    const [delivery] = await refused(split, [Buffer.from('a,b')]);
    assert.equal(delivery?.failure?.code, 'DELIVERY_TIMEOUT');
  });
  it('a trigger', async () => {
    const trigger = { type: 'trigger', op1: '', op1type: 'nul', op2: '', op2type: 'payl', duration: '30' };
    const [delivery] = await refused(trigger, ['x']);
    settledWithout(delivery);
    await cameLater();
  });

  it('a TCP request', async () => {
    const server = createServer((socket) => socket.on('data', () => setTimeout(() => socket.end('x'), 40)));
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const tcp = { type: 'tcp request', server: '127.0.0.1', port: String(port), out: 'time', splitc: '0' };
    const [delivery] = await refused(tcp, ['x']);
    settledWithout(delivery);
    await cameLater();
    server.close();
  });

  it('is all that the table names', () => {
    assert.deepEqual(
      untracked.filter((entry) => !tried.includes(entry)),
      [],
    );
  });
});
