/** The picture of a process: steps stand behind what leads to them. */
import assert from 'node:assert/strict';
import { layoutOf } from '../runtime/tower/web/workspace/process/layout.ts';
import { loadProcesses } from '../runtime/process/definition.ts';

describe('the picture of a process', () => {
  it('has order to cash from the left to the right, with every step once', () => {
    const process = loadProcesses('definitions').get('order-to-cash')!;
    const { boxes, arrows, unreached, columns } = layoutOf(process);
    const at = Object.fromEntries(boxes.map(({ name, column }) => [name, column]));
    assert.deepEqual(at, {
      order: 0,
      shipment: 1,
      handover: 1,
      services: 1,
      invoice: 2,
      'credit note': 2,
      payment: 3,
    });
    assert.equal(columns, 4);
    assert.deepEqual(unreached, []);
    assert.deepEqual(
      arrows.filter(({ back }) => back),
      [{ from: 'shipment', to: 'credit note', event: 'return.booked.v1', back: true }],
    );
    const places = boxes.map(({ column, row }) => `${column}/${row}`);
    assert.equal(new Set(places).size, places.length);
  });

  it('ends also where steps lead to each other, and names what nothing leads to', () => {
    const { boxes, unreached } = layoutOf({
      start: 'a.v1',
      steps: {
        first: { on: 'b.v1', awaits: 'c.v1' },
        second: { on: 'c.v1', awaits: 'b.v1' },
        alone: { on: 'x.v1', awaits: 'y.v1' },
      },
    });
    assert.equal(boxes.length, 3);
    assert.deepEqual(unreached, ['alone']);
  });
});
