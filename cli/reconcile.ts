/** `crossdock reconcile`: partners, hub and Odoo compared as of a cut-off, and the runs that are kept. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CodedError } from '../runtime/errors/coded-error.ts';
import type { Journal } from '../runtime/journal/journal.ts';
import { breakCalled } from '../runtime/reconcile/break-called.ts';
import type { Break } from '../runtime/reconcile/breaks.ts';
import {
  acceptAudited,
  decisionsOf,
  explainAudited,
  refOf,
  stateOf,
} from '../runtime/reconcile/decisions.ts';
import type { Sources } from '../runtime/reconcile/books.ts';
import { books, booksOf, usualSince, type Books, type Scope } from '../runtime/reconcile/read-hub.ts';
import type { CountedStock } from '../runtime/reconcile/stock-statement.ts';
import { digestOf } from '../runtime/signature/signature.ts';
import type { ProcessDefinition } from '../runtime/process/definition.ts';
import { isDue } from '../runtime/reconcile/reconcile.ts';
import { reportCsv, reportText } from '../runtime/reconcile/report.ts';
import { readRun, runId, runText, type SealedRun } from '../runtime/reconcile/run.ts';
import { keptRun, listRuns } from '../runtime/reconcile/kept-runs.ts';
import { signingKey, trustedKeys } from '../runtime/signature/keys.ts';
import { demandPerson } from './access.ts';
import { timeOf } from './dead.ts';
import { localUser } from './local-user.ts';
import { places } from '../runtime/app/project.ts';
import { limitOf, print, storesHere, withJournal } from './stores.ts';
import { takeVariables } from '../runtime/app/variables.ts';

const text = { type: 'string' } as const;
const options = {
  'cut-off': text,
  since: text,
  partner: text,
  statement: text,
  warehouse: text,
  out: text,
  limit: text,
  note: text,
  by: { type: 'string', default: localUser() },
  csv: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;
const parse = (args: string[]) => parseArgs({ args, options, allowPositionals: true });
type Values = ReturnType<typeof parse>['values'];

const minuteMs = 60_000;

/** `crossdock reconcile`: makes a run unless another command is named. */
export async function reconcileCommand(args: string[]): Promise<void> {
  const { values, positionals } = parse(args);
  const [name, which = ''] = positionals;
  if (name === undefined || books.some((one) => one === name)) return run(values, name as Books | undefined);
  if (name === 'list') return list(values);
  if (name === 'show') return show(which, values);
  if (name === 'verify') return verify(which, values);
  if (name === 'explain') return explainBreak(which, values);
  if (name === 'accept') return acceptBreak(which, values);
  throw new CodedError(
    'REQUEST_INVALID',
    `There is no command reconcile ${name}: ${books.join(', ')}, list, show, verify, explain, accept`,
  );
}

/** Ends with 1 where somebody has to act: a break that is neither of timing nor accepted. */
async function run(values: Values, of: Books = 'sales'): Promise<void> {
  const counted = await countedBy(values, of);
  const scope = {
    ...scopeOf(values, new Date()),
    ...(of !== 'sales' && { books: of }),
    ...(counted && { statement: counted.digest }),
  };
  const { definitionsDir, dataDir } = places();
  const { loadTolerances } = await import('../runtime/reconcile/tolerances.ts');
  const { keepAudited } = await import('../runtime/reconcile/keep-audited.ts');
  const { sealRun } = await import('../runtime/reconcile/run.ts');
  const { loadOwnership } = await import('../runtime/ownership/ownership.ts');
  const { loadProcesses } = await import('../runtime/process/definition.ts');
  const compare = await comparing(of, loadProcesses(definitionsDir), counted?.rows ?? []);
  const [tolerances, ownership] = [loadTolerances(definitionsDir), loadOwnership(definitionsDir)];
  takeVariables({ definitionsDir, dataDir });
  const odoo = await openOdooHere();
  await withJournal(async (journal) => {
    const found = await compare({ journal, odoo, tolerances, ownership }, scope);
    const sealed = sealRun(found, await signingKey(dataDir, process.env));
    await keepAudited(journal, sealed, values.by);
    if (values.out) writeFileSync(values.out, runText(sealed));
    const decisions = await tell(journal, sealed, values);
    const accepted = (one: Break) => stateOf(decisions.get(one.id)) === 'accepted';
    if (found.breaks.some((one) => isDue(one) && !accepted(one))) process.exitCode = 1;
  });
}

/** The statement of a warehouse, where one is given. Throws CodedError STATEMENT_INVALID. */
async function countedBy({ statement, warehouse = '' }: Values, of: Books) {
  if (statement === undefined) return undefined;
  if (of !== 'stock')
    throw new CodedError('REQUEST_INVALID', '--statement is of stock: crossdock reconcile stock');
  if (!existsSync(statement))
    throw new CodedError('STATEMENT_INVALID', `There is no file ${statement}`, { file: statement });
  const { readStatement } = await import('../runtime/reconcile/stock-statement.ts');
  const rows = readStatement(readFileSync(statement), warehouse);
  if (rows.some((one) => one.warehouse === ''))
    throw new CodedError('REQUEST_INVALID', 'Say whose count it is: --warehouse WH, or a column warehouse');
  return { rows, digest: digestOf(rows) };
}

async function comparing(
  of: Books,
  processes: ReadonlyMap<string, ProcessDefinition>,
  counted: readonly CountedStock[],
) {
  const { reconcilePurchaseBooks, reconcileSales, reconcileStockBooks } =
    await import('../runtime/reconcile/books.ts');
  if (of === 'stock')
    return async (given: Given, scope: Scope) => {
      const { openReader } = await import('../runtime/reader/reader.ts');
      const reader = await openReader(storesHere());
      try {
        return await reconcileStockBooks({ ...given, db: reader.db, counted }, scope);
      } finally {
        await reader.close();
      }
    };
  type Given = Omit<Sources, 'definition'>;
  const bought = processes.get('procure-to-pay');
  if (of === 'purchases')
    return (given: Given, scope: Scope) =>
      reconcilePurchaseBooks({ ...given, ...(bought && { definition: bought }) }, scope);
  const definition = processes.get('order-to-cash');
  if (definition) return (given: Given, scope: Scope) => reconcileSales({ ...given, definition }, scope);
  throw new CodedError(
    'PROCESS_UNKNOWN',
    'This hub has no process order-to-cash: it knows no orders to compare',
  );
}

/** What is later than the cut-off does not count; by default the last full minute, and 90 days before it. */
function scopeOf({ 'cut-off': given, since, partner }: Values, now: Date) {
  const cutOff = given
    ? timeOf(given)
    : new Date(Math.floor(now.getTime() / minuteMs) * minuteMs).toISOString();
  if (cutOff > now.toISOString())
    throw new CodedError(
      'REQUEST_INVALID',
      `--cut-off ${cutOff} is not over yet: the books of it are not written`,
    );
  return { since: since ? timeOf(since) : usualSince(cutOff), cutOff, ...(partner && { partner }) };
}

async function openOdooHere() {
  const { ODOO_URL: url, ODOO_DATABASE: database, ODOO_API_KEY: apiKey, ODOO_LOGIN: login } = process.env;
  const missing = Object.entries({ ODOO_URL: url, ODOO_DATABASE: database, ODOO_API_KEY: apiKey })
    .filter(([, value]) => !value)
    .map(([name]) => name);
  if (!url || !database || !apiKey)
    throw new CodedError(
      'SETTING_MISSING',
      `${missing.join(', ')}: set what names the Odoo to compare with`,
      {
        missing: missing.join(' '),
      },
    );
  const { openOdoo } = await import('../runtime/odoo/client.ts');
  return openOdoo({ url, database, apiKey, timeoutMs: 120_000, ...(login && { login }) });
}

async function list({ json, limit }: Values): Promise<void> {
  await withJournal(async ({ documents }) => {
    const runs = await listRuns(documents, limitOf(limit));
    if (json) return print(runs);
    const lines = runs.map(({ id, scope, orders, counts }) => {
      const found = Object.entries(counts).map(([kind, count]) => `${count} ${kind}`);
      return `${id}  ${booksOf(scope)}  ${orders.hub} ${whatOf(scope)}  ${found.join(', ') || 'no breaks'}\n`;
    });
    process.stdout.write(lines.join('') || 'None\n');
  });
}

async function show(id: string, values: Values): Promise<void> {
  await withJournal(async (journal) => {
    const kept = await keptRun(journal.documents, id);
    if (values.out) writeFileSync(values.out, kept);
    await tell(journal, JSON.parse(kept) as SealedRun, values);
  });
}

function whatOf(scope: Scope): string {
  return booksOf(scope) === 'stock' ? 'articles' : 'orders';
}

/** Reads a run from a file, or by the id of one that was kept. Throws CodedError RECONCILIATION_INVALID. */
async function verify(which: string, { json }: Values): Promise<void> {
  const kept = existsSync(which)
    ? readFileSync(which, 'utf8')
    : await withJournal(({ documents }) => keptRun(documents, which));
  const sealed = readRun(kept, await trustedKeys(places().dataDir, process.env));
  const { digest, signature, run: own } = sealed;
  if (json) return print({ id: runId(sealed), digest, key: signature.key, counts: own.counts });
  process.stdout.write(
    `${runId(sealed)} is as it was signed with ${signature.key}: ${own.breaks.length} breaks in ${own.orders.hub} ${whatOf(own.scope)}\n`,
  );
}

/** With what was decided about its breaks, which is no part of it. */
async function tell({ documents }: Journal, sealed: SealedRun, { json, csv }: Values) {
  const { run } = sealed;
  const decisions = await decisionsOf(documents, run.breaks);
  if (json) process.stdout.write(runText(sealed));
  else process.stdout.write(csv ? reportCsv(run) : reportText(run, runId(sealed), decisions));
  return decisions;
}

async function explainBreak(called: string, { by, note = '' }: Values): Promise<void> {
  await demandPerson(by, 'crossdock.work', { agrees: 'explains', to: 'explain breaks' });
  await withJournal(async (journal) => {
    const one = await breakCalled(journal.documents, called);
    await explainAudited(journal, one, { by, why: note }, new Date());
    process.stdout.write(
      `${refOf(one)} of ${one.partner} ${one.order} is explained; a second person accepts it\n`,
    );
  });
}

async function acceptBreak(called: string, { by }: Values): Promise<void> {
  await demandPerson(by, 'crossdock.settle', { agrees: 'accepts', to: 'accept breaks' });
  await withJournal(async (journal) => {
    const one = await breakCalled(journal.documents, called);
    await acceptAudited(journal, one, by, new Date());
    process.stdout.write(`${refOf(one)} of ${one.partner} ${one.order} is accepted\n`);
  });
}
