/** A hub as the target of releases: four eyes, refusals while it serves, rollback, and kill -9 in the middle. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { FlowNode } from '../../runtime/flow-file/format.ts';
import { makeToken } from '../../runtime/node-red/tokens.ts';
import { openUsers } from '../../runtime/node-red/users.ts';
import { startSandbox, type Sandbox } from '../../runtime/odoo/sandbox/sandbox.ts';
import { bundleText, sealBundle, setOf, type Bundle, type Manifest } from '../../runtime/release/bundle.ts';
import { cutRelease } from '../../runtime/authoring/cut.ts';
import type { FileSet } from '../../runtime/flow-file/file-set.ts';
import { publicPem, trust } from '../../runtime/signature/keys.ts';
import type { Promotion } from '../../runtime/promotion/promotion.ts';
import type { TargetStatus } from '../../runtime/release/target.ts';
import { outputsOf, project, types } from '../lint/project.ts';
import { startHubProcess, type HubProcess } from './hub-process.ts';
import { landed, login, sendOrders, withToken, type Admin } from './traffic.ts';

const { privateKey: key } = generateKeyPairSync('ed25519');
const password = 'a-long-password';
const run = promisify(execFile);

describe('a production hub takes releases', () => {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-promotion-'));
  const at = (path: string): string => join(dir, path);
  for (const part of ['flows', 'definitions']) cpSync(part, at(part), { recursive: true });
  let odoo: Sandbox;
  let hub: HubProcess;
  let other: Admin;
  let orders = 0;

  const start = async (): Promise<void> => {
    const { url, database, apiKey } = odoo;
    const env = {
      ODOO_URL: url,
      ODOO_DATABASE: database,
      ODOO_API_KEY: apiKey,
      CROSSDOCK_ENVIRONMENT: 'prod',
    };
    hub = await startHubProcess(env, at('data'));
    other = withToken(hub.url, token);
  };
  let token = '';

  before(async function () {
    this.timeout(360_000);
    odoo = await startSandbox();
    await trust(at('data'), publicPem(key));
    const users = await openUsers(at('data'), () => {}, { readOnly: true });
    await users.set('anna', password, 'approver');
    await users.set('carla', password, 'approver');
    await users.set('root', password, 'admin');
    token = await makeToken(at('data'), 'dev-hub', 'promote');
    await start();
  });
  after(async () => {
    await hub?.stop();
    await odoo?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const edit = (path: string, from: string | RegExp, to: string): void =>
    writeFileSync(at(path), readFileSync(at(path), 'utf8').replace(from, to));
  const cut = (): Promise<Bundle> =>
    cutRelease({
      flowsDir: at('flows'),
      definitionsDir: at('definitions'),
      releasesDir: at('releases'),
      facts: { outputsOf, writesOf: (type) => types.paletteType(type)?.writes },
      project: project({}, at('definitions')),
      key,
      by: 'anna',
      now: new Date(),
      test: async () => ({ passed: 1, failed: 0 }),
    });
  const asked = async <T>(answer: Promise<Response>): Promise<T & { code?: string; message?: string }> =>
    (await answer).json() as Promise<T & { code?: string }>;
  const promote = (bundle: string, more = {}) =>
    asked<Promotion>(other('POST', '/crossdock/releases/promotions', { bundle, by: 'ben', ...more }));
  const approve = async (id: string, by: string) =>
    asked<Promotion>((await login(hub.url, password, by))('POST', '/crossdock/releases/approvals', { id }));
  /** As a person does at the command line. */
  const commandApprove = async (by: string, secret: string) => {
    mkdirSync(at('cli/environments'), { recursive: true });
    writeFileSync(
      at('cli/environments/prod.yaml'),
      `environment: prod\nsummary: The hub of this test.\nadmin: ${hub.url}\ntoken: PROD_TOKEN\n`,
    );
    const env = {
      ...process.env,
      CROSSDOCK_DEFINITIONS: at('cli'),
      CROSSDOCK_PASSWORD: secret,
      PROD_TOKEN: token,
    };
    const args = ['cli/crossdock.js', 'approve', '--to', 'prod', '--by', by, '--json'];
    return run(process.execPath, args, { env }).catch((error: { stdout: string; stderr: string }) => error);
  };
  const status = () => asked<TargetStatus>(other('GET', '/crossdock/releases/status'));
  /** An order goes all the way. */
  const serves = async (): Promise<void> => {
    await sendOrders(hub.url, [700_000 + orders], 1);
    orders += 1;
    assert.equal((await landed(odoo, orders, 90_000)).length, orders);
  };
  let first: Bundle;

  it('the author and the promoter cannot approve, a third person can, and what runs is what was released', async function () {
    this.timeout(360_000);
    first = await cut();
    const waiting = await promote(bundleText(first));
    assert.equal(waiting.state, 'waiting', JSON.stringify(waiting));
    assert.equal((await approve(waiting.id, 'anna')).code, 'FOUR_EYES');
    assert.equal(
      (await asked(other('POST', '/crossdock/releases/approvals', { id: waiting.id }))).code,
      'PERMISSION_MISSING',
    );
    const refused = await commandApprove('carla', 'not her password');
    assert.match(refused.stderr, /^LOGIN_MISSING: /);
    const { stdout, stderr } = await commandApprove('carla', password);
    assert.equal((JSON.parse(stdout || '{}') as Promotion).state, 'running', stderr);
    const { running, drift, production } = await status();
    assert.deepEqual([running?.version, drift, production], ['1.0.0', [], true]);
    await serves();
  });

  it('nobody changes flows there, not even an admin', async () => {
    const admin = await login(hub.url, password, 'root');
    const flows = (await (await admin('GET', '/flows')).json()) as { flows: FlowNode[] };
    assert.equal((await admin('POST', '/flows', flows)).status, 401);
  });

  it('an order each second meets a switch to 1.0.1 and a rollback, and none is lost', async function () {
    this.timeout(360_000);
    edit('flows/order-to-odoo.yaml', 'concurrency: 100', 'concurrency: 40');
    const next = await promote(bundleText(await cut()));
    const numbers = Array.from({ length: 60 }, (_, n) => 710_000 + n);
    const sending = sendOrders(hub.url, numbers, 2);
    assert.equal((await approve(next.id, 'carla')).state, 'running');
    const admin = await login(hub.url, password, 'root');
    const { flows } = (await (await admin('GET', '/flows')).json()) as { flows: FlowNode[] };
    assert.equal(flows.find(({ name }) => name === 'orders')?.['concurrency'], 40);
    const back = await asked<Promotion>(other('POST', '/crossdock/releases/rollback', { by: 'ben' }));
    assert.deepEqual([back.state, back.version], ['running', '1.0.0'], JSON.stringify(back));
    const sent = await sending;
    assert.equal(sent.unanswered, 0);
    orders += numbers.length;
    assert.equal((await landed(odoo, orders, 60_000)).length, orders);
    assert.deepEqual([(await status()).running?.version, (await status()).drift], ['1.0.0', []]);
  });

  const sealed = (change: (set: FileSet) => void, manifest: Partial<Manifest> = {}): string => {
    const set = new Map(setOf(first));
    change(set);
    const { files: _files, ...rest } = first.manifest;
    return bundleText(sealBundle({ ...rest, version: '9.0.0', ...manifest }, set, key));
  };
  const replaced = (path: string, from: string, to: string) => (set: FileSet) =>
    void set.set(path, (set.get(path) ?? '').replace(from, to));
  const glass = { glass: 'a test' };
  const refusals: [string, () => string, string, object?][] = [
    ['one flipped byte', () => bundleText(first).replace('concurrency', 'concurrencx'), 'RELEASE_INVALID'],
    [
      'an unknown signer',
      () => bundleText(sealBundle(first.manifest, setOf(first), generateKeyPairSync('ed25519').privateKey)),
      'RELEASE_UNTRUSTED',
    ],
    [
      'a missing secret name',
      () => sealed(() => {}, { names: [...first.manifest.names, 'NO_SUCH_SECRET'] }),
      'ENVIRONMENT_INCOMPLETE',
    ],
    [
      'an unknown node type',
      () => sealed(() => {}, { types: [...first.manifest.types, 'teleport'] }),
      'ENVIRONMENT_INCOMPLETE',
    ],
    [
      'an interface that is not approved',
      () => sealed(() => {}, { unapproved: ['webhook/stripe'] }),
      'INTERFACE_UNAPPROVED',
      glass,
    ],
    [
      'an interface that is not approved, of which its manifest says nothing',
      () => sealed(replaced('definitions/interfaces.yaml', 'state: approved', 'state: proposed')),
      'ENVIRONMENT_INCOMPLETE',
      glass,
    ],
    [
      'a failing flow test',
      () =>
        sealed(() => {}, { evidence: { lint: { errors: 0, warnings: 0 }, tests: { passed: 5, failed: 1 } } }),
      'RELEASE_REFUSED',
    ],
    [
      'an unowned event',
      () =>
        sealed(
          replaced('definitions/events/order.received.v1.yaml', 'owner: order-capture', 'owner: somebody'),
        ),
      'ENVIRONMENT_INCOMPLETE',
      glass,
    ],
    [
      'a node type its manifest does not name',
      () => sealed(replaced('flows/order-to-odoo.yaml', 'type: change', 'type: teleport')),
      'ENVIRONMENT_INCOMPLETE',
      glass,
    ],
    [
      'a definition that is broken',
      () => sealed(replaced('definitions/policies/standard.yaml', 'delays', 'delais')),
      'CONFIG_INVALID',
      glass,
    ],
  ];
  for (const [title, text, code, more] of refusals)
    it(`refuses a release with ${title}, and serves on`, async function () {
      this.timeout(360_000);
      const answer = await promote(text(), more);
      assert.equal(answer.code, code, JSON.stringify(answer));
      assert.ok(answer.state === undefined || answer.state === 'failed');
      await serves();
      const { running, drift } = await status();
      assert.deepEqual([running?.version, drift], ['1.0.0', []]);
    });

  it('a node that cannot start is found by reading back, and the release before runs again', async function () {
    this.timeout(360_000);
    // Compiles, so that no check before the switch sees it: two routes of one path.
    const text = sealed(
      replaced('flows/woocommerce-intake.yaml', 'path: /woocommerce/orders', 'path: /shopify/orders'),
    );
    const answer = await promote(text, glass);
    assert.deepEqual([answer.state, answer.code], ['failed', 'READBACK_FAILED'], JSON.stringify(answer));
    await serves();
  });

  it('killed at any point of a switch, it is on the old or the new release, whole', async function () {
    this.timeout(360_000);
    for (const [round, delay] of [5, 40, 120, 300, 700, 1500].entries()) {
      edit('flows/order-to-odoo.yaml', /concurrency: \d+/, `concurrency: ${60 + round}`);
      const bundle = await cut();
      const { id } = await promote(bundleText(bundle));
      const approving = approve(id, 'carla').catch(() => undefined);
      await sleep(delay);
      hub.signal('SIGKILL');
      await Promise.all([hub.exited, approving]);
      await start();
      const { running, drift, history } = await status();
      assert.deepEqual(drift, [], `${delay} ms`);
      const mine = history.find((one) => one.id === id);
      assert.notEqual(mine?.state, 'switching');
      assert.equal(
        mine?.state === 'running',
        running?.version === bundle.manifest.version,
        JSON.stringify([mine, running]),
      );
      await serves();
    }
  });
});
