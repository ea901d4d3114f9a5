/** Secrets that the hub made or took itself: a file of the data folder that only its owner reads. */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import Type, { type Static } from 'typebox';
import { CodedError } from '../errors/coded-error.ts';
import { replaceFile } from '../flow-file/durable.ts';
import { ownSchema } from '../schema/schema.ts';

const closed = { additionalProperties: false };
const time = Type.String({ format: 'date-time' });
const KeptSecret = Type.Object(
  {
    /** `webhook`: all that hold stand in it, separated by blanks. */
    kind: Type.Enum(['webhook', 'odoo']),
    value: Type.String({ minLength: 1 }),
    since: time,
    /** When it ends where it is used. */
    ends: Type.Optional(time),
    /** Of the value that the source had: another one there counts in the place of this. */
    over: Type.Optional(Type.Object({ salt: Type.String(), hash: Type.String() }, closed)),
    /** Those that still hold. */
    old: Type.Array(Type.Object({ value: Type.String(), until: time }, closed)),
  },
  closed,
);
const KeptFile = Type.Record(Type.String(), KeptSecret);
const schema = ownSchema(KeptFile);

export type KeptSecret = Static<typeof KeptSecret>;
export type Kept = Record<string, KeptSecret>;

/** Throws CodedError CONFIG_INVALID for a file that was changed into something else. */
export function readKept(file: string): Kept {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  const read = parsed(text);
  if (schema.check(read)) throw new CodedError('CONFIG_INVALID', `${file} is no file of secrets`, { file });
  return read as Kept;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Undefined takes it out. */
export async function writeKept(file: string, name: string, secret: KeptSecret | undefined): Promise<void> {
  const { [name]: _, ...others } = readKept(file);
  const next = secret === undefined ? others : { ...others, [name]: secret };
  await replaceFile(file, `${JSON.stringify(next, null, 1)}\n`, 0o600);
}

export function printOf(
  value: string,
  salt = randomBytes(16).toString('hex'),
): { salt: string; hash: string } {
  return { salt, hash: createHash('sha256').update(`${salt} ${value}`).digest('hex') };
}

/** What holds now, where the source has `base`. */
export function holding({ kind, value, over, old }: KeptSecret, base: string | undefined, now: Date): string {
  const moved = over !== undefined && base !== undefined && printOf(base, over.salt).hash !== over.hash;
  const current = moved ? base : value;
  if (kind !== 'webhook') return current;
  const words = current.split(/\s+/).filter(Boolean);
  const still = old.filter(({ until }) => Date.parse(until) > now.getTime()).map((one) => one.value);
  return [...new Set([...words, ...still])].join(' ');
}

/** Until when an old one holds beside the new one; undefined where none does. */
export function overlapOf({ old }: KeptSecret, now: Date): string | undefined {
  return old
    .map(({ until }) => until)
    .filter((until) => Date.parse(until) > now.getTime())
    .toSorted()
    .at(-1);
}
