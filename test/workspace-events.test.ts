/** Events in the workspace: what a changed schema breaks is told at once, and a schema is proposed from a message. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { ownSchema, type Json } from '../runtime/schema/schema.ts';
import { proposedSchema, verdict } from '../runtime/workspace/events.ts';
import type { Workbench } from '../runtime/workspace/files.ts';

const bench = { now: () => ({ flowsDir: 'flows', definitionsDir: 'definitions' }) } as Workbench;
const path = 'definitions/schemas/order-cancellation.v1.json';
const schema = JSON.parse(readFileSync(path, 'utf8')) as Json & { required: string[]; properties: Json };

describe('the verdict on a changed schema', () => {
  it('is good for a new field that may be missing, and for what is as it was', async () => {
    const more = { ...schema, properties: { ...schema.properties, why: { title: 'Why', type: 'string' } } };
    assert.deepEqual(await verdict(bench, path, schema), { broken: [] });
    // `why` was no field of a closed schema, so nobody has sent one.
    assert.deepEqual(await verdict(bench, path, more), { broken: [] });
  });
  it('names every event whose promise a required field breaks', async () => {
    const { broken } = await verdict(bench, path, { ...schema, required: [...schema.required, 'number'] });
    assert.deepEqual(
      broken.map(({ type, why }) => [type, why]),
      ['order.cancellation.received.v1', 'order.cancellation.requested.v1', 'partner.order.cancelled.v1'].map(
        (type) => [type, 'backward: data/number is required by who reads'],
      ),
    );
  });
  it('says what is no schema', async () => {
    const { invalid } = await verdict(bench, path, { type: 'nothing' });
    assert.match(invalid ?? '', /type/);
  });
});

describe('a schema proposed from a message', () => {
  const message = {
    order_number: 'A1',
    placedAt: '2026-11-25T10:00:00Z',
    paid: true,
    note: null,
    lines: [{ sku: 'X', quantity: 2 }, { sku: 'Y' }],
  };
  it('takes the message, asks for what is there, and holds none of its data', () => {
    const proposed = proposedSchema([message]);
    assert.equal(ownSchema(proposed).check({ ...message, note: 'x' }), undefined);
    const { lines, order_number: number } = proposed['properties'] as Record<string, Json>;
    assert.deepEqual(number, { title: 'Order number', type: 'string' });
    assert.deepEqual((lines!['items'] as Json)['required'], ['sku']);
    assert.deepEqual(proposed['required'], ['order_number', 'placedAt', 'paid', 'lines']);
    assert.doesNotMatch(JSON.stringify(proposed), /A1|2026/);
  });
});
