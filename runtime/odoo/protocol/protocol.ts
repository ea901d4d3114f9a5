/** The options and the interface of the protocols that Odoo is called over. */
import type { Code } from '../../errors/codes.ts';
import type { Told } from '../../http/exchange.ts';

export interface OdooOptions {
  /** Address of Odoo without a path, such as `https://erp.example.com`. */
  url: string;
  database: string;
  /** The API key, or a function that returns the current key and is called before each call. */
  apiKey: string | (() => string);
  /** Login of the user that the key belongs to. Required for Odoo before 19 only. */
  login?: string;
  /** Time limit of one call, in ms. Odoo can block for 30 s before it answers, so use more than that. */
  timeoutMs: number;
  /** The protocol to use. Default: JSON-2 from Odoo 19 on, JSON-RPC before. */
  protocol?: 'json2' | 'jsonrpc';
  told?: Told;
  /**
   * Called with the code of each failed call. Over JSON-RPC a refused login has status 200, so the status does not show
   * it.
   */
  failed?(code: Code): void;
  log?: { debug(fields: Record<string, unknown>, message: string): void };
}

/** Named arguments of a method. `ids`: the records it is called on. */
export interface CallArgs {
  ids?: number[];
  context?: Record<string, unknown>;
  [name: string]: unknown;
}

export type Transport = (model: string, method: string, args: CallArgs) => Promise<unknown>;

export interface Protocol {
  call: Transport;
  user(): Promise<number>;
}

export function keyNow({ apiKey }: Pick<OdooOptions, 'apiKey'>): string {
  return typeof apiKey === 'function' ? apiKey() : apiKey;
}
