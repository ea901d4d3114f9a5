/**
 * The mapping studio on an order of 200 lines: from the key that makes a path wrong to the picture with its mark, by the clock of
 * the browser. Everything is between: the editor, the call, the reading of the expression against the order, and the drawing.
 */
import { readFileSync } from 'node:fs';
import { chromium, type Page } from 'playwright-core';
import { parse } from 'yaml';
import { openUsers } from '../runtime/node-red/users.ts';
import { median, quantile, within, type Bench } from './measure.ts';
import { startHub, unlimited } from './processes.ts';
import { entered, flags, user } from './tower.ts';

const mapping = 'woocommerce.order';
const lines = 200;
const limitMs = 200;
/** In a round, after some that are not counted. */
const keys = 40;
const before = 5;

export const studio: Bench = async (rounds) => {
  const hub = await startHub({
    env: { CROSSDOCK_ENVIRONMENT: 'dev' },
    flows: { 'shopify-intake.yaml': unlimited },
    async prepare(dataDir) {
      await (await openUsers(dataDir, () => {})).set(user.name, user.password, 'analyst');
    },
  });
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: flags,
  });
  try {
    const page = await entered(browser, hub.url);
    await opened(page, hub.url);
    const all: number[] = [];
    for (let key = -before; key < keys * rounds; key += 1) {
      // At every moment of what the key before has set going, its run above all.
      await page.waitForTimeout(((key + before) * 37) % 400);
      const took = await marked(page);
      if (key >= 0) all.push(took);
    }
    all.sort((a, b) => a - b);
    const figures = { p95: quantile(all, 0.95), median: median(all) };
    return [within(`studio, a wrong path on ${lines} lines is marked, p95`, 'ms', figures, limitMs)];
  } finally {
    await browser.close();
    await hub.stop();
  }
};

/** The cursor stands behind a path that is right. */
async function opened(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/workspace/mappings/${mapping}`);
  await page.getByText('Fits order.v1.').waitFor();
  await replaced(page, 'Message', order());
  const ran = page.waitForResponse(/studio\/run/);
  const text = readFileSync(`definitions/mappings/${mapping}.jsonata`, 'utf8');
  await replaced(page, 'Expression', text.replace('(\n', '(\n  $nothing := currency;\n'));
  await ran;
  await page.getByText('Fits order.v1.').waitFor();
  await page.keyboard.press('Control+Home');
  await page.locator('.cm-line', { hasText: '$nothing := currency;' }).click();
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowLeft');
}

/** All lines but the first are free, so that its totals are right. */
function order(): string {
  const tests = parse(readFileSync(`definitions/mappings/${mapping}.test.yaml`, 'utf8')) as {
    cases: { given: { line_items: object[] } }[];
  };
  const { given } = tests.cases[0]!;
  const [line] = given.line_items;
  const free = { total: '0.00', subtotal: '0.00', total_tax: '0.00', taxes: [] };
  const more = Array.from({ length: lines - 1 }, (_, at) => ({ ...line, ...free, id: at + 1 }));
  return JSON.stringify({ ...given, line_items: [line, ...more] });
}

async function replaced(page: Page, name: string, text: string): Promise<void> {
  await page.getByRole('textbox', { name, exact: true }).click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(text);
}

/** In ms: the frame behind the one that has the mark. Then the text is as it was. */
async function marked(page: Page): Promise<number> {
  await page.evaluate(`void (window.marked = new Promise((done) => {
    window.isMarked = () => [...document.querySelectorAll('.code-editor')].some((one) =>
      [...one.shadowRoot.querySelectorAll('.cm-lintRange-warning')].some((mark) => mark.textContent.includes('currencyx')));
    addEventListener('keydown', ({ timeStamp }) => {
      const drawn = () => requestAnimationFrame(() => done(performance.now() - timeStamp));
      const look = () => requestAnimationFrame(() => (isMarked() ? drawn() : look()));
      look();
    }, { once: true, capture: true });
  }))`);
  await page.keyboard.press('x');
  const took = Number(await page.evaluate('window.marked'));
  await page.keyboard.press('Backspace');
  await page.waitForFunction('!isMarked()');
  return took;
}
