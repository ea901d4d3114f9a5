/** The word of a hub that an envelope is its own: HMAC-SHA256 over its attributes and its data, with keys of the environment. */
import { createHmac } from 'node:crypto';
import { CodedError } from '../errors/coded-error.ts';
import { sameText } from '../verify/scheme.ts';

export interface Seal {
  of(attributes: Readonly<Record<string, unknown>>, content: Buffer): string;
  /** CodedError EVENT_UNSEALED where none of the keys has made the seal; undefined where one has. */
  wrong(
    attributes: Readonly<Record<string, unknown>>,
    content: Buffer,
    seal: unknown,
  ): CodedError | undefined;
}

const setting = 'CROSSDOCK_ENVELOPE_KEYS';
const shortest = 32;

/**
 * The seal by the keys in CROSSDOCK_ENVELOPE_KEYS, which are separated by blanks or commas: the first key makes seals, and each
 * is accepted. Undefined where none is set. Throws CodedError CONFIG_INVALID for a key of less than 32 characters.
 */
export function sealOf(env: NodeJS.ProcessEnv): Seal | undefined {
  const keys = (env[setting] ?? '').split(/[\s,]+/).filter(Boolean);
  const [first] = keys;
  if (first === undefined) return undefined;
  if (keys.some((key) => key.length < shortest))
    throw new CodedError('CONFIG_INVALID', `A key of ${setting} has at least ${shortest} characters`, {
      setting,
    });
  return {
    of: (attributes, content) => made(first, attributes, content),
    wrong(attributes, content, seal) {
      const known =
        typeof seal === 'string' && keys.some((key) => sameText(seal, made(key, attributes, content)));
      if (known) return undefined;
      const why = seal === undefined ? 'has no seal' : 'has a seal of none of the keys here';
      return new CodedError('EVENT_UNSEALED', `The event ${why}`);
    },
  };
}

/** The bytes that are sealed: no two attributes can be read as one, nor the data as one of them. */
function made(key: string, attributes: Readonly<Record<string, unknown>>, content: Buffer): string {
  const said = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
  return createHmac('sha256', key)
    .update(`crossdock-envelope/1\n${JSON.stringify(said)}\n`)
    .update(content)
    .digest('base64url');
}
