/** The world around the hub of a field run: partners that sign as theirs do, Amazon's API, and the gateway of EDI. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { sign } from '../../../runtime/verify/sign.ts';
import type { SchemeName, VerifyOptions } from '../../../runtime/verify/schemes.ts';
import { secrets } from '../../e2e/hub-process.ts';
import type { Step } from './kinds.ts';

export interface Sent {
  status: number;
  code: string;
  /** Of the whole business transaction. */
  id: string;
}

export interface World {
  env: Record<string, string>;
  send(url: string, step: Step): Promise<Sent>;
  /** What the gateway got, in order. */
  out: { partner: string; type: string; text: string }[];
  close(): void;
}

interface Signer {
  scheme: SchemeName;
  secret: string;
  options?: VerifyOptions;
}

/** By the first part of a door's name. */
const schemes: Record<string, Signer> = {
  shopify: { scheme: 'shopify', secret: secrets.shopify },
  woocommerce: { scheme: 'woocommerce', secret: secrets.woocommerce },
  stripe: { scheme: 'stripe', secret: secrets.partner },
  edi: { scheme: 'bearer', secret: secrets.partner },
  amazon: { scheme: 'bearer', secret: secrets.partner, options: { bearer: { header: 'x-api-key' } } },
};
const signed: Signer = { scheme: 'standard-webhooks', secret: secrets.partner };

export async function openWorld(): Promise<World> {
  const out: World['out'] = [];
  const amazon = new Map<string, NonNullable<Step['api']>>();
  const gateway = await serve(async (request, url) => {
    const query = url.searchParams;
    out.push({
      partner: query.get('partner')!,
      type: query.get('type')!,
      text: (await bytes(request)).toString('latin1'),
    });
    return {};
  });
  const api = await serve(async (_request, url) => {
    if (url.pathname === '/token') return { access_token: 'field', expires_in: 3600 };
    const [, id = '', items] = /\/orders\/v0\/orders\/([^/]+)(\/orderItems)?/.exec(url.pathname) ?? [];
    const found = amazon.get(id);
    if (!found) return undefined;
    return { payload: items ? { AmazonOrderId: id, OrderItems: found.items } : found.order };
  });
  return {
    out,
    env: {
      EDI_GATEWAY_URL: gateway.url,
      EDI_GATEWAY_KEY: 'field',
      AMAZON_API_URL: api.url,
      AMAZON_TOKEN_URL: `${api.url}/token`,
      AMAZON_API_CREDENTIALS: 'field:key:refresh',
    },
    async send(url, step) {
      if (step.api) amazon.set(String(step.api.order['AmazonOrderId']), step.api);
      const first = await deliver(url, step);
      return step.twice ? deliver(url, step) : first;
    },
    close() {
      for (const { server } of [gateway, api]) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

/** Again while the hub says so, as senders do. */
async function deliver(url: string, step: Step): Promise<Sent> {
  const body = Buffer.from(step.text ?? envelope(step) ?? JSON.stringify(step.json), 'latin1');
  const bytesSent = step.json ? Buffer.from(JSON.stringify(step.json)) : body;
  const { scheme, secret, options = {} } = schemes[step.to.split('/')[0]!] ?? signed;
  for (let tries = 0; ; tries += 1) {
    const { headers } = sign(scheme, options, secret, bytesSent);
    const type = step.json ? { 'content-type': 'application/json' } : { 'content-type': 'text/plain' };
    const response = await fetch(`${url}/hooks/${step.to}`, {
      method: 'POST',
      headers: { ...type, ...headers },
      body: new Uint8Array(bytesSent),
    });
    const answer = (await response.json().catch(() => ({}))) as { code?: string; id?: string };
    if (tries >= 20 || ![429, 503].includes(response.status))
      return { status: response.status, code: answer.code ?? '', id: answer.id ?? '' };
    await sleep(500);
  }
}

/** One document of midmart (X12) or brookfield (EDIFACT), whose control number is that of the kind. */
function envelope({ x12, edifact }: Step): string | undefined {
  if (x12) return x12Of(x12);
  return edifact && edifactOf(edifact);
}

/** The first entry is `type control`: `850 918101`. */
function x12Of([head = '', ...segments]: string[]): string {
  const [type = '', control = ''] = head.split(' ');
  const from = type === '945' || type === '944' ? ['ZZ', 'NORTHSIDE3PL'] : ['01', '0079611234'];
  const group = { '850': 'PO', '860': 'PC', '945': 'SW', '944': 'RE', '943': 'AR' }[type] ?? 'PO';
  const number = control.padStart(9, '0');
  const isa = `ISA*00*          *00*          *${from[0]}*${from[1]!.padEnd(15)}*ZZ*CROSSDOCK      *261127*1000*U*00401*${number}*0*P*>`;
  return [
    isa,
    `GS*${group}*${from[1]}*CROSSDOCK*20261127*1000*${control}*X*004010`,
    `ST*${type}*0001`,
    ...segments,
    `SE*${segments.length + 2}*0001`,
    `GE*1*${control}`,
    `IEA*1*${number}`,
    '',
  ].join('~');
}

/** The first entry is `type control`, or `type control UNA`. */
function edifactOf([head = '', ...segments]: string[]): string {
  const [type = '', control = '', una = "UNA:+.? '"] = head.split(/ (?!')/);
  const start = una === 'none' ? '' : una;
  return `${start}${[
    `UNB+UNOC:3+5412345000013:14+4012345000009:14+261127:1000+${control}`,
    `UNH+1+${type}:D:96A:UN:EAN008`,
    ...segments,
    `UNT+${segments.length + 2}+1`,
    `UNZ+1+${control}`,
    '',
  ].join("'")}`;
}

async function serve(
  answer: (request: IncomingMessage, url: URL) => Promise<object | undefined>,
): Promise<{ url: string; server: Server }> {
  const server = createServer(async (request, response) => {
    const found = await answer(request, new URL(request.url!, 'http://field'));
    request.resume();
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found ?? {}));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

async function bytes(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
