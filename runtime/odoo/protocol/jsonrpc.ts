/**
 * Odoo's JSON-RPC API (14 to 18; deprecated in 19): positional ids, always status 200, and a login for the numeric user
 * id.
 */
import { CodedError } from '../../errors/coded-error.ts';
import { keyNow, type CallArgs, type OdooOptions, type Protocol } from './protocol.ts';
import { faultOfRpc, faultOfStatus, type Called } from './faults.ts';
import { exchange, notJson } from './http.ts';

/**
 * Logs in at the first call, and again after a refused login. Throws CodedError CONFIG_INVALID if `login` is missing.
 */
export function jsonrpc(options: OdooOptions): Protocol {
  const { database, login } = options;
  if (!login)
    throw new CodedError('CONFIG_INVALID', 'Odoo before 19 needs the login of the user', {
      setting: 'login',
    });
  let loggedIn: Promise<number> | undefined;

  async function authenticate(): Promise<number> {
    const called = { model: 'common', method: 'authenticate' };
    const uid = await rpc(
      options,
      'common',
      'authenticate',
      [database, login, keyNow(options), {}],
      called,
    ).catch(noDatabase);
    if (typeof uid !== 'number')
      throw new CodedError('ODOO_AUTH', 'Odoo refuses the login or API key', called);
    return uid;
  }

  async function user(): Promise<number> {
    loggedIn ??= authenticate();
    return loggedIn.catch((error: unknown) => {
      loggedIn = undefined;
      throw error;
    });
  }

  return {
    user,
    async call(model, method, args) {
      const uid = await user();
      const sent = [database, uid, keyNow(options), model, method, ...positional(method, args)];
      return rpc(options, 'object', 'execute_kw', sent, { model, method });
    },
  };
}

/** Arguments whose names differ between versions, or between models of one version. They are passed without a name. */
const unnamed: Record<string, string> = {
  create: 'vals_list',
  write: 'vals',
  search: 'domain',
  search_count: 'domain',
  default_get: 'fields',
};

/** Splits the arguments into those passed by position and those passed by name. */
function positional(method: string, { ids, ...all }: CallArgs): [unknown[], Record<string, unknown>] {
  const { [unnamed[method] ?? '']: first, ...rest } = all;
  return [[...(ids ? [ids] : []), ...(first === undefined ? [] : [first])], rest];
}

/** Reads the version of Odoo, for which no login is needed. */
export async function rpcVersion(options: OdooOptions): Promise<unknown> {
  return rpc(options, 'common', 'version', [], { model: 'common', method: 'version' });
}

async function rpc(options: OdooOptions, service: string, method: string, args: unknown[], called: Called) {
  const request = { jsonrpc: '2.0', method: 'call', id: 1, params: { service, method, args } };
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST' as const, headers, body: JSON.stringify(request) };
  const { status, body } = await exchange(`${options.url}/jsonrpc`, init, options, called);
  if (status !== 200) throw faultOfStatus(status, body, called);
  if (typeof body !== 'object' || body === null) throw notJson(called);
  if ('error' in body) throw faultOfRpc(body.error, called);
  // For a method that returns None, Odoo leaves `result` out.
  return 'result' in body ? body.result : null;
}

/** During login, an operational error of the server's database driver means that the database does not exist. */
function noDatabase(error: unknown): never {
  if (error instanceof CodedError && /OperationalError|KeyError/.test(String(error.facts.exception))) {
    throw new CodedError('ODOO_ADDRESS_WRONG', 'Odoo has no such database', { ...error.facts });
  }
  throw error;
}
