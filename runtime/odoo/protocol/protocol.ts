/** What a way to speak with Odoo is given, and what it can do. */
import type { Code } from '../../errors/codes.ts';
import type { Told } from '../../http/exchange.ts';

export interface OdooOptions {
  /** `https://erp.example.com`, without a path. */
  url: string;
  database: string;
  /** A function gives the one of now, for each call. */
  apiKey: string | (() => string);
  /** Login of the user the key belongs to. Only Odoo before 19 needs it. */
  login?: string;
  /** For one call. Odoo itself can block 30 s before it answers, so stay above that. */
  timeoutMs: number;
  /** Force a protocol; by default it follows the version. */
  protocol?: 'json2' | 'jsonrpc';
  told?: Told;
  /** Hears the code of each call that failed: over JSON-RPC a refused login is an answer 200. */
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

/** One way to speak with Odoo. */
export interface Protocol {
  call: Transport;
  user(): Promise<number>;
}

/** The key of now. */
export function keyNow({ apiKey }: Pick<OdooOptions, 'apiKey'>): string {
  return typeof apiKey === 'function' ? apiKey() : apiKey;
}
