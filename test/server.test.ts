import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describeReal } from './real.ts';
import { logInToEditor, startBrowser, takePicture, onPageError } from './e2e/browser.ts';
import { login, passwordIn, startHub, type Hub } from './server/start.ts';

describe('server', function () {
  this.timeout(180_000);
  let dataDir: string;
  let hub: Hub;
  let password: string;
  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'server-'));
    hub = await startHub(dataDir);
    password = passwordIn(hub.stdout);
  });
  after(async () => {
    await hub.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('tells that it is alive and ready, with security headers', async () => {
    for (const path of ['/healthz', '/readyz']) {
      const answer = await fetch(hub.url + path);
      assert.equal(answer.status, 200, path);
      assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
      assert.equal(answer.headers.get('x-frame-options'), 'SAMEORIGIN');
      assert.equal(answer.headers.get('x-powered-by'), null);
      assert.match(answer.headers.get('content-security-policy') ?? '', /script-src 'self' /);
    }
  });

  it('prints the first password on stdout only, and keeps its files to the owner', async () => {
    assert.ok(password.length >= 20);
    assert.ok(!hub.stderr.includes(password));
    for (const file of ['users.json', 'credential-secret']) {
      assert.equal((await stat(join(dataDir, file))).mode & 0o777, 0o600, file);
    }
  });

  it('answers no admin route without a login, however it is posted', async () => {
    for (const path of [
      '/flows',
      '/nodes',
      '/settings',
      '/settings/user',
      '/plugins',
      '/context/global',
      '/icons',
    ]) {
      assert.equal((await fetch(hub.url + path)).status, 401, path);
    }
    for (const type of ['application/json', 'application/x-www-form-urlencoded', 'text/plain']) {
      const body = type === 'application/json' ? '[]' : 'flows=[]';
      for (const path of ['/flows', '/flow', '/inject/x']) {
        const answer = await fetch(hub.url + path, {
          method: 'POST',
          headers: { 'content-type': type },
          body,
        });
        assert.equal(answer.status, 401, `${path} ${type}`);
      }
    }
  });

  it('answers an unknown path with a code, and no other interface than loopback', async () => {
    const answer = await fetch(`${hub.url}/api/nothing`);
    assert.equal(answer.status, 404);
    assert.equal(((await answer.json()) as { code: string }).code, 'ROUTE_UNKNOWN');
    const { port } = new URL(hub.url);
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((one) => one && !one.internal && one.family === 'IPv4');
    if (outside) await assert.rejects(fetch(`http://${outside.address}:${port}/healthz`));
  });

  it('lets the printed password in', async () => {
    const answer = await login(hub.url, password);
    assert.equal(answer.status, 200);
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const flows = await fetch(`${hub.url}/flows`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(flows.status, 200);
    const nodes = await fetch(`${hub.url}/nodes`, {
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
    });
    const sets = (await nodes.json()) as { id: string; types: string[]; err?: string }[];
    const mine = sets.filter(({ id }) => id.startsWith('@crossdock/palette/'));
    assert.deepEqual(mine.map(({ types, err }) => [types[0], err]).toSorted(), [
      ['all-fields', undefined],
      ['sample-connection', undefined],
    ]);
    assert.ok(!sets.some(({ types }) => types.includes('exec')));
  });

  it('refuses a wrong password, and slows guessing down', async () => {
    const answers = [];
    for (let count = 0; count < 6; count += 1) answers.push(await login(hub.url, 'a guess of mine'));
    assert.equal(answers[0]?.status, 403);
    assert.equal(answers.at(-1)?.status, 429);
    assert.ok(Number(answers.at(-1)?.headers.get('retry-after')) > 0);
  });

  it('says why it is not ready, and shows no password at the second start', async () => {
    await hub.stop();
    hub = await startHub(dataDir, { BROKEN: 'yes' });
    assert.equal(passwordIn(hub.stdout), '');
    const answer = await fetch(`${hub.url}/readyz`);
    assert.equal(answer.status, 503);
    assert.equal(((await answer.json()) as { code: string }).code, 'BROKER_UNAVAILABLE');
    assert.equal((await fetch(`${hub.url}/healthz`)).status, 200);
  });
});

describeReal(['chromium'], 'editor', function (r) {
  this.timeout(360_000);
  let dataDir: string;
  let hub: Hub;
  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'editor-'));
    hub = await startHub(dataDir);
  });
  after(async () => {
    await hub.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('shows the made form, validates it and keeps the types of the schema', async () => {
    const browser = await startBrowser(r.chromium.path);
    try {
      const page = await browser.newPage({ viewport: { width: 1400, height: 950 } });
      const errors: string[] = [];
      onPageError(page, (error) => errors.push(error.message));
      await page.goto(hub.url);
      await page.waitForSelector('#node-dialog-login-username');
      await takePicture(page, 'login');
      await logInToEditor(page, passwordIn(hub.stdout));
      await page.waitForSelector('.red-ui-palette-node[data-palette-type="all-fields"]', { timeout: 60_000 });
      const categories = await page.locator('.red-ui-palette-header:visible').allTextContents();
      assert.equal(categories[0]?.trim(), 'Map');
      await takePicture(page, 'palette');
      await openForm(page);
      await takePicture(page, 'form');
      await page.fill('#node-input-source', 'NOT FITTING');
      assert.match(await page.locator('#crossdock-problem-node-input-source').innerText(), /pattern/);
      await page.fill('#node-input-source', 'shopify');
      await page.fill('#crossdock-node-input-wait', '25');
      await page.uncheck('#node-input-strict');
      await page.locator('#crossdock-node-input-secrets input').first().fill('${OTHER}');
      await page.click('#node-dialog-ok');
      const config = await page.evaluate(
        "(() => { const n = RED.nodes.filterNodes({ type: 'all-fields' })[0]; return JSON.parse(JSON.stringify({ source: n.source, wait: n.wait, mode: n.mode, strict: n.strict, secrets: n.secrets, expression: n.expression })); })()",
      );
      // What the node did not say, and is as by default, stays unsaid.
      assert.deepEqual(config, { source: 'shopify', wait: 25, strict: false, secrets: ['${OTHER}'] });
      assert.deepEqual(errors, []);
    } finally {
      await browser.close();
    }
  });
});

async function openForm(page: Page): Promise<void> {
  await page.evaluate(
    "(() => { const z = RED.workspaces.active(); RED.view.importNodes([{ id: 'a1', type: 'all-fields', z, x: 300, y: 200, wires: [[], []], name: '', source: 'shop' }], { addFlow: false, touchImport: true, generateIds: false }); RED.editor.edit(RED.nodes.node('a1')); })()",
  );
  await page.waitForSelector('#node-input-source');
  await page.waitForTimeout(1500);
}
