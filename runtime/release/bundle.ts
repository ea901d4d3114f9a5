/** A release as one file: what is in it, its digest, and who vouches for it. */
import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import Type, { type Static } from 'typebox';
import { CodedError } from '../errors/coded-error.ts';
import { ownSchema } from '../schema/schema.ts';
import type { FileSet } from './file-set.ts';

const closed = { additionalProperties: false };
const count = Type.Integer({ minimum: 0 });
const sha256 = '[0-9a-f]{64}';
const path = '^(flows|definitions)(/[A-Za-z0-9_][A-Za-z0-9_. -]*)+$';

const BundleFile = Type.Object(
  {
    format: Type.Literal('crossdock-release/1'),
    manifest: Type.Object(
      {
        name: Type.String({ minLength: 1 }),
        version: Type.String({ pattern: '^[0-9]+[.][0-9]+[.][0-9]+$' }),
        created: Type.String({ format: 'date-time' }),
        author: Type.String({ minLength: 1 }),
        /** One line a change, and what the author says of it. */
        changelog: Type.Array(Type.String()),
        /** Digest of the release before. */
        previous: Type.Optional(Type.String({ pattern: `^sha256:${sha256}$` })),
        files: Type.Array(
          Type.Object(
            { path: Type.String({ pattern: path }), sha256: Type.String({ pattern: `^${sha256}$` }) },
            closed,
          ),
        ),
        /** Of `${NAME}` in its flows. */
        names: Type.Array(Type.String()),
        /** Of its nodes. */
        types: Type.Array(Type.String()),
        evidence: Type.Object(
          {
            lint: Type.Object({ errors: count, warnings: count }, closed),
            tests: Type.Object({ passed: count, failed: count }, closed),
          },
          closed,
        ),
      },
      closed,
    ),
    files: Type.Record(Type.String({ pattern: path }), Type.String()),
    /** Of the manifest, which holds the digests of the files. */
    digest: Type.String({ pattern: `^sha256:${sha256}$` }),
    /** Ed25519 over the digest; `key` is the id of the public key. */
    signature: Type.Object({ key: Type.String(), value: Type.String() }, closed),
  },
  closed,
);

export type Bundle = Static<typeof BundleFile>;
export type Manifest = Bundle['manifest'];

const schema = ownSchema(BundleFile);

/** The release of these files. Its text is the same for the same manifest, files and key. */
export function sealBundle(manifest: Omit<Manifest, 'files'>, set: FileSet, key: KeyObject): Bundle {
  const sorted = [...set].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const whole = { ...manifest, files: sorted.map(([path, text]) => ({ path, sha256: hash(text) })) };
  const digest = digestOf(whole);
  const value = sign(null, Buffer.from(digest), key).toString('base64');
  return {
    format: 'crossdock-release/1',
    manifest: whole,
    files: Object.fromEntries(sorted),
    digest,
    signature: { key: keyId(createPublicKey(key)), value },
  };
}

export function bundleText(bundle: Bundle): string {
  return `${JSON.stringify(bundle, null, 1)}\n`;
}

/** Throws CodedError RELEASE_INVALID: it is no release, or not what its digest says. Who signed it is not looked at. */
export function readBundle(text: string): Bundle {
  const bundle = parsed(text);
  const { manifest, files, digest } = bundle;
  if (digestOf(manifest) !== digest) throw invalid('its manifest is not the one of its digest');
  const listed = new Map(manifest.files.map((one) => [one.path, one.sha256]));
  if (listed.size !== manifest.files.length) throw invalid('it lists a file twice');
  for (const path of Object.keys(files)) if (!listed.has(path)) throw invalid(`it does not list ${path}`);
  for (const [path, sha] of listed)
    if (!Object.hasOwn(files, path) || hash(files[path] ?? '') !== sha)
      throw invalid(`${path} is not the one that was released`);
  return bundle;
}

/** Public keys by their ids. */
export type TrustedKeys = ReadonlyMap<string, KeyObject>;

/** Throws CodedError RELEASE_UNTRUSTED: nobody this hub trusts has signed it. */
export function verifyBundle({ digest, signature, manifest }: Bundle, trusted: TrustedKeys): void {
  const key = trusted.get(signature.key);
  const value = Buffer.from(signature.value, 'base64');
  // What another text of the same bytes would decode to is not what was signed.
  const exact = value.toString('base64') === signature.value;
  if (key && exact && verify(null, Buffer.from(digest), key, value)) return;
  const why = key
    ? 'its signature is not that of its digest'
    : `the key ${signature.key} is not trusted here`;
  throw new CodedError('RELEASE_UNTRUSTED', `Release ${manifest.version}: ${why}`, { key: signature.key });
}

export function setOf({ files }: Bundle): FileSet {
  return new Map(Object.entries(files));
}

/** First 16 hex digits of the SHA-256 of the key. */
export function keyId(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);
}

export function privateKeyOf(pem: string): KeyObject {
  return createPrivateKey(pem);
}

function parsed(text: string): Bundle {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid('it is not JSON');
  }
  const wrong = schema.check(value);
  if (wrong) throw invalid(`${wrong.path || 'the file'} ${wrong.message}`);
  // Written otherwise, a file of the same meaning would have another checksum wherever it is carried.
  if (bundleText(value as Bundle) !== text) throw invalid('it was rewritten');
  return value as Bundle;
}

function digestOf(manifest: Manifest): string {
  return `sha256:${hash(canonical(manifest))}`;
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join()}}`;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function invalid(why: string): CodedError {
  return new CodedError('RELEASE_INVALID', `This is no sound release: ${why}`);
}
