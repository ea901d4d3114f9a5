/** Whose name belongs to an id of sign-on: `people.json` in the data directory, for those who read the audit. */
import { join } from 'node:path';
import { replaceFile, textOf } from '../../flow-file/durable.ts';

export interface KnownPerson {
  issuer: string;
  subject: string;
  /** At the last login. */
  name: string;
}

export type KnownPeople = Record<string, KnownPerson>;

/** By id. */
export async function readPeople(dataDir: string): Promise<KnownPeople> {
  return JSON.parse((await textOf(fileOf(dataDir))) ?? '{}') as KnownPeople;
}

let writing: Promise<void> = Promise.resolve();

/** Writes where something is new, one after the other. */
export function rememberPerson(dataDir: string, id: string, person: KnownPerson): Promise<void> {
  const write = async (): Promise<void> => {
    const all = await readPeople(dataDir);
    if (JSON.stringify(all[id]) === JSON.stringify(person)) return;
    await replaceFile(fileOf(dataDir), `${JSON.stringify({ ...all, [id]: person }, null, 2)}\n`, 0o600);
  };
  writing = writing.then(write, write);
  return writing;
}

function fileOf(dataDir: string): string {
  return join(dataDir, 'people.json');
}
