/** Secrets that the hub made or took itself: a file of the data folder that only its owner reads. */
import { createHash, randomBytes } from 'node:crypto';
import Type, { type Static } from 'typebox';
import type { Auditing } from '../audit/audited.ts';
import { CodedError } from '../errors/coded-error.ts';
import { replaceFile, textOf } from '../files/durable.ts';
import { asOneWriter } from '../files/one-writer.ts';
import { readJson } from '../schema/read-json.ts';
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
export async function readKept(file: string): Promise<Kept> {
  const text = await textOf(file);
  const wrong = () => new CodedError('CONFIG_INVALID', `${file} is no file of secrets`, { file });
  return text === undefined ? {} : readJson<Kept>(text, schema, wrong);
}

/** Writes what `next` makes of the one that stands there now; undefined leaves all as it is. Answers whether it wrote. */
export function writeKept(
  file: string,
  name: string,
  next: (fresh: KeptSecret | undefined) => KeptSecret | undefined,
): Promise<boolean> {
  return asOneWriter(file, async () => {
    const all = await readKept(file);
    const secret = next(all[name]);
    if (secret === undefined) return false;
    await replaceFile(file, `${JSON.stringify({ ...all, [name]: secret }, null, 1)}\n`, 0o600);
    return true;
  });
}

/** An old one, beside the new one. */
export function holds({ until }: { until: string }, now: Date): boolean {
  return Date.parse(until) > now.getTime();
}

/** What does not hold any more goes out of the file too. Answers whether there was any. */
export async function endOld(file: string, name: string, audit: Auditing, now: Date): Promise<boolean> {
  const ended = await writeKept(file, name, (fresh) => {
    const old = fresh?.old.filter((one) => holds(one, now));
    return fresh && old && old.length < fresh.old.length ? { ...fresh, old } : undefined;
  });
  if (!ended) return false;
  const row = { who: 'hub', from: 'hub', act: 'secret.end', object: `secret/${name}` } as const;
  await audit.append({ ...row, outcome: 'done' });
  return true;
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
  const still = old.filter((one) => holds(one, now)).map((one) => one.value);
  return [...new Set([...words, ...still])].join(' ');
}

/** Until when an old one holds beside the new one; undefined where none does. */
export function overlapOf({ old }: KeptSecret, now: Date): string | undefined {
  return old
    .filter((one) => holds(one, now))
    .map(({ until }) => until)
    .toSorted()
    .at(-1);
}
