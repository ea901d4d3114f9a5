/** The least rights of the hub's user: enough for its work in the real Odoo, and what is missing is named. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { watchedTargets, type Targets } from '../runtime/hub/targets.ts';
import { openOdoo, type Odoo } from '../runtime/odoo/client.ts';
import { invoiceWriter } from '../runtime/odoo/money/invoice.ts';
import { orderWriter } from '../runtime/odoo/order/order.ts';
import { resolver } from '../runtime/odoo/resolve.ts';
import { demandRights, lackingRights } from '../runtime/odoo/rights/check.ts';
import {
  groups,
  groupsOf,
  needsOf,
  needsOfCall,
  own,
  rightsOfCall,
  table,
  together,
  works,
  type Group,
} from '../runtime/odoo/rights/needs.ts';
import { ensureHubUser } from '../runtime/odoo/rights/user.ts';
import { watchedRights } from '../runtime/odoo/rights/watch.ts';
import { startSandbox } from '../runtime/odoo/sandbox/sandbox.ts';
import { stockWriter } from '../runtime/odoo/stock/stock.ts';
import { dialectOfVersion } from '../runtime/odoo/versions/dialect.ts';
import { lookup } from './conformance/odoo-kit.ts';
import { namesInCode, namesInFlow } from './odoo-names-scan.ts';
import { testUser } from './odoo-user.ts';
import { describeReal } from './real.ts';

const all = together([...works.map(needsOf), ...works.map((work) => table[work].sometimes ?? {})]);

/** What the code calls by name: `model right`. `load` and `ensure` take the model first, or after the Odoo. */
function called(): Set<string> {
  const files = globSync('runtime/odoo/{*,{protocol,together,order,stock,money}/*}.ts');
  return new Set(
    files.flatMap((file) => {
      const methods = namesInCode(file).filter(({ model, name }) => model && name?.endsWith('()'));
      const loads = [...readFileSync(file, 'utf8').matchAll(/\b(?:load|ensure)\(\s*odoo,\s*'([a-z.]+)'/g)];
      return [
        ...methods.map(({ model, name }) => ({ model: model!, method: name!.slice(0, -2) })),
        ...loads.map(([, model]) => ({ model: model!, method: 'load' })),
      ].flatMap(({ model, method }) => {
        // What a method of a button does, it writes.
        const rights = rightsOfCall(method);
        return (rights.length > 0 ? rights : ['write']).map((right) => `${model} ${right}`);
      });
    }),
  );
}

describe('rights of the user of the hub', () => {
  it('the table has what the code calls', () => {
    const calls = [...called()];
    assert.ok(calls.length > 40, `${calls.length} calls`);
    const free = new Set(['res.users read']);
    const missing = calls.filter((one) => {
      const [model, right] = one.split(' ') as [string, 'read'];
      return !all.get(model)?.has(right) && !free.has(one);
    });
    assert.deepEqual(missing, []);
  });

  it('a node that calls a method needs what the method does', () => {
    assert.deepEqual(needsOfCall('res.country', 'search_read'), { 'res.country': 'read' });
    for (const method of ['web_search_read', 'formatted_read_group', 'read_group', 'name_search'])
      assert.deepEqual(needsOfCall('sale.order', method), { 'sale.order': 'read' }, method);
    for (const method of ['copy', 'name_create'])
      assert.deepEqual(needsOfCall('res.partner', method), { 'res.partner': 'create' }, method);
    // Whether these write, only their models know.
    assert.deepEqual(needsOfCall('ir.sequence', 'next_by_code'), {});
    assert.deepEqual(needsOfCall('stock.picking', 'message_post'), {});
    assert.deepEqual(needsOfCall('res.partner', 'load'), { 'res.partner': 'write create' });
  });

  it('its groups are those whose app is installed, and the others are named', async () => {
    const has = (Object.keys(groups) as Group[]).filter((one) => !one.startsWith('stock.'));
    const ids = new Map([...has, own.id].map((one, at) => [one, at + 1]));
    const written: unknown[] = [];
    const odoo = {
      version: async () => 19,
      call: async (model: string, method: string, args: Record<string, unknown>) => {
        if (model === 'ir.model.data')
          return [...ids].map(([id, at]) => {
            const [module, name] = id.split('.');
            return { module, name, res_id: at };
          });
        if (method === 'fields_get') return { group_ids: {} };
        if (model !== 'res.users' || method === 'search_read') return [];
        written.push(args['vals_list']);
        return [7];
      },
    } as unknown as Odoo;
    const who = { login: 'crossdock', name: 'Crossdock' };
    const user = await ensureHubUser(odoo, who);
    assert.deepEqual([user.given, user.left], [has, ['stock.group_stock_user']]);
    const given = [...has, own.id].map((one) => ids.get(one));
    const email = 'crossdock@crossdock.invalid';
    assert.deepEqual(written, [[{ ...who, email, group_ids: [[6, 0, given]] }]]);
    await assert.rejects(ensureHubUser(odoo, who, ['stock.group_stock_user']), { code: 'CONFIG_INVALID' });
  });

  it('what only an older Odoo asks for, the user of a newer one has not', () => {
    assert.ok(groupsOf(17).includes('stock.group_stock_manager'));
    assert.ok(!groupsOf(18).includes('stock.group_stock_manager'));
    assert.deepEqual(groupsOf(14), Object.keys(groups));
  });

  for (const major of [14, 17, 18, 19])
    it(`asks an Odoo ${major} in its own words`, async () => {
      const asked: string[] = [];
      const odoo = {
        version: async () => major,
        dialect: async () => dialectOfVersion(major),
        call: async (model: string, method: string, args: Record<string, unknown>) => {
          asked.push(`${model} ${method}`);
          assert.deepEqual(
            args,
            major < 18 ? { operation: args['operation'], raise_exception: false } : { ...args, ids: [] },
          );
          return model !== 'stock.lot' && model !== 'stock.production.lot';
        },
      } as unknown as Odoo;
      const [lot] = await lackingRights(odoo, [needsOf('counts')]);
      assert.equal(lot!.model, major < 16 ? 'stock.production.lot' : 'stock.lot');
      assert.equal(
        asked.some((one) => one.startsWith('stock.inventory')),
        major === 14,
      );
      const quants = asked.filter((one) => one.startsWith('stock.quant '));
      assert.equal(quants.length, major === 14 ? 1 : 3);
      assert.ok(asked.every((one) => one.endsWith(major < 18 ? ' check_access_rights' : ' has_access')));
    });

  it('what is missing is told once, holds readiness back, and is well when it is given', async () => {
    const lacking = new Set(['sale.order:create', 'sale.order:write', 'ir.model.data:read']);
    const sandbox = await startSandbox({ lacking });
    const told: string[] = [];
    const log = {
      error: (fields: { code: string }, message: string) => void told.push(`${fields.code} ${message}`),
      info: (_fields: object, message: string) => void told.push(message),
    };
    const targets = watchedTargets(log as never, false, 2);
    const odoo = openOdoo({ ...sandbox, timeoutMs: 5000 });
    const rights = watchedRights(odoo, (ready) => targets.add('Odoo', ready));
    try {
      rights.need(needsOf('orders'));
      await until(() => told.length > 0);
      assert.throws(() => targets.ready(), { code: 'ODOO_ACCESS', message: /write, create sale\.order/ });
      await sleep(20);
      assert.deepEqual(told, [
        'ODOO_ACCESS Odoo cannot be used: The user of the hub lacks rights in Odoo: read ir.model.data; write, create sale.order',
      ]);
      lacking.clear();
      await until(() => isReady(targets));
      assert.match(told.at(-1)!, /works now/);
      // Taken away while it was away.
      lacking.add('sale.order:create');
      rights.heard('unreachable');
      rights.heard(200);
      await until(() => !isReady(targets));
      assert.match(told.at(-1)!, /lacks rights in Odoo: create sale\.order$/);
      assert.throws(() => targets.ready(), { code: 'ODOO_ACCESS' });
    } finally {
      rights.close();
      await sandbox.close();
    }
  });

  it('a key that is refused while it runs holds readiness back until it is taken again', async () => {
    const sandbox = await startSandbox();
    const told: string[] = [];
    const log = {
      error: (fields: { code: string }) => void told.push(fields.code),
      info: (_fields: object, message: string) => void told.push(message),
    };
    const targets = watchedTargets(log as never, false, 2);
    let refused = false;
    const real = openOdoo({ ...sandbox, timeoutMs: 5000, failed: (code) => rights.failed(code) });
    const without = openOdoo({
      ...sandbox,
      apiKey: 'revoked',
      timeoutMs: 5000,
      failed: (code) => rights.failed(code),
    });
    const call: Odoo['call'] = (...args) => (refused ? without : real).call(...args);
    const ready = () => (refused ? without : real).ready();
    let asked = 0;
    const rights = watchedRights(
      { ...real, call, ready: () => ready().finally(() => void (asked += 1)) },
      (of) => targets.add('Odoo', of),
    );
    try {
      await until(() => asked === 1);
      refused = true;
      // As the messages of a flow do.
      for (let tries = 0; tries < 1000 && isReady(targets); tries += 1) {
        await assert.rejects(call('res.users', 'context_get'), { code: 'ODOO_AUTH' });
        await sleep(2);
      }
      assert.throws(() => targets.ready(), { code: 'ODOO_AUTH' });
      refused = false;
      await until(() => isReady(targets));
      assert.deepEqual([told[0], told.length], ['ODOO_AUTH', 2]);
    } finally {
      rights.close();
      await sandbox.close();
    }
  });

  it('a need that comes late is asked for too', async () => {
    const sandbox = await startSandbox({ lacking: new Set(['account.move:create']) });
    const targets = watchedTargets({ error() {}, info() {} } as never, false, 2);
    const odoo = openOdoo({ ...sandbox, timeoutMs: 5000 });
    let asked = 0;
    const counted = { ...odoo, ready: () => odoo.ready().finally(() => void (asked += 1)) };
    const rights = watchedRights(counted, (ready) => targets.add('Odoo', ready));
    try {
      await until(() => asked === 1);
      rights.need(needsOf('invoices'));
      await until(() => !isReady(targets));
    } finally {
      rights.close();
      await sandbox.close();
    }
  });
});

describeReal(['odoo'], 'rights in the real Odoo', function ({ odoo: site }) {
  this.timeout(120_000);
  const user = testUser(site);
  let everything: Group[];
  let odoo: Odoo;
  before(async () => {
    odoo = openOdoo({ ...(await user.access()), timeoutMs: 60_000 });
    everything = groupsOf(await odoo.version());
  });
  after(() => user.close());

  for (const work of works)
    it(`the groups of ${work} give what they need`, async () => {
      await user.groups(['base.group_user', ...table[work].groups.filter((one) => everything.includes(one))]);
      assert.deepEqual(await lackingRights(odoo, [needsOf(work), table[work].sometimes ?? {}]), []);
    });

  it('what the shipped flows call and watch is allowed', async () => {
    await user.groups(everything);
    const flows = globSync('flows/*.yaml').filter((file) => !file.endsWith('.test.yaml'));
    const needs = flows
      .flatMap((file) => namesInFlow(file))
      .map(({ model, name }) =>
        needsOfCall(model!, name?.endsWith('()') ? name.slice(0, -2) : 'search_read'),
      );
    assert.ok(needs.length > 50, `${needs.length} names`);
    assert.deepEqual(await lackingRights(odoo, needs), []);
  });

  it('has no rights that its work does not need: no users, no settings, no accounts', async () => {
    // Of whom counts are not: up to 17 they ask for the administrator of the stock.
    await user.groups(everything.filter((one) => one !== 'stock.group_stock_manager'));
    const forbidden = { 'res.users': 'write create unlink', 'res.groups': 'write create' };
    const settings = {
      'account.account': 'write create',
      'account.tax': 'create',
      'stock.warehouse': 'create',
    };
    const more = {
      // Before 15 every user may make external ids.
      'ir.model.data': (await odoo.version()) < 15 ? 'write unlink' : 'write create unlink',
      'product.product': 'unlink',
      'res.partner': 'unlink',
    };
    const lacks = await lackingRights(odoo, [forbidden, settings, more]);
    assert.deepEqual(
      lacks.map(({ model, rights }) => `${model} ${rights.join(' ')}`),
      Object.entries({ ...forbidden, ...settings, ...more }).map(([model, rights]) => `${model} ${rights}`),
    );
  });

  it('takes an order from its capture to shipment, invoice, payment and credit note', async () => {
    await user.groups(everything);
    const { login = '' } = await user.access();
    const known = resolver(odoo, lookup, 60_000);
    const [id, sku] = [`${login}-1`, 'FURN_7777'];
    const order = { source: login, id };
    const [orders, stock, money] = [
      orderWriter({ odoo, lookup }),
      stockWriter(odoo, known),
      invoiceWriter(odoo, known),
    ];
    const written = await orders.write({
      ...order,
      number: id,
      placedAt: '2026-01-02T03:04:05Z',
      currency: 'USD',
      customer: { id: 'C1', name: 'Ann Rights', email: 'ann@example.com' },
      pricesIncludeTax: false,
      lines: [{ id: '1', sku, name: 'Chair', quantity: '2', unitPrice: '10.00', taxes: [] }],
      shipping: [{ id: 's', name: 'Parcel', price: '5.00', taxes: [] }],
      totals: { net: '25.00', tax: '0.00', gross: '25.00' },
    });
    assert.equal(written.state, 'sale');
    const shipped = await stock.move('shipment', {
      source: login,
      id: 'S1',
      order,
      lines: [{ sku, quantity: '2' }],
    });
    assert.equal(shipped.state, 'done');
    const invoiced = await money.invoice({ source: login, id: 'I1', order });
    assert.deepEqual([invoiced.state, invoiced.total], ['posted', '25.00']);
    const paid = await money.pay({
      source: login,
      id: 'P1',
      order,
      amount: '25.00',
      currency: 'USD',
    });
    const done = (await odoo.version()) < 18 ? 'posted' : 'paid';
    assert.deepEqual([paid.state, paid.total], [done, '25.00']);
    const credited = await money.credit({ source: login, id: 'C1', order, reason: 'sent back' });
    assert.deepEqual([credited.state, credited.total], ['posted', '25.00']);
  });

  it('a right that is taken away is named', async () => {
    await user.groups(everything.filter((one) => one !== 'account.group_account_invoice'));
    await assert.rejects(
      demandRights(odoo, [needsOf('orders'), needsOf('payments')]),
      (error: CodedError) => {
        assert.equal(error.code, 'ODOO_ACCESS');
        assert.match(error.message, /create account\.payment(;|$)/);
        assert.match(error.message, /create account\.payment\.register/);
        assert.doesNotMatch(error.message, /sale\.order/);
        return true;
      },
    );
  });

  it('the command makes the user, or changes it, and tells no secret', async () => {
    const { login = '' } = await user.access();
    const env = {
      ...process.env,
      ODOO_URL: site.url,
      ODOO_DATABASE: site.database,
      ODOO_ADMIN_LOGIN: site.login,
      ODOO_ADMIN_KEY: site.apiKey,
    };
    const run = (...args: string[]) => {
      const { stdout, stderr } = spawnSync(process.execPath, ['cli/crossdock.js', 'odoo', 'user', ...args], {
        env,
        encoding: 'utf8',
      });
      assert.ok(!(stdout + stderr).includes(site.apiKey));
      return stdout + stderr;
    };
    await user.groups(['base.group_user']);
    const told = run('--login', login);
    for (const one of [
      ...everything.map((group) => groups[group]),
      own.name,
      (await odoo.version()) >= 19 ? 'Security, Add API Key' : 'Account Security, New API Key',
      'ODOO_API_KEY',
    ])
      assert.ok(told.includes(one), `${one} in ${told}`);
    assert.match(told, /was there and has now these groups/);
    assert.deepEqual(await lackingRights(odoo, works.map(needsOf)), []);
    assert.match(run('--login', site.login), /^CONFIG_INVALID: /);
    env.ODOO_ADMIN_KEY = '';
    assert.match(run(), /^SETTING_MISSING: ODOO_ADMIN_KEY/);
  });

  it('the rights of its own group are those of the table', async () => {
    const rows = await user.admin.call<Record<string, unknown>[]>('ir.model.access', 'search_read', {
      domain: [['group_id.name', '=', own.name]],
      fields: ['name', 'perm_read', 'perm_write', 'perm_create', 'perm_unlink'],
    });
    const given = rows.map(({ name, ...row }) => [
      String(name).replace('Crossdock ', ''),
      ['read', 'write', 'create', 'unlink'].filter((right) => row[`perm_${right}`]).join(' '),
    ]);
    assert.deepEqual(Object.fromEntries(given), own.needs);
  });
});

function isReady(targets: Targets): boolean {
  try {
    targets.ready();
    return true;
  } catch {
    return false;
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 15000 && !holds(); tries += 1) await sleep(2);
  assert.ok(holds());
}
