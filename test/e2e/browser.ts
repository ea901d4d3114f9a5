/** The browser of the tests: it asks nobody outside, and has time on a slow machine. */
import { chromium, type Browser, type BrowserContext } from 'playwright-core';

const args =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';
const PATIENT_MS = 120_000;

export async function startBrowser(executablePath: string): Promise<Browser> {
  const browser = await chromium.launch({ executablePath, args: args.split(' ') });
  const open = browser.newContext.bind(browser);
  browser.newContext = async (options) => patient(await open(options));
  browser.newPage = async (options) => (await browser.newContext(options)).newPage();
  return browser;
}

function patient(context: BrowserContext): BrowserContext {
  context.setDefaultTimeout(PATIENT_MS);
  return context;
}
