/** Secrets of a hub that runs are changed under load: nobody is refused, nothing is lost, and no secret stands in what it wrote. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shopifyOrder, signed } from '../../cli/samples.ts';
import { startSandbox, type Sandbox } from '../../runtime/odoo/sandbox/sandbox.ts';
import { until } from '../conformance/kit.ts';
import { post, secrets, startHubProcess, type HubProcess } from './hub-process.ts';
import { login, withToken } from './traffic.ts';

const words = (name: string, ...numbers: number[]) => numbers.map((one) => `a-${name}-of-this-test-${one}`);
const [shopOne, shopTwo, shopThree] = words('shop-secret', 1, 2, 3) as [string, string, string];
const [odooOne, odooTwo, odooWrong] = words('key-of-odoo', 1, 2, 3) as [string, string, string];
const items = [{ sku: 'FURN_7777', name: 'Office Chair', price: '70.00', quantity: 1 }];

/** Before the sandbox: lets those keys through that hold. */
interface Gate {
  url: string;
  accepted: Set<string>;
  refused: number;
  /** Calls at work with this key. */
  working(key: string): number;
  /** Calls that came with this key. */
  came(key: string): number;
  close(): Promise<void>;
}

async function openGate(sandbox: Sandbox): Promise<Gate> {
  const at = new Map<string, number>();
  const came = new Map<string, number>();
  const server: Server = createServer((incoming, outgoing) => {
    const key = /^bearer (.+)$/.exec(incoming.headers.authorization ?? '')?.[1];
    if (key !== undefined && !gate.accepted.has(key)) {
      gate.refused += 1;
      incoming.resume();
      const body = { name: 'werkzeug.exceptions.Unauthorized', message: 'Invalid apikey', arguments: [] };
      outgoing.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      return;
    }
    const count = (by: number) => key !== undefined && at.set(key, (at.get(key) ?? 0) + by);
    count(1);
    if (key !== undefined) came.set(key, (came.get(key) ?? 0) + 1);
    outgoing.on('close', () => count(-1));
    const headers = { ...incoming.headers, authorization: `bearer ${sandbox.apiKey}` };
    const forward = request(
      `${sandbox.url}${incoming.url}`,
      { method: incoming.method, headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(outgoing);
      },
    );
    forward.on('error', () => outgoing.destroy());
    incoming.pipe(forward);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const gate: Gate = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accepted: new Set([odooOne]),
    refused: 0,
    working: (key) => at.get(key) ?? 0,
    came: (key) => came.get(key) ?? 0,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return gate;
}

describe('secrets that change under load', function () {
  let hub: HubProcess;
  let sandbox: Sandbox;
  let gate: Gate;
  let folder: string;
  let env: Record<string, string>;
  /** What was answered to anybody. */
  let answers = '';
  let signing = shopOne;
  let number = 5000;
  const sent: string[] = [];
  const statuses = new Map<number, number>();

  const put = (name: string, value: string) => writeFileSync(join(folder, name), `${value}\n`);

  before(async function () {
    this.timeout(360_000);
    folder = mkdtempSync(join(tmpdir(), 'crossdock-secret-files-'));
    sandbox = await startSandbox();
    gate = await openGate(sandbox);
    put('SHOPIFY_WEBHOOK_SECRETS', shopOne);
    put('odoo', odooOne);
    env = {
      SHOPIFY_WEBHOOK_SECRETS: '',
      CROSSDOCK_SECRETS_DIR: folder,
      ODOO_API_KEY: '',
      ODOO_API_KEY_FILE: join(folder, 'odoo'),
      ODOO_URL: gate.url,
      ODOO_DATABASE: sandbox.database,
      ODOO_LOGIN: sandbox.login,
      CROSSDOCK_LOG_LEVEL: 'debug',
    };
    hub = await startHubProcess(env);
  });
  after(async () => {
    await hub?.stop();
    await gate?.close();
    await sandbox?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function sendOne(by = signing): Promise<number> {
    const mine = (number += 1);
    const body = shopifyOrder(`9007199254${mine}`, mine, items);
    const known = { kind: 'valid', partner: 'Shopify', number: String(mine) } as const;
    const { status, body: said } = await post(hub.url, signed(known, body, { ...secrets, shopify: by }));
    answers += JSON.stringify(said);
    if (status === 202) sent.push(String(mine));
    return status;
  }

  /** Webhooks without a pause while the work is done, and for some more after it. */
  async function underLoad(work: () => Promise<void>): Promise<void> {
    statuses.clear();
    const over = new AbortController();
    const sender = async (): Promise<void> => {
      while (!over.signal.aborted) {
        const status = await sendOne();
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    };
    const senders = [sender(), sender()];
    const sentSince = (count: number) => until('webhooks', () => (statuses.get(202) ?? 0) >= count);
    try {
      await sentSince(5);
      await work();
      await sentSince((statuses.get(202) ?? 0) + 5);
    } finally {
      over.abort();
      await Promise.all(senders);
    }
    assert.deepEqual([...statuses.keys()], [202], 'somebody was refused');
  }

  const allLanded = () =>
    until(
      'all orders to land',
      () => new Set(sandbox.orders().map((one) => one.client_order_ref)).size >= sent.length,
      90_000,
    );

  async function crossdock(args: string[], input = ''): Promise<string> {
    const child = spawn(process.execPath, ['cli/crossdock.js', ...args], {
      env: { ...process.env, ...env, CROSSDOCK_DATA: hub.dataDir, CROSSDOCK_FLOWS: hub.flowsDir },
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stdin.end(input);
    const [code] = (await once(child, 'close')) as [number];
    assert.equal(code, 0, said);
    answers += said;
    return said;
  }

  it('the secret of webhooks, with an overlap: 0 refused', async function () {
    this.timeout(360_000);
    await underLoad(async () => {
      await crossdock(['secrets', 'rotate', 'shopify', '--take', '--overlap', '2h'], shopTwo);
      await crossdock(['secrets', 'reload']);
      signing = shopTwo;
    });
    assert.equal(await sendOne(shopOne), 202, 'the old one holds too');
    assert.equal(await sendOne(shopThree), 401);
    assert.match(await crossdock(['secrets']), /SHOPIFY_WEBHOOK_SECRETS +from hub, .*an old one holds until/);
  });

  it('the key of Odoo: 0 calls refused, every order lands once', async function () {
    this.timeout(360_000);
    await underLoad(async () => {
      await until('calls with the first key', () => gate.came(odooOne) > 0);
      gate.accepted.add(odooTwo);
      put('odoo', odooTwo);
      assert.match(await crossdock(['secrets', 'reload']), /Changed: ODOO_API_KEY|Nothing has changed/);
      await until(
        'the old key to be out of use',
        () => gate.working(odooOne) === 0 && gate.came(odooTwo) > 0,
      );
      gate.accepted.delete(odooOne);
    });
    await allLanded();
    assert.equal(gate.refused, 0);
    const refs = sandbox.orders().map((one) => one.client_order_ref);
    assert.deepEqual(refs.toSorted(), sent.toSorted());
  });

  it('a wrong key of Odoo is seen, the old one is not used on, and nothing is lost', async function () {
    this.timeout(360_000);
    put('odoo', odooWrong);
    await crossdock(['secrets', 'reload']);
    await until('what was under way to end', () => gate.working(odooTwo) === 0);
    const before = gate.came(odooTwo);
    const ready = async () => (await fetch(`${hub.url}/readyz`)).text();
    await underLoad(async () => {
      await until('it to be told', async () => /Odoo \(connections\) cannot be used/.test(await ready()));
    });
    assert.ok(gate.refused > 0);
    assert.equal(gate.came(odooTwo), before, 'the old key was used on');
    assert.match(hub.log(), /ODOO_API_KEY has another value/);
    put('odoo', odooTwo);
    await crossdock(['secrets', 'reload']);
    await allLanded();
    await until('it to be ready', async () => !/Odoo/.test(await ready()));
  });

  it('a token of the admin API: the next one is made first, 0 calls refused', async function () {
    this.timeout(360_000);
    const made = async (name: string) =>
      /cd_\S+/.exec(await crossdock(['token', name, '--scope', 'read']))![0];
    let token = await made('one');
    const first = token;
    const codes = new Set<number>();
    const over = new AbortController();
    let calls = 0;
    const calling = (async () => {
      for (; !over.signal.aborted; calls += 1)
        codes.add((await withToken(hub.url, token)('GET', '/tower/api/me')).status);
    })();
    await until('calls', () => calls > 5);
    token = await made('two');
    await until('more calls', () => calls > 15);
    over.abort();
    await calling;
    assert.deepEqual([...codes], [200]);
    await made('one');
    assert.equal((await withToken(hub.url, first)('GET', '/tower/api/me')).status, 401);
    answers = answers.replaceAll(/cd_\S+/g, '');
  });

  it('stand in nothing that the hub wrote: logs, stores, answers, pages, releases and backups', async function () {
    this.timeout(360_000);
    const admin = await login(hub.url, hub.password);
    for (const path of [
      'secrets',
      'health',
      'issues',
      'search?q=5001',
      'rules/environments',
      'orders',
      'board',
    ])
      answers += await (await admin('GET', `/tower/api/${path}`)).text();
    answers += await (await fetch(`${hub.url}/metrics`)).text();
    answers += await crossdock(['audit', 'list']);
    const backup = join(folder, 'backup.tar');
    await crossdock(['backup', backup]);
    const used = [
      shopOne,
      shopTwo,
      shopThree,
      odooOne,
      odooTwo,
      odooWrong,
      sandbox.apiKey,
      ...Object.values(secrets),
    ];
    const wrote = [...filesBelow(hub.dataDir), backup].filter((file) => !file.endsWith('/secrets-kept.json'));
    assert.ok(wrote.some((file) => file.endsWith('crossdock.db')));
    const hits = used.flatMap((secret) => [
      ...wrote.filter((file) => readFileSync(file).includes(secret)),
      ...(answers.includes(secret) ? ['an answer'] : []),
      ...(hub.log().includes(secret) ? ['the log'] : []),
    ]);
    assert.deepEqual(hits, []);
    // The one file that is there for them, for its owner alone.
    const kept = join(hub.dataDir, 'secrets-kept.json');
    assert.ok(readFileSync(kept, 'utf8').includes(shopTwo));
    assert.equal(statSync(kept).mode & 0o777, 0o600);
    for (const name of ['ODOO_API_KEY', 'SHOPIFY_WEBHOOK_SECRETS']) assert.match(answers, new RegExp(name));
  });
});

function filesBelow(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((one) => one.isFile() && !one.parentPath.includes('node_modules'))
    .map((one) => join(one.parentPath, one.name));
}
