/** Looks every few seconds, and when it is asked to, whether a secret has another value; says its name and never more. */
import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import { replaceFile, textOf, unlessAbsent } from '../../files/durable.ts';
import type { Auditing } from '../../audit/audited.ts';
import { asCoded } from '../../errors/coded-error.ts';
import type { Log } from '../../log/log.ts';
import { regularly } from '../../limits/regularly.ts';
import { ownSchema } from '../../schema/schema.ts';
import type { Read, Secrets } from '../secrets.ts';

const lookMs = 2000;
/** A command costs a process for each name. */
const commandMs = 300_000;

const Request = Type.Object({ id: Type.String(), by: Type.String() }, { additionalProperties: false });
const request = ownSchema(Request);

/** What `crossdock secrets reload` asks, and what the hub answered. */
export const requestFile = (dataDir: string): string => join(dataDir, 'secrets-reload.json');
export const answerFile = (dataDir: string): string => join(dataDir, 'secrets-reloaded.json');

export interface Answered extends Read {
  id: string;
}

export interface WatchedSecrets {
  secrets: Secrets;
  dataDir: string;
  audit: Auditing;
  log: Log;
  /** Each time it has looked, also where nothing changed. */
  looked?: (now: Date) => Promise<void>;
  everyMs?: number;
}

export interface Watching {
  /** Reads all sources now. */
  reload(by?: string): Promise<Read>;
  end(): Promise<void>;
}

/** SIGHUP reads them too. */
export function watchSecrets(watched: WatchedSecrets): Watching {
  const { dataDir, log, everyMs = lookMs } = watched;
  const told = new Set<string>();
  let commanded = Date.now();
  // What was asked before this hub ran is none of it.
  let asked = statSync(requestFile(dataDir), { throwIfNoEntry: false })?.mtimeMs ?? 0;

  async function poll(force = false, by = 'hub'): Promise<Read> {
    const command = force || Date.now() - commanded > commandMs;
    if (command) commanded = Date.now();
    const read = await watched.secrets.read({ command });
    await tell(watched, told, read, by);
    return read;
  }

  async function turn(): Promise<void> {
    const time = await timeOf(requestFile(dataDir));
    if (time === asked) await poll();
    else {
      asked = time;
      await answer();
    }
    await watched.looked?.(new Date());
  }

  async function answer(): Promise<void> {
    const said: unknown = JSON.parse((await textOf(requestFile(dataDir))) ?? '{}');
    if (request.check(said)) return;
    const { id, by } = said as Static<typeof Request>;
    const read = await poll(true, by);
    await replaceFile(answerFile(dataDir), JSON.stringify({ id, ...read } satisfies Answered), 0o600);
  }

  const looking = regularly(everyMs, turn, (error) => {
    const { code, message } = asCoded(error);
    if (!told.has(message)) log.error({ code }, `Secrets are looked at later: ${message}`);
    told.add(message);
  });
  const onSignal = (): void =>
    void poll(true).catch((error: unknown) => log.error({ err: error }, 'Secrets are looked at later'));
  process.on('SIGHUP', onSignal);
  void looking.now();
  return {
    reload: (by) => poll(true, by),
    async end() {
      process.off('SIGHUP', onSignal);
      await looking.end();
    },
  };
}

async function tell(
  { log, audit }: WatchedSecrets,
  told: Set<string>,
  read: Read,
  by: string,
): Promise<void> {
  for (const name of read.changed) {
    log.info({ variable: name }, `${name} has another value: what begins now takes it`);
    const row = { who: by, from: 'hub', act: 'secret.change', object: `secret/${name}` } as const;
    await audit.append({ ...row, outcome: 'done' });
  }
  const now = new Set(read.troubles.map(({ name, why }) => `${name}: ${why}`));
  for (const one of now) if (!told.has(one)) log.error(`${one}; what it had before counts`);
  for (const one of told) if (!now.has(one)) told.delete(one);
  for (const one of now) told.add(one);
}

async function timeOf(file: string): Promise<number> {
  return (await stat(file).catch(unlessAbsent))?.mtimeMs ?? 0;
}
