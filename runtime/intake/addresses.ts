/** IP addresses and networks (CIDR), IPv4 and IPv6; an IPv4 address written as IPv6 (`::ffff:192.0.2.1`) is the IPv4 address. */
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

export interface Network {
  address: string;
  bits: number;
  family: 'ipv4' | 'ipv6';
}

/** The address in its shortest form, without brackets, port and zone; undefined for text that is no address. */
export function addressOf(text: string): string | undefined {
  const [, inBrackets] = /^\[([^\]]+)\](?::\d+)?$/.exec(text) ?? [];
  const [, beforePort] = /^([\d.]+):\d+$/.exec(text) ?? [];
  const address = (inBrackets ?? beforePort ?? text).replace(/%.*$/, '');
  if (isIPv4(address)) return address;
  if (!isIPv6(address)) return undefined;
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(short) ?? [];
  if (high === undefined || low === undefined) return short;
  return [high, low]
    .map((part) => Number.parseInt(part, 16))
    .flatMap((part) => [part >> 8, part & 255])
    .join('.');
}

/** Reads `203.0.113.0/24`, `2001:db8::/32`, `::ffff:203.0.113.0/120`, or one address. Undefined for anything else. */
export function networkOf(text: string): Network | undefined {
  const [, base = '', length] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text.trim()) ?? [];
  if (!isIP(base)) return undefined;
  const address = addressOf(base)!;
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  const written = isIPv4(base) ? 32 : 128;
  const bits = Number(length ?? written) - (isIPv6(base) && family === 'ipv4' ? 96 : 0);
  return bits < 0 || Number(length ?? 0) > written ? undefined : { address, bits, family };
}

/** One list for each family: a list for both would take an IPv4 address for one of `::/0`. */
export type Networks = Record<Network['family'], BlockList>;

export function listOf(networks: readonly Network[]): Networks {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const { address, bits, family } of networks) lists[family].addSubnet(address, bits, family);
  return lists;
}

/** Whether the list has the address, which is given in its shortest form. */
export function isAmong(address: string, lists: Networks): boolean {
  if (!isIP(address)) return false;
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  return lists[family].check(address, family);
}
