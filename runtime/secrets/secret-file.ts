/** Secrets that a person gave in the workspace of a hub where flows are made: a file of the data folder that only its owner reads. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '../errors/coded-error.ts';
import { replaceFile, textOf } from '../files/durable.ts';
import { serial } from '../files/serial.ts';

const fileOf = (dataDir: string): string => join(dataDir, 'secrets.json');

/** Gives the process those that it has not. */
export function applySecrets(dataDir: string, env: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(typedIn(dataDir))) env[name] ||= value;
}

/** Throws CodedError REQUEST_INVALID for what a webhook would read as no secret, or as several. */
export function demandSecret(value: string): void {
  if (/\s/.test(value) || value === '')
    throw new CodedError(
      'REQUEST_INVALID',
      'A secret of a webhook is one word: blanks separate several secrets. Ask the partner for one without blanks',
    );
}

/**
 * Holds while the work runs and, where it succeeds, from then on and after the next start; else what was before is back.
 * Throws CodedError REQUEST_INVALID for a name that is no webhook's and for no secret, and what the work throws.
 */
export async function keepSecret<T>(
  { dataDir, env }: { dataDir: string; env: NodeJS.ProcessEnv },
  name: string,
  value: string,
  work: () => Promise<T>,
): Promise<T> {
  if (!/^[A-Z][A-Z0-9_]*_WEBHOOK_SECRETS$/.test(name))
    throw new CodedError('REQUEST_INVALID', `${name} is no variable of a webhook's secrets`);
  demandSecret(value);
  return inTurn(async () => {
    const before = { env: env[name], file: typedIn(dataDir)[name] };
    await write(dataDir, name, value);
    env[name] = value;
    try {
      return await work();
    } catch (error) {
      if (before.env === undefined) delete env[name];
      else env[name] = before.env;
      // The first error is the one to tell.
      await write(dataDir, name, before.file).catch(() => {});
      throw error;
    }
  });
}

/** Two at once would each put back what the other has written. */
const inTurn = serial();

async function write(dataDir: string, name: string, value: string | undefined): Promise<void> {
  const { [name]: _, ...others } = typedIn(dataDir);
  const next = value === undefined ? others : { ...others, [name]: value };
  await replaceFile(fileOf(dataDir), JSON.stringify(next), 0o600);
}

function typedIn(dataDir: string): Record<string, string> {
  let text: string;
  try {
    text = readFileSync(fileOf(dataDir), 'utf8');
  } catch {
    return {};
  }
  return parsed(dataDir, text);
}

/** Throws CodedError CONFIG_INVALID for a file that is no JSON. */
export async function typedNow(dataDir: string): Promise<Record<string, string>> {
  const text = await textOf(fileOf(dataDir));
  return text === undefined ? {} : parsed(dataDir, text);
}

function parsed(dataDir: string, text: string): Record<string, string> {
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch {
    throw new CodedError('CONFIG_INVALID', `${fileOf(dataDir)} is no JSON`, { file: fileOf(dataDir) });
  }
}
