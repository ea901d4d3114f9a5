/** What has one cause is one suspicion, as long as it lasts. */
import assert from 'node:assert/strict';
import { decide, type Suspicion } from '../runtime/suspicions/decide.ts';
import { onePerCause } from '../runtime/suspicions/detect.ts';
import type { Finding } from '../runtime/suspicions/finding.ts';
import { HOUR_MS } from '../runtime/suspicions/series.ts';

const NOW = Date.parse('2026-03-02T00:00:00.000Z');

describe('one cause', () => {
  const finding = (more: Partial<Finding> = {}): Finding => ({
    kind: 'volume',
    metric: 'received',
    partner: 'acme',
    cause: 'received/acme/less',
    direction: 'less',
    subject: '',
    observed: 1,
    expected: 50,
    score: -5,
    points: 8,
    since: NOW,
    orders: [],
    ...more,
  });
  const never = (): boolean => false;
  /** An hour each. */
  function through(hours: readonly (readonly Finding[])[]): Suspicion[] {
    const all = new Map<string, Suspicion>();
    for (const [hour, findings] of hours.entries())
      for (const one of decide([...all.values()], findings, never, NOW + hour * HOUR_MS))
        all.set(one.id, one);
    return [...all.values()];
  }
  const told = ([one]: Suspicion[]) => one!.history.map(({ what }) => what);

  it('is one suspicion as long as it lasts, ends by itself, and is the same where it is soon back', () => {
    const [seen, none] = [[finding()], []];
    const lasting = through([seen, seen, seen, none, seen]);
    assert.equal(lasting.length, 1);
    assert.deepEqual(told(lasting), ['raised']);
    const over = through([seen, none, none, none]);
    assert.deepEqual(told(over), ['raised', 'ended']);
    assert.equal(over[0]!.ended, new Date(NOW + 2 * HOUR_MS).toISOString());
    assert.deepEqual(told(through([seen, none, none, none, seen])), ['raised', 'ended', 'again']);
    const days = Array.from({ length: 30 }, () => none);
    assert.equal(through([seen, ...days, seen]).length, 2);
  });

  it('becomes graver when nothing comes at all, and stays that', () => {
    const silent = finding({ kind: 'silence', observed: 0 });
    const [one, ...more] = through([[finding()], [silent], [finding({ observed: 20 })]]);
    assert.deepEqual(more, []);
    assert.deepEqual([one!.kind, one!.observed], ['silence', 0]);
    assert.deepEqual(told([one!]), ['raised', 'graver']);
  });

  it('is said once: by silence, drift and error code rather than by volume', () => {
    const kinds = (some: Finding[]) => onePerCause(some).map(({ kind }) => kind);
    assert.deepEqual(kinds([finding({ kind: 'silence' }), finding()]), ['silence']);
    assert.deepEqual(kinds([finding({ kind: 'drift', cause: 'd' }), finding()]), ['drift']);
    assert.deepEqual(kinds([finding({ kind: 'drift', cause: 'd', direction: 'more' }), finding()]), [
      'drift',
      'volume',
    ]);
  });

  it('is not raised by a muted detector', () => {
    assert.deepEqual(
      decide([], [finding()], () => true, NOW),
      [],
    );
  });
});
