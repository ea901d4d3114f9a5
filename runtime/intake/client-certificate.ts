/** The client's certificate as a proxy hands it on: RFC 9440's Client-Cert, Envoy's X-Forwarded-Client-Cert, a PEM, or a SHA-256 fingerprint. */
import { X509Certificate } from 'node:crypto';

export interface ClientCertificate {
  /** The SHA-256 fingerprint, in lower case without colons. */
  fingerprint?: string;
  /** The subject, `CN=partner,O=Partner Ltd`, its parts in the order of the certificate. */
  subject?: string;
}

/** A SHA-256 fingerprint in the form in which certificates are compared; undefined for text that is none. */
export function fingerprintOf(text: string): string | undefined {
  const hex = text
    .trim()
    .replace(/^sha-?256[:=]/i, '')
    .replaceAll(':', '')
    .toLowerCase();
  return /^[0-9a-f]{64}$/.test(hex) ? hex : undefined;
}

/** The certificate in the header. Undefined where none can be read, or there are several and it is not known which one counts. */
export function readCertificate(header: string, value: string): ClientCertificate | undefined {
  const text = value.trim();
  if (header === 'x-forwarded-client-cert') return ofEnvoy(text);
  const base64 = /^:([A-Za-z0-9+/=]+):$/.exec(text)?.[1];
  if (base64 !== undefined) return parsed(Buffer.from(base64, 'base64'));
  const pem = decoded(text);
  if (pem.startsWith('-----BEGIN CERTIFICATE-----')) return parsed(pem);
  const fingerprint = fingerprintOf(text);
  return fingerprint === undefined ? undefined : { fingerprint };
}

/** The last entry: each proxy adds its own behind a comma, and the last is that of the proxy we trust. */
function ofEnvoy(text: string): ClientCertificate | undefined {
  const last = splitOutside(text, ',').at(-1) ?? '';
  const said = new Map(
    splitOutside(last, ';').map((pair): [string, string] => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at).trim().toLowerCase(), unquoted(pair.slice(at + 1).trim())];
    }),
  );
  const fingerprint = fingerprintOf(said.get('hash') ?? '');
  const subject = said.get('subject');
  if (fingerprint === undefined && !subject) return undefined;
  return {
    ...(fingerprint !== undefined && { fingerprint }),
    ...(subject && { subject: subjectOf(subject) }),
  };
}

/** Whether two subjects have the same parts in the same order, however these are separated. */
export function subjectOf(text: string): string {
  return text
    .split(/\n|,(?=\s*[A-Za-z][A-Za-z0-9.]*=)/)
    .map((part) => part.trim())
    .filter(Boolean)
    .join(',');
}

function parsed(certificate: Buffer | string): ClientCertificate | undefined {
  try {
    const { fingerprint256, subject } = new X509Certificate(certificate);
    return { fingerprint: fingerprintOf(fingerprint256)!, subject: subjectOf(subject) };
  } catch {
    return undefined;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function unquoted(text: string): string {
  return /^".*"$/.test(text) ? text.slice(1, -1).replaceAll(/\\(.)/g, '$1') : text;
}

function splitOutside(text: string, mark: string): string[] {
  const parts = [''];
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at]!;
    if (letter === '\\' && quoted) parts[parts.length - 1] += letter + (text[(at += 1)] ?? '');
    else if (letter === mark && !quoted) parts.push('');
    else {
      if (letter === '"') quoted = !quoted;
      parts[parts.length - 1] += letter;
    }
  }
  return parts;
}
