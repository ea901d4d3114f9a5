/** HTTP Message Signatures, RFC 9421, by hmac-sha256 and ed25519, with the body by its Content-Digest (RFC 9530). */
import { createHash, type KeyObject } from 'node:crypto';
import { isSigned, signature, standardKey } from './keys.ts';
import { header, refuse, required, sameText, type Claim, type Scheme, type Unverified } from './scheme.ts';

/** More than a proxy or two add. */
const mostSignatures = 5;
const digests = new Map([
  ['sha-256', 'sha256'],
  ['sha-512', 'sha512'],
]);

/** A secret is that of Standard Webhooks; `<keyid>=` before it makes it the key of this id only. */
export function messageSignatures(): Scheme {
  const idOf = new Map<unknown, string>();
  return {
    windowS: 300,
    key(secret) {
      const [, id, text] = /^(?:(.+)=(?=wh(?:sec|pk|sk)_))?(.*)$/s.exec(secret)!;
      const key = standardKey(text!);
      if (id !== undefined) idOf.set(key, id);
      return key;
    },
    expected: signature,
    proves: (key, { signed, presented, keyId, algorithm }) =>
      (algorithm === undefined || algorithm === algorithmOf(key as Buffer | KeyObject)) &&
      (!idOf.has(key) || idOf.get(key) === keyId) &&
      presented.some((text) => isSigned(key, signed, text)),
    claim(request) {
      checkDigest(request);
      const signatures = members(required(request, 'signature'));
      const inputs = [...members(required(request, 'signature-input'))];
      if (inputs.length > mostSignatures) throw refuse('The request has too many signatures');
      const claims = inputs.flatMap(([label, text]) => claimOf(request, text, signatures.get(label)) ?? []);
      if (claims.length === 0)
        throw refuse(
          'No signature has a time, covers content-digest, and covers nothing that is unknown here',
        );
      return claims;
    },
    identity: () => ({ senderIdSigned: false }),
  };
}

function algorithmOf(key: Buffer | KeyObject): 'hmac-sha256' | 'ed25519' {
  return Buffer.isBuffer(key) ? 'hmac-sha256' : 'ed25519';
}

export interface Input {
  components: string[];
  parameters: Map<string, string | number>;
}

/** `("@method" "date");created=1618884473;keyid="k"`; undefined for what else RFC 9421 knows, such as `"date";sf`. */
export function inputOf(text: string): Input | undefined {
  const [, list, rest] = /^\(([^()]*)\)((?:;.*)?)$/s.exec(text) ?? [];
  if (list === undefined || !/^("[^"\\]*"( "[^"\\]*")*)?$/.test(list)) return undefined;
  const components = list === '' ? [] : list.slice(1, -1).split('" "');
  if (new Set(components).size < components.length) return undefined;
  const found = [...rest!.matchAll(/;([a-z*][\w.*-]*)=(?:"([^"\\]*)"|(\d{1,15}))/g)];
  if (found.map(([whole]) => whole).join('') !== rest) return undefined;
  const parameters = found.map(([, name, said, number]) => [name!, said ?? Number(number)] as const);
  return { components, parameters: new Map(parameters) };
}

/** The text that is signed; undefined where it covers what the request has not, or what is not known here. */
export function signatureBase(request: Unverified, { components }: Input, text: string): string | undefined {
  const values = components.map((name) => valueOf(request, name));
  if (values.includes(undefined)) return undefined;
  const lines = components.map((name, at) => `"${name}": ${values[at]}`);
  return [...lines, `"@signature-params": ${text}`].join('\n');
}

function contentDigest(body: Buffer): string {
  return `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
}

function claimOf(request: Unverified, text: string, signed: string | undefined): Claim | undefined {
  const input = inputOf(text);
  const presented = signed?.match(/^:([\w+/=]+):$/)?.[1];
  const created = input?.parameters.get('created');
  if (!input?.components.includes('content-digest') || presented === undefined || typeof created !== 'number')
    return undefined;
  const base = signatureBase(request, input, text);
  if (base === undefined) return undefined;
  const { parameters } = input;
  const [keyId, algorithm] = ['keyid', 'alg'].map((name) => parameters.get(name)?.toString());
  const expires = parameters.get('expires');
  return {
    proofs: [{ signed: [base], presented: [presented], keyId, algorithm }],
    signedAt: created * 1000,
    ...(expires === undefined ? {} : { expiresAt: Number(expires) * 1000 }),
  };
}

function valueOf(request: Unverified, name: string): string | undefined {
  const { method = '', url = '' } = request;
  const [, path, query] = /^([^?]*)(.*)$/s.exec(url)!;
  if (name === '@method') return method;
  if (name === '@path') return path || '/';
  if (name === '@query') return query || '?';
  if (name === '@request-target') return url;
  if (name === '@authority') return header(request, 'host')?.toLowerCase();
  return header(request, name)?.trim();
}

/** The body is what its digest says. That the digest is signed is for the signature to show. */
function checkDigest(request: Unverified): void {
  const known = [...members(required(request, 'content-digest'))].filter(([name]) => digests.has(name));
  if (known.length === 0) throw refuse('The content-digest is neither sha-256 nor sha-512');
  for (const [name, said] of known) {
    const found = createHash(digests.get(name)!).update(request.rawBody).digest('base64');
    if (!sameText(said, `:${found}:`)) throw refuse('The content-digest is not that of the body');
  }
}

/** A dictionary of RFC 8941. Throws CodedError SIGNATURE_INVALID. */
function members(text: string): Map<string, string> {
  const found = new Map<string, string>();
  const rest = text.replaceAll(
    /([a-z*][a-z0-9_.*-]*)=((?:"[^"\\]*"|[^",])*)(?:,[ \t]*(?=[a-z*])|$)/gy,
    (_, name: string, value: string) => (found.set(name, value.trim()), ''),
  );
  if (rest !== '') throw refuse('A header of the signature cannot be read');
  return found;
}

/** The headers of a sender who signs the body alone. */
export function signedHeaders(body: Buffer, created: number, sign: (base: string) => string) {
  const digest = contentDigest(body);
  const text = `("content-digest");created=${created}`;
  const base = `"content-digest": ${digest}\n"@signature-params": ${text}`;
  return { 'content-digest': digest, 'signature-input': `sig1=${text}`, signature: `sig1=:${sign(base)}:` };
}
