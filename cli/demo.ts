/** The demo: signed sample webhooks through the whole hub, and what became of each. */
import { randomBytes } from 'node:crypto';
import { cpSync, createWriteStream, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLog } from '../runtime/hub/log.ts';
import type { Hub } from '../runtime/hub/hub.ts';
import { startSandbox } from '../runtime/odoo/sandbox/sandbox.ts';
import {
  partnerOrder,
  shopifyOrder,
  signed,
  wooOrder,
  type Item,
  type Sample,
  type Secrets,
} from './samples.ts';
import { root } from './project.ts';
import { startHub, type RunningHub } from './start.ts';

interface Answered extends Sample {
  status: number;
  code: string;
  id: string;
}

/** Runs the demo; resolves with the function that stops the hub it leaves open, for `exit` to call at once. */
export async function demo({ json, exit }: { json: boolean; exit: boolean }): Promise<() => Promise<void>> {
  const say = (text: string): void => void (json ? process.stderr : process.stdout).write(`${text}\n`);
  const odoo = await chooseOdoo();
  say(odoo.words);
  const secrets = setEnvironment(odoo);
  const dataDir = freshData();
  const running = await start(dataDir, (text) => say(text.trimEnd()));
  const stop = async (): Promise<void> => {
    await running.stop();
    await odoo.close();
  };
  try {
    const begun = new Date().toISOString();
    const answers = await sendAll(running, samples(secrets));
    await settled(running.hub, answers, begun, say);
    const { deadLetters, landed } = await tell(running.hub, answers, begun, say);
    const first = new Set(answers.filter(({ status }) => status === 202).map(({ id }) => id));
    const taken = answers.filter(({ status }) => status === 202).length;
    const result = {
      odoo: odoo.kind,
      sent: answers.length,
      accepted: first.size,
      refused: answers.length - taken,
      duplicates: taken - first.size,
      landed,
      exceptions: deadLetters,
    };
    if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
    else
      say(
        `\n${Object.entries(result)
          .map(([name, value]) => `${name} ${value}`)
          .join(', ')}`,
      );
    if (!exit)
      say(
        `The editor is open at ${running.url} (Ctrl-C ends). Where is an order? CROSSDOCK_DATA=${dataDir} npx crossdock trace ${answers[0]?.number}`,
      );
    return stop;
  } catch (error) {
    await stop();
    throw error;
  }
}

interface ChosenOdoo {
  kind: 'real' | 'sandbox';
  words: string;
  url: string;
  database: string;
  apiKey: string;
  close(): Promise<void>;
}

/** ODOO_URL, else the one of test/stack when it answers, else the sandbox. */
async function chooseOdoo(): Promise<ChosenOdoo> {
  const { env } = process;
  const close = async (): Promise<void> => {};
  const { ODOO_URL: url, ODOO_DATABASE: database = '', ODOO_API_KEY: apiKey = '' } = env;
  if (url)
    return { kind: 'real', words: `Odoo: the real one at ${url} (ODOO_URL)`, url, database, apiKey, close };
  const cache =
    env['CROSSDOCK_STACK_DIR'] ??
    join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'crossdock', 'stack');
  const file = join(cache, 'stack.json');
  if (existsSync(file)) {
    const stack = (
      JSON.parse(readFileSync(file, 'utf8')) as { odoo: Omit<ChosenOdoo, 'words'> & { version: string } }
    ).odoo;
    const answers = await fetch(`${stack.url}/web/version`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers)
      return {
        ...stack,
        kind: 'real',
        words: `Odoo: the real ${stack.version} at ${stack.url} (test/stack)`,
        close,
      };
  }
  const sandbox = await startSandbox();
  const words = 'Odoo: a sandbox in memory, no real Odoo (test/stack up starts one, or set ODOO_URL)';
  return { kind: 'sandbox', words, ...sandbox };
}

function setEnvironment({ url, database, apiKey }: ChosenOdoo): Secrets {
  const secret = (): string => randomBytes(24).toString('base64');
  const secrets = { shopify: secret(), woocommerce: secret(), partner: `whsec_${secret()}` };
  Object.assign(process.env, {
    ODOO_URL: url,
    ODOO_DATABASE: database,
    ODOO_API_KEY: apiKey,
    SHOPIFY_WEBHOOK_SECRETS: secrets.shopify,
    WOOCOMMERCE_WEBHOOK_SECRETS: secrets.woocommerce,
    PARTNER_WEBHOOK_SECRETS: secrets.partner,
    WAREHOUSE_WEBHOOK_SECRETS: secrets.partner,
    PAYMENT_WEBHOOK_SECRETS: secrets.partner,
    STRIPE_WEBHOOK_SECRETS: secrets.partner,
    SUPPLIER_WEBHOOK_SECRETS: secrets.partner,
    EDI_WEBHOOK_SECRETS: secrets.partner,
    // Nobody in the demo is called.
    EDI_GATEWAY_URL: 'http://127.0.0.1:65530',
    EDI_GATEWAY_KEY: secret(),
    SHOPIFY_ADMIN_URL: 'http://127.0.0.1:65530',
    SHOPIFY_ADMIN_TOKEN: secret(),
    AMAZON_WEBHOOK_SECRETS: secret(),
    AMAZON_API_URL: 'http://127.0.0.1:65530',
    AMAZON_API_CREDENTIALS: `me:${secret()}`,
    AMAZON_TOKEN_URL: 'http://127.0.0.1:65530',
    EASYPOST_WEBHOOK_SECRETS: secret(),
    FINANCE_API_URL: 'http://127.0.0.1:65530',
    FINANCE_API_TOKEN: secret(),
    CRM_API_URL: 'http://127.0.0.1:65530',
    CRM_API_TOKEN: secret(),
    TAX_API_URL: 'http://127.0.0.1:65530',
    TAX_API_ACCOUNT: secret(),
  });
  return secrets;
}

/** Each demo begins empty, with flows of its own: nothing done in its editor touches the project's. */
function freshData(): string {
  const dataDir = resolve('.crossdock', 'demo');
  rmSync(dataDir, { recursive: true, force: true });
  mkdirSync(dataDir, { recursive: true });
  cpSync(join(root, 'flows'), join(dataDir, 'flows'), { recursive: true });
  return dataDir;
}

async function start(dataDir: string, announce: (text: string) => void): Promise<RunningHub> {
  const log = createLog({ destination: createWriteStream(join(dataDir, 'hub.log')) });
  const options = { dataDir, flowsDir: join(dataDir, 'flows'), announce, log };
  return startHub({ ...options, port: Number(process.env['CROSSDOCK_PORT'] ?? 0) });
}

const catalogue: Item[] = [
  { sku: 'FURN_7777', name: 'Office Chair', price: '70.00', quantity: 2 },
  { sku: 'FURN_8888', name: 'Office Lamp', price: '40.00', quantity: 1 },
  { sku: 'FURN_8900', name: 'Drawer Black', price: '25.00', quantity: 4 },
  { sku: 'E-COM10', name: 'Pedal Bin', price: '47.00', quantity: 3 },
];
const unknown: Item = { sku: 'NO-SUCH-SKU', name: 'Discontinued Shelf', price: '19.00', quantity: 1 };

/** Order numbers are new in each run, so that a real Odoo takes the demo again. */
function samples(secrets: Secrets): Sample[] {
  const base = Math.floor(Date.now() / 1000) % 1_000_000_00;
  const items = (at: number): Item[] => catalogue.slice(at % 3, (at % 3) + 2);
  const shop = (kind: Sample['kind'], at: number, lines: Item[]): Sample => {
    const number = base * 10 + at;
    const body = shopifyOrder(`82098291${String(number).padStart(11, '0')}`, number, lines);
    return signed({ kind, partner: 'Shopify', number: String(number) }, body, secrets);
  };
  const woo = (kind: Sample['kind'], at: number, lines: Item[]): Sample => {
    const number = base * 10 + 20 + at;
    return signed({ kind, partner: 'WooCommerce', number: String(number) }, wooOrder(number, lines), secrets);
  };
  const direct = (kind: Sample['kind'], at: number, sentAt?: number): Sample => {
    const number = `P-${base * 10 + 40 + at}`;
    return signed(
      { kind, partner: 'partner', number },
      partnerOrder('lakeside', number, items(at)),
      secrets,
      sentAt,
    );
  };
  const valid = [
    ...Array.from({ length: 8 }, (_, at) => shop('valid', at, items(at))),
    ...Array.from({ length: 4 }, (_, at) => woo('valid', at, items(at))),
    direct('valid', 0),
    direct('valid', 1),
  ];
  const again = valid
    .filter((_, at) => at % 3 === 0)
    .map((sample): Sample => ({ ...sample, kind: 'duplicate' }));
  const tampered = [shop('tampered', 10, items(1)), woo('tampered', 10, items(2))].map((sample) => ({
    ...sample,
    body: Buffer.from(sample.body.toString().replace('"quantity":', '"quantity":9')),
  }));
  const hourAgo = Math.floor(Date.now() / 1000) - 3600;
  return [
    ...valid,
    ...again,
    ...tampered,
    direct('stale', 10, hourAgo),
    direct('stale', 11, hourAgo),
    shop('unknown product', 11, [unknown]),
    woo('unknown product', 11, [catalogue[0]!, unknown]),
  ];
}

async function sendAll({ url }: RunningHub, all: readonly Sample[]): Promise<Answered[]> {
  const answers: Answered[] = [];
  for (const sample of all) {
    const { path, headers, body } = sample;
    const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: new Uint8Array(body) });
    const { code, id } = (await response.json()) as { code: string; id: string };
    answers.push({ ...sample, status: response.status, code, id });
    progress(`sent ${answers.length} of ${all.length}`);
  }
  return answers;
}

/** Waits until every accepted order has landed or waits as an exception. */
async function settled(
  hub: Hub,
  answers: readonly Answered[],
  begun: string,
  say: (text: string) => void,
): Promise<void> {
  const expected = new Set(answers.filter(({ status }) => status === 202).map(({ id }) => id)).size;
  const end = Date.now() + 180_000;
  while (Date.now() < end) {
    const { landed = 0, exception = 0, retrying = 0 } = await hub.journal.count(begun);
    progress(
      `sent ${answers.length}, landed ${landed} of ${expected}, exceptions ${exception}, tries again ${retrying}`,
    );
    if (landed + exception >= expected) break;
    await sleep(200);
  }
  if (process.stderr.isTTY) process.stderr.write('\n');
  say('');
}

async function tell(
  hub: Hub,
  answers: readonly Answered[],
  begun: string,
  say: (text: string) => void,
): Promise<{ landed: number; deadLetters: number }> {
  for (const { kind, partner, number, status, code, id } of answers) {
    const steps = status === 202 ? await hub.journal.trace({ correlationId: id }) : [];
    const end = steps.findLast(({ outcome }) => outcome === 'landed' || outcome === 'exception');
    const became = end ? `${end.outcome}: ${end.detail ?? ''}` : '';
    say(
      `${partner.padEnd(12)} ${number.padEnd(13)} ${kind.padEnd(16)} ${status} ${code.padEnd(18)} ${became}`,
    );
  }
  const { landed = 0 } = await hub.journal.count(begun);
  const open = await hub.journal.letters({ state: 'open' });
  return { landed, deadLetters: open.length };
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[2K${text}`);
}
