/** The audit on a running hub: its calls as who may and who may not, its file, and its page in a browser. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Browser, Page } from 'playwright-core';
import type { AuditRow } from '../../runtime/audit/chain.ts';
import { openStores } from '../../runtime/stores/profile.ts';
import type { ChainView, RowView } from '../../runtime/node-red/tower/audit.ts';
import { openUsers } from '../../runtime/node-red/users.ts';
import { entry } from '../conformance/audit-entry.ts';
import { until } from '../conformance/kit.ts';
import { describeReal } from '../real.ts';
import { faultsOf, logInToTower, startBrowser, takeEach } from './browser.ts';
import { startHubProcess, type HubProcess } from './hub-process.ts';
import { login, type Admin } from './traffic.ts';

const password = 'twelve characters';
const noOdoo = { ODOO_URL: 'http://127.0.0.1:65530', ODOO_DATABASE: 'none', ODOO_API_KEY: 'none' };
/** Of a person who makes formulas of what others open. */
const formula = '=HYPERLINK("http://elsewhere.example")';
const filled = 450;

interface Listed {
  rows: AuditRow[];
  next?: string;
}

async function startAudited(): Promise<HubProcess & { outside: string }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-audited-'));
  cpSync('flows', join(dataDir, 'flows'), { recursive: true });
  const outside = join(dataDir, 'outside.jsonl');
  const { journal, close } = await openStores({ profile: 'embedded', dataDir, env: {} });
  for (let n = 1; n <= filled; n += 1)
    await journal.audit.append(
      entry(
        n % 3 === 0
          ? { who: formula, act: 'data.read', object: `/tower/api/letters/data letter/${n}` }
          : { object: `letter/${n}`, ...(n % 50 === 1 && { outcome: 'failed', reason: 'FOUR_EYES' }) },
      ),
    );
  const users = await openUsers(dataDir, () => {}, { audit: journal.audit });
  for (const role of ['auditor', 'viewer', 'operations'] as const) await users.set(role, password, role);
  await close();
  const away = { CROSSDOCK_AUDIT_SYSLOG: 'tcp://127.0.0.1:9' };
  const hub = await startHubProcess({ ...noOdoo, ...away, CROSSDOCK_AUDIT_FILE: outside }, dataDir);
  return { ...hub, outside };
}

function tamper(dataDir: string, sql: string): void {
  const db = new DatabaseSync(join(dataDir, 'crossdock.db'));
  db.exec('DROP TRIGGER IF EXISTS audit_unchanged; DROP TRIGGER IF EXISTS audit_kept');
  db.exec(sql);
  db.close();
}

describe('the audit of a hub', function () {
  this.timeout(360_000);
  let hub: Awaited<ReturnType<typeof startAudited>>;
  let auditor: Admin;
  before(async () => {
    hub = await startAudited();
    auditor = await login(hub.url, password, 'auditor');
  });
  after(() => hub?.stop());

  const ask = async <T>(path: string): Promise<T> => {
    const answer = await auditor('GET', `/tower/api/audit${path}`);
    assert.equal(answer.status, 200, path);
    return (await answer.json()) as T;
  };
  const whole = async (query: string): Promise<AuditRow[]> => {
    const rows: AuditRow[] = [];
    for (let after = ''; ;) {
      const page = await ask<Listed>(`?${query}${after}`);
      rows.push(...page.rows);
      if (page.next === undefined) return rows;
      after = `&after=${page.next}`;
    }
  };

  it('is for who may see it, and who may see it sees no data', async () => {
    const calls = ['/', '/chain', '/row?sequence=1', '/export?format=csv'];
    for (const name of ['viewer', 'operations']) {
      const other = await login(hub.url, password, name);
      for (const path of calls)
        assert.equal((await other('GET', `/tower/api/audit${path}`)).status, 403, path);
      assert.equal((await other('POST', '/tower/api/audit/verify', {})).status, 403);
    }
    for (const path of [
      '/tower/api/letters/data?id=x',
      '/crossdock/dead/data?id=x',
      '/tower/api/samples/seen',
    ])
      assert.equal((await auditor('GET', path)).status, 403, path);
    assert.equal((await auditor('GET', '/flows')).status, 401);
    assert.equal((await auditor('POST', '/tower/api/letters/discard', {})).status, 403);
    assert.equal((await auditor('GET', '/tower/api/orders?process=order-to-cash')).status, 403);
  });

  it('is listed by pages with filters that all have to fit', async () => {
    const all = await whole('');
    assert.deepEqual(
      all.map(({ sequence }) => sequence),
      Array.from(all, (_, at) => all[0]!.sequence - at),
    );
    assert.ok(all.length > filled);
    const count = async (query: string): Promise<number> => (await whole(query)).length;
    assert.equal(await count(`who=${encodeURIComponent(formula)}`), filled / 3);
    assert.equal(await count('act=letter.discard'), filled - filled / 3);
    assert.equal(await count('act=letter.discard&outcome=failed'), 6);
    assert.equal(await count('object=letter%2F450'), 1);
    assert.equal(await count('object=letter%'.replace('%', '%25')), 0);
    assert.ok((await count('from=POST%20%2Fauth%2Ftoken')) > 0);
    const { time } = all.at(-1)!;
    assert.equal(await count(`until=${time}`), 0);
    assert.equal(await count(`since=${time}`), all.length);
    for (const wrong of ['act=nonsense', 'after=x', 'since=yesterday', 'more=1'])
      assert.equal((await auditor('GET', `/tower/api/audit?${wrong}`)).status, 400, wrong);
  });

  it('shows one row with its place in the chain', async () => {
    const first = await ask<RowView>('/row?sequence=1');
    assert.deepEqual([first.row.sequence, first.asWritten, first.follows], [1, true, true]);
    const second = await ask<RowView>('/row?sequence=2');
    assert.equal(second.row.previous, first.row.hash);
    const none = await auditor('GET', '/tower/api/audit/row?sequence=999999');
    assert.deepEqual(
      [none.status, ((await none.json()) as { code: string }).code],
      [404, 'AUDIT_ROW_UNKNOWN'],
    );
  });

  it('leaves as a file that can be verified, without formulas, and with a row of its own', async () => {
    const lines = await (await auditor('GET', '/tower/api/audit/export?format=ndjson')).text();
    const file = join(hub.dataDir, 'audit.jsonl');
    writeFileSync(file, lines);
    const { stdout } = spawnSync(process.execPath, ['cli/crossdock.js', 'audit', 'verify', '--rows', file], {
      encoding: 'utf8',
      env: { ...process.env, CROSSDOCK_DATA: hub.dataDir },
    });
    assert.match(stdout, /^4\d\d rows are as they were written/);
    const answer = await auditor('GET', `/tower/api/audit/export?format=csv&act=data.read`);
    assert.match(answer.headers.get('content-disposition')!, /^attachment; filename="audit-\d+\.csv"$/);
    const [heading, ...rows] = (await answer.text()).trimEnd().split('\r\n');
    assert.match(heading!, /^sequence,time,who,/);
    assert.equal(rows.length, filled / 3);
    for (const row of rows) assert.ok(row.includes(`,"'=HYPERLINK(""`), row);
    const told = await whole('act=audit.export');
    assert.deepEqual(
      told.map(({ who, object }) => `${who} ${object.replace(/\d+/, 'N')}`),
      ['auditor audit/N csv', 'auditor audit/N ndjson'],
    );
    assert.notEqual(told[0]!.reason, told[1]!.reason);
  });

  it('says what each place outside has, and that one is away', async () => {
    await until('it was tried twice', async () => {
      const { places } = await ask<ChainView>('/chain');
      return places.some(({ failed }) => (failed?.tries ?? 0) >= 1) && places.some(({ sent }) => sent);
    });
    const { places } = await ask<ChainView>('/chain');
    assert.deepEqual(
      places.map(({ name, agrees, failed }) => [name, agrees, failed?.code]),
      [
        ['CROSSDOCK_AUDIT_FILE', true, undefined],
        ['CROSSDOCK_AUDIT_SYSLOG', undefined, 'PARTNER_UNREACHABLE'],
      ],
    );
    assert.ok(existsSync(hub.outside) && readFileSync(hub.outside, 'utf8').length > 0);
  });

  const verified = async (): Promise<ChainView> => {
    const before = (await ask<ChainView>('/chain')).verified?.at;
    assert.equal((await auditor('POST', '/tower/api/audit/verify', {})).status, 200);
    await until('it is read', async () => {
      const { verified: now, running } = await ask<ChainView>('/chain');
      return !running && now !== undefined && now.at !== before;
    });
    return ask<ChainView>('/chain');
  };

  it('is verified beside the work, and names the first row that is wrong', async () => {
    const { verified: good } = await verified();
    assert.deepEqual([good?.by, good?.bad], ['auditor', undefined]);
    assert.ok(good!.agreed >= 1 && good!.agreed === good!.compared);
    const rows = await whole('act=audit.verify');
    assert.equal(rows[0]!.who, 'auditor');
    tamper(hub.dataDir, "UPDATE audit SET who = 'nobody' WHERE sequence = 7");
    const { verified: bad } = await verified();
    assert.deepEqual([bad?.bad?.sequence, bad?.bad?.is], [7, 'altered']);
    assert.equal((await ask<RowView>('/row?sequence=7')).asWritten, false);
  });
});

describeReal(['chromium'], 'the page of the audit', ({ chromium: { path } }) => {
  let hub: Awaited<ReturnType<typeof startAudited>>;
  let browser: Browser;
  let page: Page;
  let faults: string[];
  before(async function () {
    this.timeout(360_000);
    hub = await startAudited();
    browser = await startBrowser(path);
    page = await browser.newPage({ locale: 'en-GB', viewport: { width: 1280, height: 900 } });
    faults = faultsOf(page);
    await page.goto(`${hub.url}/tower/audit`);
    await logInToTower(page, 'auditor', password);
  });
  after(async () => {
    await browser?.close();
    await hub?.stop();
  });

  it('verifies, filters, leads to a row and saves a file', async function () {
    this.timeout(360_000);
    await page.getByText('Nobody has had the whole chain read yet.').waitFor();
    await page.getByRole('button', { name: 'Verify the whole chain' }).click();
    await page.getByText(/Whole up to row/).waitFor();
    await takeEach(page, 'audit');
    await page.locator('.filters select').first().selectOption('data.read');
    await page.getByText('150 rows').waitFor();
    assert.match(page.url(), /act=data\.read/);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export (CSV)' }).click(),
    ]);
    assert.equal(readFileSync(await download.path(), 'utf8').split('\r\n').length, 150 + 2);
    await page.locator('a.row-link').first().click();
    await page.getByRole('heading', { name: 'Row 450' }).waitFor();
    await page.getByText('It is as it was written, and follows the row before.').waitFor();
    await takeEach(page, 'audit-row');
    tamper(hub.dataDir, "UPDATE audit SET who = 'nobody' WHERE sequence = 449");
    await page.getByRole('link', { name: 'The row before' }).click();
    await page.getByText('Its hash is not that of what it says: it was altered.').waitFor();
    await page.getByRole('link', { name: 'All rows' }).click();
    await page.getByRole('button', { name: 'Verify the whole chain' }).click();
    await page.getByText(/Not whole: row 449 is the first one/).waitFor();
    await page.locator('details.account summary').click();
    await page.locator('.language select').selectOption('de');
    await page.getByText(/Nicht ganz: Zeile 449/).waitFor();
    await page.keyboard.press('Escape');
    await takeEach(page, 'audit-broken-de');
    assert.deepEqual(faults, []);
  });

  it('is not in the menu of who may not see it', async function () {
    this.timeout(60_000);
    const other = await browser.newPage({ locale: 'en-GB' });
    await other.goto(`${hub.url}/tower/health`);
    await logInToTower(other, 'viewer', password);
    await other.getByRole('link', { name: 'Replays' }).waitFor();
    assert.equal(await other.getByRole('link', { name: 'Audit' }).count(), 0);
    assert.equal(await page.getByRole('navigation').getByRole('link', { name: 'Audit' }).count(), 1);
    await other.close();
  });
});
