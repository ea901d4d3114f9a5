/** Who sent a request: the socket's other end, or whom a proxy in front of the hub names, where that proxy is trusted. */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv4 } from 'node:net';
import { CodedError } from '../errors/coded-error.ts';

const setting = 'CROSSDOCK_TRUSTED_PROXIES';
/** A chain of proxies is short; what is longer was made up. */
const mostHops = 20;

let trusted = new BlockList();

/** Of this process, from now on: addresses and networks (CIDR), separated by commas or blanks. Throws CONFIG_INVALID. */
export function trustProxies(listed = ''): void {
  const list = new BlockList();
  for (const one of listed.split(/[\s,]+/).filter(Boolean)) {
    const [address = '', prefix, ...more] = one.split('/');
    const bits = isIPv4(address) ? 32 : 128;
    const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : 0;
    if (!isIP(address) || address.includes('%') || more.length > 0 || length < 1 || length > bits)
      throw new CodedError(
        'CONFIG_INVALID',
        `${setting} holds addresses and networks such as 10.0.0.5 or 10.0.0.0/24, not "${one}"; one of all addresses is none`,
        { setting },
      );
    list.addSubnet(address, length, bits === 32 ? 'ipv4' : 'ipv6');
  }
  trusted = list;
}

/**
 * The right-most hop that is no trusted proxy: what stands to its left in X-Forwarded-For is that hop's own word. The peer
 * itself where it is not trusted. IPv4 within IPv6 is said as IPv4. Empty for a socket that is closed.
 */
export function clientAddress({ socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>): string {
  let client = plain(socket.remoteAddress ?? '') ?? '';
  const forwarded = headers['x-forwarded-for'];
  const hops = [forwarded ?? ''].flat().join(',').split(',').slice(-mostHops);
  while (isTrusted(client)) {
    const next = plain((hops.pop() ?? '').trim());
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

function isTrusted(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && trusted.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** Without port, brackets and zone, in its shortest form; undefined for what is no address. */
function plain(said: string): string | undefined {
  const [, inBrackets] = /^\[([^\]]+)\](?::\d+)?$/.exec(said) ?? [];
  const [, beforePort] = /^([\d.]+):\d+$/.exec(said) ?? [];
  const address = (inBrackets ?? beforePort ?? said).replace(/%.*$/, '');
  const family = isIP(address);
  if (family === 4) return address;
  if (family === 0) return undefined;
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(short) ?? [];
  if (high === undefined || low === undefined) return short;
  return [high, low]
    .map((part) => Number.parseInt(part, 16))
    .flatMap((part) => [part >> 8, part & 255])
    .join('.');
}
