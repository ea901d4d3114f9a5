/** What the real Odoo tells others: the journal of a day to finance, customers to the CRM, articles to whoever wants them. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openOdoo, type Odoo } from '../../runtime/odoo/client.ts';
import { describeReal } from '../real.ts';
import { editFile, odooEnvironment, startHubProcess, type HubProcess } from './hub-process.ts';

interface Journal {
  day: string;
  debit: string;
  credit: string;
  entries: {
    number: string;
    lines: { account: string; debit: string; credit: string; partner?: string }[];
  }[];
}

describeReal(['odoo'], 'what Odoo tells others', function (services) {
  this.timeout(360_000);
  const name = `out${randomBytes(4).toString('hex')}`;
  const odoo = openOdoo({ ...services.odoo, timeoutMs: 60_000 });
  const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-out-'));
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  const put: { path: string; text: string; type: string | undefined }[] = [];
  let other: Server;
  let hub: HubProcess | undefined;
  let env: Record<string, string>;

  before(async () => {
    other = createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request) text += String(chunk);
      put.push({ path: request.url!, text, type: request.headers['content-type'] });
      response.writeHead(request.method === 'PUT' ? 200 : 405).end();
    });
    await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const definitionsDir = join(dataDir, 'definitions');
    cpSync('definitions', definitionsDir, { recursive: true });
    cpSync('flows', join(dataDir, 'flows'), { recursive: true });
    editFile(join(dataDir, 'flows', 'finance-export.yaml'), 'pattern: 0 3 * * *', "pattern: '*/5 * * * * *'");
    editFile(join(dataDir, 'flows', 'customers.yaml'), 'every: 10', 'every: 1');
    editFile(join(dataDir, 'flows', 'products.yaml'), 'every: 30', 'every: 1');
    // An analyst's own, for a system that wants articles.
    writeFileSync(
      join(dataDir, 'flows', 'articles.yaml'),
      readFileSync('flows/crm-sync.yaml', 'utf8')
        .replaceAll('crm-sync', 'articles')
        .replace('customer.changed.v1', 'product.changed.v1')
        .replace(`"'/customers/' & payload.id"`, `"'/articles/' & payload.sku"`),
    );
    const accounts = await odoo.call<{ code: string }[]>('account.account', 'search_read', {
      domain: [],
      fields: ['code'],
    });
    const entries = accounts
      .filter(({ code }) => code)
      .map(({ code }) => `  - { from: '${code}', to: 'F${code}' }`)
      .join('\n');
    writeFileSync(
      join(definitionsDir, 'values', 'account.yaml'),
      `map: account\nowner: finance\nsummary: All of them.\nentries:\n${entries}\n`,
    );
    env = {
      ...odooEnvironment(services.odoo),
      CROSSDOCK_DEFINITIONS: definitionsDir,
      FINANCE_API_URL: url,
      CRM_API_URL: url,
    };
  });
  after(async () => {
    await hub?.stop();
    other.closeAllConnections();
    other.close();
  });

  async function told(path: string, words: string): Promise<{ text: string; type: string | undefined }> {
    for (const end = Date.now() + 40_000; Date.now() < end; await sleep(200)) {
      const found = put.findLast((one) => one.path === path && one.text.includes(words));
      if (found) return found;
    }
    throw new Error(
      `${path} with ${words} did not come: ${put.map((one) => one.path).join(', ')}\n${hub?.log().slice(-3000)}`,
    );
  }

  it('the journal of the day before, balanced, as entries and as a file', async () => {
    const [partner] = await odoo.call<number[]>('res.partner', 'create', {
      vals_list: [{ name: `${name}, "quoted"` }],
    });
    const line = { name: `Freight ${name}`, quantity: 3, price_unit: 12.5, tax_ids: [] };
    const [invoice] = await odoo.call<number[]>('account.move', 'create', {
      vals_list: [
        {
          move_type: 'out_invoice',
          partner_id: partner,
          invoice_date: yesterday,
          invoice_line_ids: [[0, 0, line]],
        },
      ],
    });
    await odoo.call('account.move', 'action_post', { ids: [invoice!] });
    const [{ name: number } = assert.fail()] = await odoo.call<{ name: string }[]>('account.move', 'read', {
      ids: [invoice!],
      fields: ['name'],
    });
    await elsewhere(odoo, `Elsewhere ${name}`, yesterday);
    hub = await startHubProcess(env, dataDir);
    const journal = JSON.parse((await told(`/journals/${yesterday}`, number)).text) as Journal;
    assert.equal(journal.debit, journal.credit);
    assert.ok(!JSON.stringify(journal).includes('Elsewhere'), 'the books of another company');
    const entry = journal.entries.find((one) => one.number === number)!;
    assert.deepEqual(entry.lines.map(({ debit, credit, partner: of }) => [debit, credit, of]).toSorted(), [
      ['0.00', '37.50', `${name}, "quoted"`],
      ['37.50', '0.00', `${name}, "quoted"`],
    ]);
    assert.match(entry.lines[0]!.account, /^F\d+$/);
    const { text, type } = await told(`/files/journal-${yesterday}.csv`, number);
    assert.equal(type, 'text/csv; charset=utf-8');
    assert.match(text, new RegExp(`${number},${yesterday},[^\r]*,"${name}, ""quoted""",37\\.50,0\\.00\r\n`));
  });

  it('an article that is new, and then changes, to whoever wants to know', async () => {
    const vals = { name, default_code: name, type: 'consu', weight: 1.5 };
    const [id] = await odoo.call<number[]>('product.product', 'create', { vals_list: [vals] });
    const { text } = await told(`/articles/${name}`, name);
    const { id: said, kind, uom, weight } = JSON.parse(text) as Record<string, string>;
    assert.deepEqual([said, kind, uom, weight], [String(id), 'goods', 'Units', '1.5']);
    const [{ product_tmpl_id: [template] } = assert.fail()] = await odoo.call<
      { product_tmpl_id: [number, string] }[]
    >('product.product', 'read', { ids: [id!], fields: ['product_tmpl_id'] });
    await odoo.call('product.template', 'write', { ids: [template], vals: { name: `${name} renamed` } });
    await told(`/articles/${name}`, 'renamed');
  });

  it('a customer that is new, and then changes', async () => {
    const [id] = await odoo.call<number[]>('res.partner', 'create', {
      vals_list: [{ name, is_company: true, customer_rank: 1, city: 'Akron', country_id: 233 }],
    });
    const { text } = await told(`/customers/${id}`, 'Akron');
    assert.equal((JSON.parse(text) as { address: { country: string } }).address.country, 'US');
    await odoo.call('res.partner', 'write', { ids: [id!], vals: { city: 'Solon' } });
    await told(`/customers/${id}`, 'Solon');
    await odoo.call('res.partner', 'write', { ids: [id!], vals: { active: false } });
    await told(`/customers/${id}`, '"active":false');
  });
});

/** Posts an entry in the books of another company, which the user may read too. */
async function elsewhere(odoo: Odoo, text: string, date: string): Promise<void> {
  const [{ id: company } = assert.fail()] = await odoo.call<{ id: number }[]>('res.company', 'search_read', {
    domain: [['id', '!=', 1]],
    fields: ['id'],
    order: 'id',
    limit: 1,
  });
  const context = { allowed_company_ids: [company] };
  const [account] = await odoo.call<number[]>('account.account', 'create', {
    vals_list: [
      { name: text, code: `9${String(Date.now()).slice(-8)}`, ...(await accountOf(odoo, company)) },
    ],
    context,
  });
  const [journal] = await odoo.call<number[]>('account.journal', 'create', {
    vals_list: [
      { name: text, code: `E${String(Date.now()).slice(-4)}`, type: 'general', company_id: company },
    ],
    context,
  });
  const line = { account_id: account, name: text };
  const [entry] = await odoo.call<number[]>('account.move', 'create', {
    vals_list: [
      {
        journal_id: journal,
        date,
        line_ids: [
          [0, 0, { ...line, debit: 5 }],
          [0, 0, { ...line, credit: 5 }],
        ],
      },
    ],
    context,
  });
  await odoo.call('account.move', 'action_post', { ids: [entry!], context });
}

/** A company's own account of current assets, as this Odoo says it. */
async function accountOf(odoo: Odoo, company: number): Promise<Record<string, unknown>> {
  const major = await odoo.version();
  const owned = major < 18 ? { company_id: company } : { company_ids: [company] };
  if (major >= 16) return { account_type: 'asset_current', ...owned };
  const [type] = await odoo.call<{ id: number }[]>('account.account.type', 'search_read', {
    domain: [
      ['type', '=', 'other'],
      ['internal_group', '=', 'asset'],
    ],
    fields: ['id'],
    order: 'id',
    limit: 1,
  });
  return { user_type_id: type!.id, ...owned };
}
