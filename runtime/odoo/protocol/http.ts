/** Makes one HTTP exchange with Odoo and parses the JSON answer. */
import { CodedError } from '../../errors/coded-error.ts';
import { exchange as send, NetworkError, telling } from '../../http/exchange.ts';
import type { OdooOptions } from './protocol.ts';
import { faultOfNetwork, type Called } from './faults.ts';

export interface Exchange {
  status: number;
  /** The parsed answer. Undefined if it is not JSON, such as an HTML page of Odoo or a proxy. */
  body: unknown;
}

/**
 * Makes one request. Throws CodedError ODOO_UNREACHABLE, ODOO_TIMEOUT, ODOO_ANSWER_LOST, or ODOO_ANSWER_INVALID if the
 * answer is too large.
 */
export async function exchange(
  url: string,
  init: { method: 'GET' | 'POST'; headers?: Record<string, string>; body?: string },
  { timeoutMs, told }: Pick<OdooOptions, 'timeoutMs' | 'told'>,
  called: Called,
): Promise<Exchange> {
  try {
    const asked = { ...init, called: `${called.model} ${called.method}` };
    const { status, text } = await (told ? telling(told) : send)(url, asked, timeoutMs);
    return { status, body: parsed(text) };
  } catch (error) {
    throw error instanceof NetworkError ? faultOfNetwork(error, called) : error;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function notJson(called: Called): CodedError {
  return new CodedError('ODOO_ANSWER_INVALID', 'The answer of Odoo is not JSON', { ...called });
}
