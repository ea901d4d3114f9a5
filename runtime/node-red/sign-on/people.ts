/** Whose name belongs to an id of sign-on, and which logins of theirs were ended: `people.json` in the data directory. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { whenChanged } from '../../definitions/when-changed.ts';
import { CodedError } from '../../errors/coded-error.ts';
import { replaceFile, textOf } from '../../files/durable.ts';
import { asOneWriter } from '../../files/one-writer.ts';
import type { Ended } from '../session-book.ts';

export interface KnownPerson extends Ended {
  issuer: string;
  subject: string;
  /** At the last login. */
  name: string;
}

export type KnownPeople = Record<string, KnownPerson>;

/** By id. Throws CONFIG_INVALID. */
export async function readPeople(dataDir: string): Promise<KnownPeople> {
  return parsed(await textOf(fileOf(dataDir)), dataDir);
}

/** As they stand now. Throws CONFIG_INVALID: nobody knows then whose login was ended. */
export function followPeople(dataDir: string): () => KnownPeople {
  const file = fileOf(dataDir);
  return whenChanged(
    () => file,
    () => parsed(textNow(file), dataDir),
  );
}

/** Writes where something is new. */
export function rememberPerson(
  dataDir: string,
  id: string,
  person: Omit<KnownPerson, keyof Ended>,
): Promise<void> {
  return changing(dataDir, (all) => ({ ...all, [id]: { ...all[id], ...person } }));
}

/** Of somebody who is not known, nothing. `next`: from what was ended before. */
export function endPerson(dataDir: string, id: string, next: (before: Ended) => Ended): Promise<void> {
  return changing(dataDir, (all) => (all[id] ? { ...all, [id]: { ...all[id], ...next(all[id]) } } : all));
}

/** A hub and a command may do so at once. */
function changing(dataDir: string, change: (all: KnownPeople) => KnownPeople): Promise<void> {
  const file = fileOf(dataDir);
  return asOneWriter(file, async () => {
    const all = await readPeople(dataDir);
    const next = change(all);
    if (JSON.stringify(next) === JSON.stringify(all)) return;
    await replaceFile(file, `${JSON.stringify(next, null, 2)}\n`, 0o600);
  });
}

function parsed(text: string | undefined, dataDir: string): KnownPeople {
  try {
    return JSON.parse(text ?? '{}') as KnownPeople;
  } catch (cause) {
    const file = fileOf(dataDir);
    throw new CodedError('CONFIG_INVALID', `${file} is not a list of people`, { file }, { cause });
  }
}

function textNow(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}

function fileOf(dataDir: string): string {
  return join(dataDir, 'people.json');
}
