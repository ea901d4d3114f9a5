/** The demo: signed sample webhooks through the whole hub, and what became of each. */
import { createWriteStream, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLog } from '../runtime/log/log.ts';
import type { Hub } from '../runtime/hub/hub.ts';
import { environmentOf, openHome, type Home } from './demo-home.ts';
import { chooseOdoo, type ChosenOdoo } from './demo-odoo.ts';
import { portOf } from '../runtime/app/project.ts';
import {
  partnerOrder,
  shopifyOrder,
  signed,
  wooOrder,
  type Item,
  type Sample,
  type Secrets,
} from './samples.ts';
import { startHub, type RunningHub } from '../runtime/app/start.ts';

interface Answered extends Sample {
  status: number;
  code: string;
  id: string;
}

export interface DemoOptions {
  json: boolean;
  exit: boolean;
  /** Whether what was done in the demo before is deleted. */
  fresh: boolean;
  /** Whether the demo may write into a real Odoo that was found. */
  yes: boolean;
}

/** Runs the demo; resolves with the function that stops the hub it leaves open, for `exit` to call at once. */
export async function demo({ json, exit, fresh, yes }: DemoOptions): Promise<() => Promise<void>> {
  const say = (text: string): void => void (json ? process.stderr : process.stdout).write(`${text}\n`);
  const home = await openHome(fresh);
  const odoo = await chooseOdoo(home.dataDir, yes);
  say(odoo.words);
  if (home.kept)
    say('Flows, definitions and orders of the demo before are still there; --fresh forgets them');
  Object.assign(process.env, environmentOf(home.secrets), {
    ODOO_URL: odoo.url,
    ODOO_DATABASE: odoo.database,
    ODOO_API_KEY: odoo.apiKey,
    ODOO_LOGIN: odoo.login,
  });
  const running = await start(home, (text) => say(text.trimEnd())).catch(async (error: unknown) => {
    await odoo.close();
    throw error;
  });
  const stop = async (): Promise<void> => {
    await running.stop();
    await odoo.close();
  };
  try {
    const begun = new Date().toISOString();
    const [next, ...all] = samples(home.secrets);
    const answers = await sendAll(running, all);
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
    const figures = Object.entries(result).map(([name, value]) => `${name} ${value}`);
    if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
    else say(`\n${figures.join(', ')}`);
    if (!exit) say(`\n${invitation(running, home, odoo, { next: next!, known: answers[0]!.number })}`);
    return stop;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What a person can do now, each line ready to be pasted. */
function invitation(
  { url }: RunningHub,
  { dataDir, password, secrets }: Home,
  odoo: ChosenOdoo,
  { next, known }: { next: Sample; known: string },
): string {
  const file = join(dataDir, 'order.json');
  writeFileSync(file, next.body);
  const here = relative('', dataDir);
  const headers = Object.entries(next.headers).map(([name, value]) => ` -H '${name}: ${value}'`);
  const orders = odoo.kind === 'sandbox' ? [`Orders in the sandbox Odoo: ${odoo.url}/`] : [];
  return [
    `The editor is open at ${url} (Ctrl-C ends), the control tower at ${url}/tower`,
    `Log in as admin with the password ${password}`,
    ...orders,
    `Where is an order? CROSSDOCK_DATA=${here} npx crossdock trace ${known}`,
    '',
    `Send one more, Shopify order ${next.number}:`,
    `  curl -i ${url}${next.path}${headers.join('')} --data-binary @${relative('', file)}`,
    `Shopify's secret is ${secrets.shopify}; after a change of the file sign it anew:`,
    `  openssl dgst -sha256 -hmac '${secrets.shopify}' -binary ${relative('', file)} | base64`,
    `All secrets are in ${join(here, 'secrets.env')}, the log is ${join(here, 'hub.log')}`,
  ].join('\n');
}

async function start(
  { dataDir, flowsDir, definitionsDir }: Home,
  announce: (text: string) => void,
): Promise<RunningHub> {
  const log = createLog({ destination: createWriteStream(join(dataDir, 'hub.log')) });
  const port = portOf(process.env['CROSSDOCK_PORT'], 0);
  return startHub({ dataDir, flowsDir, definitionsDir, announce, log, port });
}

const catalogue: Item[] = [
  { sku: 'FURN_7777', name: 'Office Chair', price: '70.00', quantity: 2 },
  { sku: 'FURN_8888', name: 'Office Lamp', price: '40.00', quantity: 1 },
  { sku: 'FURN_8900', name: 'Drawer Black', price: '25.00', quantity: 4 },
  { sku: 'E-COM10', name: 'Pedal Bin', price: '47.00', quantity: 3 },
];
const unknown: Item = { sku: 'NO-SUCH-SKU', name: 'Discontinued Shelf', price: '19.00', quantity: 1 };

/** Order numbers are new in each run, so that an Odoo takes the demo again. The first one is for a person to send. */
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
    shop('valid', 9, items(1)),
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
  const open = await hub.journal.letters({ state: 'open', since: begun });
  return { landed, deadLetters: open.length };
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[2K${text}`);
}
