/** The pages of replays in a browser: one person plans and asks, another agrees, and both see what landed. */
import assert from 'node:assert/strict';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { de } from '../../runtime/tower/web/texts/de.ts';
import { en } from '../../runtime/tower/web/texts/en.ts';
import { describeReal } from '../real.ts';
import { replayHub, type ReplayHub } from './replay-hub.ts';
import { startBrowser, takePicture, onPageError } from './browser.ts';

describeReal(['chromium'], 'the pages of replays', function ({ chromium: { path } }) {
  this.timeout(360_000);
  let world: ReplayHub;
  let browser: Browser;
  const complaints: string[] = [];

  before(async () => {
    world = await replayHub({ letters: 260, landed: 25 });
    browser = await startBrowser(path);
  });
  after(async () => {
    await browser?.close();
    await world?.hub.stop();
  });

  async function enter(name: string, at: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      locale: 'en-GB',
      ...options,
    });
    const page = await context.newPage();
    onPageError(page, (error) => complaints.push(error.message));
    page.on('console', (said) => {
      if (said.type() === 'error' && !said.text().startsWith('Failed to load')) complaints.push(said.text());
    });
    await page.goto(world.hub.url + at);
    await page.fill('input[name=username]', name);
    await page.fill('input[name=password]', world.password);
    await page.keyboard.press('Enter');
    await page.waitForSelector('h1[tabindex]');
    return page;
  }
  const picture = (page: Page, name: string): Promise<void> => takePicture(page, name);
  const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
  const rowOf = (page: Page, code: string) =>
    page.locator('tr', { hasText: code }).getByRole('button', { name: en.replay.planThese });
  const german = (key: keyof typeof de.replay): string => String(de.replay[key]);

  it('plan, ask, agree, and see it land', async () => {
    const anna = await enter('anna', '/tower/replays');
    await rowOf(anna, 'ODOO_FAILED').waitFor();
    await picture(anna, 'replays');
    await rowOf(anna, 'ODOO_FAILED').click();
    await anna.getByRole('heading', { name: en.replay.messages }).waitFor();
    await anna.getByRole('link', { name: en.replay['verdict-landed'] }).click();
    await anna.locator('.replay-messages tbody tr').nth(24).waitFor();
    assert.match(anna.url(), /\?verdict=landed$/);
    const why = await anna.locator('.replay-messages tbody').innerText();
    assert.match(why, /Its work ended well on .*: sale\.order\/1/);
    await picture(anna, 'replay-plan');
    await button(anna, 'Send 235 messages again').click();
    await anna.getByText(en.replay.secondPerson).waitFor();
    await anna.getByText(en.replay.ownEyes).waitFor();
    assert.equal(await button(anna, en.replay.approve).count(), 0);

    const at = new URL(anna.url()).pathname;
    const victor = await enter('victor', at);
    await victor.getByText(en.replay.mayNot).waitFor();
    assert.equal(await victor.locator('.title .actions button').count(), 0);

    const berta = await enter('berta', at, { locale: 'de-DE', colorScheme: 'dark' });
    await berta.getByText(german('secondPerson')).waitFor();
    await picture(berta, 'replay-approval-dark');
    await button(berta, german('approve')).click();
    await berta.locator('.title .badge', { hasText: german('at-done') }).waitFor({ timeout: 120_000 });
    const told = (await berta.locator('.strip').innerText()).replaceAll(/\s+/g, ' ');
    assert.equal(told, '235 Angekommen 0 Erneut gescheitert 0 Unterwegs 0 Abgelehnt 0 Abgebrochen');
    await picture(berta, 'replay-done-dark');
    assert.deepEqual(complaints, []);
  });

  it('fits a telephone, and a plan that is old says what to do', async () => {
    const phone = await enter('anna', '/tower/replays', { viewport: { width: 360, height: 740 } });
    await rowOf(phone, 'ODOO_BUSY').click();
    await button(phone, /^Send \d+ messages? again/).waitFor();
    const width = (await phone.evaluate('document.documentElement.scrollWidth')) as number;
    assert.ok(width <= 360, `${width} px wide`);
    await picture(phone, 'replay-narrow');
    await world.discardOne();
    await button(phone, /^Send \d+ messages? again/).click();
    await phone.getByRole('alert').getByText(en.faults.REPLAY_CHANGED).waitFor();
    assert.deepEqual(complaints, []);
  });
});
