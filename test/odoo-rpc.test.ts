/** What goes over the wire to an Odoo before 19: names that its versions call otherwise are left out, and the user is the login's. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openOdoo } from '../runtime/odoo/client.ts';
import type { CallArgs } from '../runtime/odoo/protocol/protocol.ts';
import { resolver } from '../runtime/odoo/resolve.ts';
import { dialectOfVersion } from '../runtime/odoo/versions/dialect.ts';
import { fieldOf } from '../runtime/odoo/versions/table.ts';

type Unnamed = unknown[];

/** One call: model, method, arguments without a name and with one. */
type Called = [model: string, method: string, unnamed: Unnamed, named: CallArgs];

const rows: Record<string, object[]> = {
  'res.users': [{ id: 7, company_id: [3, 'Ours'] }],
  'res.company': [{ id: 3, currency_id: [1, 'USD'], tax_calculation_rounding_method: 'round_globally' }],
};

describe('an Odoo before 19', () => {
  let server: Server;
  let url: string;
  let calls: Called[] = [];

  function answer(service: string, method: string, args: unknown[]): unknown {
    if (service === 'common') return method === 'version' ? { server_version: '14.0' } : 7;
    const [, , , model, called, unnamed, named] = args as [string, number, string, ...Called];
    calls.push([model, called, unnamed, named]);
    if (called === 'search_read') return rows[model] ?? [];
    if (called !== 'fields_get') return 1;
    const fields = (named['allfields'] as string[]).map((name) => [name, fieldOf(14, model, name)]);
    return Object.fromEntries(fields.filter(([, field]) => field !== undefined));
  }

  before(async () => {
    server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        if (request.url !== '/jsonrpc') return void response.writeHead(404).end('<h1>Not Found</h1>');
        const { params } = JSON.parse(Buffer.concat(parts).toString()) as {
          params: { service: string; method: string; args: unknown[] };
        };
        const result = answer(params.service, params.method, params.args);
        response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result }));
      });
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => new Promise((resolve) => void server.close(resolve)));
  beforeEach(() => (calls = []));

  const odoo = (login?: string) =>
    openOdoo({ url, database: 'o14', apiKey: 'key', timeoutMs: 5000, ...(login && { login }) });

  const sent: [string, string, CallArgs, Unnamed, CallArgs][] = [
    ['sale.order', 'search_count', { domain: [['id', '=', 1]] }, [[['id', '=', 1]]], {}],
    ['sale.order', 'search', { domain: [], limit: 2 }, [[]], { limit: 2 }],
    [
      'sale.order',
      'write',
      { ids: [4], vals: { note: 'x' }, context: { tz: 'UTC' } },
      [[4], { note: 'x' }],
      { context: { tz: 'UTC' } },
    ],
    ['account.journal', 'default_get', { fields: ['company_id'] }, [['company_id']], {}],
    ['stock.picking', 'create', { vals_list: [{ origin: 'x' }] }, [[{ origin: 'x' }]], {}],
    ['sale.order', 'action_confirm', { ids: [4] }, [[4]], {}],
    ['stock.picking', 'search_read', { domain: [], fields: ['name'] }, [], { domain: [], fields: ['name'] }],
  ];
  for (const [model, method, args, unnamed, named] of sent)
    it(`${model}/${method} takes what the versions name otherwise without a name`, async () => {
      await odoo('hub').call(model, method, args);
      assert.deepEqual(calls, [[model, method, unnamed, named]]);
    });

  it('the user is that of the login, which the context does not say', async () => {
    const own = odoo('hub');
    assert.equal(await own.user(), 7);
    assert.equal((await resolver(own, () => undefined, 60_000).company()).id, 3);
    assert.ok(!calls.some(([, method]) => method === 'context_get'));
  });

  it('is asked once what it has', async () => {
    const own = odoo('hub');
    assert.deepEqual(await own.dialect(), dialectOfVersion(14));
    const asked = calls.length;
    await Promise.all([own.dialect(), own.dialect()]);
    assert.equal(calls.length, asked);
  });

  it('without a login it says which setting is missing', () =>
    assert.rejects(odoo().ready(), { code: 'CONFIG_INVALID', facts: { setting: 'login' } }));
});
