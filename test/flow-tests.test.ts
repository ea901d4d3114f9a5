/** The tests beside the flows, and that a flow test fails when it should. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { TestReport } from '../runtime/flow-test/trail.ts';
import type { TestFile } from '../runtime/flow-test/spec.ts';

async function crossdockTest(flows: string): Promise<{ report: TestReport; code: number; err: string }> {
  const child = spawn(process.execPath, ['cli/crossdock.js', 'test', '--json'], {
    env: { ...process.env, CROSSDOCK_FLOWS: flows },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const [code] = (await once(child, 'close')) as [number];
  return { report: (out ? JSON.parse(out) : {}) as TestReport, code, err };
}

describe("the project's flow tests", () => {
  let run: ReturnType<typeof crossdockTest>;
  before(() => {
    run = crossdockTest('flows');
  });
  for (const name of readdirSync('flows').filter((one) => one.endsWith('.test.yaml'))) {
    const { flow, tests } = parse(readFileSync(join('flows', name), 'utf8'), { merge: true }) as TestFile;
    for (const { test, also = [] } of tests)
      for (const title of [test, ...also.map((variant) => `${test} (${variant})`)])
        it(`${flow}: ${title}`, async function () {
          this.timeout(180_000);
          const { report, err } = await run;
          const found = report.results?.find((one) => one.flow === flow && one.test === title);
          assert.ok(found, `it did not run: ${err}`);
          assert.deepEqual(found.differences, []);
        });
  }
  it('come through every node of the flows they test', async function () {
    this.timeout(180_000);
    const { report, code } = await run;
    assert.equal(code, 0);
    const lost = report.coverage
      .filter(({ taken, nodes }) => taken < nodes)
      .map(({ flow, missing }) => [flow, missing]);
    assert.deepEqual(lost, []);
  });
});

describe('a flow test', () => {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-flow-test-'));
  after(() => rmSync(dir, { recursive: true }));
  let report: TestReport;

  before(async function () {
    this.timeout(180_000);
    cpSync('flows/connections.yaml', join(dir, 'connections.yaml'));
    writeFileSync(
      join(dir, 'rates.yaml'),
      `flow: rates
version: 1.0.0
owner: test
tier: bulk
nodes:
  orders:
    type: event-consume
    broker: !node hub broker
    types:
      - order.received.v1
    to: ask
  ask:
    type: http request
    method: GET
    url: \${RATES_URL}
    ret: obj
    senderr: true
    to: look
  look:
    type: function
    func: |-
      if (msg.statusCode !== 200) throw new Error('no rate');
      return msg;
    outputs: 1
    to: sale order
  sale order:
    type: change
    rules: []
layout:
  orders: [100, 100]
  ask: [200, 100]
  look: [300, 100]
  sale order: [400, 100]
`,
    );
    const order = readFileSync('flows/order-to-odoo.test.yaml', 'utf8');
    const { tests } = parse(order, { merge: true }) as TestFile;
    const [given] = tests.map((one) => one.given);
    const stub = (status: number) => ({ RATES_URL: { 'GET /': { status, body: { rate: '1' } } } });
    const file = {
      flow: 'rates',
      tests: [
        { test: 'right', given, stubs: stub(200), expect: { calls: [{ RATES_URL: 'GET /' }] } },
        { test: 'wrong call', given, stubs: stub(200), expect: { calls: [{ RATES_URL: 'GET /other' }] } },
        { test: 'unknown call', given, expect: {} },
        { test: 'unexpected exception', given, stubs: stub(404), expect: {} },
        { test: 'expected exception', given, stubs: stub(404), expect: { exceptions: [{ flow: 'rates' }] } },
        {
          test: 'missing event',
          given,
          stubs: stub(200),
          expect: { events: [{ type: 'order.received.v1' }] },
        },
        {
          test: 'twice',
          given,
          also: ['duplicate'],
          stubs: stub(200),
          expect: { calls: [{ RATES_URL: 'GET /' }] },
        },
        { test: 'not consumed', given: { event: 'shopify.order.created.v1', data: {} }, expect: {} },
      ],
    };
    writeFileSync(join(dir, 'rates.test.yaml'), JSON.stringify(file));
    ({ report } = await crossdockTest(dir));
  });

  const failed = (title: string): string | undefined =>
    report.results.find((one) => one.test === title)?.differences[0];
  it('passes when everything is as expected', () => {
    assert.equal(failed('right'), undefined);
    assert.equal(failed('expected exception'), undefined);
  });
  const wrong: [string, RegExp][] = [
    ['wrong call', /calls\/0\/RATES_URL: expected "GET \/other", got "GET \/"/],
    ['unknown call', /TEST_CALL_UNKNOWN: RATES_URL GET \/ has no stub/],
    ['unexpected exception', /exceptions\/0: not expected/],
    ['missing event', /events\/0: expected .*, got nothing/],
    ['twice (duplicate)', /calls\/1: not expected/],
    ['not consumed', /TEST_INVALID: rates does not consume/],
  ];
  for (const [title, expected] of wrong)
    it(`fails on a ${title}`, () => {
      assert.match(failed(title) ?? 'it passed', expected);
    });
});
