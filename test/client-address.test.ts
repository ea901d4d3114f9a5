/** Whose address a request counts for: the peer's, unless a trusted proxy says another. */
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { clientAddress, clientNetwork, trustProxies } from '../runtime/intake/client-address.ts';
import { loginThrottle } from '../runtime/node-red/login-throttle.ts';
import { originOf } from '../runtime/node-red/routes.ts';
import { serve, taken, type Served } from './intake/serve.ts';
import type { Request } from 'express';
import express from 'express';

const from = (remoteAddress: string | undefined, forwarded?: string, others: object = {}) =>
  ({
    socket: { remoteAddress },
    headers: { ...(forwarded !== undefined && { 'x-forwarded-for': forwarded }), ...others },
  }) as unknown as IncomingMessage;

describe('the address of a caller', () => {
  afterEach(() => trustProxies());

  it('is the other end of the socket, whatever headers say, where no proxy is trusted', () => {
    for (const said of ['10.9.9.9', '127.0.0.1', '1.1.1.1, 127.0.0.1'])
      assert.equal(clientAddress(from('192.0.2.7', said)), '192.0.2.7');
    assert.equal(clientAddress(from('127.0.0.1', '10.9.9.9')), '127.0.0.1');
    assert.equal(clientAddress(from(undefined, '10.9.9.9')), '');
  });

  it('is the right-most hop that is not trusted, where the peer is', () => {
    trustProxies('10.0.0.0/24, 192.0.2.1 2001:db8:f::/48');
    const told: [string, string, string][] = [
      ['10.0.0.5', '203.0.113.9', '203.0.113.9'],
      ['10.0.0.5', '8.8.8.8, 203.0.113.9', '203.0.113.9'],
      ['10.0.0.5', '8.8.8.8, 203.0.113.9, 192.0.2.1,10.0.0.77', '203.0.113.9'],
      ['10.0.0.5', '10.0.0.6, 10.0.0.7', '10.0.0.6'],
      ['10.0.1.5', '203.0.113.9', '10.0.1.5'],
      ['2001:db8:f:1::2', '2001:db8:0:0:0:0:0:1', '2001:db8::1'],
      ['2001:db8:e::2', '203.0.113.9', '2001:db8:e::2'],
    ];
    for (const [peer, said, expected] of told)
      assert.equal(clientAddress(from(peer, said)), expected, `${peer} ← ${said}`);
    const others = { forwarded: 'for=8.8.8.8', 'x-real-ip': '8.8.8.8', 'x-client-ip': '8.8.8.8' };
    assert.equal(clientAddress(from('10.0.0.5', '203.0.113.9', others)), '203.0.113.9');
    assert.equal(clientAddress(from('10.0.0.5', undefined, others)), '10.0.0.5');
  });

  it('is one for IPv4 and the same within IPv6, on both sides', () => {
    trustProxies('10.0.0.5');
    for (const peer of ['10.0.0.5', '::ffff:10.0.0.5', '::ffff:a00:5', '0:0:0:0:0:ffff:a00:5'])
      for (const said of [
        '203.0.113.9',
        '::ffff:203.0.113.9',
        '::FFFF:CB00:7109',
        '[::ffff:203.0.113.9]:443',
      ])
        assert.equal(clientAddress(from(peer, said)), '203.0.113.9', `${peer} ← ${said}`);
    assert.equal(clientAddress(from('::ffff:192.0.2.7')), '192.0.2.7');
    assert.equal(clientAddress(from('fe80::1%eth0')), 'fe80::1');
  });

  it('is the proxy itself where what it passes on is no address', () => {
    trustProxies('10.0.0.5');
    for (const said of [
      'unknown',
      '',
      ',',
      '_hidden',
      '010.1.1.1',
      '1.2.3',
      '1.2.3.4.5',
      'evil\n1.1.1.1',
      '[::1',
    ])
      assert.equal(clientAddress(from('10.0.0.5', said)), '10.0.0.5', said);
    assert.equal(clientAddress(from('10.0.0.5', '203.0.113.9, unknown')), '10.0.0.5');
    assert.equal(clientAddress(from('10.0.0.5', '203.0.113.9:8080')), '203.0.113.9');
  });

  it('looks back a few hops only, in a header that was made long', () => {
    trustProxies('10.0.0.0/8');
    const long = Array.from({ length: 200_000 }, () => '10.0.0.1').join(',');
    assert.equal(clientAddress(from('10.0.0.5', `8.8.8.8,${long}`)), '10.0.0.1');
  });

  it('refuses a list that trusts everybody or says nothing, by the name of the setting', () => {
    for (const wrong of [
      '0.0.0.0/0',
      '::/0',
      'loopback',
      '10.0.0.0/33',
      '10.0.0/8',
      '10.0.0.0/8/8',
      '10.0.0.0/',
      '::1%lo',
      '10.0.0.0/-1',
    ])
      assert.throws(
        () => trustProxies(`10.0.0.5, ${wrong}`),
        { code: 'CONFIG_INVALID', message: /CROSSDOCK_TRUSTED_PROXIES/ },
        wrong,
      );
    trustProxies('  ');
    assert.equal(clientAddress(from('127.0.0.1', '8.8.8.8')), '127.0.0.1');
  });

  it('counts as one with its network where it is of IPv6', () => {
    assert.equal(clientNetwork('203.0.113.9'), '203.0.113.9');
    assert.equal(clientNetwork(''), '');
    for (const one of ['2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff'])
      assert.equal(clientNetwork(one), '2001:db8:1:2::/64');
    assert.equal(clientNetwork('::1'), '0:0:0:0::/64');
    assert.equal(clientNetwork('2001:db8::7'), '2001:db8:0:0::/64');
  });
});

describe('the address of a caller is used', () => {
  let served: Served | undefined;
  afterEach(async () => {
    trustProxies();
    await served?.close();
    served = undefined;
  });
  const login = async (as: string) =>
    (
      await served!.ask('/auth/token', {
        headers: { 'content-type': 'application/json', 'x-forwarded-for': as },
        body: JSON.stringify({ username: 'admin', password: 'no' }),
      })
    ).status;
  const logins = async () => {
    served = await serve(
      {},
      express
        .Router()
        .use(express.json(), loginThrottle({ isKnown: () => false }), (request, response, next) => {
          if (request.path === '/auth/token') response.status(403).end();
          else next();
        }),
    );
  };

  it('by the rows of the audit', () => {
    const asked = { ...from('10.0.0.5', '203.0.113.9'), method: 'POST', baseUrl: '/crossdock', path: '/x' };
    assert.equal(originOf(asked as unknown as Request).place, 'http 10.0.0.5');
    trustProxies('10.0.0.5');
    assert.equal(originOf(asked as unknown as Request).place, 'http 203.0.113.9');
  });

  it('by the brake on guessing: nobody gets more guesses by a header', async () => {
    await logins();
    const told = [];
    for (let guess = 0; guess < 6; guess += 1) told.push(await login(`203.0.113.${guess}`));
    assert.deepEqual(told, [403, 403, 403, 403, 429, 429]);
  });

  it('by the brake on guessing: behind a proxy nobody is locked out by others, nor lets an IPv6 network guess on', async () => {
    trustProxies('127.0.0.1');
    await logins();
    for (let guess = 0; guess < 4; guess += 1) assert.equal(await login(`2001:db8:1:2::${guess}`), 403);
    assert.equal(await login('2001:db8:1:2::ffff'), 429);
    assert.equal(await login('6.6.6.6, 2001:db8:1:2::fffe'), 429);
    assert.equal(await login('203.0.113.9'), 403);
  });

  it('by what the intake refuses', async () => {
    served = await serve();
    served.intake.add({ path: '/hooks/a', handler: taken });
    const ask = () => served!.ask('/hooks/none', { headers: { 'x-forwarded-for': '6.6.6.6, 203.0.113.9' } });
    await ask();
    trustProxies('127.0.0.1');
    await ask();
    assert.deepEqual(
      served.refusals.map(({ ip }) => ip),
      ['127.0.0.1', '203.0.113.9'],
    );
  });
});
