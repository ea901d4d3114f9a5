import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { startSandbox, type Sandbox } from '../../runtime/odoo/sandbox/sandbox.ts';

const run = promisify(execFile);
const mine = 'flow: mine\nsummary: Built in the demo\nowner: me\ntier: standard\nnodes: {}\n';
const command = resolve('cli/crossdock.js');

describe('the demo', function () {
  this.timeout(360_000);
  let dir: string;
  let found: Sandbox;
  let env: NodeJS.ProcessEnv;

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-demo-'));
    found = await startSandbox();
    const { url, database, apiKey } = found;
    writeFileSync(
      join(dir, 'stack.json'),
      JSON.stringify({ odoo: { url, database, apiKey, version: '19.0' } }),
    );
    env = { ...process.env, ODOO_URL: '', CROSSDOCK_STACK_DIR: dir, CROSSDOCK_PORT: '0' };
  });
  after(async () => {
    await found.close();
    rmSync(dir, { recursive: true });
  });

  const home = (...path: string[]): string => join(dir, '.crossdock', 'demo', ...path);
  const demo = async (...options: string[]) => {
    const args = [command, 'demo', '--json', '--exit', ...options];
    const { stdout, stderr } = await run(process.execPath, args, { cwd: dir, env });
    return { ...(JSON.parse(stdout) as { odoo: string; landed: number; exceptions: number }), said: stderr };
  };
  const sandboxOrders = (): number => {
    const all = JSON.parse(readFileSync(home('sandbox.json'), 'utf8')) as [string, number, unknown[]][];
    return all.find(([model]) => model === 'sale.order')![2].length;
  };

  it('writes into no Odoo that it only found, and says how it would', async () => {
    const { odoo, landed, exceptions, said } = await demo();
    assert.deepEqual({ odoo, landed, exceptions }, { odoo: 'sandbox', landed: 14, exceptions: 2 });
    assert.match(said, /with --yes the demo writes into the real 19.0 at http/);
    assert.equal(found.orders().length, 0);
  });

  it('keeps what was built in it and the orders of before, and counts only its own', async () => {
    writeFileSync(home('flows', 'mine.yaml'), mine);
    const { landed, exceptions, said } = await demo();
    assert.deepEqual({ landed, exceptions }, { landed: 14, exceptions: 2 });
    assert.match(said, /of the demo before are still there; --fresh/);
    assert.ok(existsSync(home('flows', 'mine.yaml')));
    assert.equal(sandboxOrders(), 28);
  });

  it('begins anew with --fresh, and with --yes writes into the Odoo that it found', async () => {
    const { odoo, landed } = await demo('--fresh', '--yes');
    assert.deepEqual({ odoo, landed }, { odoo: 'real', landed: 14 });
    assert.equal(found.orders().length, 14);
    assert.ok(!existsSync(home('flows', 'mine.yaml')));
  });

  it('invites to send an order that lands, shows it on a page, and its log is quiet', async () => {
    const child = spawn(process.execPath, [command, 'demo', '--fresh'], { cwd: dir, env });
    try {
      let said = '';
      const ended = once(child, 'exit');
      await new Promise<void>((told, fail) => {
        child.stdout.on('data', (chunk: Buffer) => {
          said += chunk.toString();
          if (said.includes('hub.log')) told();
        });
        void ended.then(() => fail(new Error(said)));
      });
      const curl = /^ {2}(curl .+)$/m.exec(said)![1]!;
      const number = /Shopify order (\d+):/.exec(said)![1]!;
      const sent = await run('bash', ['-c', curl], { cwd: dir });
      assert.match(sent.stdout, /^HTTP\/1.1 202 /);
      const page = /sandbox Odoo: (\S+)/.exec(said)![1]!;
      let shown = '';
      for (let tries = 0; tries < 900 && !shown.includes(number); tries++) {
        await new Promise((resume) => setTimeout(resume, 100));
        shown = await (await fetch(page)).text();
      }
      assert.match(
        shown,
        new RegExp(
          `<article id="id=\\d+&amp;model=sale.order&amp;view_type=form">\n<h2>S\\d+: ${number}</h2>`,
        ),
      );
      const secret = /Shopify's secret is (\S+);/.exec(said)![1]!;
      assert.ok(readFileSync(home('secrets.env'), 'utf8').includes(`SHOPIFY_WEBHOOK_SECRETS=${secret}\n`));
      const warnings = readFileSync(home('hub.log'), 'utf8')
        .split('\n')
        .filter((line) => line.includes('come later'));
      assert.equal(new Set(warnings.map((line) => line.slice(line.indexOf('"flow"')))).size, warnings.length);
      assert.ok(!readFileSync(home('hub.log'), 'utf8').includes(secret));
      child.kill('SIGTERM');
      assert.deepEqual(await ended, [0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
