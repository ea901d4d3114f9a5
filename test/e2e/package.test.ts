/** The packed product in an empty folder: a hub of one's own is made, runs, and is upgraded from the version before. */
import { match, ok, strictEqual } from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

describe('the packed product', function () {
  this.timeout(540_000);
  const home = mkdtempSync(join(tmpdir(), 'crossdock-package-'));
  const hub = join(home, 'my-hub');
  let [previous, current] = ['', ''];

  before(async () => {
    current = await pack(root, home);
    previous = await packPrevious(current, home);
  });
  after(() => rmSync(home, { recursive: true, force: true }));

  it('makes a hub with what it was asked for', async () => {
    install(previous, home);
    const unknown = await crossdock(home, 'init', 'lost', '--with', 'stripe');
    match(unknown.stdout, /npm install FILE, the packed file of Crossdock/);
    // As npm writes it where it installs a packed file.
    const dependencies = { crossdock: `file:${relative(home, previous)}` };
    writeFileSync(join(home, 'package.json'), JSON.stringify({ dependencies }));
    const both = await crossdock(home, 'init', 'my-hub', '--with', 'woocommerce', 'shopify').catch(failed);
    match(both.stderr, /^REQUEST_INVALID: .*--with woocommerce,shopify/);
    const { stdout } = await crossdock(home, 'init', 'my-hub', '--with', 'WooCommerce');
    match(stdout, /It has WooCommerce/);
    const made = JSON.parse(text('package.json')) as {
      dependencies: Record<string, string>;
      allowScripts: object;
    };
    strictEqual(resolve(hub, made.dependencies['crossdock']!.slice('file:'.length)), previous);
    strictEqual(JSON.stringify(made.allowScripts), '{"esbuild":false,"node":true}');
    ok(existsSync(join(home, 'node_modules/crossdock/docs/analysts/own-hub.md')));
    match(text('README.md'), /node_modules\/crossdock\/docs/);
    match((await crossdock(home, 'docs').catch(failed)).stderr, /^REQUEST_INVALID: .*checkout/);
    match(text('.env.example'), /# Secrets of signature \(webhook verify\)\nWOOCOMMERCE_WEBHOOK_SECRETS=\n/);
    ok(!text('.env.example').includes('SHOPIFY'));
    ok(!text('flows/order-capture.yaml').includes('Shopify'));
    ok(!text('definitions/environments/prod.yaml').includes('AMAZON'));
    const again = await crossdock(home, 'init', 'my-hub').catch(failed);
    match(again.stderr, /^FOLDER_NOT_EMPTY: /);
  });

  it('adds a partner, and has nothing for lint to find', async () => {
    install(previous, hub);
    await crossdock(hub, 'add', 'partner', 'shopify');
    match(text('flows/order-capture.yaml'), /Shopify orders:/);
    match(text('.env.example'), /SHOPIFY_WEBHOOK_SECRETS=\n/);
    match(text('crossdock.lock.yaml'), /crossdock: 0\.0\.9\ntaken:\n(?: {2}- \w+\n)* {2}- shopify\n/);
    const unknown = await crossdock(hub, 'add', 'shopfy').catch(failed);
    match(unknown.stderr, /^CATALOGUE_UNKNOWN: .*shopify/);
    strictEqual((await crossdock(hub, 'lint')).stdout.replaceAll(/^.*\bNAME_.*\n/gm, ''), 'Nothing found\n');
  });

  it('runs the flows of that hub and no others', async () => {
    const port = await freePort();
    const names = [...text('.env.example').matchAll(/^([A-Z_]+)=$/gm)].map(([, name = '']) => name);
    writeFileSync(join(hub, '.env'), names.map((name) => `${name}=${given(name)}\n`).join(''));
    const started = spawn(process.execPath, [command(hub), 'start'], {
      cwd: hub,
      env: { ...clean, CROSSDOCK_PORT: String(port) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    try {
      let out = '';
      started.stdout.on('data', (part: Buffer) => (out += part.toString()));
      started.stderr.on('data', (part: Buffer) => (out += part.toString()));
      while (!out.includes('Crossdock runs')) {
        strictEqual(started.exitCode, null, out);
        await new Promise((done) => void setTimeout(done, 50));
      }
      const post = async (path: string) =>
        (await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: '{}' })).status;
      strictEqual(await post('/hooks/shopify/orders'), 401);
      strictEqual(await post('/hooks/woocommerce/orders'), 401);
      strictEqual(await post('/hooks/edi'), 404);
      const page = await fetch(`http://127.0.0.1:${port}/tower/`);
      const [, script = ''] = /src="([^"]+app\.js)"/.exec(await page.text()) ?? [];
      strictEqual((await fetch(`http://127.0.0.1:${port}${script}`)).status, 200);
      const [, password] = /with the password (\S+)/.exec(out) ?? [];
      const login = {
        client_id: 'node-red-editor',
        grant_type: 'password',
        scope: '*',
        username: 'admin',
        password,
      };
      const answered = await fetch(`http://127.0.0.1:${port}/auth/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(login),
      });
      const { access_token: token } = (await answered.json()) as { access_token: string };
      const headers = { authorization: `Bearer ${token}` };
      const studio = await fetch(`http://127.0.0.1:${port}/tower/api/studio/one?name=shopify.order`, {
        headers,
      });
      ok(((await studio.json()) as { cases: unknown[] }).cases.length > 0);
      const words = await fetch(`http://127.0.0.1:${port}/nodes/messages?lng=de`, { headers });
      match(await words.text(), /"label":"Auftrag in Odoo"/);
    } finally {
      started.kill();
      if (started.exitCode === null) await once(started, 'exit');
    }
  });

  it('shows its demo', async () => {
    const { stdout } = await crossdock(home, 'demo', '--json', '--exit');
    const told = JSON.parse(stdout) as { accepted: number; landed: number; exceptions: number };
    strictEqual(told.accepted, told.landed + told.exceptions);
    ok(told.landed > 0);
  });

  it('upgrades, with what was changed here kept', async () => {
    const own = text('flows/shopify-intake.yaml').replace('path: /shopify/orders', 'path: /shopify/ours');
    write('flows/shopify-intake.yaml', own);
    install(current, hub);
    const refused = await crossdock(hub, 'add', 'amazon').catch(failed);
    match(refused.stderr, /^HUB_UPGRADE_FIRST: /);
    const shown = await crossdock(hub, 'upgrade', '--dry-run');
    match(shown.stdout, /shopify-intake: .*stage/);
    strictEqual(text('flows/shopify-intake.yaml'), own);
    await crossdock(hub, 'upgrade');
    const shipped = readFileSync(join(root, 'flows/shopify-intake.yaml'), 'utf8');
    strictEqual(
      text('flows/shopify-intake.yaml'),
      shipped.replace('path: /shopify/orders', 'path: /shopify/ours'),
    );
    match((await crossdock(hub, 'upgrade')).stdout, /Nothing has changed/);
  });

  it('leaves what both changed, tells of it and ends with 1', async () => {
    install(previous, hub);
    rmSync(hub, { recursive: true });
    await crossdock(home, 'init', 'my-hub', '--with', 'shopify');
    const own = text('flows/shopify-intake.yaml').replace(
      'subject: $string(payload.id)',
      'subject: payload.name',
    );
    write('flows/shopify-intake.yaml', own);
    install(current, hub);
    const told = await crossdock(hub, 'upgrade').catch(failed);
    strictEqual(told.code, 1);
    match(
      told.stdout,
      /^CONFLICT flows\/shopify-intake\.yaml: nodes \/ stage \/ subject: here "payload\.name"/m,
    );
    strictEqual(text('flows/shopify-intake.yaml'), own);
  });

  function text(path: string): string {
    return readFileSync(join(hub, path), 'utf8');
  }

  function write(path: string, what: string): void {
    writeFileSync(join(hub, path), what);
  }
});

/** Nothing of the machine's own: no Odoo, no profile. */
const clean = {
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  CROSSDOCK_STACK_DIR: join(tmpdir(), 'no-stack'),
};

type Ended = Error & { code: number; stdout: string; stderr: string };
const failed = (error: unknown): Ended => error as Ended;

async function crossdock(
  cwd: string,
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  return { code: 0, ...(await run(process.execPath, [command(cwd), ...args], { cwd, env: clean })) };
}

function command(dir: string): string {
  return join(dir, 'node_modules/crossdock/cli/crossdock.js');
}

async function pack(folder: string, to: string, ...options: string[]): Promise<string> {
  const args = ['pack', '--json', '--pack-destination', to, ...options];
  const { stdout } = await run('npm', args, { cwd: folder, maxBuffer: 1e8 });
  const [, name] = /"filename": "(.+)"/.exec(stdout) ?? [];
  return join(to, name!);
}

/** The same with another version, and a flow that was otherwise. */
async function packPrevious(tarball: string, to: string): Promise<string> {
  const folder = join(to, 'previous');
  mkdirSync(folder);
  execFileSync('tar', ['xzf', tarball, '-C', folder, '--strip-components=1']);
  const change = (path: string, from: string, into: string): void => {
    const file = join(folder, path);
    const was = readFileSync(file, 'utf8');
    ok(was.includes(from), path);
    writeFileSync(file, was.replace(from, into));
  };
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  for (const path of ['package.json', 'dist/package.json'])
    change(path, `"version": "${version}"`, '"version": "0.0.9"');
  change(
    'dist/flows/shopify-intake.yaml',
    'subject: $string(payload.order_number)',
    'subject: $string(payload.id)',
  );
  return pack(folder, to, '--ignore-scripts');
}

/** As npm would; what the package needs is linked from this checkout, so that no registry is asked. */
function install(tarball: string, dir: string): void {
  const modules = join(dir, 'node_modules');
  rmSync(modules, { recursive: true, force: true });
  mkdirSync(join(modules, 'crossdock'), { recursive: true });
  execFileSync('tar', ['xzf', tarball, '-C', join(modules, 'crossdock'), '--strip-components=1']);
  for (const name of readdirSync(join(root, 'node_modules')))
    if (!name.startsWith('.') && name !== 'crossdock')
      symlinkSync(join(root, 'node_modules', name), join(modules, name));
}

function given(name: string): string {
  return name.endsWith('URL') ? 'http://127.0.0.1:65530' : 'c2VjcmV0IG9mIGEgdGVzdA==';
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
