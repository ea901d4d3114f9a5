/** An API key of a user of the real Odoo, made as a person makes it: with the password, in the own profile. */
import assert from 'node:assert/strict';

interface Site {
  url: string;
  database: string;
}

type Action = { res_model?: string; res_id?: number; context: { default_key?: string } };

/** Lives for a day at the most. */
export async function keyOf({ url, database }: Site, login: string, password: string): Promise<string> {
  let cookie = '';
  async function ask<T>(path: string, params: Record<string, unknown>): Promise<T> {
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify({ jsonrpc: '2.0', method: 'call', params }),
    });
    cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    const { result, error } = (await answer.json()) as { result: T; error?: { message: string } };
    assert.ok(!error, `${path}: ${error?.message}`);
    return result;
  }
  const call = <T>(model: string, method: string, args: unknown[], kwargs = {}) =>
    ask<T>(`/web/dataset/call_kw/${model}/${method}`, { model, method, args, kwargs });
  await ask('/web/session/authenticate', { db: database, login, password });
  const wizard = await call<number>('res.users.apikeys.description', 'create', [
    { name: 'crossdock test', duration: '1' },
  ]);
  const asks = await call<Action>('res.users.apikeys.description', 'make_key', [[wizard]]);
  const made =
    asks.res_model === 'res.users.identitycheck'
      ? await call<Action>(asks.res_model, 'run_check', [[asks.res_id]], { context: { password } })
      : asks;
  assert.ok(made.context.default_key, 'Odoo makes no key');
  return made.context.default_key;
}
