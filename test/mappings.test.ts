/** Every mapping of definitions/ keeps what its test file promises; vendors' own samples go through it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readX12 } from '../runtime/edi/x12.ts';
import { readFields } from '../runtime/map/fields.ts';
import { compileMapping, mappingVariables } from '../runtime/map/mapping.ts';
import { runMappingTests } from '../runtime/map/test-file.ts';
import { loadPartners } from '../runtime/partners/partners.ts';
import { loadValueMaps } from '../runtime/values/value-maps.ts';

const root = resolve(import.meta.dirname, '..');
const definitions = join(root, 'definitions');
const folder = join(definitions, 'mappings');
const names = readdirSync(folder);

describe('mappings', () => {
  for (const mapping of names.filter((name) => name.endsWith('.jsonata'))) {
    const testFile = mapping.replace(/\.jsonata$/, '.test.yaml');
    if (!names.includes(testFile)) {
      it(`${mapping} has a test file`, () => assert.fail(`${testFile} is missing`));
    }
  }
  for (const name of names.filter((one) => one.endsWith('.test.yaml'))) describeFile(name);
});

// Mocha wants the names of tests before they run: the file runs once, its cases report.
const runs = new Map<string, ReturnType<typeof runMappingTests>>();

function describeFile(name: string): void {
  const file = join(folder, name);
  const titles = [...readFileSync(file, 'utf8').matchAll(/^ {2}- case: (.*)$/gm)].map(
    ([, title]) => title ?? '',
  );
  const run = () => runs.get(file) ?? runs.set(file, runMappingTests(file)).get(file)!;
  describe(name, () => {
    for (const [index, title] of titles.entries()) {
      it(title, async () => assert.deepEqual((await run())[index]?.differences, []));
    }
    it('reports each of its cases', async () => assert.equal((await run()).length, titles.length));
  });
}

describe('the fields of a mapping', () => {
  const files = readdirSync(join(definitions, 'mappings')).filter((name) => name.endsWith('.fields.yaml'));
  assert.ok(files.length > 1);
  for (const file of files)
    it(`${file} names as read what the mapping names`, () => {
      const path = join(definitions, 'mappings', file);
      const text = readFileSync(path.replace(/fields[.]yaml$/, 'jsonata'), 'utf8');
      const unread = readFields(path)!.reads.filter((field) =>
        field.split('.').some((name) => !new RegExp(`\\b${name}\\b`).test(text)),
      );
      assert.deepEqual(unread, []);
    });
});

for (const topic of ['create', 'updated'])
  describe(`the sample of Shopify itself, orders/${topic}`, () => {
    const sample = resolve(root, `../shared/material/shopify/2024-04.orders.${topic}.json`);
    const mapping = () =>
      compileMapping({
        dir: definitions,
        file: 'mappings/shopify.order.jsonata',
        schema: 'schemas/order.v1.json',
        values: loadValueMaps(join(definitions, 'values')),
        partners: loadPartners(join(definitions, 'partners')),
        variables: mappingVariables,
      });
    /** Ids beyond 2^53 as the text of their digits, as the webhook's parser keeps them. */
    const order = () => {
      const keepDigits = (_key: string, value: unknown, { source }: { source: string }) =>
        typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER ? source : value;
      const { response } = JSON.parse(
        readFileSync(sample, 'utf8'),
        keepDigits as (key: string, value: unknown) => unknown,
      );
      assert.equal(response.test, true);
      return { ...response, test: false };
    };

    before(function () {
      if (existsSync(sample)) return;
      console.warn(`SKIPPED: ${sample} is not on this machine`);
      this.skip();
    });

    it('names a discount of 20.00 that no line has: refused, not guessed', async () => {
      await assert.rejects(mapping().run(order()), {
        code: 'TOTALS_DIFFER',
        facts: { mapping: 'mappings/shopify.order.jsonata', said: '388.00', computed: '408.00' },
      });
    });

    it('maps when the discount is allocated, and keeps every digit', async () => {
      const payload = order();
      payload.line_items[0].discount_allocations = [{ amount: '20.00', discount_application_index: 0 }];
      const canonical = (await mapping().run(payload)) as Record<string, any>;
      assert.equal(canonical.id, '820982911946154500');
      assert.equal(canonical.customer.id, '115310627314723950');
      assert.deepEqual(canonical.totals, { net: '388.00', tax: '0.00', gross: '388.00' });
      assert.equal(canonical.lines[0].discount, '20.00');
      assert.equal(canonical.billTo.country, 'US');
    });

    it('refuses ids that a plain JSON parser has already damaged', async () => {
      const damaged = { ...JSON.parse(readFileSync(sample, 'utf8')).response, test: false };
      await assert.rejects(mapping().run(damaged), { code: 'MAPPING_FAILED', message: /lost digits/ });
    });
  });

describe('samples of others', () => {
  const material = resolve(root, '../shared/material');
  const run = (name: string, schema: string, given: unknown) =>
    compileMapping({
      dir: definitions,
      file: `mappings/${name}.jsonata`,
      schema: `schemas/${schema}.json`,
      values: loadValueMaps(join(definitions, 'values')),
      partners: loadPartners(join(definitions, 'partners')),
      variables: mappingVariables,
    }).run(given) as Promise<Record<string, any>>;

  before(function () {
    if (existsSync(material)) return;
    console.warn(`SKIPPED: ${material} is not on this machine`);
    this.skip();
  });

  it('an X12 850 is an order, to the cent', async () => {
    const { documents } = readX12(readFileSync(join(material, 'edi/850.OK.edi'), 'utf8'), {
      types: ['850'],
    });
    const order = await run('x12.order', 'order.v1', { partner: 'xyz', ...documents[0] });
    assert.deepEqual([order.number, order.totals.gross, order.lines.length], ['08292233294', '13045.94', 6]);
    assert.deepEqual(
      [order.lines[5].sku, order.lines[5].barcode, order.lines[5].name],
      ['DX1875', undefined, 'ORANGE WIDGET'],
    );
    assert.deepEqual(order.shipTo, {
      company: 'XYZ RETAIL', street: '31875 SOLON RD', city: 'SOLON', region: 'OH', postalCode: '44139', country: 'US',
    }); // prettier-ignore
  });

  it('a refund of Shopify is the money that went back', async () => {
    const { response } = JSON.parse(
      readFileSync(join(material, 'shopify/2024-04.refunds.create.json'), 'utf8'),
    ) as {
      response: { order_id: unknown };
    };
    const given = { ...response, id: '890088186047892319', order_id: '820982911946154508' };
    const { amount, currency, refund } = await run('shopify.refund', 'payment.v1', given);
    assert.deepEqual([amount, currency, refund], ['85.00', 'USD', true]);
  });

  it('a dispute and a payout of Stripe, and a tracker of EasyPost', async () => {
    const stripe = JSON.parse(readFileSync(join(material, 'stripe/objects.json'), 'utf8')) as Record<
      string,
      object
    >;
    const event = (type: string, object: unknown) => ({ id: 'evt', type, data: { object } });
    const dispute = await run(
      'stripe.dispute',
      'dispute.v1',
      event('charge.dispute.created', stripe['dispute']),
    );
    assert.deepEqual(
      [dispute.amount, dispute.status, dispute.payment],
      ['10.00', 'open', 'ch_1PgafuB7WZ01zgkWXYmPNZs8'],
    );
    const payout = await run('stripe.payout', 'payout.v1', event('payout.paid', stripe['payout']));
    assert.deepEqual([payout.amount, payout.date, payout.status], ['11.00', '2009-02-13', 'paid']);
    const tracker = JSON.parse(
      readFileSync(join(material, 'easypost/trackers-retrieve.json'), 'utf8'),
    ) as object;
    const tracking = await run('easypost.tracking', 'tracking.v1', { id: 'evt', result: tracker });
    assert.deepEqual(
      [tracking.tracking, tracking.status, tracking.carrier],
      ['EZ1000000001', 'announced', 'USPS'],
    );
  });
});
