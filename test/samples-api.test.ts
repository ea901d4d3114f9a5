/** Samples by the tower's API: what came is seen by who may see data, and kept without what is about a person; samples and exceptions step by step. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { shopifyOrder, signed } from '../cli/samples.ts';
import type { DryRun } from '../runtime/flow-test/trail.ts';
import type { LetterView } from '../runtime/tower/letters.ts';
import type { SeenRow } from '../runtime/node-red/tower/samples.ts';
import type { Role } from '../runtime/node-red/roles.ts';
import { openUsers } from '../runtime/node-red/users.ts';
import type { Sample } from '../runtime/flow-test/sample.ts';
import type { Preview, SampleRow } from '../runtime/workspace/samples.ts';
import { Seen } from '../runtime/intake/seen.ts';
import { post, secrets, startHubProcess, type HubProcess } from './e2e/hub-process.ts';
import { login, type Admin } from './e2e/traffic.ts';

const password = 'twelve characters';
const noOdoo = { ODOO_URL: 'http://127.0.0.1:9', ODOO_DATABASE: 'none', ODOO_API_KEY: 'none' };
const personal = /12 Harbor Way|robin\.mercer@example\.com|Robin|Mercer/;

describe('the last webhooks', () => {
  const unverified = (bytes: number) => ({
    rawBody: Buffer.alloc(bytes, 'x'),
    headers: {
      'content-type': 'application/json',
      'x-shopify-topic': 'orders/create',
      'x-shopify-hmac-sha256': 'private',
      authorization: 'private',
      cookie: 'private',
      'x-acme-event-signature': 'private',
      'x-forwarded-for': 'private',
    },
    receivedAt: 0,
  });

  it('are few and small, the newest first', () => {
    const seen = new Seen();
    for (let at = 0; at < 60; at += 1) seen.add(String(at), 'flow', '/a', unverified(10));
    assert.deepEqual([seen.list().length, seen.list()[0]?.id], [50, '59']);
    for (let at = 0; at < 8; at += 1) seen.add(`large ${at}`, 'flow', '/a', unverified(1024 * 1024));
    assert.deepEqual(
      seen
        .list()
        .map(({ id }) => id)
        .slice(-1),
      ['large 3'],
    );
    seen.add('too large', 'flow', '/a', unverified(1024 * 1024 + 1));
    assert.equal(seen.list()[0]?.id, 'large 7');
  });

  it('have no header that proves who sent them', () => {
    const seen = new Seen();
    seen.add('1', 'flow', '/a', unverified(1));
    assert.deepEqual(seen.list()[0]?.headers, {
      'content-type': 'application/json',
      'x-shopify-topic': 'orders/create',
    });
  });
});

interface Refused {
  code: string;
  message: string;
}

describe('samples by the API', function () {
  this.timeout(270_000);
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-samples-'));
  const admins = new Map<string, Admin>();
  let hub: HubProcess;
  const call = async <Body>(user: string, method: string, path: string, body?: object) => {
    const answer = await admins.get(user)!(method, `/tower/api${path}`, body);
    return { status: answer.status, body: (await answer.json()) as Body & { code?: string } };
  };
  const ask = <Body>(user: string, method: string, path: string, body?: object) =>
    call<Body>(user, method, `/samples${path}`, body);
  const step = (message: object) => call<DryRun>('analyst', 'POST', '/tests/step', message);

  before(async () => {
    for (const part of ['flows', 'definitions']) cpSync(part, join(dir, part), { recursive: true });
    const users = await openUsers(dir, () => {});
    for (const role of ['operations', 'analyst', 'viewer']) await users.set(role, password, role as Role);
    hub = await startHubProcess({ ...noOdoo, CROSSDOCK_DEFINITIONS: join(dir, 'definitions') }, dir);
    for (const role of ['operations', 'analyst', 'viewer'])
      admins.set(role, await login(hub.url, password, role));
    const body = shopifyOrder('9007199254740993', 5001, [
      { sku: 'A', name: 'A', price: '5.00', quantity: 1 },
    ]);
    const sample = signed({ kind: 'valid', partner: 'Shopify', number: '5001' }, body, secrets);
    const headers = { ...sample.headers, 'x-shopify-topic': 'orders/create' };
    assert.equal((await post(hub.url, { ...sample, headers })).status, 202);
    assert.equal((await post(hub.url, { ...sample, headers, body: Buffer.from(`${body} `) })).status, 401);
  });
  after(async () => {
    await hub?.stop(true);
    rmSync(dir, { recursive: true, force: true });
  });

  it('show what came with a right signature to who may see data', async () => {
    assert.equal((await ask('viewer', 'GET', '/seen')).status, 403);
    const { body } = await ask<{ seeing: boolean; rows: SeenRow[] }>('analyst', 'GET', '/seen');
    assert.equal(body.seeing, true);
    assert.deepEqual(
      body.rows.map(({ path, event }) => [path, event]),
      [['/shopify/orders', 'orders/create']],
    );
  });

  it('are kept masked, once, by who may change files', async () => {
    const seen = (await ask<{ rows: SeenRow[] }>('analyst', 'GET', '/seen')).body.rows;
    const { id } = seen[0]!;
    const { body: preview } = await ask<Preview>('analyst', 'POST', '/preview', { id, keep: [] });
    assert.doesNotMatch(JSON.stringify(preview.sample), personal);
    const wanted = { id, keep: [], name: 'shopify-order' };
    assert.equal((await ask('operations', 'POST', '/keep', wanted)).status, 403);
    assert.equal((await ask('analyst', 'POST', '/keep', wanted)).status, 200);
    const file = join(dir, 'definitions/samples/shopify-order.json');
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Sample;
    assert.deepEqual(kept, preview.sample);
    assert.equal(kept.event, 'orders/create');
    const again = await ask('analyst', 'POST', '/keep', wanted);
    assert.deepEqual([again.status, again.body.code], [409, 'FILE_CHANGED']);
  });

  it('are listed without their data, also one that is none', async () => {
    writeFileSync(join(dir, 'definitions/samples/broken.json'), '{');
    const { body } = await ask<{ rows: SampleRow[] }>('viewer', 'GET', '/');
    const [broken, order] = body.rows;
    assert.match(broken?.problem ?? '', /not JSON/);
    assert.deepEqual([order?.name, order?.event], ['shopify-order', 'orders/create']);
    assert.ok(!JSON.stringify(body).includes('line_items'));
    assert.equal((await ask('viewer', 'GET', '/one?name=shopify-order')).status, 403);
    assert.equal((await ask('operations', 'GET', '/one?name=shopify-order')).status, 200);
    assert.equal((await ask('operations', 'GET', '/one?name=nothing')).status, 404);
  });

  it('go through their flow step by step, one at a time', async () => {
    const wanted = { flow: 'shopify-intake', sample: 'shopify-order' };
    const both = await Promise.all([step(wanted), step(wanted)]);
    const [done, refused] = both.toSorted((a, b) => a.status - b.status);
    assert.deepEqual([refused?.status, refused?.body.code], [409, 'TESTS_RUNNING']);
    const { steps, problems, got } = done!.body;
    assert.deepEqual([problems, got.answer], [[], { status: 202, code: 'ACCEPTED' }]);
    const names = steps.map(({ name }) => name);
    assert.ok(names.includes('orders from Shopify') && names.includes('stage'), names.join());
    const changes = steps.flatMap(({ gave }) => gave.flatMap((one) => one.changes.map(({ path }) => path)));
    assert.ok(
      changes.some((path) => path.startsWith('webhook/verified')),
      changes.join(),
    );
  });

  it('an exception goes through its flow as it came', async () => {
    const items = [{ sku: 'A', name: 'A', price: '5.00', quantity: 1 }];
    const body = shopifyOrder('9007199254740994', 5002, items).replace(
      /"total_price":"[^"]*"/,
      '"total_price":"1.00"',
    );
    const sample = signed({ kind: 'valid', partner: 'Shopify', number: '5002' }, body, secrets);
    assert.equal((await post(hub.url, sample)).status, 202);
    const letter = await failed();
    const { status, body: run } = await step({ flow: letter.flow, letter: letter.id });
    assert.equal(status, 200);
    assert.deepEqual(
      run.got.exceptions.map(({ code, flow }) => [code, flow]),
      [[letter.code, letter.flow]],
    );
    assert.ok(run.steps.some(({ got }) => JSON.stringify(got)?.includes('"1.00"')));
    assert.equal((await step({ flow: letter.flow, letter: 'none' })).body.code, 'LETTER_UNKNOWN');
    assert.equal((await step({ flow: letter.flow })).body.code, 'REQUEST_INVALID');
    const refused = await call('operations', 'POST', '/tests/step', { flow: letter.flow, letter: letter.id });
    assert.equal(refused.status, 403);
  });

  it('what cannot run is said with its code, its file in the project and its line', async () => {
    const file = join(dir, 'flows/amazon-intake.test.yaml');
    const right = readFileSync(file, 'utf8');
    const run = (flow: string) => call<Refused>('analyst', 'POST', '/tests/run', { flow });
    writeFileSync(file, 'flow: amazon-intake\ntests: [\n');
    const broken = await run('amazon-intake');
    const kept = await call<Refused>('analyst', 'POST', '/tests/case', {
      flow: 'amazon-intake',
      sample: 'shopify-order',
      name: 'one more',
    });
    writeFileSync(file, right);
    for (const { status, body } of [broken, kept]) {
      assert.deepEqual([status, body.code], [422, 'TEST_INVALID']);
      assert.match(body.message, /^flows\/amazon-intake\.test\.yaml:\d+: the file cannot be read: /);
    }
    const { code, message } = (await run('connections')).body;
    assert.deepEqual(
      [code, message],
      ['REQUEST_INVALID', 'There are no tests of a flow connections in flows'],
    );
    writeFileSync(
      join(dir, 'definitions/samples/gone.json'),
      JSON.stringify({ source: 'gone', path: '/gone', taken: '2026-01-01T00:00:00Z', masked: [], body: {} }),
    );
    const gone = await step({ flow: 'gone', sample: 'gone' });
    assert.deepEqual(gone.body.problems, ['TEST_INVALID: No flow has a webhook at /gone']);
  });

  async function failed(): Promise<LetterView['letter']> {
    for (let tries = 0; tries < 600; tries += 1) {
      const { body } = await call<{ rows: LetterView['letter'][] }>('analyst', 'GET', '/letters');
      const letter = body.rows.find(({ message }) => message.subject === '5002');
      if (letter) return letter;
      await sleep(200);
    }
    return assert.fail('the order did not become an exception');
  }
});
