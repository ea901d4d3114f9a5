/** `crossdock audit`: who did what, as a list, as a file, and whether anybody changed it since. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { acts, type Act } from '../runtime/audit/acts.ts';
import { begun, type Auditing, type AuditedAct } from '../runtime/audit/audited.ts';
import type { AuditRow, Link } from '../runtime/audit/chain.ts';
import { readCheckpoints } from '../runtime/audit/trail/checkpoint.ts';
import { csvLine, jsonLine, rowsOfFile } from '../runtime/audit/trail/export.ts';
import type { SealsChecked } from '../runtime/audit/trail/seal.ts';
import { keepVerified } from '../runtime/audit/trail/outside.ts';
import { verifyChain, type Verdict } from '../runtime/audit/trail/verify.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { allRows } from '../runtime/journal/audit.ts';
import { signingKey, trustedKeys } from '../runtime/signature/keys.ts';
import { readSuccession, succeeding } from '../runtime/release/succession.ts';
import { keyId, type TrustedKeys } from '../runtime/signature/signature.ts';
import { localUser } from './local-user.ts';
import { places } from '../runtime/app/project.ts';
import { limitOf, print, sayMore, storesHere, withJournal } from './stores.ts';

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;

export async function auditCommand(args: string[]): Promise<void> {
  const options = {
    checkpoint: text,
    key: { ...text, multiple: true } as const,
    rows: text,
    steps: flag,
    csv: flag,
    json: flag,
    limit: text,
    after: text,
    who: text,
    act: text,
    object: text,
  };
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [verb = 'list', ...more] = positionals;
  if (more.length > 0) throw new CodedError('REQUEST_INVALID', `What is ${more.join(' ')}?`);
  if (verb === 'list') return list(values);
  if (verb === 'verify') return verify(values);
  if (verb === 'export') return exportAll(values.csv);
  if (verb === 'checkpoint') return checkpoint(values.json);
  throw new CodedError('REQUEST_INVALID', 'Say what: crossdock audit list|verify|export|checkpoint');
}

interface Listed {
  limit?: string;
  after?: string;
  who?: string;
  act?: string;
  object?: string;
  json: boolean;
}

async function list({ limit: given, after, who, act, object, json }: Listed): Promise<void> {
  const limit = limitOf(given);
  if (act !== undefined && !acts.includes(act as Act))
    throw new CodedError('REQUEST_INVALID', `An act is one of ${acts.join(', ')}`);
  if (after !== undefined && !/^[1-9]\d{0,14}$/.test(after))
    throw new CodedError('REQUEST_INVALID', '--after is the number of a row');
  const which = {
    ...(after !== undefined && { before: Number(after) }),
    ...(who !== undefined && { who }),
    ...(act !== undefined && { act: act as Act }),
    ...(object !== undefined && { object }),
  };
  const rows = await withJournal(({ audit }) => audit.newest(limit, which));
  if (json) print(rows);
  else process.stdout.write(rows.map(line).join(''));
  if (rows.length === limit) sayMore(String(rows.at(-1)!.sequence));
}

function line({ sequence, time, who, from, act, object, outcome, reason }: AuditRow): string {
  const why = reason && !reason.startsWith('sha256:') ? ` ${reason}` : '';
  return `${sequence}  ${time}  ${who}  ${act} ${outcome}${why}  ${object}  (${from})\n`;
}

interface Verified {
  checkpoint?: string;
  key?: string[];
  rows?: string;
  steps: boolean;
  json: boolean;
}

/** Of the store, or of a file that was exported: then nothing of the hub is needed. */
async function verify({ checkpoint: file, key, rows, steps, json }: Verified): Promise<void> {
  const refused: CodedError[] = [];
  const outside = file
    ? readCheckpoints(await textOf(file), await trustedBy(key), (error) => void refused.push(error))
    : [];
  const verdict = rows ? await verifyChain(rowsOfFile(rows), outside) : await verifyStore(outside);
  const seals = steps && !rows ? await sealsHere() : undefined;
  const unread = refused.map(({ message }) => message);
  process.stderr.write(refused.map(({ code, message }) => `${code}: ${message}\n`).join(''));
  if (json) print({ ...verdict, ...(seals && { seals }), ...(unread.length > 0 && { unread }) });
  else process.stdout.write(verdictText(verdict, outside.length) + (seals ? sealsText(seals) : ''));
  if (verdict.bad || seals?.bad || unread.length > 0) process.exitCode = 1;
}

async function sealsHere(): Promise<SealsChecked> {
  const [{ checkSeals }, { loadRetention, before }] = await Promise.all([
    import('../runtime/audit/trail/seal.ts'),
    import('../runtime/retention/rules.ts'),
  ]);
  const keep = loadRetention(places().definitionsDir);
  // A day more: what goes, goes once a day.
  const since = keep ? before(new Date(), keep.steps - 1) : '';
  return withJournal(({ audit, upkeep }) => checkSeals(upkeep.db, audit, since));
}

function sealsText({ agreed, erased, gone, bad }: SealsChecked): string {
  const more = [
    ...(erased > 0 ? [`${erased} differ in addresses that an erasure took`] : []),
    ...(gone > 0 ? [`${gone} are of steps that are older than their rule`] : []),
  ];
  const said = `${agreed} seals of steps agree${more.map((one) => `, ${one}`).join('')}\n`;
  if (!bad) return said;
  return `AUDIT_BROKEN: the steps that row ${bad.sequence} sealed are not those that were done: ${bad.object}\n${said}`;
}

/** What it found is kept for the page; the row about it is not read any more. Of a store that is full too. */
function verifyStore(outside: readonly Link[]): Promise<Verdict> {
  return withJournal(async ({ audit, documents }) => {
    const verdict = await verifyChain(allRows(audit), outside);
    const by = localUser();
    const at = new Date().toISOString();
    // A store whose chain is broken is left as it is.
    if (!verdict.bad)
      await said(audit, { act: 'audit.verify', object: `audit/${verdict.last.sequence}` }).catch(() => {});
    await keepVerified(documents, { ...verdict, at, by, compared: outside.length }).catch(() => {});
    return verdict;
  });
}

function said(audit: Auditing, about: Pick<AuditedAct, 'act' | 'object'>): Promise<unknown> {
  return begun(audit, { who: localUser(), ...about });
}

function verdictText(verdict: Verdict, outside: number): string {
  const { rows, last, agreed, bad, more = [], earlier } = verdict;
  const odd = earlier
    ? `Look at row ${earlier.sequence}: it says ${earlier.time}, and the row before it ${earlier.before}\n`
    : '';
  if (bad) {
    const also = more.map(({ sequence, is, why }) => `AUDIT_BROKEN: row ${sequence} is ${is} too: ${why}\n`);
    const compared = outside > 0 ? `${agreed} of ${outside} checkpoints from outside agree\n` : '';
    const first = `AUDIT_BROKEN: row ${bad.sequence} is the first that is ${bad.is}: ${bad.why}\n`;
    return [first, ...also, compared, odd].join('');
  }
  const compared =
    outside > 0
      ? `${agreed} checkpoints from outside agree`
      : 'Nothing from outside was compared: without --checkpoint a tail that was cut, or a chain written anew, does not show';
  return `${rows} rows are as they were written, the last ${last.hash}. ${compared}\n${odd}`;
}

/** The keys of the given files alone; without files those of this hub, and those it trusts. */
async function trustedBy(files: readonly string[] | undefined): Promise<TrustedKeys> {
  if (files === undefined) return trustedKeys(storesHere().dataDir, process.env);
  const [keys, steps] = [
    files.filter((file) => !file.endsWith('.json')),
    files.filter((file) => file.endsWith('.json')),
  ];
  const trusted = new Map(await Promise.all(keys.map(keyOf)));
  const told = await Promise.all(steps.map(async (file) => readSuccession(await textOf(file), file)));
  return succeeding(trusted, told.flat());
}

async function keyOf(file: string): Promise<[id: string, key: KeyObject]> {
  const pem = await textOf(file);
  try {
    const key = createPublicKey(pem);
    return [keyId(key), key];
  } catch {
    throw new CodedError('CONFIG_INVALID', `${file} is no public key in PEM`, { file });
  }
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => {
    throw new CodedError('CONFIG_INVALID', `${file} cannot be read`, { file });
  });
}

/** Writes all rows, the oldest first. */
async function exportAll(asCsv: boolean): Promise<void> {
  await withJournal(async ({ audit }) => {
    const { sequence } = await audit.last();
    await said(audit, { act: 'audit.export', object: `audit/${sequence} ${asCsv ? 'csv' : 'ndjson'}` });
    let first = true;
    for await (const row of allRows(audit)) {
      const said = asCsv ? csvLine(row, first) : jsonLine(row);
      first = false;
      if (!process.stdout.write(said)) await new Promise((go) => process.stdout.once('drain', go));
    }
  });
}

/** Sends a checkpoint to the configured places now. */
async function checkpoint(json: boolean): Promise<void> {
  const { dataDir } = storesHere();
  const [{ checkpoints }, { sinksOf }] = await Promise.all([
    import('../runtime/audit/trail/keeper.ts'),
    import('../runtime/audit/trail/sinks.ts'),
  ]);
  const key = () => signingKey(dataDir, process.env);
  const sinks = sinksOf(process.env, key);
  if (sinks.length === 0)
    throw new CodedError(
      'CONFIG_INVALID',
      'Set CROSSDOCK_AUDIT_FILE, CROSSDOCK_AUDIT_SYSLOG or CROSSDOCK_AUDIT_URL',
      {
        setting: 'CROSSDOCK_AUDIT_FILE',
      },
    );
  const sent = await withJournal(({ audit }) => checkpoints({ audit, key, sinks })());
  if (json) return print(sent ?? null);
  const said = sent ? `Row ${sent.sequence} is sent outside: ${sent.hash}` : 'The audit has no row yet';
  process.stdout.write(`${said}\n`);
}
