/** At which node a test's difference is shown. */
import assert from 'node:assert/strict';
import type { FlowNode } from '../runtime/flow-file/format.ts';
import { placeOf } from '../runtime/flow-test/place.ts';

describe('the place of a difference', () => {
  const own = [
    { id: 'in', type: 'webhook-in' },
    { id: 'verify', type: 'webhook-verify' },
    { id: 'orders', type: 'event-publish', event: 'order.received.v1' },
    { id: 'cancels', type: 'event-publish', event: 'order.cancelled.v1' },
    { id: 'call', type: 'http-call' },
  ] as unknown as FlowNode[];
  const through = (...nodes: string[]) => ({ nodes, wires: [] });
  const events = [{ type: 'order.cancelled.v1' }];

  it('is who publishes the event that was expected, also where nothing came', () => {
    assert.equal(
      placeOf('events/0/subject: expected "1"', { events }, own, through('in', 'orders')),
      'cancels',
    );
    assert.equal(placeOf('events/0: expected {}, got nothing', { events }, own, through()), 'cancels');
  });

  it('is who published last, for an event too many', () => {
    assert.equal(placeOf('events/1: not expected: {}', { events }, own, through('orders', 'call')), 'orders');
  });

  it('is who makes calls, for one without a stub', () => {
    assert.equal(placeOf('TEST_CALL_UNKNOWN: X GET / has no stub', {}, own, through('in')), 'call');
  });

  it('is where the messages came last, for an answer, an exception and what has no worker', () => {
    const trail = through('in', 'verify', 'of another flow');
    for (const difference of [
      'answer/status: expected 202',
      'exceptions/0: not expected',
      'orders/0: expected {}',
    ])
      assert.equal(placeOf(difference, {}, own, trail), 'verify');
  });

  it('is none where nothing was reached', () => {
    assert.equal(placeOf('answer/status: expected 202', {}, own, through()), '');
  });
});
