import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { tcpProxy, type TcpProxy } from './tcp-proxy.ts';

describe('the proxy that breaks', () => {
  /** Sends back what it gets, and ends after a full stop. */
  let echo: Server;
  let proxy: TcpProxy;
  before(async () => {
    echo = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk) => (String(chunk).endsWith('.') ? socket.end(chunk) : socket.write(chunk)));
    }).listen(0, '127.0.0.1');
    await once(echo, 'listening');
    proxy = await tcpProxy((echo.address() as AddressInfo).port);
  });
  after(async () => {
    await proxy.close();
    echo.close();
  });

  const open = (): Socket => connect(proxy.port, '127.0.0.1');
  const answer = async (socket: Socket, bytes: number): Promise<string> => {
    let text = '';
    while (text.length < bytes) text += String((await once(socket, 'data'))[0]);
    return text;
  };

  it('delays every byte both ways, in order, until it is told to stop', async () => {
    const socket = open();
    proxy.delay(100);
    const started = performance.now();
    socket.write('a');
    await sleep(20);
    socket.write('b');
    await sleep(20);
    proxy.delay(10);
    socket.write('c');
    assert.equal(await answer(socket, 3), 'abc');
    assert.ok(performance.now() - started >= 100, 'the first byte came too early');
    proxy.delay(0);
    socket.write('d');
    assert.equal(await answer(socket, 1), 'd');
    socket.destroy();
  });

  it('passes what is delayed before the end of its connection', async () => {
    const socket = open();
    proxy.delay(50);
    const closed = once(socket, 'close');
    socket.write('last.');
    assert.equal(await answer(socket, 5), 'last.');
    await closed;
    proxy.delay(0);
  });
});
