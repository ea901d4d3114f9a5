/** `crossdock promote`, `approve`, `rollback`, `status`: releases on their way into environments. */
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { environmentNamed, type Environment } from '../runtime/environments/environment.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import type { Promotion } from '../runtime/release/promotion.ts';
import type { TargetStatus } from '../runtime/release/target.ts';
import { ask, askAs } from '../runtime/release/remote.ts';
import { palette, places } from './project.ts';

const options = {
  to: { type: 'string' },
  by: { type: 'string', default: userInfo().username },
  'break-glass': { type: 'string' },
  version: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

export async function promote(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [version = ''] = positionals;
  const { authorOf } = await import('./authoring.ts');
  const author = authorOf(places(), await palette(), process.env);
  const promotion = await author.send(version, target(values.to), values.by, values['break-glass']);
  tell(promotion, values.json);
}

/** Who approves logs in with the password in CROSSDOCK_PASSWORD. Without an id, the one that waits. */
export async function approve(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const environment = target(values.to);
  const password = process.env['CROSSDOCK_PASSWORD'];
  if (!password) throw new CodedError('CONFIG_INVALID', 'Say your password in CROSSDOCK_PASSWORD');
  const { waiting, due } = await call<TargetStatus>(environment, 'GET', 'releases/status');
  const open = [...waiting, ...due];
  const id = positionals[0] ?? (open.length === 1 ? open[0]?.id : undefined);
  if (!id) {
    const list = open.map((one) => `${one.id} (${one.version})`).join(', ');
    throw new CodedError('PROMOTION_UNKNOWN', list ? `Say which: ${list}` : 'Nothing waits for approval');
  }
  const login = { user: values.by, password };
  tell(await askAs<Promotion>(environmentOf(environment), login, 'releases/approvals', { id }), values.json);
}

export async function rollback(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options });
  const { version, by } = values;
  const body = { by, ...(version && { version }) };
  tell(await call<Promotion>(target(values.to), 'POST', 'releases/rollback', body), values.json);
}

export async function status(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const found = await call<TargetStatus>(target(positionals[0] ?? values.to), 'GET', 'releases/status');
  process.stdout.write(values.json ? `${JSON.stringify(found, null, 2)}\n` : statusText(found));
  if (found.drift && found.drift.length > 0) process.exitCode = 1;
}

function call<Answer>(name: string, method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> {
  return ask(environmentOf(name), process.env, method, path, body);
}

function environmentOf(name: string): Environment {
  return environmentNamed(join(places().definitionsDir, 'environments'), name);
}

function target(name: string | undefined): string {
  if (name) return name;
  throw new CodedError('CONFIG_INVALID', 'Say which environment: --to NAME');
}

function tell(promotion: Promotion, json: boolean): void {
  process.stdout.write(json ? `${JSON.stringify(promotion)}\n` : `${promotionText(promotion)}\n`);
  if (promotion.state === 'failed') process.exitCode = 1;
}

function promotionText({ id, version, state, promotedBy, code, reason, glass }: Promotion): string {
  const why = code ? `: ${code}, ${reason ?? ''}` : '';
  const open = glass ? `; without approvals (${glass.reason}), due by ${glass.until}` : '';
  return `${id}  ${version.padEnd(8)} ${state}${why}  by ${promotedBy}${open}`;
}

function statusText({
  environment,
  production,
  running,
  drift,
  waiting,
  due,
  history,
}: TargetStatus): string {
  const lines = (title: string, list: Promotion[]): string =>
    list.length === 0 ? '' : `${title}\n${list.map((one) => `  ${promotionText(one)}\n`).join('')}`;
  const runs = running ? `${running.version} since ${running.since}, by ${running.by}` : 'the working copy';
  const differs = drift?.length ? `DRIFT\n${drift.map((one) => `  ${one}\n`).join('')}` : '';
  const head = `${environment}${production ? ' (production)' : ''}: ${runs}\n`;
  return (
    head +
    differs +
    lines('Waits for approval', waiting) +
    lines('APPROVAL DUE', due) +
    lines('History', history)
  );
}
