/**
 * How long a person waits at the terminal: for the help and for a look into the journal, beside Node.js that does nothing;
 * and for `crossdock lint`, `test` and `diff` on 200 flows of 20 nodes, each with a test.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inTurn, measure, median, within, type Bench, type Measure } from './measure.ts';

const flows = 200;
const steps = 19;
const limitMs = 3000;
const shortMs = 150;
/** Of each in turn: a short command is over before the machine's other work evens out. */
const shortRuns = 15;
const crossdock = 'cli/crossdock.js';
/** What earlier runs have read. */
const readings = 'node_modules/.cache/crossdock/readings';
const run = promisify(execFile);

export const commands: Bench = async (rounds) => {
  const folder = mkdtempSync(join(tmpdir(), 'crossdock-commands-'));
  try {
    return [...(await short(join(folder, 'data'))), ...(await long(folder, rounds))];
  } finally {
    rmSync(folder, { recursive: true });
  }
};

async function short(dataDir: string): Promise<Measure[]> {
  const env = { ...process.env, CROSSDOCK_PROFILE: 'embedded', CROSSDOCK_DATA: dataDir };
  const timed = (...args: string[]) => {
    return async () => {
      const start = performance.now();
      await run(process.execPath, args, { env }).catch(unlessNothingKnown);
      return performance.now() - start;
    };
  };
  const asked = { '--help': timed(crossdock, '--help'), 'trace --help': timed(crossdock, 'trace', '--help') };
  const all = { node: timed('-e', '0'), ...asked, trace: timed(crossdock, 'trace', '1001') };
  // The first run of each fills the cache of compiled code.
  for (const one of Object.values(all)) await one();
  const { node, ...found } = await inTurn(shortRuns, all);
  return Object.entries(found).map(([name, times]) => {
    const figures = { crossdock: median(times), 'bare node': median(node!) };
    const title = `crossdock ${name}`;
    return { ...measure(title, 'ms', figures), ...within(title, 'ms', figures, shortMs) };
  });
}

/** A trace of what nobody knows ends with 1. */
function unlessNothingKnown(error: unknown): void {
  if ((error as { code?: unknown }).code !== 1) throw error;
}

async function long(folder: string, rounds: number): Promise<Measure[]> {
  const [before, after] = [project(folder, 'before', 'one'), project(folder, 'after', 'two')];
  const env = {
    ...process.env,
    CROSSDOCK_FLOWS: join(after, 'flows'),
    CROSSDOCK_DEFINITIONS: join(after, 'definitions'),
  };
  const timed = (expected: RegExp, ...args: string[]) => {
    const again = async () => {
      const start = performance.now();
      const { stdout } = await run(process.execPath, [crossdock, ...args], { env });
      if (!expected.test(stdout)) throw new Error(`crossdock ${args.join(' ')} said: ${stdout.slice(-500)}`);
      return performance.now() - start;
    };
    const first = async () => {
      rmSync(readings, { force: true });
      return again();
    };
    return { [`${args[0]}, all of them new`]: first, [args[0]!]: again };
  };
  const found = await inTurn(rounds, {
    ...timed(/^Nothing found$/m, 'lint'),
    ...timed(new RegExp(`^${flows} passed, 0 failed$`, 'm'), 'test'),
    ...timed(new RegExp(`(bulk-\\d+.*\\n){${flows}}`), 'diff', before),
  });
  return Object.entries(found).map(([name, times]) =>
    within(
      `crossdock ${name}, ${flows} flows of ${steps + 1} nodes`,
      'ms',
      { [name.split(',')[0]!]: median(times) },
      limitMs,
    ),
  );
}

/** The project's connections and definitions with flows of its own. Returns its folder. */
function project(folder: string, name: string, value: string): string {
  const at = join(folder, name);
  const flowsDir = join(at, 'flows');
  mkdirSync(flowsDir, { recursive: true });
  cpSync('definitions', join(at, 'definitions'), { recursive: true });
  // It registers interfaces of flows that are not here.
  rmSync(join(at, 'definitions', 'interfaces.yaml'));
  cpSync('flows/connections.yaml', join(flowsDir, 'connections.yaml'));
  for (let i = 1; i <= flows; i += 1) {
    writeFileSync(join(flowsDir, `bulk-${i}.yaml`), flow(`bulk-${i}`, value));
    writeFileSync(join(flowsDir, `bulk-${i}.test.yaml`), testOf(`bulk-${i}`));
  }
  return at;
}

function flow(name: string, value: string): string {
  const step = (i: number) =>
    `  step ${i}:
    type: change
    rules: [{ t: set, p: step${i}, pt: msg, to: ${value}, tot: str }]
    to: ${i < steps ? `step ${i + 1}` : 'end'}
`;
  return `flow: ${name}
version: 1.0.0
owner: desk
tier: bulk
nodes:
  orders:
    type: event-consume
    broker: !node hub broker
    types: [order.received.v1]
    queue: ${name}
    to: step 1
${each(step)}  end:
    type: drop
    reason: Nothing is done with it here
layout:
  orders: [160, 100]
${each((i) => `  step ${i}: [${160 + 140 * i}, 100]\n`)}  end: [160, 200]
`;
}

function each(line: (i: number) => string): string {
  return Array.from({ length: steps }, (_, i) => line(i + 1)).join('');
}

const order = {
  source: 'shopify',
  id: '5001',
  number: '1001',
  placedAt: '2026-05-05T10:00:00Z',
  currency: 'USD',
  pricesIncludeTax: false,
  customer: { id: '7', name: 'Robin Mercer' },
  lines: [{ id: '1', sku: 'A', name: 'A', quantity: '1', unitPrice: '70.00', taxes: [] }],
  totals: { net: '70.00', tax: '0.00', gross: '70.00' },
};

function testOf(name: string): string {
  return `flow: ${name}
tests:
  - test: an order goes through
    given:
      event: order.received.v1
      source: shopify
      data: ${JSON.stringify(order)}
    expect:
      events: []
`;
}
