/** Who sent a request: the socket's other end, or whom a proxy in front of the hub names, where that proxy is trusted. */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { CodedError } from '../errors/coded-error.ts';
import { addressOf, isAmong, listOf, networkOf } from './addresses.ts';

const setting = 'CROSSDOCK_TRUSTED_PROXIES';
/** A chain of proxies is short; what is longer was made up. */
const mostHops = 20;

let trusted = listOf([]);

/** Of this process, from now on: addresses and networks (CIDR), separated by commas or blanks. Throws CONFIG_INVALID. */
export function trustProxies(listed = ''): void {
  const networks = listed
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((one) => {
      const network = networkOf(one);
      if (network && network.bits > 0) return network;
      throw new CodedError(
        'CONFIG_INVALID',
        `${setting} holds addresses and networks such as 10.0.0.5 or 10.0.0.0/24, not "${one}"; one of all addresses is none`,
        { setting },
      );
    });
  trusted = listOf(networks);
}

/** What its headers say of the client may be believed: the other end of its socket is a trusted proxy. */
export function isByProxy({ socket }: Pick<IncomingMessage, 'socket'>): boolean {
  return isAmong(addressOf(socket.remoteAddress ?? '') ?? '', trusted);
}

/**
 * The right-most hop that is no trusted proxy: what stands to its left in X-Forwarded-For is that hop's own word. The peer
 * itself where it is not trusted. IPv4 within IPv6 is said as IPv4. Empty for a socket that is closed.
 */
export function clientAddress({ socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>): string {
  let client = addressOf(socket.remoteAddress ?? '') ?? '';
  const forwarded = headers['x-forwarded-for'];
  const hops = [forwarded ?? ''].flat().join(',').split(',').slice(-mostHops);
  while (isAmong(client, trusted)) {
    const next = addressOf((hops.pop() ?? '').trim());
    if (next === undefined) break;
    client = next;
  }
  return client;
}

/** Whom a limit counts as one sender: of IPv6 the network, for each customer of a provider has all addresses of it. */
export function clientNetwork(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  const rest = tail?.split(':').filter(Boolean) ?? [];
  const gap = tail === undefined ? 0 : 8 - groups.length - rest.length;
  return `${[...groups, ...Array<string>(gap).fill('0'), ...rest].slice(0, 4).join(':')}::/64`;
}
