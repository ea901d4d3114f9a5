/** What is asked close together is one query, and what clients write in one turn is one write. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, connect, type AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { gathered } from '../runtime/limits/gathered.ts';
import { oneWriteATurn } from '../runtime/sockets/one-write.ts';

describe('gathered', () => {
  let queries: string[][];
  const ask = (most = 100) =>
    gathered<string, string>({
      most,
      size: (asked) => asked.length,
      async run(asks) {
        queries.push(asks);
        await turn();
        if (asks.includes('bad')) throw new Error('refused');
        return asks.map((asked) => asked.toUpperCase());
      },
    });
  beforeEach(() => (queries = []));

  it('answers each with its own, and one alone too', async () => {
    const one = ask();
    assert.deepEqual(await Promise.all(['a', 'b', 'a'].map(one)), ['A', 'B', 'A']);
    assert.equal(await one('c'), 'C');
    assert.deepEqual(queries, [['a', 'b', 'a'], ['c']]);
  });

  it('waits for what is on its way while turn after turn something is asked', async () => {
    const one = ask();
    const other = ask();
    const answers: Promise<string>[] = [];
    for (const name of ['a', 'b', 'c']) {
      answers.push(one(name), other('x'));
      await turn();
    }
    await Promise.all(answers);
    assert.deepEqual(
      queries.find((asks) => asks.includes('a')),
      ['a', 'b', 'c'],
    );
  });

  it('does not wait for ever', async () => {
    const one = ask();
    const other = ask();
    const waiting = one('a');
    const others: Promise<string>[] = [];
    while (!queries.some((asks) => asks.includes('a'))) {
      others.push(other('x'));
      await turn();
    }
    assert.equal(await waiting, 'A');
    await Promise.all(others);
  });

  it('puts no more in a query than fits, and what is too large for one in one of its own', async () => {
    await Promise.all(['aa', 'bb', 'cc', 'dddddd', 'e'].map(ask(4)));
    assert.deepEqual(queries, [['aa', 'bb'], ['cc'], ['dddddd'], ['e']]);
  });

  it('fails those whose query failed, with the same error, and no others', async () => {
    const one = ask(4);
    const outcomes = await Promise.allSettled(['a', 'bad', 'cccc'].map(one));
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['rejected', 'rejected', 'fulfilled'],
    );
    const [first, second] = outcomes as PromiseRejectedResult[];
    assert.equal(first!.reason, second!.reason);
  });
});

describe('one write a turn', () => {
  it('sends what was written in a turn together, in its order, and all of it before the end', async () => {
    let got = '';
    const server = createServer((peer) => peer.on('data', (bytes) => (got += bytes.toString())));
    await once(server.listen(0), 'listening');
    const socket = connect((server.address() as AddressInfo).port);
    await once(socket, 'connect');
    oneWriteATurn(socket);
    socket.write('a');
    socket.write('b');
    assert.equal(socket.writableLength, 2);
    await turn();
    await turn();
    assert.equal(socket.writableLength, 0);
    socket.write('c');
    socket.end('d');
    await once(server.close(), 'close');
    assert.equal(got, 'abcd');
  });
});
