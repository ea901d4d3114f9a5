/** What an interface asks of a request before its body is read: an address, a certificate; and what its answers say of its end. */
import type { IncomingMessage } from 'node:http';
import { CodedError } from '../errors/coded-error.ts';
import { isAmong, listOf, networkOf, type Network } from './addresses.ts';
import { isByProxy } from './client-address.ts';
import { fingerprintOf, readCertificate, subjectOf } from './client-certificate.ts';

export interface Edge {
  /** Throws CodedError INTERFACE_RETIRED, ADDRESS_FORBIDDEN, CERTIFICATE_MISSING or CERTIFICATE_FORBIDDEN. */
  admit?(request: IncomingMessage, ip: string): void;
  /** The headers `Deprecation` and `Sunset` of every answer. */
  headers?: Record<string, string>;
  maxBytes?: number;
  rate?: { points: number; perS: number; by: 'route' | 'ip' };
}

export interface EdgeRules {
  rate?: { requests: number; seconds?: number; each?: 'interface' | 'address' };
  maxKb?: number;
  addresses?: readonly string[];
  certificate?: { header?: string; fingerprints?: readonly string[]; subjects?: readonly string[] };
}

export interface Ending {
  /** A day, `2026-12-01`. */
  deprecated?: string;
  sunset?: string;
  retired?: boolean;
}

/** The header's name in RFC 9440. */
const usualHeader = 'client-cert';

/** The checks of the interface on this path. Undefined where it asks for nothing: its requests then pass unchecked. */
export function edgeOf(rules: EdgeRules | undefined, ending: Ending): Edge | undefined {
  const checks: NonNullable<Edge['admit']>[] = [];
  if (ending.retired)
    checks.push(() => {
      throw gone();
    });
  if (rules?.addresses) checks.push(addressCheck(rules.addresses));
  if (rules?.certificate) checks.push(certificateCheck(rules.certificate));
  const headers = endingHeaders(ending);
  const { rate, maxKb } = rules ?? {};
  if (checks.length === 0 && !headers && !rate && maxKb === undefined) return undefined;
  return {
    ...(checks.length > 0 && {
      admit(request, ip) {
        for (const check of checks) check(request, ip);
      },
    }),
    ...(headers && { headers }),
    ...(maxKb !== undefined && { maxBytes: maxKb * 1024 }),
    ...(rate && {
      rate: {
        points: rate.requests,
        perS: rate.seconds ?? 1,
        by: rate.each === 'address' ? ('ip' as const) : ('route' as const),
      },
    }),
  };
}

/** RFC 9745: a Date of structured fields; RFC 8594: an HTTP date, the end of the last day. */
export function endingHeaders({ deprecated, sunset, retired }: Ending): Record<string, string> | undefined {
  if (deprecated === undefined || retired) return undefined;
  return {
    deprecation: `@${Date.parse(`${deprecated}T00:00:00Z`) / 1000}`,
    ...(sunset !== undefined && { sunset: new Date(`${sunset}T23:59:59Z`).toUTCString() }),
  };
}

/** `route`: as the register has it, where no flow has it any more. */
export function gone(route?: string): CodedError {
  const facts = route === undefined ? {} : { route };
  return new CodedError(
    'INTERFACE_RETIRED',
    'This interface is retired; nothing is taken here any more',
    facts,
  );
}

function addressCheck(addresses: readonly string[]): NonNullable<Edge['admit']> {
  const list = listOf(addresses.map(networkOf).filter((one): one is Network => one !== undefined));
  return (_request, ip) => {
    if (isAmong(ip, list)) return;
    throw new CodedError('ADDRESS_FORBIDDEN', 'This interface takes nothing from this address');
  };
}

function certificateCheck({
  header = usualHeader,
  fingerprints = [],
  subjects = [],
}: NonNullable<EdgeRules['certificate']>): (request: IncomingMessage) => void {
  const allowed = new Set(fingerprints.map(fingerprintOf));
  const names = new Set(subjects.map(subjectOf));
  return (request) => {
    const said = isByProxy(request) ? request.headers[header] : undefined;
    const certificate = typeof said === 'string' ? readCertificate(header, said) : undefined;
    if (!certificate)
      throw new CodedError('CERTIFICATE_MISSING', 'This interface asks for a client certificate');
    const { fingerprint, subject } = certificate;
    if (fingerprint !== undefined && allowed.has(fingerprint)) return;
    if (subject !== undefined && names.has(subject)) return;
    throw new CodedError('CERTIFICATE_FORBIDDEN', 'The client certificate is not one of this interface');
  };
}
