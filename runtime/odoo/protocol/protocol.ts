/** What a way to speak with Odoo is given, and what it can do. */
import type { Code } from '../../errors/codes.ts';
import type { Told } from '../../http/exchange.ts';

export interface OdooOptions {
  /** Address of Odoo without a path, `https://erp.example.com`. */
  url: string;
  database: string;
  /** The API key; a function is called before each call and returns the current one. */
  apiKey: string | (() => string);
  /** Login of the user the key belongs to. Only Odoo before 19 needs it. */
  login?: string;
  /** Time limit of one call, in ms. Odoo itself can block 30 s before it answers, so stay above that. */
  timeoutMs: number;
  /** Forces a protocol. Default: by the version of Odoo. */
  protocol?: 'json2' | 'jsonrpc';
  told?: Told;
  /** Called with the code of each call that failed: over JSON-RPC a refused login is an answer 200. */
  failed?(code: Code): void;
  log?: { debug(fields: Record<string, unknown>, message: string): void };
}

/** Named arguments of the method; `ids` are the records it is called on. */
export interface CallArgs {
  ids?: number[];
  context?: Record<string, unknown>;
  [name: string]: unknown;
}

export type Transport = (model: string, method: string, args: CallArgs) => Promise<unknown>;

/** Methods that change nothing. */
export const reads: ReadonlySet<string> = new Set([
  'search_read',
  'search_count',
  'read',
  'fields_get',
  'context_get',
  'name_search',
]);

/** One way to speak with Odoo. */
export interface Protocol {
  call: Transport;
  user(): Promise<number>;
}

/** The current key. */
export function keyNow({ apiKey }: Pick<OdooOptions, 'apiKey'>): string {
  return typeof apiKey === 'function' ? apiKey() : apiKey;
}
