/** Since when each secret has the value it has: marks of the values, in a file of the data folder. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../files/durable.ts';
import { serial } from '../files/serial.ts';
import { printOf } from './kept.ts';

interface SeenFile {
  salt: string;
  /** Times are ISO 8601, UTC. */
  seen: Record<string, { hash: string; since: string }>;
  /** Asked of where it is used: when it ends. */
  ends?: Record<string, { hash: string; at: string }>;
}

const fileOf = (dataDir: string): string => join(dataDir, 'secrets-seen.json');

export function readSeen(dataDir: string): SeenFile {
  try {
    return JSON.parse(readFileSync(fileOf(dataDir), 'utf8')) as SeenFile;
  } catch {
    return { salt: randomBytes(32).toString('hex'), seen: {} };
  }
}

/** Two at once would each put back what the other has written. */
const inTurn = serial();

/** Notes values that are new, as of now. To be called by the hub alone. */
export function noteSeen(dataDir: string, values: ReadonlyMap<string, string>, now: Date): Promise<void> {
  return inTurn(async () => {
    const file = readSeen(dataDir);
    const fresh = [...values].flatMap(([name, value]) => {
      const { hash } = printOf(value, file.salt);
      return file.seen[name]?.hash === hash ? [] : [[name, { hash, since: now.toISOString() }] as const];
    });
    if (fresh.length === 0) return;
    await keep(dataDir, { ...file, seen: { ...file.seen, ...Object.fromEntries(fresh) } });
  });
}

/** When the value of now ends, as whoever takes it said. */
export function noteEnd(dataDir: string, name: string, value: string, at: string): Promise<void> {
  return inTurn(async () => {
    const file = readSeen(dataDir);
    const { hash } = printOf(value, file.salt);
    const before = file.ends?.[name];
    if (before?.hash === hash && before.at === at) return;
    await keep(dataDir, { ...file, ends: { ...file.ends, [name]: { hash, at } } });
  });
}

function keep(dataDir: string, file: SeenFile): Promise<void> {
  return replaceFile(fileOf(dataDir), `${JSON.stringify(file, null, 1)}\n`, 0o600);
}

/** Of the value of now. */
export function seenOf(file: SeenFile, name: string, value: string): { since?: string; ends?: string } {
  const { hash } = printOf(value, file.salt);
  const [seen, end] = [file.seen[name], file.ends?.[name]];
  return {
    ...(seen?.hash === hash && { since: seen.since }),
    ...(end?.hash === hash && { ends: end.at }),
  };
}
