/** The rules of a promotion: four eyes, freeze, broken glass. */
import assert from 'node:assert/strict';
import { environmentNamed, type Environment } from '../runtime/environments/environment.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { approved, breakGlass, decide, isDue, type Promotion } from '../runtime/promotion/promotion.ts';

const now = new Date('2026-05-05T12:00:00Z');
const prod: Environment = { environment: 'prod', summary: 'x', production: true, breakGlassHours: 4 };
const promotion = (more: Partial<Promotion> = {}): Promotion => ({
  id: '1',
  digest: 'sha256:x',
  version: '1.1.0',
  author: 'anna',
  promotedBy: 'ben',
  at: now.toISOString(),
  state: 'waiting',
  approvals: [],
  ...more,
});
const coded = (code: string) => (error: unknown) => error instanceof CodedError && error.code === code;

describe('promotions', () => {
  it('go ahead at once outside of production, and wait for an approval in it', () => {
    assert.equal(decide(promotion(), { environment: 'test', summary: 'x' }, now), 'run');
    assert.equal(decide(promotion(), prod, now), 'wait');
    assert.equal(decide(approved(promotion(), 'carla', prod, now), prod, now), 'run');
    assert.equal(decide(approved(promotion(), 'carla', prod, now), { ...prod, approvals: 2 }, now), 'wait');
  });

  for (const [who, why] of [
    ['anna', 'the author'],
    ['ben', 'the promoter'],
    ['carla', 'who approved it already'],
  ] as const)
    it(`are not approved by ${why}`, () => {
      const once = approved(promotion(), 'carla', prod, now);
      assert.throws(() => approved(once, who, { ...prod, approvals: 3 }, now), coded('FOUR_EYES'));
    });

  it('are not approved by the same person under another spelling', () => {
    for (const who of ['Anna', ' anna ', 'ＡＮＮＡ', 'BEN'])
      assert.throws(() => approved(promotion(), who, prod, now), coded('FOUR_EYES'));
  });

  it('are not approved when they wait for nothing', () => {
    for (const state of ['running', 'replaced', 'failed', 'switching'] as const)
      assert.throws(() => approved(promotion({ state }), 'carla', prod, now), coded('PROMOTION_UNKNOWN'));
  });

  it('stop in a freeze, to the second', () => {
    const frozen = {
      ...prod,
      freeze: [{ from: '2026-05-05T12:00:00Z', until: '2026-05-05T13:00:00Z', reason: 'Sale' }],
    };
    assert.throws(() => decide(promotion(), frozen, now), coded('FROZEN'));
    assert.equal(decide(promotion(), frozen, new Date('2026-05-05T13:00:00Z')), 'wait');
    assert.equal(decide(promotion({ rollback: true }), frozen, now), 'run');
  });

  it('break the glass for some hours, and are due for approval then', () => {
    const glass = breakGlass('Orders stand still', prod, now);
    assert.equal(glass.until, '2026-05-05T16:00:00.000Z');
    const running = promotion({ glass, state: 'running' });
    assert.equal(decide(promotion({ glass }), prod, now), 'run');
    assert.ok(isDue(running, prod));
    assert.ok(!isDue(approved(running, 'carla', prod, now), prod));
    assert.throws(() => approved(running, 'ben', prod, now), coded('FOUR_EYES'));
    assert.throws(() => breakGlass('x', { environment: 'test', summary: 'x' }, now), coded('CONFIG_INVALID'));
  });

  it("find the project's environments, and say which there are", () => {
    assert.equal(environmentNamed('definitions/environments', 'prod').production, true);
    assert.throws(() => environmentNamed('definitions/environments', 'moon'), /dev, prod, test/);
  });
});
