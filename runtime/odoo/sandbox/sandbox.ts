/**
 * An Odoo 19 in memory, to try the hub without a real one. It has the part of JSON-2 that the hub uses and refuses the
 * rest.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { notFound, notInSandbox, OdooFault, unprocessable } from './fault.ts';
import { load } from './load.ts';
import { models, type Field } from './models.ts';
import {
  assignOutstanding,
  createInvoices,
  createPayments,
  createWizard,
  postMoves,
  refundMoves,
  writeMove,
} from './money.ts';
import { ordersPage } from './page.ts';
import { confirmPurchases, createBill, createPurchases } from './purchase.ts';
import { cancelOrders, confirmOrders, deleteLines, writeLines, writeOrders } from './sales.ts';
import { read, search } from './search.ts';
import { seed, type Rounding, type SandboxProduct } from './seed.ts';
import { createReturn, loadPickings, validatePickings, writeMoves, writePicking } from './stock.ts';
import { applyInventory, confirmPickings, createPickings, createQuants } from './warehouse.ts';
import { decimalsOf, newTables, type Tables, type Value } from './tables.ts';

export interface SandboxOptions {
  /** Port on the loopback interface. Default: a free one. */
  port?: number;
  /** Products in addition to those of Odoo's demo data. */
  products?: SandboxProduct[];
  /** Default: per line, as web shops round. A new Odoo rounds globally until the setting is changed. */
  rounding?: Rounding;
  /** Active currencies in addition to the default ones, with their smallest amount: `{ JPY: 1, KWD: 0.001 }`. */
  currencies?: Record<string, number>;
  /** Decimals that differ from 2, by the names in Odoo's Decimal Accuracy: `{ Discount: 4 }`. */
  decimals?: Record<string, number>;
  /** What `keep` returned in an earlier sandbox; it replaces the content that the options above would create. */
  kept?: string;
  /** Rights that the sandbox reports as missing, such as `sale.order:create`. It still accepts the calls. */
  lacking?: ReadonlySet<string>;
}

export interface SandboxOrder {
  /** Number of the order, such as `S00042`. */
  name: string;
  state: string;
  client_order_ref: string;
  amount_total: number;
  lines: {
    sku: string;
    name: string;
    quantity: number;
    price_unit: number;
    discount: number;
    price_subtotal: number;
    delivered: number;
  }[];
  transfers: { name: string; state: string; messages: string[] }[];
  /** Invoices and credit notes (`out_refund`). `open`: the amount still to be paid. */
  invoices: { type: string; state: string; total: number; open: number }[];
}

export interface Sandbox {
  /** Address on the loopback interface. */
  url: string;
  database: string;
  /** The API key, which is different at every start. */
  apiKey: string;
  login: string;
  orders(): SandboxOrder[];
  /** Returns the whole content as JSON, for `kept` of a later sandbox. */
  keep(): string;
  /** Restores the initial content. With `failing`, each method then answers its first call with status 500. */
  reset(failing?: boolean): void;
  close(): Promise<void>;
}

const database = 'sandbox';
const login = 'admin';

/** Starts the sandbox. Rejects if the port is taken. `close` discards the content. */
export async function startSandbox({
  port = 0,
  products = [],
  rounding = 'round_per_line',
  currencies = {},
  decimals = {},
  kept,
  lacking = new Set(),
}: SandboxOptions = {}): Promise<Sandbox> {
  let tables = newTables();
  const start = { login, rounding, products, currencies, decimals };
  let { uid } = seed(tables, start);
  if (kept !== undefined) tables.take(kept);
  let failed: Set<string> | undefined;
  let touched = false;
  const apiKey = randomBytes(20).toString('hex');
  const server = createServer((request, response) => {
    if (failed && !failed.has(request.url ?? '')) {
      failed.add(request.url ?? '');
      return html(response, 500, 'Fails once');
    }
    touched ||= !reading.test(request.url ?? '');
    answer(tables, { apiKey, uid, lacking }, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    database,
    apiKey,
    login,
    orders: () => ordersOf(tables),
    keep: () => tables.text(),
    reset(failing = false) {
      if (touched) {
        const before = tables;
        tables = newTables();
        ({ uid } = seed(tables, start));
        tables.adopt(before);
        touched = false;
      }
      failed = failing ? new Set() : undefined;
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Matches calls that change nothing. */
const reading = /\/(search_read|search_count|read|fields_get|context_get|default_get|has_access|version)$/;

interface Access {
  apiKey: string;
  uid: number;
  lacking: ReadonlySet<string>;
}

async function answer(
  tables: Tables,
  access: Access,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://odoo');
  if (pathname === '/web/version') {
    return json(response, 200, { version_info: [19, 0, 0, 'final', 0, ''], version: '19.0' });
  }
  if (request.method === 'GET' && ['/', '/web'].includes(pathname))
    return page(response, 200, ordersPage(tables));
  const [, model, method] = /^\/json\/2\/([^/]+)\/([^/]+)$/.exec(pathname) ?? [];
  const { headers } = request;
  const text = await bodyOf(request);
  if (pathname === '/jsonrpc') return refuse(response, notInSandbox('JSON-RPC; it is an Odoo 19'));
  if (!model || !method || request.method !== 'POST') return html(response, 404, 'Not Found');
  if (headers['x-odoo-database'] !== database) return html(response, 404, 'No database is selected');
  if (!headers['content-type']?.startsWith('application/json'))
    return html(response, 415, 'Unsupported Media Type');
  try {
    if (headers.authorization !== `bearer ${access.apiKey}`) {
      throw new OdooFault(401, 'werkzeug.exceptions.Unauthorized', 'Invalid apikey');
    }
    const args = parsed(text);
    json(response, 200, call(tables, access, model, method, args));
  } catch (error) {
    if (!(error instanceof OdooFault)) throw error;
    refuse(response, error);
  }
}

type Args = Record<string, unknown>;

/** Methods that every model has. */
const ofModels: Record<string, (tables: Tables, model: string, args: Args, access: Access) => unknown> = {
  has_access: (_tables, model, { operation }, { lacking }) => !lacking.has(`${model}:${String(operation)}`),
  search_read: (tables, model, { fields, ...query }) =>
    read(tables, model, search(tables, model, query), fields),
  search_count: (tables, model, { domain }) => search(tables, model, { domain }).length,
  read: (tables, model, { fields, ...args }) => {
    const rows = idsOf(args).flatMap((id) => tables.rows(model).get(id) ?? []);
    return read(tables, model, rows, fields);
  },
  fields_get: (tables, model, { allfields, attributes }) => {
    const known = Object.entries(models[model]!).filter(([, { own }]) => !own);
    const asked = known.filter(([name]) => !allfields || (allfields as string[]).includes(name));
    return Object.fromEntries(
      asked.map(([name, field]) => [name, attributesOf(tables, field, attributes as string[] | undefined)]),
    );
  },
  load: (tables, model, { fields, data, context }) => {
    if (!Array.isArray(fields) || !Array.isArray(data))
      throw unprocessable("missing a required argument: 'fields'");
    return load(
      tables,
      model,
      fields,
      data,
      (context as { noupdate?: unknown } | undefined)?.noupdate === true,
    );
  },
};

function attributesOf(tables: Tables, field: Field, wanted: readonly string[] = []): Record<string, unknown> {
  const decimals = decimalsOf(tables, field);
  const all = {
    type: field.type,
    required: field.required ?? false,
    string: field.label ?? '',
    digits: decimals === undefined ? false : [16, decimals],
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => wanted.includes(name)));
}

/** Methods of single models. */
const ofOne: Record<string, (tables: Tables, args: Args, access: Access) => unknown> = {
  'res.users/context_get': (_tables, _args, { uid }) => ({ lang: 'en_US', tz: 'Europe/Brussels', uid }),
  /** Returns the company of the user, the only one in the sandbox. */
  'account.journal/default_get': (tables, { fields }) =>
    (fields as string[]).includes('company_id')
      ? { company_id: [...tables.rows('res.company').keys()][0] }
      : {},
  'product.product/write': (tables, { vals, ...args }) => {
    for (const id of idsOf(args)) Object.assign(tables.rows('product.product').get(id)!, valuesOf(vals));
    return true;
  },
  'purchase.order/create': createPurchases,
  'purchase.order/button_confirm': confirmPurchases,
  'purchase.order/action_create_invoice': createBill,
  'sale.order/action_confirm': (tables, args) => confirmOrders(tables, idsOf(args)),
  'sale.order/action_cancel': (tables, args) => cancelOrders(tables, idsOf(args)),
  'sale.order/write': (tables, { vals, ...args }) => writeOrders(tables, idsOf(args), valuesOf(vals)),
  'sale.order.line/write': (tables, { vals, ...args }) => writeLines(tables, idsOf(args), valuesOf(vals)),
  'sale.order.line/unlink': (tables, args) => deleteLines(tables, idsOf(args)),
  'stock.picking/message_post': (tables, args) =>
    idsOf(args).map(
      (id) =>
        tables.insert('mail.message', { model: 'stock.picking', res_id: id, body: String(args['body']) }).id,
    ),
  'stock.picking/create': createPickings,
  'stock.picking/action_confirm': confirmPickings,
  'stock.quant/create': createQuants,
  'stock.quant/action_apply_inventory': applyInventory,
  'stock.picking/write': writePicking,
  'stock.picking/load': (tables, { fields, data }) =>
    loadPickings(tables, fields as string[], data as string[][]),
  'stock.picking/button_validate': validatePickings,
  'stock.move/write': writeMoves,
  'stock.return.picking/create': (tables, args) => createWizard(tables, 'stock.return.picking', args),
  'stock.return.picking/action_create_returns': createReturn,
  'sale.advance.payment.inv/create': (tables, args) => createWizard(tables, 'sale.advance.payment.inv', args),
  'sale.advance.payment.inv/create_invoices': createInvoices,
  'account.move/write': writeMove,
  'account.move/action_post': postMoves,
  'account.move/js_assign_outstanding_line': assignOutstanding,
  'account.move.reversal/create': (tables, args) => createWizard(tables, 'account.move.reversal', args),
  'account.move.reversal/refund_moves': refundMoves,
  'account.payment.register/create': (tables, args) => createWizard(tables, 'account.payment.register', args),
  'account.payment.register/action_create_payments': createPayments,
};

/** Parameters of each method. Other names are refused, as Odoo refuses them. */
const parameters: Record<string, string[]> = {
  search_read: ['domain', 'fields', 'limit', 'offset', 'order'],
  search_count: ['domain'],
  read: ['fields'],
  load: ['fields', 'data'],
  fields_get: ['allfields', 'attributes'],
  default_get: ['fields'],
  has_access: ['operation'],
  create: ['vals_list'],
  write: ['vals'],
  js_assign_outstanding_line: ['line_id'],
  message_post: ['body'],
};

function call(tables: Tables, access: Access, model: string, method: string, args: Args): unknown {
  tables.rows(model);
  const works =
    ofOne[`${model}/${method}`] ?? (ofModels[method] && ((t, a, by) => ofModels[method]!(t, model, a, by)));
  if (!works) throw noMethod(model, method);
  const known = new Set([...(parameters[method] ?? []), 'ids', 'context']);
  const unknown = Object.keys(args).find((name) => !known.has(name));
  if (unknown) throw unprocessable(`got an unexpected keyword argument '${unknown}'`);
  return works(tables, args, access);
}

/** Matches methods that Odoo has and the sandbox lacks. Any other unknown method does not exist in Odoo either. */
const ofOdoo =
  /^(action|button|message|web|onchange)_|^(create|write|unlink|copy|search|name_search|name_create|fields_get|read_group|export_data|default_get|check_access|exists)$/;

function noMethod(model: string, method: string): OdooFault {
  if (method.startsWith('_')) {
    const said = `Private methods (such as '${model}.${method}') cannot be called remotely.`;
    return new OdooFault(403, 'odoo.exceptions.AccessError', said);
  }
  if (ofOdoo.test(method)) return notInSandbox(`the method ${model}.${method}`);
  return notFound(`The method '${model}.${method}' does not exist`);
}

function idsOf({ ids }: Args): number[] {
  if (Array.isArray(ids) && ids.every((id) => Number.isInteger(id))) return ids as number[];
  throw unprocessable('ids is a list of numbers');
}

function valuesOf(vals: unknown): Record<string, Value> {
  if (typeof vals === 'object' && vals !== null) return vals as Record<string, Value>;
  throw unprocessable("missing a required argument: 'vals'");
}

function parsed(text: string): Args {
  try {
    return JSON.parse(text) as Args;
  } catch {
    throw new OdooFault(400, 'werkzeug.exceptions.BadRequest', 'could not parse the body as json');
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

function refuse(response: ServerResponse, { status, exception, message }: OdooFault): void {
  json(response, status, { name: exception, message, arguments: [message], context: {}, debug: '' });
}

function html(response: ServerResponse, status: number, title: string): void {
  page(response, status, `<!doctype html>\n<title>${status} ${title}</title>\n<h1>${title}</h1>\n`);
}

function page(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(text);
}

function ordersOf(tables: Tables): SandboxOrder[] {
  return [...tables.rows('sale.order').values()].map((order) => ({
    name: String(order['name']),
    state: String(order['state']),
    client_order_ref: String(order['client_order_ref'] || ''),
    amount_total: Number(order['amount_total']),
    lines: tables.linesOf(order.id).map((line) => ({
      sku: String(tables.rows('product.product').get(line['product_id'] as number)?.['default_code'] ?? ''),
      name: String(line['name']),
      quantity: Number(line['product_uom_qty']),
      price_unit: Number(line['price_unit']),
      discount: Number(line['discount']),
      price_subtotal: Number(line['price_subtotal']),
      delivered: Number(line['qty_delivered']),
    })),
    transfers: [...tables.rows('stock.picking').values()]
      .filter((picking) => picking['sale_id'] === order.id)
      .map(({ id, name, state }) => ({
        name: String(name),
        state: String(state),
        messages: [...tables.rows('mail.message').values()]
          .filter((message) => message['res_id'] === id)
          .map(({ body }) => String(body)),
      })),
    invoices: [...tables.rows('account.move').values()]
      .filter((move) => move['sale_id'] === order.id)
      .map((move) => ({
        type: String(move['move_type']),
        state: String(move['state']),
        total: Number(move['amount_total']),
        open: Number(move['amount_residual']),
      })),
  }));
}
