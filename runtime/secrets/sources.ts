/** Where secrets come from besides the environment: a file each, a folder of files, and a command. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

/** In the order in which they count; `hub`: what the hub made or took itself, which goes before all. */
export type Source = 'hub' | 'environment' | '.env' | 'file' | 'folder' | 'command' | 'browser';

export interface Found {
  values: Map<string, string>;
  /** Why one that is named has no value: never with what stands there. */
  troubles: Map<string, string>;
}

const namesSecret = /^[A-Z][A-Z0-9_]*_(SECRETS?|KEY|TOKEN|PASSWORD|CREDENTIALS|ACCOUNT|URL|LOGIN|DATABASE)$/;
/** Of other programs, which read these files themselves. */
const ofOthers = /^(AWS|AZURE|GOOGLE|KUBERNETES|NPM|GIT|SSH)_/;
const longest = 64 * 1024;
const commandMs = 5000;
const commandsAtOnce = 4;

/** `NAME_FILE=/run/secrets/name` stands for NAME. */
function namedByFile(env: NodeJS.ProcessEnv): [name: string, file: string][] {
  return Object.entries(env).flatMap(([key, file]): [string, string][] => {
    const name = key.endsWith('_FILE') ? key.slice(0, -'_FILE'.length) : '';
    return file && namesSecret.test(name) && !ofOthers.test(name) ? [[name, file]] : [];
  });
}

/** Whether anything but the environment is set up. */
export function hasSources(env: NodeJS.ProcessEnv, dataDir: string): boolean {
  return (
    ['CROSSDOCK_SECRETS_DIR', 'CROSSDOCK_SECRETS_COMMAND'].some((name) => env[name]) ||
    namedByFile(env).length > 0 ||
    existsSync(keptFile(env, dataDir))
  );
}

/** CROSSDOCK_SECRETS_KEPT, for several hubs on one volume; else in the data folder. */
export function keptFile(env: NodeJS.ProcessEnv, dataDir: string): string {
  return env['CROSSDOCK_SECRETS_KEPT'] || join(dataDir, 'secrets-kept.json');
}

export function fromFiles(env: NodeJS.ProcessEnv): Promise<Found> {
  return gathered(namedByFile(env));
}

/** Each file of CROSSDOCK_SECRETS_DIR that has the name of a variable. */
export async function fromFolder(env: NodeJS.ProcessEnv): Promise<Found> {
  const dir = env['CROSSDOCK_SECRETS_DIR'];
  if (!dir) return gathered([]);
  try {
    const names = (await readdir(dir)).filter((name) => /^[A-Z][A-Z0-9_]*$/.test(name));
    return await gathered(names.map((name) => [name, join(dir, name)]));
  } catch (error) {
    return { values: new Map(), troubles: new Map([['CROSSDOCK_SECRETS_DIR', why(error)]]) };
  }
}

/** What looks like a secret in the file `.env` of this folder; other settings count from the next start on. */
export async function fromDotEnv(file = '.env'): Promise<Found> {
  try {
    const all = Object.entries(parseEnv(await readFile(file, 'utf8')));
    const wanted = all.flatMap(([name, value]): [string, string][] =>
      value && namesSecret.test(name) ? [[name, value]] : [],
    );
    return { values: new Map(wanted), troubles: new Map() };
  } catch {
    return { values: new Map(), troubles: new Map() };
  }
}

/**
 * CROSSDOCK_SECRETS_COMMAND with the name as its one argument, without a shell: what it prints is the value; nothing, or
 * another status than 0, that it has none. What it says on standard error goes nowhere.
 */
export async function fromCommand(env: NodeJS.ProcessEnv, names: readonly string[]): Promise<Found> {
  const command = env['CROSSDOCK_SECRETS_COMMAND'];
  const found: Found = { values: new Map(), troubles: new Map() };
  if (!command) return found;
  const waiting = [...names];
  const asking = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const { value, trouble } = await asked(command, name, env);
      if (value) found.values.set(name, value);
      else if (trouble) found.troubles.set(name, trouble);
    }
  };
  await Promise.all(Array.from({ length: commandsAtOnce }, asking));
  return found;
}

interface Asked {
  value?: string;
  trouble?: string;
}

function asked(command: string, name: string, env: NodeJS.ProcessEnv): Promise<Asked> {
  return new Promise((resolve) => {
    const limits = { timeout: commandMs, killSignal: 'SIGKILL', maxBuffer: longest, env } as const;
    execFile(command, [name], limits, (error, stdout) => {
      if (!error) return resolve({ value: withoutLineEnd(stdout) });
      const { killed, code } = error;
      // A status of its own says that it has none of this name.
      if (!killed && typeof code === 'number') return resolve({});
      resolve({ trouble: killed ? 'the command did not answer in time' : `the command: ${String(code)}` });
    });
  });
}

async function gathered(files: readonly (readonly [name: string, file: string])[]): Promise<Found> {
  const found: Found = { values: new Map(), troubles: new Map() };
  for (const [name, file] of files) {
    try {
      const value = withoutLineEnd(await readFile(file, 'utf8'));
      if (value === '') found.troubles.set(name, 'the file is empty');
      else if (value.length > longest) found.troubles.set(name, 'the file is too large');
      else found.values.set(name, value);
    } catch (error) {
      found.troubles.set(name, why(error));
    }
  }
  return found;
}

function why(error: unknown): string {
  return `it cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`;
}

function withoutLineEnd(text: string): string {
  return text.replace(/[\r\n]+$/, '');
}
