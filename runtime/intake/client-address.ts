/** Who sent a request: the socket's other end, or whom a proxy in front of the hub names, where that proxy is trusted. */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { CodedError } from '../errors/coded-error.ts';
import { addressOf, isAmong, listOf, networkOf } from './addresses.ts';

const setting = 'CROSSDOCK_TRUSTED_PROXIES';
/** How many hops are read: a chain of proxies is short, and a longer one was made up. */
const mostHops = 20;

let trusted = listOf([]);

/** Sets the trusted proxies of this process: addresses and networks (CIDR), separated by commas or blanks. Throws CONFIG_INVALID. */
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

/** Whether the other end of the socket is a trusted proxy, so that the request's headers about the client may be believed. */
export function isByProxy({ socket }: Pick<IncomingMessage, 'socket'>): boolean {
  return isAmong(addressOf(socket.remoteAddress ?? '') ?? '', trusted);
}

/**
 * The address of the client: the right-most hop of X-Forwarded-For that is no trusted proxy, as the entries to its left are
 * that hop's own claim; or the peer itself where it is not trusted. An IPv4 address within IPv6 is returned as IPv4. Empty for
 * a socket that is closed.
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

/** What a rate limit counts as one sender: the address, or of IPv6 its network, as each customer of a provider has all its addresses. */
export function clientNetwork(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  const rest = tail?.split(':').filter(Boolean) ?? [];
  const gap = tail === undefined ? 0 : 8 - groups.length - rest.length;
  return `${[...groups, ...Array<string>(gap).fill('0'), ...rest].slice(0, 4).join(':')}::/64`;
}
