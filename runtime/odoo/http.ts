/** One HTTP exchange with Odoo: time limit, no redirects, JSON or nothing. */
import { CodedError } from '../errors/coded-error.ts';
import { faultOfNetwork, type Called } from './faults.ts';

export interface Exchange {
  status: number;
  /** Undefined when the answer is not JSON (HTML of Odoo or of a proxy). */
  body: unknown;
}

/** Throws CodedError ODOO_UNREACHABLE, ODOO_TIMEOUT or ODOO_ANSWER_LOST when no whole answer came. */
export async function exchange(
  url: string,
  init: { method: 'GET' | 'POST'; headers?: Record<string, string>; body?: string },
  timeoutMs: number,
  called: Called,
): Promise<Exchange> {
  try {
    // A redirect followed would carry the key to wherever it points.
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    return { status: response.status, body: parsed(text) };
  } catch (error) {
    throw faultOfNetwork(error, called);
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
