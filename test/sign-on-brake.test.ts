/** The brake on returns of sign-on that come to nothing: whom it takes for one sender. */
import assert from 'node:assert/strict';
import type { Request } from 'express';
import { trustProxies } from '../runtime/intake/client-address.ts';
import { brake } from '../runtime/node-red/sign-on/refused-slowly.ts';

describe('the brake on returns of sign-on', () => {
  beforeEach(() => trustProxies('10.0.0.5'));
  afterEach(() => trustProxies());
  const from = (address: string) =>
    ({
      socket: { remoteAddress: '10.0.0.5' },
      headers: { 'x-forwarded-for': address },
    }) as unknown as Request;

  it('slows down the network of an address, and nobody else behind the same proxy', async () => {
    const slowly = brake();
    for (let at = 0; at < 30; at += 1) await slowly.pass(from(`2001:db8::${at.toString(16)}`));
    // The first of them has its turn at once, the next waits for the next second.
    await slowly.pass(from('2001:db8::aaaa'));
    const passed: string[] = [];
    const pass = async (address: string) => {
      await slowly.pass(from(address));
      passed.push(address);
    };
    await Promise.all([pass('2001:db8::bbbb'), pass('192.0.2.1'), pass('2001:db8:0:1::1')]);
    assert.deepEqual(passed.at(-1), '2001:db8::bbbb');
  });
});
