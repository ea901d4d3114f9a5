/** What would fit a signature that fits nothing, where one of the usual mistakes explains it. */
import { mac, plainBase64 } from '../../verify/scheme.ts';
import { timed, type Candidate } from './candidates.ts';
import { bodiesOf, type Pasted } from './request.ts';
import type { Signing } from './signing.ts';

/** What would fit, and is not supported or not what was pasted. */
export type Hint = 'no-header' | 'basic' | 'secret-base64' | 'secret-hex' | 'milliseconds' | 'body-changed';

export function hintOf(pasted: Pasted, candidates: readonly Candidate[], secret: string): Hint | undefined {
  if (/^basic /i.test(pasted.headers['authorization'] ?? '')) return 'basic';
  if (candidates.length === 0) return 'no-header';
  const signings = candidates.flatMap((one) => one.signings).filter(({ scheme }) => scheme === 'hmac');
  const fits = (body: string, key: string | Buffer, more = signings): boolean =>
    more.some((signing) => isSigned(pasted, signing, body, key));
  for (const body of bodiesOf(pasted.body)) {
    if (fits(body, secret, inMilliseconds(pasted, signings))) return 'milliseconds';
    if (/^[A-Za-z0-9+/]{8,}={0,2}$/.test(secret) && fits(body, Buffer.from(secret, 'base64')))
      return 'secret-base64';
    if (/^([0-9a-fA-F]{2})+$/.test(secret) && fits(body, Buffer.from(secret, 'hex'))) return 'secret-hex';
  }
  return printed(pasted.body).some((body) => fits(body, secret)) ? 'body-changed' : undefined;
}

function isSigned(pasted: Pasted, signing: Signing, body: string, key: string | Buffer): boolean {
  const { algorithm = 'sha256', encoding = 'hex', prefix = '', header = '' } = signing;
  const said = pasted.headers[header]?.slice(prefix.length) ?? '';
  const made = mac(key, [signedText(pasted, signing, body)], algorithm, encoding);
  return made === (encoding === 'base64-any' ? plainBase64(said) : said);
}

function inMilliseconds({ headers }: Pasted, signings: readonly Signing[]): Signing[] {
  const times = Object.keys(headers).filter((name) => /^\d{13}$/.test(headers[name]!));
  const plain = signings.filter(({ template }) => template === undefined);
  return plain.flatMap((signing) =>
    times.flatMap((timestampHeader) => timed.map((template) => ({ ...signing, timestampHeader, template }))),
  );
}

function signedText({ headers }: Pasted, signing: Signing, body: string): string {
  const { template = '{body}', timestampHeader = '', idHeader = '' } = signing;
  const values: Record<string, string | undefined> = {
    timestamp: headers[timestampHeader],
    id: headers[idHeader],
    body,
  };
  return template.replaceAll(/\{(timestamp|id|body)\}/g, (_, name: string) => values[name] ?? '');
}

/** The same data as other programs write it, as when somebody made it pretty before sending it on. */
function printed(body: string): string[] {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return [];
  }
  const [compact, two, four] = [undefined, 2, 4].map((indent) => JSON.stringify(value, null, indent));
  const ascii = (text: string): string =>
    text.replaceAll(/[^\0-\x7f]/g, (one) => String.raw`\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
  // PHP, and Python.
  const php = ascii(compact!.replaceAll('/', String.raw`\/`));
  const spaced = JSON.stringify(value, null, 1)
    .replaceAll(/([[{])\n */g, '$1')
    .replaceAll(/\n *([\]}])/g, '$1')
    .replaceAll(/,\n */g, ', ');
  return [compact!, two!, four!, php, compact!.replaceAll('/', String.raw`\/`), spaced, ascii(spaced)];
}
