/** Another hub, by the environment it is: its admin API, with the token for it. */
import type { Environment } from '../environments/environment.ts';
import { CodedError } from '../errors/coded-error.ts';

/** Calls `/crossdock/…` there. Throws CodedError with the code it answers, or CONFIG_INVALID when it cannot be reached. */
export async function ask<Answer>(
  { environment, admin, token: variable }: Environment,
  env: NodeJS.ProcessEnv,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<Answer> {
  if (!admin || !variable)
    throw new CodedError(
      'CONFIG_INVALID',
      `The environment ${environment} says no admin address or no token`,
    );
  const token = env[variable];
  if (!token) throw new CodedError('CONFIG_INVALID', `${variable}, the token for ${environment}, is not set`);
  const response = await fetch(`${admin}/crossdock/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
    redirect: 'error',
    signal: AbortSignal.timeout(120_000),
  }).catch(() => {
    throw new CodedError('CONFIG_INVALID', `The hub of ${environment} does not answer at ${admin}`);
  });
  const answer = (await response.json().catch(() => ({}))) as Answer & { code?: never; message?: string };
  if (response.ok) return answer;
  throw new CodedError(
    answer.code ?? 'INTERNAL',
    `${environment}: ${answer.message ?? `HTTP ${response.status}`}`,
  );
}
