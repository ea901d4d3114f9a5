/** Turns an unverified request into a verified one, or refuses it. Nothing else makes a `Verified`. */
import { CodedError } from '../errors/coded-error.ts';
import { header, refuse, sameText } from './scheme.ts';
import type { Claim, Identity, Key, Proof, Scheme, Unverified } from './scheme.ts';
import type { AdyenOptions } from './adyen.ts';
import type { HmacOptions } from './hmac.ts';
import { schemes, type SchemeName, type VerifyOptions } from './schemes.ts';

declare const brand: unique symbol;

export interface Verified extends Identity {
  readonly [brand]: true;
  rawBody: Buffer;
  scheme: SchemeName;
  /** Which of the active secrets it was; 0 is the first. */
  keyIndex: number;
}

/** The settings of a webhook verify node that say how is signed. */
export interface SigningSettings extends HmacOptions {
  windowSeconds: number;
  level?: AdyenOptions['level'];
}

export function optionsOf({
  windowSeconds,
  timestampHeader,
  idHeader,
  level,
  ...hmac
}: SigningSettings): VerifyOptions {
  const { header, algorithm, encoding, prefix, template } = hmac;
  return {
    windowS: windowSeconds,
    hmac: {
      header,
      ...(algorithm && { algorithm }),
      ...(encoding && { encoding }),
      ...(prefix !== undefined && { prefix }),
      ...(template !== undefined && { template }),
      ...(timestampHeader && { timestampHeader }),
      ...(idHeader && { idHeader }),
    },
    adyen: level ? { level } : {},
    bearer: header ? { header } : {},
    stripe: header ? { header } : {},
  };
}

/**
 * Prepares a scheme with its active secrets. Throws CodedError CONFIG_INVALID for settings or secrets that cannot work.
 * The function it gives throws CodedError SIGNATURE_INVALID, or TIMESTAMP_STALE for a right signature outside the window.
 */
export function verifier(
  name: SchemeName,
  options: VerifyOptions,
  secrets: readonly string[],
): (request: Unverified) => Verified {
  const { scheme, keys, windowS } = prepare(name, options, secrets);
  return (request) => {
    const claims = [scheme.claim(request)].flat();
    const proved = claims.map((claim) => ({ claim, keyIndex: provedBy(scheme, keys, claim) }));
    const right = proved.find(({ keyIndex }) => keyIndex !== undefined);
    if (right?.keyIndex === undefined) throw refuse('The signature does not match');
    const { claim, keyIndex } = right;
    if (windowS !== undefined) checkWindow(claim, windowS, request.receivedAt);
    // The one place where the type changes.
    return { rawBody: request.rawBody, scheme: name, keyIndex, ...scheme.identity(request) } as Verified;
  };
}

/** As `verifier`, in one step. */
export function verify(
  name: SchemeName,
  options: VerifyOptions,
  secrets: readonly string[],
  request: Unverified,
): Verified {
  return verifier(name, options, secrets)(request);
}

/** WooCommerce's test of a new webhook: an unsigned form post `webhook_id=N`, which wants exactly 200. */
export function isWooPing(request: Unverified): boolean {
  return (
    header(request, 'x-wc-webhook-signature') === undefined &&
    /^application\/x-www-form-urlencoded(?:;|$)/i.test(String(header(request, 'content-type'))) &&
    /^webhook_id=\d{1,20}$/.test(request.rawBody.subarray(0, 64).toString('latin1'))
  );
}

function prepare(name: SchemeName, options: VerifyOptions, secrets: readonly string[]) {
  if (!Object.hasOwn(schemes, name))
    throw new CodedError('CONFIG_INVALID', 'This signature scheme is not known');
  const scheme: Scheme = schemes[name](options);
  // An empty secret would let everyone sign.
  if (secrets.length === 0 || secrets.some((secret) => typeof secret !== 'string' || secret.trim() === ''))
    throw new CodedError('CONFIG_INVALID', 'A webhook needs at least one secret, and none may be empty');
  const windowS = scheme.windowS === undefined ? undefined : (options.windowS ?? scheme.windowS);
  if (windowS !== undefined && !(Number.isFinite(windowS) && windowS > 0))
    throw new CodedError('CONFIG_INVALID', 'The replay window is a number of seconds above 0');
  return { scheme, keys: secrets.map((secret) => scheme.key(secret)), windowS };
}

function provedBy(scheme: Scheme, keys: readonly Key[], claim: Claim): number | undefined {
  const same = (key: Key, { signed, presented }: Proof) => {
    const expected = scheme.expected(key, signed);
    return presented.some((text) => sameText(text, expected));
  };
  const proves = scheme.proves ?? same;
  const index = keys.findIndex((key) => claim.proofs.every((proof) => proves(key, proof)));
  return index === -1 || claim.proofs.length === 0 ? undefined : index;
}

function checkWindow(claim: Claim, windowS: number, receivedAt: number): void {
  if (receivedAt > (claim.expiresAt ?? Infinity))
    throw new CodedError('TIMESTAMP_STALE', 'The signature has expired', { windowS });
  // Without a time it is no number, and in no window.
  const offMs = receivedAt - claim.signedAt!;
  if (Math.abs(offMs) <= windowS * 1000) return;
  const facts = { offS: Math.round(offMs / 1000), windowS };
  throw new CodedError('TIMESTAMP_STALE', `The signed time is more than ${windowS} s off`, facts);
}
