/** A new partner is made as a whole or not at all: its files, and its secret. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDefinitions } from '../runtime/hub/definitions.ts';
import type { Workbench } from '../runtime/workspace/files.ts';
import { make, plan, proposal, type Choices } from '../runtime/workspace/partner/guide.ts';
import { applySecrets, keepSecret } from '../runtime/secrets/secret-file.ts';

const body = JSON.stringify({
  id: 'b7c1',
  number: 'AO-1001',
  created_at: '2026-11-20T09:30:00Z',
  currency: 'USD',
  customer: { id: 'c-9', name: 'Harriet Quill' },
  items: [{ sku: 'FURN_7777', title: 'Office Chair', qty: 2, price: '70.00' }],
  subtotal: '140.00',
  tax: '0.00',
  total: '140.00',
});

describe('a new partner', function () {
  this.timeout(60_000);
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-whole-'));
  const own = { flowsDir: join(dir, 'flows'), definitionsDir: join(dir, 'definitions') };
  const failing = { noted: false, take: false };
  const bench: Workbench = {
    own,
    now: () => own,
    authored: () => true,
    take: async () => {
      if (failing.take) throw new Error('it does not start');
    },
    findings: () => [],
    noted: async () => {
      if (failing.noted) throw new Error('the journal is not there');
    },
  };
  const env: NodeJS.ProcessEnv = {};
  const variable = 'ACME_WEST_WEBHOOK_SECRETS';
  const hub = () => readDefinitions(own.definitionsDir);
  const choices = (name = 'acme-west'): Choices => {
    const { rows, ids } = proposal(hub(), 'orders', 'another', body);
    return {
      name,
      title: 'Acme West',
      owner: 'order-desk',
      sends: 'orders',
      path: `/${name}/orders`,
      signing: { scheme: 'hmac', header: 'x-sign' },
      id: ids.chosen.id!,
      number: ids.chosen.number!,
      from: Object.fromEntries(rows.flatMap(({ target, from }) => (from ? [[target, from]] : []))),
    };
  };
  const all = (secret = 'a-secret', name = 'acme-west') =>
    keepSecret({ dataDir: dir, env }, variable, secret, () =>
      make(bench, hub(), choices(name), body, 'bert'),
    );
  const filesOf = (): string[] =>
    ['definitions/partners/acme-west.yaml', 'flows/acme-west-intake.yaml'].filter((path) =>
      existsSync(join(dir, path)),
    );
  const kept = (): unknown => JSON.parse(readFileSync(join(dir, 'secrets.json'), 'utf8'));

  before(() => {
    for (const part of ['flows', 'definitions']) cpSync(part, join(dir, part), { recursive: true });
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  it('leaves nothing behind where a step fails, also the last', async () => {
    const taker = readFileSync(join(dir, 'flows/order-capture.yaml'), 'utf8');
    for (const step of ['take', 'noted'] as const) {
      failing[step] = true;
      await assert.rejects(all(), step === 'take' ? /does not start/ : /journal/);
      failing[step] = false;
      assert.deepEqual([filesOf(), env, kept()], [[], {}, {}], step);
      assert.equal(readFileSync(join(dir, 'flows/order-capture.yaml'), 'utf8'), taker);
    }
    await assert.rejects(all('two words'), /one word/);
    assert.deepEqual([filesOf(), env], [[], {}]);
  });

  it('sets no variable while it is planned', async () => {
    const before = JSON.stringify(process.env);
    const planned = plan(bench, hub(), choices(), body);
    assert.equal(JSON.stringify(process.env), before);
    assert.deepEqual((await planned).refused, []);
  });

  it('is made by the next try, by the name it has then', async () => {
    await all();
    assert.equal(filesOf().length, 2);
    assert.deepEqual([env[variable], kept()], ['a-secret', { [variable]: 'a-secret' }]);
    const mapping = readFileSync(join(dir, 'definitions/mappings/acme-west.order.jsonata'), 'utf8');
    assert.match(mapping, /'source': "acme-west"/);
  });

  it('that is made a second time is refused, and keeps its secret', async () => {
    await assert.rejects(all('another-secret'), /name acme-west is taken/);
    assert.deepEqual([env[variable], kept()], ['a-secret', { [variable]: 'a-secret' }]);
    const started: NodeJS.ProcessEnv = {};
    applySecrets(dir, started);
    assert.equal(started[variable], 'a-secret');
  });

  it('whose file stands there from elsewhere is refused, and the file stays', async () => {
    rmSync(join(dir, 'definitions/partners/acme-west.yaml'));
    await assert.rejects(all('another-secret'), /taken/);
    assert.equal(filesOf().length, 1);
  });
});
