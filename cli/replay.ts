/** Replays of many exceptions at a terminal: planned, looked at, run, agreed to, paused and cancelled. */
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { audited, hashed } from '../runtime/audit/audited.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import type { Journal } from '../runtime/journal/journal.ts';
import type { ItemState } from '../runtime/journal/replays.ts';
import { verdicts, type Verdict } from '../runtime/replay/judge.ts';
import type { Plan } from '../runtime/replay/state.ts';
import { itemOf, listOf, viewOf } from '../runtime/replay/view.ts';
import { localUser } from './local-user.ts';
import { itemText, shortText, viewText } from './replay-text.ts';
import { limitOf, print, sayMore, withJournal } from './stores.ts';

const text = { type: 'string' } as const;
const common = { by: { type: 'string', default: localUser() }, json: { type: 'boolean' } } as const;

/** Reads what counts money, which a list does without. */
const running = () => import('../runtime/replay/run.ts');

/** `list` unless another command is named. */
export async function replay(args: string[]): Promise<void> {
  const [name = 'list', ...rest] = args[0]?.startsWith('-') ? ['list', ...args] : args;
  const command = commands[name];
  if (!command) throw invalid(`There is no command replay ${name}: ${Object.keys(commands).join(', ')}`);
  await command(rest);
}

const commands: Record<string, (args: string[]) => Promise<void>> = {
  list,
  plan,
  show,
  run,
  approve: approveCommand,
  pause: async (args) => act(args, (await running()).pause),
  resume: async (args) => act(args, (await running()).resume),
  cancel: async (args) => act(args, (await running()).cancel),
};

async function list(args: string[]): Promise<void> {
  const { values } = parse(args, { ...common, limit: text, after: text });
  const { after } = values;
  const limit = limitOf(values.limit);
  const found = await withJournal(({ replays }) =>
    listOf(replays, { limit, ...(after !== undefined && { after }) }),
  );
  if (values.json) print(found.rows);
  else write(found.rows.map(shortText).join('\n') || 'Nothing was planned to be sent again');
  if (found.next !== undefined) sayMore(found.next);
}

async function plan(args: string[]): Promise<void> {
  const options = { flow: text, code: text, since: text, until: text, issue: text, 'per-second': text };
  const { values, positionals: ids } = parse(args, { ...common, ...options });
  const { filterOf } = await import('./dead.ts');
  const filter = filterOf(values);
  const { issue } = values;
  const ways = [ids.length > 0, issue !== undefined, Object.keys(filter).length > 0];
  if (ways.filter(Boolean).length !== 1)
    throw invalid('Say which ones: by id, by --issue, or by --flow, --code, --since and --until');
  const perSecond = Number(values['per-second'] ?? 20);
  if (!(perSecond > 0 && perSecond <= 1000))
    throw invalid('--per-second is a number above 0, 1000 at the most');
  const { witnessesHere } = await import('./replay-witnesses.ts');
  const { makePlan } = await import('../runtime/replay/plan.ts');
  await withJournal(async (journal) => {
    const which = ids.length > 0 ? ids : issue === undefined ? filter : { issue };
    const of = Object.values({ issue, ...filter })
      .filter(Boolean)
      .join(', ');
    const asked = { by: values.by, which, of, perSecond };
    const entry = {
      who: values.by,
      act: 'replay.plan',
      object: 'replay',
      ...hashed('after', which),
    } as const;
    const make = () =>
      makePlan({ letters: journal, replays: journal.replays }, witnessesHere(journal), asked);
    await tell(
      journal,
      await audited(journal.audit, entry, make, ({ id }) => ({ object: `replay/${id}` })),
      values.json,
    );
  });
}

async function show(args: string[]): Promise<void> {
  const { values, positionals } = parse(args, {
    ...common,
    verdict: text,
    state: text,
    limit: text,
    after: text,
  });
  const { verdict, state, after } = values;
  const limit = limitOf(values.limit);
  const id = idOf(positionals);
  await withJournal(async (journal) => {
    const { planWith } = await running();
    const found = await planWith(journal.replays, id);
    const rows = await journal.replays.items(found.id, {
      limit,
      ...(verdict !== undefined && { verdict: verdictOf(verdict) }),
      ...(state !== undefined && { state: state as ItemState }),
      ...(after !== undefined && { after: Number(after) }),
    });
    const items = rows.map(itemOf);
    const view = await viewOf(journal.replays, found);
    if (values.json) print({ ...view, items });
    else write(`${viewText(view)}\n${items.map(itemText).join('\n')}`);
    if (rows.length === limit) sayMore(String(rows.at(-1)!.n));
  });
}

async function run(args: string[]): Promise<void> {
  const { values, positionals } = parse(args, { ...common, include: { type: 'string', multiple: true } });
  const include = (values.include ?? []).map(verdictOf);
  const id = idOf(positionals);
  const { allowanceOf, start } = await running();
  const { ownEnvironment } = await import('../runtime/environments/environment.ts');
  const { join } = await import('node:path');
  const { places } = await import('../runtime/app/project.ts');
  const environment = ownEnvironment(join(places().definitionsDir, 'environments'), process.env);
  await withJournal(async (journal) => {
    const how = { by: values.by, include, allowance: allowanceOf(environment) };
    const entry = { who: how.by, act: 'replay.run', object: `replay/${id}` } as const;
    await tell(journal, await audited(journal.audit, entry, () => start(journal, id, how)), values.json);
  });
}

async function approveCommand(args: string[]): Promise<void> {
  const { values, positionals } = parse(args, common);
  const id = idOf(positionals);
  const { demandPerson } = await import('./access.ts');
  const { approve } = await running();
  await demandPerson(values.by, 'crossdock.replay', { agrees: 'agrees', to: 'send messages again' });
  await withJournal(async (journal) => {
    const entry = { who: values.by, act: 'replay.approve', object: `replay/${id}` } as const;
    await tell(
      journal,
      await audited(journal.audit, entry, () => approve(journal, id, values.by)),
      values.json,
    );
  });
}

async function act(
  args: string[],
  work: (stores: Journal, id: string, by: string) => Promise<Plan>,
): Promise<void> {
  const { values, positionals } = parse(args, common);
  const id = idOf(positionals);
  await withJournal(async (journal) => {
    const entry = { who: values.by, act: 'replay.steer', object: `replay/${id}` } as const;
    const made = await audited(journal.audit, entry, () => work(journal, id, values.by));
    await tell(journal, made, values.json);
  });
}

async function tell(journal: Journal, made: Plan, json = false): Promise<void> {
  const view = await viewOf(journal.replays, made);
  if (json) print(view);
  else write(viewText(view));
}

function idOf([id, ...more]: readonly string[]): string {
  if (id === undefined || more.length > 0) throw invalid('Say which one: crossdock replay show ID');
  return id;
}

function verdictOf(named: string): Verdict {
  const found = verdicts.find((verdict) => verdict === named);
  if (found) return found;
  throw invalid(`${named} is no judgement: ${verdicts.join(', ')}`);
}

function parse<Options extends ParseArgsOptionsConfig>(args: string[], options: Options) {
  return parseArgs({ args, options, allowPositionals: true });
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}

function invalid(message: string): CodedError {
  return new CodedError('REQUEST_INVALID', message);
}
