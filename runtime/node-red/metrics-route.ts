/** `/metrics` for Prometheus: for programs on this machine, and for those with a token of the scope. */
import type { Request, RequestHandler } from 'express';
import { environmentName } from '../environments/environment-name.ts';
import { CodedError } from '../errors/coded-error.ts';
import type { Log } from '../log/log.ts';
import type { Scraping } from '../metrics/scrape/scrape.ts';
import { sameText } from '../verify/scheme.ts';
import { bearerOf } from './bearer.ts';
import { refuseThrown } from './refuse.ts';
import { ownerOf } from './tokens.ts';

const permission = 'crossdock.metrics';
const shortest = 32;

export interface MetricsOptions {
  scraping: Pick<Scraping, 'text' | 'contentType'>;
  /** Where the tokens of this hub are. */
  dataDir: string;
  env: NodeJS.ProcessEnv;
  log: Log;
}

/** Throws CONFIG_INVALID for a CROSSDOCK_METRICS_TOKEN that can be guessed. */
export function metricsRoute({ scraping, dataDir, env, log }: MetricsOptions): RequestHandler {
  const shared = env['CROSSDOCK_METRICS_TOKEN'];
  if (shared && shared.length < shortest)
    throw new CodedError('CONFIG_INVALID', `CROSSDOCK_METRICS_TOKEN has at least ${shortest} characters`, {
      setting: 'CROSSDOCK_METRICS_TOKEN',
    });

  /** Undefined for one that is not known. */
  async function permissionsOf(token: string): Promise<readonly string[] | undefined> {
    if (shared && sameText(token, shared)) return [permission];
    return (await ownerOf(dataDir, token, undefined, environmentName(env)))?.permissions;
  }

  async function allow(request: Request): Promise<void> {
    if (isLocal(request)) return;
    const token = bearerOf(request);
    const permissions = token === undefined ? undefined : await permissionsOf(token);
    if (!permissions)
      throw new CodedError('LOGIN_MISSING', 'Send a token of the scope metrics as Authorization: Bearer');
    if (!permissions.includes(permission))
      throw new CodedError('PERMISSION_MISSING', `This token has no permission ${permission}`);
  }

  return (request, response) => {
    allow(request)
      .then(() => scraping.text())
      .then(
        (text) =>
          response
            .setHeader('Cache-Control', 'no-store')
            .setHeader('Content-Type', scraping.contentType)
            .end(text),
        (error: unknown) => refuseThrown(response, error, log),
      );
  };
}

const local = /^(localhost|127\.[\d.]+|\[::1\])(:\d+)?$/;

/**
 * From this machine, under a name of this machine, and not passed on: a proxy beside the hub comes from here as well, and
 * so does a browser whose page has its name point here.
 */
function isLocal({ socket, headers }: Request): boolean {
  const { remoteAddress = '' } = socket;
  const here = remoteAddress === '::1' || /^(::ffff:)?127\./.test(remoteAddress);
  const passed = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some((name) => name in headers);
  return here && !passed && local.test(headers.host ?? '');
}
