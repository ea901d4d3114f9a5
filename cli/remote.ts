/** Another hub, by the name of its environment: its admin API, with the token for it. */
import { join } from 'node:path';
import { environmentNamed } from '../runtime/environments/environment.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import type { FileSet } from '../runtime/release/file-set.ts';
import { places } from './project.ts';

/** Calls `/crossdock/…` there. Throws CodedError with the code it answers, or CONFIG_INVALID when it cannot be reached. */
export async function ask<Answer>(
  name: string,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<Answer> {
  const { admin, token: variable } = environmentNamed(join(places().definitionsDir, 'environments'), name);
  if (!admin || !variable)
    throw new CodedError('CONFIG_INVALID', `The environment ${name} says no admin address or no token`);
  const token = process.env[variable];
  if (!token) throw new CodedError('CONFIG_INVALID', `${variable}, the token for ${name}, is not set`);
  const response = await fetch(`${admin}/crossdock/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
    redirect: 'error',
    signal: AbortSignal.timeout(120_000),
  }).catch(() => {
    throw new CodedError('CONFIG_INVALID', `The hub of ${name} does not answer at ${admin}`);
  });
  const answer = (await response.json().catch(() => ({}))) as Answer & { code?: never; message?: string };
  if (response.ok) return answer;
  throw new CodedError(answer.code ?? 'INTERNAL', `${name}: ${answer.message ?? `HTTP ${response.status}`}`);
}

export interface RunningThere {
  environment: string;
  version?: string;
  digest?: string;
  files: FileSet;
}

/** What runs there. */
export async function running(name: string): Promise<RunningThere> {
  const { files, ...rest } = await ask<Omit<RunningThere, 'files'> & { files: Record<string, string> }>(
    name,
    'GET',
    'releases/running',
  );
  return { ...rest, files: new Map(Object.entries(files)) };
}
