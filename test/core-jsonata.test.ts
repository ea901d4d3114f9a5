/** JSONata in Node-RED's own nodes: evaluated at once by the engine of mappings, with what Node-RED gives beside it. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import RED from 'node-red';
import { flows, node } from './settlement/flows.ts';
import '../runtime/node-red/settlement.ts';

interface Prepared {
  assign(name: string, value: unknown): void;
}
interface Util {
  prepareJSONataExpression(text: string, node?: object): Prepared;
  evaluateJSONataExpression(
    expression: Prepared,
    msg: unknown,
    callback: (error: Error | null, value?: unknown) => void,
  ): void;
  evaluateNodeProperty(
    value: string,
    type: string,
    node: object | undefined,
    msg: unknown,
    callback: (error: Error | null, value?: unknown) => void,
  ): void;
}
const util = RED.util as unknown as Util;

const stores = { flow: new Map([['rate', 3]]), global: new Map([['name', 'hub']]) };
const owner = {
  _flow: { getSetting: (name: string) => ({ SHOP: 'a shop' })[name] },
  context: () => ({
    flow: { get: (key: string) => stores.flow.get(key) },
    global: { get: (key: string) => stores.global.get(key) },
  }),
};

/** Fails where the callback is not called before the evaluation returns. */
function evaluate(text: string, msg: unknown = {}, assigned: Record<string, unknown> = {}): unknown {
  const expression = util.prepareJSONataExpression(text, owner);
  for (const [name, value] of Object.entries(assigned)) expression.assign(name, value);
  let answer: { error: Error | null; value?: unknown } | undefined;
  util.evaluateJSONataExpression(expression, msg, (error, value) => (answer = { error, value }));
  assert.ok(answer, 'it waits');
  if (answer.error) throw answer.error;
  return answer.value;
}

describe("JSONata in Node-RED's own nodes", () => {
  it('is calculated as decimals, as in a mapping', () => {
    assert.equal(evaluate('0.1 + 0.2'), 0.3);
    assert.equal(evaluate('$sum(payload.price)', { payload: [{ price: 0.1 }, { price: 0.2 }] }), 0.3);
    assert.equal(evaluate('$average(payload)', { payload: [0.1, 0.2, 0.3] }), 0.2);
  });

  it('has the functions of Node-RED', () => {
    assert.equal(evaluate('$env("SHOP") & $env("NONE")'), 'a shop');
    assert.equal(evaluate('$flowContext("rate") * 2'), 6);
    assert.equal(evaluate('$globalContext("name")'), 'hub');
    assert.equal(evaluate('$I + $N', {}, { I: 1, N: 2 }), 3);
  });

  it('has the times of $moment with their methods', () => {
    assert.equal(evaluate('$moment("2026-11-02T14:00:00Z").utc().format("D.M.YYYY")'), '2.11.2026');
    assert.equal(
      evaluate('$moment(payload).utc().add(1, "day").toISOString()', { payload: 0 }),
      '1970-01-02T00:00:00.000Z',
    );
    assert.equal(evaluate('payload.length', { payload: Buffer.from('four') }), 4);
    assert.equal(evaluate('payload.constructor', { payload: Buffer.from('four') }), undefined);
    assert.equal(evaluate('payload.toString', { payload: {} }), undefined);
  });

  it('has $clone, of the context too', () => {
    const payload = { lines: [{ sku: 'A' }], raw: Buffer.from('x') };
    for (const text of ['$clone(payload)', 'payload.$clone()', 'payload ~> $clone()']) {
      const copy = evaluate(text, { payload }) as typeof payload;
      assert.deepEqual(copy, payload);
      assert.notEqual(copy.raw, payload.raw);
    }
    assert.throws(() => evaluate('$clone("a")'), { message: '$clone takes an object or a list' });
  });

  it('sees the message as `msg` where the expression says so', () => {
    assert.equal(evaluate('msg.payload', { payload: 1 }), 1);
    assert.equal(evaluate('payload', { payload: 1 }), 1);
  });

  it('gives plain data, and instances as they are', () => {
    const payload = { at: new Date(0), raw: Buffer.from('x') };
    const value = evaluate('{"a": payload, "b": {}}', { payload }) as { a: typeof payload; b: object };
    assert.equal(value.a.raw, payload.raw);
    assert.equal(value.a.at, payload.at);
    assert.ok(value.b.hasOwnProperty);
    const server = createServer();
    assert.equal((evaluate('{"req": req}', { req: server }) as { req: unknown }).req, server);
  });

  it('says what failed without the values of the message', () => {
    assert.throws(() => evaluate('$number(payload)', { payload: 'secret' }), {
      code: 'MAPPING_FAILED',
      message: 'Unable to cast value to a number: …',
    });
    assert.throws(() => evaluate('$string(1e20)'), { message: /more digits than a number keeps/ });
    assert.throws(() => evaluate('[1..1000000]'), { message: /maximum sequence length/ });
    assert.throws(() => evaluate('function() { 1 }'), { message: /function where data is expected/ });
    const round: { self?: unknown } = {};
    round.self = round;
    assert.throws(() => evaluate('payload', { payload: round }), { message: /nested too deeply/ });
  });

  it('refuses what does not compile, and a regular expression that can run away', () => {
    assert.throws(() => util.prepareJSONataExpression('$sum('), { code: 'MAPPING_INVALID' });
    assert.throws(() => util.prepareJSONataExpression('$contains(payload, /(a+)+/)'), /can run away/);
  });

  it('is the same where a node evaluates a setting of any kind', () => {
    let value: unknown;
    util.evaluateNodeProperty('0.1 + 0.2', 'jsonata', owner, {}, (_error, found) => (value = found));
    assert.equal(value, 0.3);
    util.evaluateNodeProperty('payload', 'msg', owner, { payload: 1 }, (_error, found) => (value = found));
    assert.equal(value, 1);
  });

  it('goes no deeper with a node that evaluates the next in its callback', async () => {
    const expression = util.prepareJSONataExpression('$A + 1', owner);
    const last = await new Promise((resolve) => {
      const next = (value: unknown): void => {
        if (value === 30_000) return resolve(value);
        expression.assign('A', value);
        util.evaluateJSONataExpression(expression, {}, (_error, found) => next(found));
      };
      next(0);
    });
    assert.equal(last, 30_000);
  });
});

describe('flows with JSONata', () => {
  const flow = flows();
  const change = (to: string, more: string[] = ['b']) =>
    node('first', 'change', more, { rules: [{ t: 'set', p: 'payload', pt: 'msg', to, tot: 'jsonata' }] });

  it('a change node calculates as a mapping does', async () => {
    const { failure } = await flow.deliver([change('$sum(payload)'), node('b', 'odd', [])], [0.1, 0.2]);
    assert.equal(failure, undefined);
    assert.deepEqual(
      flow.finished.map(({ payload }) => payload),
      [0.3],
    );
  });

  const failing = {
    'to of a change': change('$number(payload)'),
    'property of a switch': node('first', 'switch', ['b'], {
      property: '$number(payload)',
      propertyType: 'jsonata',
      rules: [{ t: 'true' }],
    }),
    'rule of a switch': node('first', 'switch', ['b'], {
      property: 'payload',
      rules: [{ t: 'eq', v: '$number(payload)', vt: 'jsonata' }],
    }),
  };
  for (const [where, first] of Object.entries(failing))
    it(`an expression that fails is the failure of the delivery at its node: ${where}`, async () => {
      const { failure, failedAt, finished } = await flow.deliver([first, node('b', 'odd', [])], 'secret');
      assert.ok(failure);
      assert.equal(failedAt, first['type']);
      assert.deepEqual(finished, []);
      assert.ok(!JSON.stringify([failure.message, String(failure.cause)]).includes('secret'));
    });

  it('a catch node gets it', async () => {
    const { finished } = await flow.deliver(
      [change('$number(payload)', []), node('caught', 'catch', ['b'], { scope: null }), node('b', 'odd', [])],
      'x',
    );
    assert.deepEqual(finished, ['b']);
  });

  it('a join node reduces a long sequence', async () => {
    await flow.load([
      node('first', 'split', ['j'], { arraySplt: 1, arraySpltType: 'len' }),
      node('j', 'join', ['b'], {
        mode: 'reduce',
        reduceExp: '$A + payload',
        reduceInit: '0',
        reduceInitType: 'num',
      }),
      node('b', 'odd', []),
    ]);
    const [settled] = await flow.send([Array.from({ length: 300 }, () => 0.1)], 10_000);
    assert.equal(settled?.failure, undefined);
    assert.deepEqual(
      flow.finished.map(({ payload }) => payload),
      [30],
    );
  });
});
