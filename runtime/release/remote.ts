/** Another hub, by the environment it is: its admin API, with the token for it. */
import type { Environment } from '../environments/environment.ts';
import { CodedError } from '../errors/coded-error.ts';
import { codeOf } from '../errors/codes.ts';
import { forPeople } from '../errors/for-people.ts';

/** Calls `/crossdock/…` there. Throws CodedError with the code it answers, or CONFIG_INVALID when it cannot be reached. */
export function ask<Answer>(
  environment: Environment,
  env: NodeJS.ProcessEnv,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<Answer> {
  const { token: variable } = environment;
  const token = variable && env[variable];
  if (!token)
    throw new CodedError(
      'CONFIG_INVALID',
      variable
        ? `${variable}, the token for ${environment.environment}, is not set`
        : `The environment ${environment.environment} says no token`,
    );
  return askWith<Answer>(environment, token, method, path, body);
}

/** As a person: what a token may not do. Throws also LOGIN_MISSING. */
export async function askAs<Answer>(
  environment: Environment,
  { user, password }: { user: string; password: string },
  path: string,
  body: object,
): Promise<Answer> {
  const login = { client_id: 'node-red-editor', grant_type: 'password', scope: '', username: user, password };
  const response = await request(environment, 'auth/token', { method: 'POST' }, login);
  const given = Object((await response.json().catch(() => ({}))) as unknown) as { access_token?: unknown };
  const token = typeof given.access_token === 'string' ? given.access_token : '';
  if (!token)
    throw new CodedError('LOGIN_MISSING', `${environment.environment} refuses the login of ${user}`);
  return askWith<Answer>(environment, token, 'POST', path, body);
}

async function askWith<Answer>(
  environment: Environment,
  token: string,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<Answer> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await request(environment, `crossdock/${path}`, { method, headers }, body);
  const answer = (await response.json().catch(() => undefined)) as unknown;
  if (response.ok && answer !== undefined) return answer as Answer;
  const { code: said, message = `HTTP ${response.status}` } = Object(answer) as Record<string, unknown>;
  const code = codeOf(said);
  // A hub of another version has codes that this one does not know.
  const unknown = code === undefined && typeof said === 'string' ? `${said}: ` : '';
  throw new CodedError(
    code ?? 'REMOTE_FAILED',
    `${environment.environment}: ${unknown}${forPeople(message) ?? `HTTP ${response.status}`}`,
  );
}

async function request(
  { environment, admin }: Environment,
  path: string,
  { method, headers }: { method: string; headers?: Record<string, string> },
  body?: object,
): Promise<Response> {
  if (!admin) throw new CodedError('CONFIG_INVALID', `The environment ${environment} says no admin address`);
  return fetch(`${admin}/${path}`, {
    method,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
    redirect: 'error',
    signal: AbortSignal.timeout(120_000),
  }).catch(() => {
    throw new CodedError('CONFIG_INVALID', `The hub of ${environment} does not answer at ${admin}`);
  });
}
