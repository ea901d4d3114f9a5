/** Odoo's JSON-2 API (19 and later): named arguments, real HTTP statuses, one transaction a call. */
import type { CallArgs, OdooOptions, Transport } from './client.ts';
import { faultOfStatus } from './faults.ts';
import { exchange, notJson } from './http.ts';

export function json2(options: OdooOptions): Transport {
  const headers = {
    authorization: `bearer ${options.apiKey}`,
    'content-type': 'application/json',
    'x-odoo-database': options.database,
  };
  return async (model: string, method: string, args: CallArgs) => {
    const called = { model, method };
    const url = `${options.url}/json/2/${encodeURIComponent(model)}/${encodeURIComponent(method)}`;
    const init = { method: 'POST' as const, headers, body: JSON.stringify(args) };
    const { status, body } = await exchange(url, init, options.timeoutMs, called);
    if (status !== 200) throw faultOfStatus(status, body, called);
    if (body === undefined) throw notJson(called);
    return body;
  };
}
