/** The browser of the tests: it asks nobody outside, has time on a slow machine, logs in, and takes pictures. */
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core';

const args =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';
/** The first three make a page of Chromium's own for each window, which costs more than ours. This list takes the place of Playwright's, so that follows. */
const disabledFeatures =
  'WebUIOmniboxPopup WebUIOmniboxAimPopup SpareRendererForSitePerProcess ' +
  'AvoidUnnecessaryBeforeUnloadCheckSync DestroyProfileOnBrowserClose HttpsUpgrades HttpsFirstBalancedModeAutoEnable LensOverlay ' +
  'MediaRouter PaintHolding ThirdPartyStoragePartitioning AvoidCorsURLLoaderRestartOnRedirect OptimizationHints ' +
  'NetworkTimeServiceQuerying AimEnabled PreconnectToSearch';
const PATIENT_MS = 120_000;

export async function startBrowser(executablePath: string): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath,
    args: [...args.split(' '), `--disable-features=${disabledFeatures.replaceAll(' ', ',')}`],
  });
  const open = browser.newContext.bind(browser);
  browser.newContext = async (options) => patient(await open(options));
  browser.newPage = async (options) => (await browser.newContext(options)).newPage();
  return browser;
}

function patient(context: BrowserContext): BrowserContext {
  context.setDefaultTimeout(PATIENT_MS);
  return context;
}

/** For a person to look at, where CROSSDOCK_PICTURES names a folder. */
export async function takePicture(of: Page | Locator, name: string, fullPage = false): Promise<void> {
  const folder = process.env['CROSSDOCK_PICTURES'];
  if (folder) await of.screenshot({ path: join(folder, `${name}.png`), ...(fullPage && { fullPage }) });
}

export interface Pictures {
  fullPage?: boolean;
  /** Brought into view first. */
  at?: string | undefined;
}

/** In light and in dark; it is light again then. */
export async function takeBoth(page: Page, name: string, { fullPage, at }: Pictures = {}): Promise<void> {
  if (!process.env['CROSSDOCK_PICTURES']) return;
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    if (at) await page.locator(at).first().scrollIntoViewIfNeeded();
    await takePicture(page, `${name}-${colorScheme}`, fullPage);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

/** On a telephone too; the page is as wide as before then. */
export async function takeEach(page: Page, name: string, pictures: Pictures = {}): Promise<void> {
  if (!process.env['CROSSDOCK_PICTURES']) return;
  await takeBoth(page, name, pictures);
  const wide = page.viewportSize();
  await page.setViewportSize({ width: 360, height: 740 });
  if (pictures.at) await page.locator(pictures.at).first().scrollIntoViewIfNeeded();
  await takePicture(page, `${name}-narrow`, pictures.fullPage);
  if (wide) await page.setViewportSize(wide);
}

/** At the page that asks for it. */
export async function logInToTower(page: Page, name: string, password: string): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

/** At the page that asks for it. */
export async function logInToEditor(page: Page, password: string, name = 'admin'): Promise<void> {
  await page.fill('#node-dialog-login-username', name);
  await page.fill('#node-dialog-login-password', password);
  await page.click('#node-dialog-login-submit');
}

/**
 * Calls `told` with each error that no script of the page has caught. Node-RED's editor shows a tip after a second, even if a slow
 * machine has no place for it yet: that one error is left out.
 */
export function onPageError(page: Page, told: (error: Error) => void): void {
  page.on('pageerror', (error) => {
    const isTip = error.message.includes("reading 'html'") && error.stack?.includes('/red.min.js');
    if (!isTip) told(error);
  });
}

/** What the page complains of from now on; with `answers` also of each that is none of 200 to 399, as Chromium does. */
export function faultsOf(page: Page, { answers = true } = {}): string[] {
  const faults: string[] = [];
  page.on('console', (said) => {
    if (said.type() !== 'error') return;
    if (answers || !said.text().startsWith('Failed to load resource')) faults.push(said.text());
  });
  onPageError(page, (error) => faults.push(error.message));
  return faults;
}
