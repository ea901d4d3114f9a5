/** IP addresses and CIDR ranges, IPv4 and IPv6; an IPv4 address written as IPv6 (`::ffff:192.0.2.1`) is the IPv4 address. */
import { isIPv4, isIPv6 } from 'node:net';

/** As bits: 4 or 16 bytes. */
interface Address {
  bytes: number[];
}

export interface Range extends Address {
  /** How many bits from the left must be the same. */
  bits: number;
}

/** Undefined for what is no address. A zone (`fe80::1%eth0`) is left out. */
export function addressOf(text: string): Address | undefined {
  const bare = text.trim().replace(/%.*$/, '');
  if (isIPv4(bare)) return { bytes: bare.split('.').map(Number) };
  if (!isIPv6(bare)) return undefined;
  const bytes = sixteenOf(bare);
  return isMapped(bytes) ? { bytes: bytes.slice(12) } : { bytes };
}

/** `203.0.113.0/24`, `2001:db8::/32`, `::ffff:203.0.113.0/120`, or one address. Undefined for anything else. */
export function rangeOf(text: string): Range | undefined {
  const [, base = '', length] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text.trim()) ?? [];
  const address = addressOf(base);
  if (!address) return undefined;
  const mapped = isIPv6(base) && address.bytes.length === 4;
  const written = mapped ? 128 : address.bytes.length * 8;
  const bits = Number(length ?? written);
  // A range of mapped addresses that is wider than all of them is one of IPv6, which none of ours is in.
  if (bits > written || (mapped && bits < 96)) return undefined;
  return { bytes: address.bytes, bits: mapped ? bits - 96 : bits };
}

export function isWithin({ bytes }: Address, range: Range): boolean {
  if (bytes.length !== range.bytes.length) return false;
  const whole = range.bits >> 3;
  for (let at = 0; at < whole; at += 1) if (bytes[at] !== range.bytes[at]) return false;
  const rest = range.bits & 7;
  if (rest === 0) return true;
  const mask = 0xff00 >> rest;
  return (bytes[whole]! & mask) === (range.bytes[whole]! & mask);
}

export function isAmong(text: string, ranges: readonly Range[]): boolean {
  const address = addressOf(text);
  return address !== undefined && ranges.some((range) => isWithin(address, range));
}

/** Of a valid IPv6 address. */
function sixteenOf(text: string): number[] {
  const plain = text.replace(/\d+\.\d+\.\d+\.\d+$/, (four) => {
    const [a = 0, b = 0, c = 0, d = 0] = four.split('.').map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [left = '', right] = plain.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const [before, after] = [groups(left), groups(right ?? '')];
  const zeros = right === undefined ? [] : Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function isMapped(bytes: readonly number[]): boolean {
  return bytes.slice(0, 10).every((one) => one === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
}
