/** Odoo's JSON-2 API (19 and later): named arguments, HTTP statuses for failures, one transaction for each call. */
import { keyNow, type CallArgs, type OdooOptions, type Protocol } from './protocol.ts';
import { faultOfStatus } from './faults.ts';
import { exchange, notJson } from './http.ts';

export function json2(options: OdooOptions): Protocol {
  const headers = () => ({
    authorization: `bearer ${keyNow(options)}`,
    'content-type': 'application/json',
    'x-odoo-database': options.database,
  });
  async function call(model: string, method: string, args: CallArgs): Promise<unknown> {
    const called = { model, method };
    const url = `${options.url}/json/2/${encodeURIComponent(model)}/${encodeURIComponent(method)}`;
    const init = { method: 'POST' as const, headers: headers(), body: JSON.stringify(args) };
    const { status, body } = await exchange(url, init, options, called);
    if (status !== 200) throw faultOfStatus(status, body, called);
    if (body === undefined) throw notJson(called);
    return body;
  }

  return {
    call,
    user: async () => ((await call('res.users', 'context_get', {})) as { uid: number }).uid,
  };
}
