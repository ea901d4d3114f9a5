/** A new partner by the workspace's API: recognised, drafted, made as a whole, sent, tested; and refused where something is wrong. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Role } from '../runtime/node-red/roles.ts';
import { openUsers } from '../runtime/node-red/users.ts';
import { startSandbox, type Sandbox } from '../runtime/odoo/sandbox/sandbox.ts';
import type { Choices, Looked, Planned, Proposal, Tried } from '../runtime/workspace/partner/guide.ts';
import type { Answer as Sent, Became } from '../runtime/workspace/partner/send.ts';
import { until } from './conformance/kit.ts';
import { startHubProcess, type HubProcess } from './e2e/hub-process.ts';
import { login, type Admin } from './e2e/traffic.ts';

const password = 'twelve characters';
const secret = 'Privet-Drive-4';
const order = {
  event: 'order.created',
  order: {
    id: 'b7c1',
    order_no: 'AO-1001',
    created_at: '2026-11-20T09:30:00Z',
    currency: 'USD',
    customer: { id: 'c-9', name: 'Harriet Quill', email: 'harriet@quill.test' },
    items: [
      { sku: 'FURN_7777', title: 'Office Chair', qty: 2, price: '70.00' },
      { sku: 'FURN_8888', title: 'Office Lamp', qty: 1, price: '40.00' },
    ],
    subtotal: '180.00',
    tax: '0.00',
    total: '180.00',
  },
};
const body = JSON.stringify(order);
const signature = createHmac('sha256', secret).update(body).digest('hex');
const request = `POST /hooks/acme-outdoor/orders HTTP/1.1\nX-Acme-Signature: ${signature}\n\n${body}`;

type Body<T> = T & { code?: string; message?: string };

describe('the guide to a new partner', function () {
  this.timeout(360_000);
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-partner-'));
  const at = (path: string): string => join(dir, path);
  let odoo: Sandbox;
  let hub: HubProcess;
  let bert: Admin;
  let victor: Admin;
  let choices: Choices;

  const ask = async <T>(
    path: string,
    asked?: object,
    who = bert,
  ): Promise<{ status: number; body: Body<T> }> => {
    const answer = await who(asked ? 'POST' : 'GET', `/tower/api/new-partner${path}`, asked);
    return { status: answer.status, body: (await answer.json()) as Body<T> };
  };
  const start = async (): Promise<void> => {
    const { url, database, apiKey } = odoo;
    const env = {
      ODOO_URL: url,
      ODOO_DATABASE: database,
      ODOO_API_KEY: apiKey,
      CROSSDOCK_DEFINITIONS: at('definitions'),
    };
    hub = await startHubProcess(env, dir);
    bert = await login(hub.url, password, 'bert');
    victor = await login(hub.url, password, 'victor');
  };

  before(async () => {
    for (const part of ['flows', 'definitions']) cpSync(part, at(part), { recursive: true });
    const users = await openUsers(dir, () => {});
    for (const [name, role] of Object.entries({ bert: 'analyst', victor: 'viewer' }))
      await users.set(name, password, role as Role);
    odoo = await startSandbox();
    await start();
  });
  after(async () => {
    await hub?.stop(true);
    await odoo?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it('recognises the signature and proposes the mapping', async () => {
    const { body: found } = await ask<Looked>('/look', { text: request, secret });
    assert.equal(found.path, '/acme-outdoor/orders');
    assert.equal(found.signing?.header, 'x-acme-signature');
    const asked = { sends: 'orders', name: 'acme-outdoor', body: found.body };
    const { body: draft } = await ask<Proposal>('/propose', asked);
    assert.deepEqual(draft.ids.id[0], ['order', 'id']);
    assert.deepEqual(draft.ids.number[0], ['order', 'order_no']);
    choices = {
      name: 'acme-outdoor',
      title: 'Acme Outdoor',
      owner: 'order-desk',
      sends: 'orders',
      path: found.path,
      signing: found.signing!,
      id: draft.ids.id[0]!,
      number: draft.ids.number[0]!,
      from: Object.fromEntries(draft.rows.flatMap(({ target, from }) => (from ? [[target, from]] : []))),
    };
    const { body: tried } = await ask<Tried>('/try', { choices, body });
    assert.equal(tried.problem, undefined);
    assert.equal((tried.result as { number: string }).number, 'AO-1001');
    const wrong = { ...choices, from: { ...choices.from, currency: { fixed: 'dollars' } } };
    assert.equal((await ask<Tried>('/try', { choices: wrong, body })).body.problem?.path, 'currency');
  });

  it('says what is wrong with a request, a secret, a name and a path', async () => {
    const { status, body: not } = await ask('/look', { text: `X-S: ${signature}\n\n{"a": `, secret });
    assert.deepEqual([status, not.code], [400, 'BODY_NOT_JSON']);
    const wrong = await ask<Looked>('/look', { text: request, secret: 'another' });
    assert.equal(wrong.body.signing, undefined);
    assert.equal(wrong.body.tried[0]?.header, 'x-acme-signature');
    const taken = await ask('/plan', { choices: { ...choices, name: 'acme' }, body });
    assert.match(taken.body.message ?? '', /name acme is taken/);
    const path = await ask('/plan', { choices: { ...choices, path: '/shopify/orders' }, body });
    assert.match(path.body.message ?? '', /path \/shopify\/orders is taken by the flow shopify-intake/);
    const blanks = await ask('/look', { text: request, secret: 'two words' });
    assert.deepEqual([blanks.status, blanks.body.code], [400, 'REQUEST_INVALID']);
    const list = `X-S: ${signature}\n\n[${body}]`;
    assert.match((await ask('/look', { text: list, secret })).body.message ?? '', /a list of 1/);
    const unfit = await ask('/make', { choices: { ...choices, from: {} }, body, secret });
    assert.equal(unfit.body.code, 'REQUEST_INVALID');
    assert.ok(!existsSync(at('flows/acme-outdoor-intake.yaml')));
    assert.equal((await ask('/plan', { choices, body }, victor)).status, 403);
  });

  it('takes a signature that a person says, and tells that it is not proved', async () => {
    const signing = { scheme: 'hmac', header: 'x-acme-signature', algorithm: 'sha512' };
    const { body: said } = await ask<Looked>('/look', { text: request, secret, signing });
    assert.deepEqual([said.unproved, said.signing], [true, signing]);
    const { body: right } = await ask<Looked>('/look', {
      text: request,
      secret,
      signing: { ...signing, algorithm: 'sha256' },
    });
    assert.equal(right.unproved, undefined);
    const { body: offered } = await ask<{ signing: { encodings: string[] } }>('');
    assert.ok(offered.signing.encodings.includes('base64-any'));
  });

  it('leaves nothing half-made, whatever fails, and the next try works', async () => {
    const variable = 'ACME_OUTDOOR_WEBHOOK_SECRETS';
    const isClean = (): void => {
      assert.ok(!existsSync(at('flows/acme-outdoor-intake.yaml')));
      assert.ok(
        !existsSync(at('secrets.json')) || !readFileSync(at('secrets.json'), 'utf8').includes(variable),
      );
    };
    assert.equal((await ask('/make', { choices, body, secret: 'two words' })).status, 400);
    isClean();
    // The folder is in the way of the last of its files.
    mkdirSync(at('definitions/mappings/acme-outdoor.order.test.yaml'));
    assert.notEqual((await ask('/make', { choices, body, secret })).status, 200);
    isClean();
    rmSync(at('definitions/mappings/acme-outdoor.order.test.yaml'), { recursive: true });
    // A folder in the place of the file of secrets.
    rmSync(at('secrets.json'), { force: true });
    mkdirSync(at('secrets.json'));
    assert.notEqual((await ask('/make', { choices, body, secret })).status, 200);
    rmSync(at('secrets.json'), { recursive: true });
    isClean();
  });

  it('makes the same of a name with an umlaut, an apostrophe, a comma and a slash', async () => {
    const named = { ...choices, name: 'mueller-soehne', title: `Müller & Söhne's, "A/B": #1 {x} */` };
    const { body: planned, status } = await ask<Planned>('/plan', { choices: named, body });
    assert.equal(status, 200, planned.message);
    assert.deepEqual(planned.refused, []);
    const mapping = planned.files.find(({ path }) => path.endsWith('.order.jsonata'))!;
    // The source is the partner as it is called now, not as it was when the draft was made.
    assert.match(mapping.text, /'source': "mueller-soehne"/);
  });

  it('shows what will be made, without the people of the sample', async () => {
    const { body: planned } = await ask<Planned>('/plan', { choices, body });
    assert.deepEqual(planned.refused, []);
    const paths = new Set(planned.files.map(({ path }) => path));
    assert.ok(paths.has('flows/order-capture.yaml'));
    assert.ok(paths.has('definitions/environments/prod.yaml'));
    const text = JSON.stringify(planned.files.filter(({ path }) => path.includes('acme-outdoor')));
    assert.ok(!/Quill|quill/.test(text), 'a name stands in a test');
    const capture = planned.files.find(({ path }) => path === 'flows/order-capture.yaml')!;
    // Only lines are added.
    const lines = new Set(capture.text.split('\n'));
    assert.ok(capture.before.split('\n').every((line) => lines.has(line)));
    assert.ok(!existsSync(at('flows/acme-outdoor-intake.yaml')));
  });

  it('makes all of it, takes the sample, and its order stands in Odoo', async () => {
    const made = await ask<{ waits?: string }>('/make', { choices, body, secret });
    assert.equal(made.status, 200, made.body.message);
    assert.equal(made.body.waits, undefined);
    const asked = { name: choices.name, path: choices.path, signing: choices.signing, body };
    const { body: sent } = await ask<Sent>('/send', asked);
    assert.equal(sent.status, 202, sent.message);
    let now: Became = { state: 'working' };
    await until('what became of the sample', async () => {
      now = (await ask<Became>(`/became?id=${sent.id}&number=AO-1001`)).body;
      return now.state !== 'working';
    });
    assert.equal(now.state, 'landed', JSON.stringify(now));
    assert.match(now.order ?? '', /^\/tower\/orders\//);
    assert.equal(odoo.orders().length, 1);
  });

  it('keeps the secret where only the hub reads it', async () => {
    const file = at('secrets.json');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.match(readFileSync(file, 'utf8'), /ACME_OUTDOOR_WEBHOOK_SECRETS/);
    assert.ok(!hub.log().includes(secret));
    await hub.stop(true);
    await start();
    const asked = { name: choices.name, path: choices.path, signing: choices.signing, body };
    assert.equal((await ask<Sent>('/send', asked)).body.status, 202);
  });

  it('has tests that are green', async () => {
    const { body: report } = await ask<{ passed: number; failures: string[] }>('/tests', {
      name: 'acme-outdoor',
    });
    assert.deepEqual(report.failures, []);
    assert.equal(report.passed, 4);
  });
});
