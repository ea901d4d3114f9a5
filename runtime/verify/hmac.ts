/** An HMAC scheme described by its settings, for senders without a scheme of their own here. */
import { CodedError } from '../errors/coded-error.ts';
import { algorithms, encodings, header, mac, plainBase64, required, unixTime, utf8Key } from './scheme.ts';
import type { Algorithm, Encoding, Part, Scheme } from './scheme.ts';

export interface HmacOptions {
  /** Holds the signature. */
  header: string;
  /** Default sha256. */
  algorithm?: Algorithm;
  /** Default hex. */
  encoding?: Encoding;
  /** Stands before the signature: `sha256=`. */
  prefix?: string;
  /** The signed text, of `{body}`, `{timestamp}` and `{id}`. Default `{body}`. */
  template?: string;
  timestampHeader?: string;
  /** Unix time in seconds (default) or milliseconds. */
  timestampUnit?: 's' | 'ms';
  /** Holds the sender's id of the delivery. */
  idHeader?: string;
  /** Holds the sender's name of the event. */
  topicHeader?: string;
}

export function hmac(options: HmacOptions | undefined): Scheme {
  const checked = check(options);
  const {
    algorithm = 'sha256',
    encoding = 'hex',
    prefix = '',
    timestampHeader,
    idHeader,
    topicHeader,
  } = checked;
  const template = parts(checked);
  const idSigned = template.includes('{id}');
  return {
    windowS: timestampHeader === undefined ? undefined : 300,
    key: utf8Key,
    expected: (key, signed) => prefix + mac(key, signed, algorithm, encoding),
    claim(request) {
      const timestamp = timestampHeader === undefined ? undefined : required(request, timestampHeader);
      const id = idSigned ? required(request, idHeader!) : undefined;
      const signed = fill(template, request.rawBody, timestamp, id);
      const presented = required(request, checked.header);
      return {
        proofs: [{ signed, presented: [encoding === 'base64-any' ? spelled(presented, prefix) : presented] }],
        signedAt: timestamp === undefined ? undefined : unixTime(timestamp, checked.timestampUnit),
      };
    },
    identity: (request) => ({
      senderId: idHeader === undefined ? undefined : header(request, idHeader),
      senderIdSigned: idSigned,
      topic: topicHeader === undefined ? undefined : header(request, topicHeader),
    }),
  };
}

function spelled(presented: string, prefix: string): string {
  return presented.startsWith(prefix) ? prefix + plainBase64(presented.slice(prefix.length)) : presented;
}

/** `v0:{timestamp}:{body}` as its literal texts and placeholders. */
function parts({ template = '{body}' }: HmacOptions): string[] {
  return template.split(/(\{(?:body|timestamp|id)\})/);
}

function fill(
  template: string[],
  body: Buffer,
  timestamp: string | undefined,
  id: string | undefined,
): Part[] {
  const values = new Map<string, Part | undefined>([
    ['{body}', body],
    ['{timestamp}', timestamp],
    ['{id}', id],
  ]);
  return template.map((part) => values.get(part) ?? part);
}

function check(options: HmacOptions | undefined): HmacOptions {
  if (!options?.header)
    throw invalid('The HMAC scheme needs the name of the header that holds the signature');
  const { algorithm = 'sha256', encoding = 'hex', timestampUnit = 's', timestampHeader, idHeader } = options;
  if (!algorithms.includes(algorithm)) throw invalid(`The HMAC algorithm is one of ${algorithms.join(', ')}`);
  if (!encodings.includes(encoding))
    throw invalid(`The encoding of the signature is one of ${encodings.join(', ')}`);
  if (!['s', 'ms'].includes(timestampUnit)) throw invalid('The unit of the timestamp is s or ms');
  const template = parts(options);
  if (template.some((part) => /\{(?!(?:body|timestamp|id)\})[^{}]*\}/.test(part)))
    throw invalid('The template knows {body}, {timestamp} and {id} only');
  if (!template.includes('{body}')) throw invalid('The template of the signed text needs {body}');
  // A time outside the signature proves nothing, and one without a header cannot be known.
  if (template.includes('{timestamp}') !== (timestampHeader !== undefined))
    throw invalid('A timestamp header and {timestamp} in the template need each other');
  if (template.includes('{id}') && idHeader === undefined)
    throw invalid('{id} in the template needs an id header');
  return options;
}

function invalid(why: string): CodedError {
  return new CodedError('CONFIG_INVALID', why);
}
