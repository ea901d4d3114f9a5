/** `crossdock promote`, `approve`, `rollback`, `status`: releases on their way into environments. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { environmentNamed, type Environment } from '../runtime/environments/environment.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import type { Member, Rollout } from '../runtime/release/fleet.ts';
import type { Promotion } from '../runtime/promotion/promotion.ts';
import type { TargetStatus } from '../runtime/release/target.ts';
import { ask, askAs } from '../runtime/release/remote.ts';
import { localUser } from './local-user.ts';
import { palette, places } from './project.ts';

const text = { type: 'string' } as const;
const asked = { to: text, json: { type: 'boolean', default: false } } as const;
const signed = { ...asked, by: { type: 'string', default: localUser() } } as const;

export async function promote(args: string[]): Promise<void> {
  const options = { ...signed, 'break-glass': text };
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [version = ''] = positionals;
  const { authorOf } = await import('./authoring.ts');
  const author = authorOf(places(), await palette(), process.env);
  const sent = { version, to: target(values.to), by: values.by, glass: values['break-glass'] };
  const { withJournal } = await import('./stores.ts');
  const { sending } = await import('../runtime/authoring/audited.ts');
  const promotion = await withJournal(({ audit }) => sending(audit, author, sent));
  tell(promotion, values.json);
}

/** Who approves logs in with the password in CROSSDOCK_PASSWORD. Without an id, the one that waits. */
export async function approve(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args, options: signed, allowPositionals: true });
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
  const { values } = parseArgs({ args, options: { ...signed, version: text } });
  const { version, by } = values;
  const body = { by, ...(version && { version }) };
  tell(await call<Promotion>(target(values.to), 'POST', 'releases/rollback', body), values.json);
}

export async function status(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args, options: asked, allowPositionals: true });
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
  members,
  rollout,
  lastRollout,
}: TargetStatus): string {
  const lines = (title: string, list: Promotion[]): string =>
    list.length === 0 ? '' : `${title}\n${list.map((one) => `  ${promotionText(one)}\n`).join('')}`;
  const runs = running ? `${running.version} since ${running.since}, by ${running.by}` : 'the working copy';
  const differs = drift?.length ? `DRIFT\n${drift.map((one) => `  ${one}\n`).join('')}` : '';
  const head = `${environment}${production ? ' (production)' : ''}: ${runs}\n`;
  return (
    head +
    differs +
    rolloutText(members, rollout, lastRollout) +
    lines('Waits for approval', waiting) +
    lines('APPROVAL DUE', due) +
    lines('History', history)
  );
}

/** What each hub runs, and a release on its way to the workers. A hub of another version may tell nothing of it. */
function rolloutText(members: readonly Member[] = [], now?: Rollout, last?: Rollout): string {
  const named = ({ version }: { version?: string }): string => version ?? 'the working copy';
  const turns = now?.turns.length ?? 0;
  const under = now
    ? `ROLL-OUT of ${named(now)}, ${now.state === 'back' ? 'going back' : 'under way'}: ${turns} had their turn\n`
    : '';
  const failed = now ?? (last?.state === 'back' ? last : undefined);
  const why = failed?.code
    ? `Taken back from all workers: ${named(failed)}, ${failed.code}, ${failed.reason ?? ''}\n`
    : '';
  const line = (one: Member): string =>
    `  ${`${one.host} ${one.pid}`.padEnd(24)} ${one.worker ? 'worker' : 'editor'}  ${named(one)} since ${one.since}, ${one.state}\n`;
  return under + why + (members.length > 0 ? `Hubs\n${members.map(line).join('')}` : '');
}
