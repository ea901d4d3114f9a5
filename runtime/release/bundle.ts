/** A release as one file: what is in it, its digest, and who vouches for it. */
import type { KeyObject } from 'node:crypto';
import Type, { type Static } from 'typebox';
import { CodedError } from '../errors/coded-error.ts';
import { readJson } from '../schema/read-json.ts';
import { ownSchema } from '../schema/schema.ts';
import type { FileSet } from '../flow-file/file-set.ts';
import { succeeding, Succession } from './succession.ts';
import { digestOf, hasDigest, hash, signed, whyUntrusted, type TrustedKeys } from '../signature/signature.ts';

const closed = { additionalProperties: false };
const count = Type.Integer({ minimum: 0 });
const sha256 = '[0-9a-f]{64}';
/** Of lengths that every file system takes. */
const path = '^(flows|definitions)(/[A-Za-z0-9_][A-Za-z0-9_. -]{0,199}){1,8}$';

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
        /** Interfaces that it uses and nobody had approved; an older release does not say. */
        unapproved: Type.Optional(Type.Array(Type.String())),
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
    /** How the key came after others, where it did: who trusts one of those trusts it. */
    succession: Type.Optional(Type.Array(Succession)),
  },
  closed,
);

export type Bundle = Static<typeof BundleFile>;
export type Manifest = Bundle['manifest'];

const schema = ownSchema(BundleFile);

/** The release of these files. Its text is the same for the same manifest, files and key. */
export function sealBundle(
  manifest: Omit<Manifest, 'files'>,
  set: FileSet,
  key: KeyObject,
  succession: readonly Succession[] = [],
): Bundle {
  const sorted = [...set].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const whole = { ...manifest, files: sorted.map(([path, text]) => ({ path, sha256: hash(text) })) };
  const digest = digestOf(whole);
  return {
    format: 'crossdock-release/1',
    manifest: whole,
    files: Object.fromEntries(sorted),
    digest,
    signature: signed(digest, key),
    ...(succession.length > 0 && { succession: [...succession] }),
  };
}

export function bundleText(bundle: Bundle): string {
  return `${JSON.stringify(bundle, null, 1)}\n`;
}

/** Throws CodedError RELEASE_INVALID: it is no release, or not what its digest says. Who signed it is not looked at. */
export function readBundle(text: string): Bundle {
  const bundle = parsed(text);
  const { manifest, files, digest } = bundle;
  if (!hasDigest(manifest, digest)) throw invalid('its manifest is not the one of its digest');
  const listed = new Map(manifest.files.map((one) => [one.path, one.sha256]));
  if (listed.size !== manifest.files.length) throw invalid('it lists a file twice');
  demandApart([...listed.keys()]);
  for (const path of Object.keys(files)) if (!listed.has(path)) throw invalid(`it does not list ${path}`);
  for (const [path, sha] of listed)
    if (!Object.hasOwn(files, path) || hash(files[path] ?? '') !== sha)
      throw invalid(`${path} is not the one that was released`);
  return bundle;
}

/** On a disk that knows no capitals the one would be written over the other, and no file is a folder too. */
function demandApart(paths: readonly string[]): void {
  const small = paths.map((path) => path.toLowerCase());
  const files = new Set(small);
  if (files.size !== small.length) throw invalid('it has two files whose names differ in capitals only');
  for (const path of small)
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
      if (files.has(path.slice(0, end)))
        throw invalid(`it has ${path.slice(0, end)} as a file and as a folder`);
}

/** Throws CodedError RELEASE_UNTRUSTED: nobody this hub trusts has signed it. */
export function verifyBundle(
  { digest, signature, manifest, succession = [] }: Bundle,
  trusted: TrustedKeys,
): void {
  const why = whyUntrusted(digest, signature, succeeding(trusted, succession));
  if (why === undefined) return;
  throw new CodedError('RELEASE_UNTRUSTED', `Release ${manifest.version}: ${why}`, { key: signature.key });
}

export function setOf({ files }: Pick<Bundle, 'files'>): FileSet {
  return new Map(Object.entries(files));
}

function parsed(text: string): Bundle {
  const bundle = readJson<Bundle>(text, schema, invalid);
  // Written otherwise, a file of the same meaning would have another checksum wherever it is carried.
  if (bundleText(bundle) !== text) throw invalid('it was rewritten');
  return bundle;
}

function invalid(why: string): CodedError {
  return new CodedError('RELEASE_INVALID', `This is no sound release: ${why}`);
}
