/** Exceptions from the command line, beside a running hub and without one. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { shopifyOrder, signed, type Item } from '../../cli/samples.ts';
import type { DeadLetter, LetterGroup } from '../../runtime/journal/journal.ts';
import type { Step } from '../../runtime/journal/step.ts';
import { startSandbox, type Sandbox } from '../../runtime/odoo/sandbox/sandbox.ts';
import { post, secrets, startHubProcess, type HubProcess } from './hub-process.ts';

interface Ran {
  code: number;
  out: string;
  error: string;
}

const environment = ({ url, database, apiKey }: Sandbox) => ({
  ODOO_URL: url,
  ODOO_DATABASE: database,
  ODOO_API_KEY: apiKey,
});

describe('exceptions from the command line', function () {
  this.timeout(360_000);
  let odoo: Sandbox;
  let hub: HubProcess;

  before(async () => {
    odoo = await startSandbox();
    hub = await startHubProcess(environment(odoo));
  });
  after(async () => {
    await hub?.stop();
    await odoo?.close();
  });

  async function crossdock(...args: string[]): Promise<Ran> {
    const child = spawn(process.execPath, ['cli/crossdock.js', ...args], {
      env: { ...process.env, CROSSDOCK_DATA: hub.dataDir },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ran: Ran = { code: 0, out: '', error: '' };
    child.stdout.on('data', (chunk: Buffer) => (ran.out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (ran.error += chunk.toString()));
    [ran.code] = (await once(child, 'close')) as [number];
    return ran;
  }
  async function told<Answer>(...args: string[]): Promise<Answer> {
    const { out, error } = await crossdock(...args, '--json');
    assert.equal(error, '');
    return JSON.parse(out) as Answer;
  }
  const letters = (...args: string[]) => told<DeadLetter[]>('dead', 'list', '--all', ...args);
  async function until<Result>(what: string, ask: () => Promise<Result | undefined>): Promise<Result> {
    for (let tries = 0; tries < 600; tries += 1) {
      const result = await ask();
      if (result !== undefined) return result;
      await sleep(200);
    }
    return assert.fail(`It did not come to pass: ${what}`);
  }
  const orders = (number: string) =>
    odoo.orders().filter(({ client_order_ref }) => client_order_ref === number);
  const landed = (number: string) =>
    until(`${number} in Odoo`, async () => orders(number).find(({ state }) => state === 'sale'));

  /** An order that becomes an exception, for Odoo has no such product. */
  async function unknown(number: number, sku: string): Promise<DeadLetter> {
    const items: Item[] = [{ sku, name: 'Shelf', price: '19.00', quantity: 2 }];
    const body = shopifyOrder(`90071992547${number}`, number, items);
    const sample = signed({ kind: 'valid', partner: 'Shopify', number: String(number) }, body, secrets);
    assert.equal((await post(hub.url, sample)).status, 202);
    return until(`${number} is an exception`, async () =>
      (await letters()).find(({ message }) => message.subject === String(number)),
    );
  }

  it('says what is wrong and what to do; other data is checked, and lands once', async () => {
    const { id } = await unknown(5001, 'NO-SUCH-SKU');
    const { out } = await crossdock('dead');
    assert.match(out, /1 × order-to-odoo {2}PRODUCT_UNKNOWN/);
    assert.match(out, /To do: Create the product/);
    assert.match(out, /dead replay --flow order-to-odoo --code PRODUCT_UNKNOWN/);
    const [group] = await told<LetterGroup[]>('dead');
    assert.deepEqual([group?.count, group?.queue], [1, 'order-to-odoo']);
    assert.match(
      (await crossdock('dead', 'show', id)).out,
      /5001[^]*NO-SUCH-SKU[^]*\(order-to-odoo 1\.0\.0\)[^]*Data/,
    );

    const data = JSON.parse((await crossdock('dead', 'show', id, '--data')).out) as {
      lines: { sku: string }[];
    };
    const file = join(hub.dataDir, 'order.json');
    writeFileSync(file, JSON.stringify({ ...data, lines: 'none' }));
    const refused = await crossdock('dead', 'replay', id, '--edit', file);
    assert.deepEqual([refused.code, refused.error.split(':')[0]], [1, 'SCHEMA_INVALID']);
    assert.equal((await letters()).length, 1);

    data.lines[0]!.sku = 'FURN_7777';
    writeFileSync(file, JSON.stringify(data));
    const both = await Promise.all(
      ['anna', 'bob'].map((by) => crossdock('dead', 'replay', id, '--edit', file, '--by', by)),
    );
    assert.deepEqual(both.map(({ code }) => code).toSorted(), [0, 1]);
    const order = await landed('5001');
    assert.equal(order.lines[0]?.sku, 'FURN_7777');
    const steps = await told<Step[]>('trace', '5001');
    const outcomes = steps.map(({ outcome }) => outcome);
    const from = outcomes.indexOf('exception');
    assert.deepEqual(outcomes.slice(from, from + 3), ['exception', 'replayed', 'landed']);
    assert.match(
      steps.find(({ outcome }) => outcome === 'replayed')?.detail ?? '',
      /^by (anna|bob); changed: lines$/,
    );

    const again = await crossdock('dead', 'replay', id);
    assert.equal(again.code, 1);
    assert.match(again.out, /LETTER_NOT_OPEN/);
    await sleep(500);
    assert.equal(orders('5001').length, 1);
  });

  it('a replay that fails again opens the same exception, with both failures', async () => {
    const { id, firstFailed } = await unknown(5002, 'NEW-SKU');
    assert.equal((await crossdock('dead', 'replay', id)).code, 0);
    const letter = await until('open again', async () =>
      (await letters()).find((one) => one.id === id && one.history.length === 2),
    );
    assert.equal(letter.firstFailed, firstFailed);
    assert.equal(letter.state, 'open');
  });

  it('an option that no command has is named, and --help tells what there is', async () => {
    const wrong = await crossdock('lint', '--nonsense');
    assert.deepEqual(
      [wrong.code, wrong.error.split('\n')[0]],
      [2, "REQUEST_INVALID: Unknown option '--nonsense'"],
    );
    const asked = await crossdock('lint', '--help');
    assert.deepEqual([asked.code, asked.error, asked.out.includes('lint [file…]')], [0, '', true]);
    assert.equal((await crossdock('nonsense')).code, 2);
  });

  it('discards with a reason only, and keeps it', async () => {
    const { id } = await unknown(5003, 'NO-SUCH-SKU');
    const silent = await crossdock('dead', 'discard', id);
    assert.deepEqual([silent.code, silent.error.split(':')[0]], [1, 'REQUEST_INVALID']);
    const { code, out } = await crossdock('dead', 'discard', id, '--reason', 'a test order', '--by', 'anna');
    assert.deepEqual([code, out], [0, '5003  discarded\n1 discarded\n']);
    assert.ok(!(await letters()).some((one) => one.id === id));
    const [kept] = await letters('--state', 'discarded');
    assert.deepEqual([kept?.id, kept?.decision?.reason], [id, 'a test order']);
    assert.match((await crossdock('trace', '5003')).out, /discarded .*by anna; a test order/);
    assert.equal((await crossdock('dead', 'replay', id)).code, 1);
  });

  it('replays a group while no hub runs: it lands once one runs and Odoo has the product', async () => {
    await unknown(5004, 'NEW-SKU');
    await unknown(5005, 'OTHER-SKU');
    await hub.stop(true);
    const nothing = await crossdock('dead', 'replay', '--code', 'PRODUCT_UNKNOWN', '--until', '2h');
    assert.deepEqual([nothing.code, nothing.out], [0, '0 replayed\n']);
    const group = ['--flow', 'order-to-odoo', '--code', 'PRODUCT_UNKNOWN', '--since', '2h'];
    const { code, out } = await crossdock('dead', 'replay', ...group, '--per-second', '5');
    assert.equal(code, 0);
    assert.equal(out, '5002  sent again\n5004  sent again\n5005  sent again\n3 replayed\n');
    await odoo.close();
    odoo = await startSandbox({ products: [{ code: 'NEW-SKU', name: 'Shelf', price: 19 }] });
    hub = await startHubProcess(environment(odoo), hub.dataDir);
    await Promise.all(['5002', '5004'].map(landed));
    const left = await until('5005 is open again', async () => {
      const open = await letters();
      return open.length === 1 ? open[0] : undefined;
    });
    assert.equal(left.message.subject, '5005');
    assert.deepEqual([orders('5002').length, orders('5004').length], [1, 1]);
  });
});
