import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import helper from 'node-red-node-test-helper';
import type { Hub } from '../runtime/hub/hub.ts';
import { createLog } from '../runtime/log/log.ts';
import { loadPartners } from '../runtime/partners/partners.ts';
import { sendersOf } from '../runtime/partners/senders.ts';
import { sign } from '../runtime/verify/sign.ts';
import { nodesOf, openHubInHelper, type HubInHelper } from './hub-in-helper.ts';

const types = [
  'broker',
  'store',
  'webhook-in',
  'webhook-verify',
  'idempotency-guard',
  'event-publish',
  'event-consume',
];
const factories = await nodesOf(types);

const secretOf = (name: string) => `whsec_${Buffer.from(`the secret of ${name}`).toString('base64')}`;
const partnerFile = (name: string, sends: string, variable = `TEST_${name.toUpperCase()}_SECRETS`) =>
  `partner: ${name}\nowner: o\nsummary: s\ndirect:\n  secrets: \${${variable}}\n  sends: [${sends}]\n`;

function withPartners(files: Record<string, string>): string {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-partners-'));
  cpSync('definitions', dir, { recursive: true });
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(dir, 'partners', `${name}.yaml`), text);
  return dir;
}

const at = { z: 'tab', x: 1, y: 1 };
const route = (path: string, says: string, secrets: string) => [
  { ...at, id: `in ${says}`, type: 'webhook-in', path, wires: [[`verify ${says}`]] },
  { ...at, id: `verify ${says}`, type: 'webhook-verify', secrets, says, wires: [[`once ${says}`], []] },
  {
    ...at,
    id: `once ${says}`,
    type: 'idempotency-guard',
    store: 'the-store',
    key: "payload.source & '/' & payload.id & '/' & webhook.verified.digest",
    wires: [[`stage ${says}`], [], []],
  },
  {
    ...at,
    id: `stage ${says}`,
    type: 'event-publish',
    broker: 'the-broker',
    event: 'partner.order.created.v1',
    wires: [[]],
  },
];
const flow = [
  { id: 'tab', type: 'tab', label: 'test-flow', env: [] },
  { id: 'the-broker', type: 'broker' },
  { id: 'the-store', type: 'store' },
  ...route('/orders', 'orders', '${TEST_SHARED_SECRETS}'),
  ...route('/bills', 'bills', '${TEST_SHARED_SECRETS}'),
  ...route('/counts', 'counts', '${TEST_NOWHERE_SECRETS}'),
  {
    ...at,
    id: 'heard',
    type: 'event-consume',
    broker: 'the-broker',
    types: ['partner.order.created.v1'],
    wires: [[]],
  },
];

const order = (source: string, id: string) => ({
  source,
  id,
  number: `${source}-${id}`,
  placedAt: '2026-11-02T10:00:00Z',
  currency: 'USD',
  customer: { id: 'c', name: 'Robin Mercer' },
  pricesIncludeTax: false,
  lines: [{ id: '1', sku: 'A', name: 'A', quantity: '1', unitPrice: '10.00', taxes: [] }],
  totals: { net: '10.00', tax: '0.00', gross: '10.00' },
});

describe('partners are kept apart', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-senders-'));
  const definitionsDir = withPartners({
    acme: partnerFile('acme', 'orders'),
    bolt: partnerFile('bolt', 'orders, bills'),
    later: partnerFile('later', 'bills'),
  });
  const lines: string[] = [];
  let opened: HubInHelper;
  let hub: Hub;
  let url: string;

  before(async () => {
    process.env['TEST_SHARED_SECRETS'] = secretOf('everyone');
    process.env['TEST_ACME_SECRETS'] = `${secretOf('acme of old')} ${secretOf('acme')}`;
    process.env['TEST_BOLT_SECRETS'] = secretOf('bolt');
    const log = createLog({
      level: 'error',
      destination: { write: (line: string) => void lines.push(line) },
    });
    opened = await openHubInHelper({ dataDir, definitionsDir, log });
    ({ hub, url } = opened);
    await helper.load(factories as never, flow as never);
    await hub.resume();
  });
  after(async () => {
    await hub.pause();
    await helper.unload();
    await opened.close();
    for (const dir of [dataDir, definitionsDir]) rmSync(dir, { recursive: true });
    for (const name of ['SHARED', 'ACME', 'BOLT']) delete process.env[`TEST_${name}_SECRETS`];
  });

  async function send(who: string, path: string, message: object): Promise<[number, string, string | null]> {
    const body = JSON.stringify(message);
    const { headers } = sign('standard-webhooks', {}, secretOf(who), body);
    const answer = await fetch(`${url}/hooks${path}`, { method: 'POST', headers, body });
    const { code } = (await answer.json()) as { code: string };
    return [answer.status, code, answer.headers.get('retry-after')];
  }

  it('each says its own name with its own secret, the older one too', async () => {
    assert.deepEqual(await send('acme', '/orders', order('acme', '1')), [202, 'ACCEPTED', null]);
    assert.deepEqual(await send('acme of old', '/orders', order('acme', '2')), [202, 'ACCEPTED', null]);
    assert.deepEqual(await send('bolt', '/orders', order('bolt', '1')), [202, 'ACCEPTED', null]);
  });
  it('nobody says the name of a shop, of an EDI partner or of another', async () => {
    for (const source of [
      'bolt',
      'shopify',
      'woocommerce',
      'amazon',
      'midmart',
      'stripe',
      'odoo',
      'lakeside',
    ])
      assert.deepEqual(await send('acme', '/orders', order(source, '3')), [403, 'SOURCE_FORBIDDEN', null]);
  });
  it('the shared secret says names that nobody owns', async () => {
    assert.deepEqual(await send('everyone', '/orders', order('lakeside', '1')), [202, 'ACCEPTED', null]);
    for (const source of ['acme', 'shopify', 'partner', 'warehouse', 'easypost'])
      assert.deepEqual(await send('everyone', '/orders', order(source, '4')), [
        403,
        'SOURCE_FORBIDDEN',
        null,
      ]);
  });
  it('what was refused has claimed nothing: the order of the real partner is taken', async () => {
    await send('bolt', '/orders', order('acme', '5'));
    assert.deepEqual(await send('acme', '/orders', order('acme', '5')), [202, 'ACCEPTED', null]);
  });
  it('a partner sends only what its file says: elsewhere its secret is nobody’s', async () => {
    const [status] = await send('acme', '/bills', order('acme', '6'));
    assert.notEqual(status, 202);
    assert.deepEqual(await send('bolt', '/bills', order('bolt', '6')), [202, 'ACCEPTED', null]);
  });
  it('a name that is no name is refused', async () => {
    for (const source of ['acme/1', 'ACME', '', 7])
      assert.deepEqual(await send('everyone', '/orders', { ...order('x', '7'), source }), [
        422,
        'SCHEMA_INVALID',
        null,
      ]);
  });
  it('a corrected order is another event, the same again is the same', async () => {
    const first = order('acme', '8');
    await send('acme', '/orders', first);
    assert.deepEqual(await send('acme', '/orders', { ...first, note: 'corrected' }), [202, 'ACCEPTED', null]);
    assert.deepEqual(await hub.journal.letters({ code: 'CLAIM_CONFLICT' }), []);
  });
  it('a secret that is not set: 503 with Retry-After, named when asked whether ready, told once', async () => {
    for (let time = 0; time < 3; time += 1)
      assert.deepEqual(await send('everyone', '/counts', order('wms', '1')), [503, 'SETTING_MISSING', '5']);
    // It may be the partner whose secret is missing.
    assert.deepEqual(await send('later', '/bills', order('later', '1')), [503, 'SETTING_MISSING', '5']);
    await assert.rejects(hub.ready(), {
      code: 'SETTING_MISSING',
      message:
        'Webhooks need what is not set: TEST_LATER_SECRETS (test-flow), TEST_NOWHERE_SECRETS (test-flow)',
    });
    for (const name of ['TEST_LATER_SECRETS', 'TEST_NOWHERE_SECRETS'])
      assert.equal(lines.filter((line) => line.includes(name)).length, 1, name);
  });
});

describe('files of direct partners', () => {
  it('no two have the same variable or the same secret', () => {
    const dir = withPartners({
      acme: partnerFile('acme', 'orders', 'ONE'),
      bolt: partnerFile('bolt', 'orders', 'ONE'),
    });
    assert.throws(() => loadPartners(join(dir, 'partners')), { message: /has the secrets of acme/ });
    const direct = ['acme', 'bolt'].map((partner) => ({
      partner,
      variable: partner.toUpperCase(),
      sends: ['orders'] as const,
    }));
    const env = { ACME: 'same', BOLT: 'same' };
    assert.throws(() => sendersOf('orders', [], { direct }, env), {
      code: 'CONFIG_INVALID',
      message: /acme and bolt/,
    });
    assert.throws(() => sendersOf('orders', ['same'], { direct: direct.slice(0, 1) }, env), {
      code: 'CONFIG_INVALID',
    });
    assert.throws(() => sendersOf('orders', ['whsec_same'], { direct: direct.slice(0, 1) }, env), {
      code: 'CONFIG_INVALID',
    });
    assert.deepEqual(sendersOf('orders', ['other'], { direct }, { ACME: 'a b' }), {
      all: [{ secret: 'a', partner: 'acme' }, { secret: 'b', partner: 'acme' }, { secret: 'other' }],
      missing: ['BOLT'],
    });
    rmSync(dir, { recursive: true });
  });
});
