/** Attacks on what a hub stands on: its store, its folder, its clock, its file handles, its memory. `npm run attack`. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { startSandbox, type Sandbox } from '../../runtime/odoo/sandbox/sandbox.ts';
import { until } from '../conformance/kit.ts';
import { post, secrets, startHubProcess, type HubProcess } from '../e2e/hub-process.ts';
import { landed, order } from '../e2e/traffic.ts';

describe('an attack on what a hub stands on', function () {
  this.timeout(180_000);
  let data: string;
  let odoo: Sandbox;
  const hubs: HubProcess[] = [];
  const start = async (
    env: Record<string, string> = {},
    under: readonly string[] = [],
  ): Promise<HubProcess> => {
    const { url: ODOO_URL, database: ODOO_DATABASE, apiKey: ODOO_API_KEY } = odoo;
    const hub = await startHubProcess({ ODOO_URL, ODOO_DATABASE, ODOO_API_KEY, ...env }, data, { under });
    hubs.push(hub);
    return hub;
  };
  const store = () => join(data, 'crossdock.db');
  beforeEach(async () => {
    data = mkdtempSync(join(tmpdir(), 'crossdock-attack-'));
    odoo = await startSandbox();
  });
  afterEach(async () => {
    for (const hub of hubs.splice(0)) await hub.stop(true);
    await odoo.close();
    rmSync(data, { recursive: true, force: true });
  });
  /** Nothing of the inside, in what a person reads. */
  const clean = (text: string): void => {
    for (const secret of Object.values(secrets)) assert.ok(!text.includes(secret));
  };
  const refusedStart = async (code: RegExp, env: Record<string, string> = {}): Promise<void> => {
    const error = await start(env).then(
      () => assert.fail('it started'),
      (thrown: Error) => thrown,
    );
    assert.match(error.message, code);
    clean(error.message);
  };

  it('a second hub on the same folder: it does not start, and the first goes on', async () => {
    const first = await start();
    await refusedStart(/CONFIG_INVALID|STORE_UNAVAILABLE/);
    assert.equal((await post(first.url, order(81_001))).status, 202);
    assert.equal((await landed(odoo, 1)).length, 1);
  });

  it('a store that is no store: the start says so, and what is there stays as it is', async () => {
    writeFileSync(store(), 'this is no database, and it was '.repeat(500));
    const size = statSync(store()).size;
    await refusedStart(/CONFIG_INVALID|STORE_UNAVAILABLE|STORE_/);
    assert.equal(statSync(store()).size, size);
  });

  it('a store whose pages were overwritten while it ran: coded answers, no crash that loses what was said', async () => {
    const first = await start();
    assert.equal((await post(first.url, order(82_001))).status, 202);
    assert.equal((await landed(odoo, 1)).length, 1);
    await first.stop(true);
    hubs.splice(0);
    const size = statSync(store()).size;
    const file = openSync(store(), 'r+');
    for (let at = 8192; at < size; at += 8192) writeSync(file, Buffer.alloc(2048, 0xa5), 0, 2048, at);
    closeSync(file);
    const second = await start().catch((error: Error) => error);
    if (second instanceof Error) {
      assert.match(second.message, /CONFIG_INVALID|STORE_/);
      return clean(second.message);
    }
    const answer = await post(second.url, order(82_002));
    assert.ok([202, 503].includes(answer.status), JSON.stringify(answer));
    clean(JSON.stringify(answer));
  });

  it('a folder nobody may write to: the start says so', async function () {
    if (process.getuid?.() === 0) return this.skip();
    chmodSync(data, 0o500);
    await refusedStart(/CONFIG_INVALID|STORE_UNAVAILABLE/);
  });

  it('a store that is locked by somebody for a time: webhooks are refused to come again, and nothing is lost', async () => {
    const hub = await start();
    const thief = new DatabaseSync(store());
    thief.exec('BEGIN EXCLUSIVE');
    const told = await Promise.all(
      [83_001, 83_002].map((number) => post(hub.url, order(number)).catch(() => undefined)),
    );
    thief.exec('ROLLBACK');
    thief.close();
    for (const one of told)
      assert.ok(one === undefined || [202, 503].includes(one.status), JSON.stringify(one));
    await until('it takes webhooks again', async () => (await post(hub.url, order(83_003))).status === 202);
    const taken = told.filter((one) => one?.status === 202).length + 1;
    assert.ok((await landed(odoo, taken)).length >= taken);
  });

  it('a clock that was set back a day: what was taken before is not taken twice, and work goes on', async () => {
    const first = await start();
    const sample = order(84_001);
    assert.equal((await post(first.url, sample)).status, 202);
    assert.equal((await landed(odoo, 1)).length, 1);
    await first.stop(true);
    hubs.splice(0);
    const back = join(data, 'back.mjs');
    writeFileSync(
      back,
      'const Now = Date; const day = 86_400_000; globalThis.Date = class extends Now { constructor(...a) { a.length ? super(...a) : super(Now.now() - day); } static now() { return Now.now() - day; } };',
    );
    const second = await start({ NODE_OPTIONS: `--import=${back}` });
    const again = await post(second.url, sample);
    assert.ok([200, 202].includes(again.status), JSON.stringify(again));
    assert.equal((await post(second.url, order(84_002))).status, 202);
    assert.deepEqual((await landed(odoo, 2)).length, 2);
  });

  it('hardly a file handle: connections beyond are refused, the hub lives, and works when they are gone', async () => {
    const hub = await start({}, ['prlimit', '--nofile=256:256']);
    const { hostname, port } = new URL(hub.url);
    const open = Array.from({ length: 400 }, (): Socket =>
      connect(Number(port), hostname).on('error', () => {}),
    );
    await until('each is connected or refused', () => open.every((one) => !one.connecting));
    for (const one of open) one.destroy();
    await until('it answers', async () =>
      fetch(`${hub.url}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    await until(
      'it takes webhooks',
      async () => (await post(hub.url, order(85_001)).catch(() => undefined))?.status === 202,
    );
    assert.equal((await landed(odoo, 1)).length, 1);
    clean(hub.log());
  });

  it('a small heap: large webhooks at once are taken or refused with a code, and the hub lives', async () => {
    const hub = await start({ NODE_OPTIONS: '--max-old-space-size=160' });
    const large = Buffer.alloc(900_000, 0x20);
    const { path } = order(1);
    const told = await Promise.all(
      Array.from({ length: 200 }, () =>
        post(hub.url, { path, headers: {}, body: large }).then(
          ({ status }) => status,
          () => 0,
        ),
      ),
    );
    assert.deepEqual(
      [...new Set(told)].filter((status) => ![0, 401, 429, 503].includes(status)),
      [],
    );
    assert.equal((await fetch(`${hub.url}/healthz`)).status, 200);
    await until('it takes webhooks', async () => (await post(hub.url, order(86_001))).status === 202);
    assert.equal((await landed(odoo, 1)).length, 1);
  });

  it('leaves no file open to others', async () => {
    const hub = await start();
    await post(hub.url, order(87_001));
    for (const name of readdirSync(data).filter((one) => /\.(json|pem)$|secret$|\.db/.test(one)))
      assert.equal(statSync(join(data, name)).mode & 0o077, 0, name);
  });
});
