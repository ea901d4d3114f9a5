/** The connection to one Odoo database. Chooses the protocol by the version of Odoo. */
import { reads } from '../authority/reads.ts';
import { CodedError } from '../errors/coded-error.ts';
import type { Code } from '../errors/codes.ts';
import { faultOfStatus } from './protocol/faults.ts';
import { exchange } from './protocol/http.ts';
import { json2 } from './protocol/json2.ts';
import { jsonrpc, rpcVersion } from './protocol/jsonrpc.ts';
import type { Dialect } from './versions/dialect.ts';
import { probe } from './versions/probe.ts';
import type { OdooOptions, CallArgs, Protocol } from './protocol/protocol.ts';

export interface Odoo {
  readonly url: string;
  readonly database: string;
  /** Major version of Odoo, such as 19. Throws as `call` does. */
  version(): Promise<number>;
  /** Names and behaviours of this version of Odoo. Odoo is asked once. Throws as `call` does. */
  dialect(): Promise<Dialect>;
  /** Id of the res.users that the key belongs to. Throws as `call` does. */
  user(): Promise<number>;
  /**
   * Calls a method of a model with named arguments. One call is one transaction in Odoo, committed when this resolves.
   * Throws CodedError with a code ODOO_*. After ODOO_TIMEOUT, ODOO_ANSWER_LOST and ODOO_ANSWER_INVALID it is unknown
   * whether Odoo did the work.
   */
  call<T = unknown>(model: string, method: string, args?: CallArgs): Promise<T>;
  /** Resolves when calls work now. Throws CodedError ODOO_* otherwise: Odoo away, key refused, database unknown. */
  ready(): Promise<void>;
}

/**
 * Connects at the first call, so that a hub can start while Odoo is away. A failed connection is tried again at the
 * next call. Throws CodedError CONFIG_INVALID if the address is not a URL.
 */
export function openOdoo(given: OdooOptions): Odoo {
  const options = { ...given, url: address(given.url) };
  let connected: Promise<Protocol & { major: number }> | undefined;
  let dialect: Promise<Dialect> | undefined;

  async function connect() {
    connected ??= choose(options);
    return connected.catch((error: unknown) => {
      connected = undefined;
      throw error;
    });
  }

  async function learn(): Promise<Dialect> {
    const { call: ask, major } = await connect();
    dialect ??= probe(ask, major);
    return dialect.catch((error: unknown) => {
      dialect = undefined;
      throw error;
    });
  }

  async function call<T>(model: string, method: string, args: CallArgs = {}): Promise<T> {
    const started = performance.now();
    let code: Code | undefined;
    try {
      const { call: send } = await connect();
      return (await send(model, method, args)) as T;
    } catch (error) {
      code = error instanceof CodedError ? error.code : 'INTERNAL';
      options.failed?.(code);
      throw error;
    } finally {
      options.log?.debug({ model, method, code, ms: Math.round(performance.now() - started) }, 'odoo call');
    }
  }

  return {
    url: options.url,
    database: options.database,
    version: async () => (await connect()).major,
    dialect: learn,
    user: async () => (await connect()).user(),
    call,
    ready: async () => {
      await call('res.users', 'search_read', { domain: [['id', '=', 0]], fields: ['id'], limit: 1 });
    },
  };
}

async function choose(options: OdooOptions) {
  const major = await versionOf(options);
  const protocol = options.protocol ?? (major >= 19 ? 'json2' : 'jsonrpc');
  return { major, ...patient(protocol === 'json2' ? json2(options) : jsonrpc(options)) };
}

/**
 * Odoo closes a connection after 5 s without use, even if a request is on its way. Calls that only read are sent once
 * more.
 */
function patient({ call, user }: Protocol): Protocol {
  return {
    user,
    call: (model, method, args) =>
      call(model, method, args).catch((error: unknown) => {
        const lost = error instanceof CodedError && error.code === 'ODOO_ANSWER_LOST';
        if (lost && reads(method)) return call(model, method, args);
        throw error;
      }),
  };
}

async function versionOf(options: OdooOptions): Promise<number> {
  const called = { model: 'web', method: 'version' };
  const { status, body } = await exchange(`${options.url}/web/version`, { method: 'GET' }, options, called);
  // Older versions do not have this address and answer 404.
  const answer = status === 404 ? await rpcVersion(options) : body;
  if (status !== 200 && status !== 404) throw faultOfStatus(status, body, called);
  const { version, server_version: legacy } = (answer ?? {}) as {
    version?: unknown;
    server_version?: unknown;
  };
  const major = /\d+/.exec(String(version ?? legacy ?? ''))?.[0];
  if (!major) throw new CodedError('ODOO_ADDRESS_WRONG', 'What answers at this address is not Odoo', called);
  return Number(major);
}

function address(url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new CodedError('CONFIG_INVALID', 'The address of Odoo is not a URL', { setting: 'url' });
  }
  return url.replace(/\/+$/, '');
}
