import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import express from 'express';
import { shares } from '../runtime/limits/shares.ts';
import type { IntakeRequest, Route } from '../runtime/intake/route.ts';
import type { IntakeOptions } from '../runtime/intake/routes.ts';
import { serve, taken, tcp, until, type Served } from './intake/serve.ts';

const maxBytes = 1000;

describe('intake of a body', () => {
  let served: Served;
  let seen: IntakeRequest[] = [];
  afterEach(async () => {
    await served.close();
    seen = [];
  });

  async function open(
    options: IntakeOptions = {},
    more: Partial<Route> = {},
    before?: express.RequestHandler,
  ): Promise<void> {
    served = await serve(options, before);
    served.intake.add({
      path: '/hooks/a',
      maxBytes,
      handler(request) {
        seen.push(request);
        return taken(request);
      },
      ...more,
    });
  }
  const chunked = (chunks: number, size: number) => ({
    duplex: 'half' as const,
    body: new ReadableStream<Uint8Array>({
      pull(controller) {
        if (chunks === 0) return controller.close();
        chunks -= 1;
        controller.enqueue(new Uint8Array(size));
      },
    }),
  });
  const codes = () => served.refusals.map(({ error }) => error.code);

  it('takes exactly as much as the limit, with a length or in chunks', async () => {
    await open();
    assert.equal((await served.ask('/hooks/a', { body: 'x'.repeat(maxBytes) })).status, 202);
    assert.equal((await served.ask('/hooks/a', chunked(4, maxBytes / 4))).status, 202);
    assert.deepEqual(
      seen.map(({ unverified }) => unverified.rawBody.length),
      [maxBytes, maxBytes],
    );
  });
  it('413 by Content-Length, before a byte of the body is there', async () => {
    await open();
    const client = tcp(served.port, `/hooks/a HTTP/1.1\r\nhost: x\r\ncontent-length: ${maxBytes + 1}`);
    await until(() => client.received.includes('BODY_TOO_LARGE'));
    assert.match(client.received, /^HTTP\/1\.1 413 /);
    client.socket.destroy();
    assert.deepEqual(seen, []);
  });
  it('413 reaches a client that sends far too much, with a length or in chunks', async () => {
    await open();
    for (const init of [{ body: 'x'.repeat(1_000_000) }, chunked(100, 10_000), chunked(7, 143)]) {
      const told = await served.ask('/hooks/a', init);
      assert.deepEqual([told.status, told.json.code], [413, 'BODY_TOO_LARGE']);
    }
    assert.equal(served.refusals[0]!.error.facts.maxBytes, maxBytes);
    assert.deepEqual(seen, []);
    assert.equal(served.intake.inFlight(), 0);
    assert.equal((await served.ask('/hooks/a')).status, 202);
  });
  it('413 reaches a client that reads only when all is sent', async () => {
    await open();
    const client = tcp(served.port, '/hooks/a HTTP/1.1\r\nhost: x\r\ncontent-length: 200000');
    client.socket.pause();
    for (let sent = 0; sent < 200_000; sent += 20_000) {
      client.socket.write('x'.repeat(20_000));
      await wait(5);
    }
    client.socket.resume();
    await client.closed;
    assert.match(client.received, /^HTTP\/1\.1 413 [^]*BODY_TOO_LARGE/);
  });
  it('a small refused body keeps the connection for the next request', async () => {
    await open();
    const head = (size: number) => `/hooks/a HTTP/1.1\r\nhost: x\r\ncontent-length: ${size}`;
    const client = tcp(served.port, head(2000), 'x'.repeat(2000), `POST ${head(2)}\r\n\r\n{}`);
    await until(() => client.received.includes('ACCEPTED'));
    assert.deepEqual(client.received.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 413', 'HTTP/1.1 202']);
    client.socket.destroy();
  });
  it('200 bulk senders that never send their bodies keep no critical one out, nor the limit of bytes', async () => {
    const share = { critical: 1, standard: 0.8, bulk: 0.4 };
    await open({ requests: shares(100, share), bodies: shares(20_000, share) }, { tier: 'bulk' });
    served.intake.add({ path: '/hooks/b', tier: 'critical', maxBytes: 20_000, handler: taken });
    const head = '/hooks/a HTTP/1.1\r\nhost: x\r\ncontent-length: ';
    const slow = Array.from({ length: 200 }, () => tcp(served.port, `${head}${maxBytes}`));
    const busy = () => slow.filter(({ received }) => received.includes('HUB_BUSY')).length;
    await until(() => busy() === 192);
    assert.equal(served.intake.inFlight(), 8); // 8,000 of 20,000 bytes are bulk's
    const body = 'x'.repeat(12_000);
    assert.equal((await served.ask('/hooks/b', { body })).status, 202);
    assert.equal((await served.ask('/hooks/b', { body: `${body}x` })).status, 503);
    assert.equal((await served.ask('/hooks/b', chunked(13, 1000))).status, 503);
    assert.equal((await served.ask('/hooks/b', chunked(12, 1000))).status, 202);
    for (const socket of slow.map((one) => one.socket)) socket.destroy();
    await until(() => served.intake.inFlight() === 0);
    assert.equal((await served.ask('/hooks/b', { body: 'x'.repeat(20_000) })).status, 202);
  });
  it('415 for a compressed body; identity is none', async () => {
    await open();
    for (const encoding of ['gzip', 'br', 'identity, gzip']) {
      const told = await served.ask('/hooks/a', { headers: { 'content-encoding': encoding } });
      assert.deepEqual([told.status, told.json.code], [415, 'ENCODING_UNSUPPORTED']);
    }
    assert.equal((await served.ask('/hooks/a', { headers: { 'content-encoding': 'Identity' } })).status, 202);
  });
  it('408 for a body that does not arrive in time, and the connection is not kept', async () => {
    await open({ bodyTimeoutMs: 30 });
    const client = tcp(served.port, '/hooks/a HTTP/1.1\r\nhost: x\r\ncontent-length: 10', 'abc');
    await until(() => client.received.includes('BODY_INCOMPLETE'));
    assert.match(client.received, /^HTTP\/1\.1 408 [^]*connection: close/i);
    assert.equal(served.intake.inFlight(), 0);
    client.socket.write('defghij');
    await client.closed;
    assert.deepEqual(seen, []);
  });
  it('a client that breaks off is noted at once and frees its place', async () => {
    await open();
    const client = tcp(served.port, '/hooks/a HTTP/1.1\r\nhost: x\r\ncontent-length: 10', 'abc');
    await until(() => served.intake.inFlight() === 1);
    client.socket.destroy();
    await until(() => served.intake.inFlight() === 0);
    assert.deepEqual(codes(), ['BODY_INCOMPLETE']);
  });
  it('so is one that breaks off while the rate limit is looked up', async () => {
    const gate = Promise.withResolvers<void>();
    await open({ limiter: () => ({ consume: () => gate.promise }) }, { rate: { points: 1, perS: 1 } });
    const client = tcp(served.port, '/hooks/a HTTP/1.1\r\nhost: x\r\ncontent-length: 10', 'abc');
    await until(() => served.intake.inFlight() === 1);
    client.socket.destroy();
    await client.closed;
    await wait(20); // for the server to see it
    gate.resolve();
    await until(() => served.intake.inFlight() === 0);
    assert.deepEqual(codes(), ['BODY_INCOMPLETE']);
  });
  it('a request refused while draining, still sending, does not hold the drain up', async () => {
    await open();
    void served.intake.pause();
    const client = tcp(
      served.port,
      '/hooks/a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked',
      '3\r\nabc\r\n',
    );
    await until(() => client.received.includes('HUB_DRAINING'));
    let drained = false;
    void served.intake.pause().then(() => {
      drained = true;
    });
    await wait(20);
    assert.equal(drained, true);
    client.socket.destroy();
  });
  it('INTERNAL when another handler has read the body before', async () => {
    await open({}, {}, express.json());
    const told = await served.ask('/hooks/a', { headers: { 'content-type': 'application/json' } });
    assert.deepEqual([told.status, told.json.code], [500, 'INTERNAL']);
  });
});
