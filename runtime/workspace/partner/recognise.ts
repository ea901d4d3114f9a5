/** How a partner signs, found out from one request and the secret: each scheme that could be meant is tried. */
import { asCoded, CodedError } from '../../errors/coded-error.ts';
import type { Unverified } from '../../verify/scheme.ts';
import type { SchemeName } from '../../verify/schemes.ts';
import { optionsOf, verifier } from '../../verify/verify.ts';
import { candidatesOf } from './candidates.ts';
import { hintOf, type Hint } from './hints.ts';
import { bodiesOf, type Pasted } from './request.ts';
import type { Signing } from './signing.ts';

export interface Tried {
  scheme: SchemeName;
  /** Where the signature would stand. */
  header: string;
  /** Signed texts that were compared: `{timestamp}.{body}`. */
  templates: string[];
  why: 'differs' | 'secret';
}

export interface Recognised {
  signing?: Signing;
  /** A person said how is signed, and the request does not prove it. */
  unproved?: boolean;
  /** As it was signed: a line end that came with the paste is off. */
  body: string;
  tried: Tried[];
  hint?: Hint;
}

export function recognise(pasted: Pasted, secret: string): Recognised {
  const tried: Tried[] = [];
  const candidates = candidatesOf(pasted);
  for (const body of bodiesOf(pasted.body))
    for (const { header, signings } of candidates)
      for (const signing of signings) {
        const outcome = check({ ...pasted, body }, signing, secret);
        if (outcome === 'right') return { signing, body, tried };
        note(tried, signing, header, outcome);
      }
  const hint = hintOf(pasted, candidates, secret);
  return { body: pasted.body, tried, ...(hint && { hint }) };
}

/** As a person says it. Throws CodedError REQUEST_INVALID for settings or a secret that cannot work. */
export function byHand(pasted: Pasted, signing: Signing, secret: string): Recognised {
  try {
    verifier(signing.scheme, options(signing), [secret]);
  } catch (error) {
    throw new CodedError('REQUEST_INVALID', asCoded(error).message);
  }
  for (const body of bodiesOf(pasted.body))
    if (check({ ...pasted, body }, signing, secret) === 'right') return { signing, body, tried: [] };
  return { signing, unproved: true, body: pasted.body, tried: [] };
}

function options(signing: Signing): ReturnType<typeof optionsOf> {
  return optionsOf({ windowSeconds: 300, header: '', ...signing });
}

type Outcome = 'right' | Tried['why'];

function check(pasted: Pasted, signing: Signing, secret: string): Outcome {
  const request: Unverified = {
    rawBody: Buffer.from(pasted.body),
    headers: pasted.headers,
    receivedAt: Date.now(),
    method: pasted.method,
    url: pasted.url,
  };
  try {
    verifier(signing.scheme, options(signing), [secret])(request);
    return 'right';
  } catch (error) {
    const { code } = error as { code?: string };
    // The request is from a while ago; its signature is right all the same.
    if (code === 'TIMESTAMP_STALE') return 'right';
    return code === 'CONFIG_INVALID' ? 'secret' : 'differs';
  }
}

function note(
  tried: Tried[],
  { scheme, template = '{body}' }: Signing,
  header: string,
  why: Tried['why'],
): void {
  const known = tried.find((one) => one.scheme === scheme && one.header === header);
  if (!known) tried.push({ scheme, header, templates: [template], why });
  else if (!known.templates.includes(template)) known.templates.push(template);
}
