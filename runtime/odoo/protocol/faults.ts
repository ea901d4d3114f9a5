/** Maps failures of calls to Odoo to coded errors, for both protocols. Server tracebacks are never included. */
import { CodedError } from '../../errors/coded-error.ts';
import type { Code } from '../../errors/codes.ts';
import { forPeople } from '../../errors/for-people.ts';
import type { NetworkError } from '../../http/exchange.ts';

/** The call. Each error names it; arguments and keys are left out. */
export interface Called {
  model: string;
  method: string;
}

const byStatus: Record<number, Code> = {
  400: 'ODOO_REFUSED',
  401: 'ODOO_AUTH',
  403: 'ODOO_ACCESS',
  404: 'ODOO_NOT_FOUND',
  409: 'ODOO_BUSY',
  422: 'ODOO_REFUSED',
  429: 'ODOO_BUSY',
  501: 'ODOO_REFUSED',
  502: 'ODOO_UNREACHABLE',
  503: 'ODOO_UNREACHABLE',
  504: 'ODOO_TIMEOUT',
};

/**
 * Codes by name of the Python exception. JSON-RPC answers every failure with status 200, and JSON-2 answers unexpected
 * failures with 500, so the status does not tell the kind.
 */
const byException: [RegExp, Code][] = [
  [/AccessDenied|SessionExpired/, 'ODOO_AUTH'],
  [/AccessError|Forbidden/, 'ODOO_ACCESS'],
  [/MissingError|NotFound|builtins\.AttributeError/, 'ODOO_NOT_FOUND'],
  [/LockError|LockNotAvailable|SerializationFailure|DeadlockDetected/, 'ODOO_BUSY'],
  [
    /UserError|ValidationError|RedirectWarning|builtins\.(TypeError|ValueError|KeyError|AssertionError)|Violation/,
    'ODOO_REFUSED',
  ],
];

/** Over JSON-RPC an unknown model is an ordinary UserError. */
const unknownModel = /^Object [\w.]+ doesn't exist$/;

/**
 * Returns the error for an HTTP status other than 200. `body`: the parsed JSON, or undefined if the answer was not
 * JSON.
 */
export function faultOfStatus(status: number, body: unknown, called: Called): CodedError {
  const facts = { ...called, status };
  if (body === undefined) {
    if (status === 404 || (status >= 300 && status < 400)) {
      return new CodedError(
        'ODOO_ADDRESS_WRONG',
        'This address is not Odoo, or the database does not exist',
        facts,
      );
    }
    const code = status >= 502 && status <= 504 ? byStatus[status]! : 'ODOO_ANSWER_INVALID';
    return new CodedError(code, `Status ${status} without a JSON body`, facts);
  }
  const said = body as { name?: unknown; message?: unknown };
  return fault(byStatus[status] ?? codeOf(said.name), said, facts);
}

/** Returns the error for the `error` member of a JSON-RPC answer. */
export function faultOfRpc(error: unknown, called: Called): CodedError {
  const data = ((error as { data?: unknown } | null)?.data ?? {}) as { name?: unknown; message?: unknown };
  const code = unknownModel.test(String(data.message ?? '')) ? 'ODOO_NOT_FOUND' : codeOf(data.name);
  return fault(code, data, { ...called });
}

function codeOf(exception: unknown): Code {
  const name = String(exception ?? '');
  return byException.find(([pattern]) => pattern.test(name))?.[1] ?? 'ODOO_FAILED';
}

/** Returns the error for a call that got no answer. */
export function faultOfNetwork({ failure, reason }: NetworkError, called: Called): CodedError {
  const [code, message] = {
    timeout: ['ODOO_TIMEOUT', 'Odoo did not answer in time'],
    unreachable: ['ODOO_UNREACHABLE', 'Odoo cannot be reached'],
    'answer lost': ['ODOO_ANSWER_LOST', 'The connection to Odoo broke during the call'],
    'answer too large': ['ODOO_ANSWER_INVALID', 'The answer of Odoo is larger than the hub reads'],
  }[failure] as [Code, string];
  return new CodedError(code, message, { ...called, ...(failure !== 'timeout' && { reason }) });
}

function fault(
  code: Code,
  body: { name?: unknown; message?: unknown },
  facts: Record<string, string | number>,
) {
  const exception = String(body.name ?? '').slice(0, 100);
  const said = code === 'ODOO_REFUSED' ? forPeople(body.message) : undefined;
  return new CodedError(code, said ?? sentences[code] ?? 'Odoo failed', { ...facts, exception });
}

/** True for Odoo's verdict on records: the call has changed nothing. False for a fault of the connection or the key. */
export function isOfRecords(error: unknown): boolean {
  return error instanceof CodedError && ofRecords.has(error.code);
}

const ofRecords = new Set<Code>(['ODOO_REFUSED', 'ODOO_FAILED', 'ODOO_NOT_FOUND', 'ODOO_ACCESS']);

/** True when a column of `load` names a record that does not exist or no longer exists. */
export function isOfMissing(error: unknown): boolean {
  return error instanceof CodedError && error.message.startsWith('No matching record found for database id');
}

/** True for messages of Odoo's database about colliding transactions: the same call can succeed later. */
export function isCollision(message: unknown): boolean {
  return /could not serialize access|deadlock detected|could not obtain lock/.test(String(message));
}

const sentences: Partial<Record<Code, string>> = {
  ODOO_AUTH: 'Odoo refuses the API key',
  ODOO_ACCESS: 'The user of the API key may not do this in Odoo',
  ODOO_NOT_FOUND: 'Odoo has no such model, method or record',
  ODOO_BUSY: 'Odoo is busy with this record',
  ODOO_REFUSED: 'Odoo refused the data',
  ODOO_FAILED: 'Odoo failed inside',
};
