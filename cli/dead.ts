/** Exceptions at a terminal: what waits for a person, why, and its repair. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { discard } from '../runtime/dead/discard.ts';
import { attempt, placeOf, placeText, type LetterResult } from '../runtime/dead/letters.ts';
import { replay, replayOne, type ReplayOptions } from '../runtime/dead/replay.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { openStores } from '../runtime/stores/profile.ts';
import type { Stores } from '../runtime/stores/stores.ts';
import {
  letterStates,
  type DeadLetter,
  type Journal,
  type LetterFilter,
  type LetterState,
} from '../runtime/journal/journal.ts';
import { groupText, letterText, resultText, wholeText } from './dead-text.ts';
import { localUser } from './local-user.ts';
import { limitOf, print, sayMore, storesHere, withJournal } from './stores.ts';

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const filters = { flow: text, code: text, since: text, until: text };
const states: readonly string[] = letterStates;

/** `list` unless another command is named. */
export async function dead(args: string[]): Promise<void> {
  const [name = 'list', ...rest] = args[0]?.startsWith('-') ? ['list', ...args] : args;
  const command = { list, show, replay: replayCommand, discard: discardCommand }[name];
  if (!command) throw invalid(`There is no command dead ${name}: list, show, replay or discard`);
  await command(rest);
}

async function list(args: string[]): Promise<void> {
  const { values } = parse(args, {
    ...filters,
    state: text,
    all: flag,
    limit: text,
    after: text,
    json: flag,
  });
  const filter = filterOf(values);
  const limit = limitOf(values.limit);
  const state = values.state ?? 'open';
  if (!states.includes(state)) throw invalid(`--state is one of ${states.join(', ')}`);
  const chosen = { ...filter, state: state as LetterState };
  const single =
    values.all || values.state !== undefined || values.after !== undefined || Object.keys(filter).length > 0;
  const after = values.after === undefined ? {} : { after: placeOf(values.after) };
  await withJournal(
    async (journal) => {
      if (!single) return tell(await journal.groups(chosen), groupText, values.json);
      const letters = await journal.letters({ ...chosen, ...after, order: 'oldest', limit });
      tell(letters, letterText, values.json);
      if (letters.length === limit) sayMore(placeText(letters.at(-1)!));
      // With --json the messages are in it.
    },
    single && values.json ? 'letters' : undefined,
  );
}

async function show(args: string[]): Promise<void> {
  const { values, positionals } = parse(args, { json: flag, data: flag });
  const [id] = positionals;
  if (id === undefined || positionals.length > 1) throw invalid('Say which one: crossdock dead show ID');
  const letter = await withJournal((journal) => letterWith(journal, id), `letter/${id}`);
  if (values.data) print(letter.message.data);
  else if (values.json) print(letter);
  else process.stdout.write(wholeText(letter));
}

async function replayCommand(args: string[]): Promise<void> {
  const { values, positionals: ids } = parse(args, {
    ...filters,
    edit: text,
    by: text,
    'per-second': text,
    json: flag,
  });
  const filter = filterOf(values);
  if (ids.length > 0 === Object.keys(filter).length > 0)
    throw invalid('Say which ones: by id, or by --flow, --code, --since and --until');
  const [id = ''] = ids;
  if (values.edit !== undefined && ids.length !== 1) throw invalid('--edit goes with one id');
  const perSecond = Number(values['per-second'] ?? 20);
  if (!(perSecond > 0)) throw invalid('--per-second is a number above 0');
  const by = values.by ?? localUser();
  const onResult = values.json ? () => {} : (result: LetterResult) => write(resultText(result, 'sent again'));
  const results = await withStores((stores) =>
    values.edit === undefined
      ? replay(stores, ids.length > 0 ? ids : filter, { by, perSecond, onResult })
      : replayEdited(stores, id, values.edit, { by, onResult }),
  );
  conclude(results, 'replayed', values.json);
}

async function replayEdited(
  stores: Stores,
  id: string,
  file: string,
  { by, onResult }: Required<Pick<ReplayOptions, 'by' | 'onResult'>>,
): Promise<LetterResult[]> {
  const letter = await letterWith(stores.journal, id);
  const { editOf } = await import('../runtime/dead/edit.ts');
  const { loadCatalogue } = await import('../runtime/events/catalogue.ts');
  const { places } = await import('../runtime/app/project.ts');
  const catalogue = loadCatalogue(join(places().definitionsDir, 'events'));
  const edit = editOf(letter, readJson(file), catalogue);
  const { result } = await attempt(letter, () => replayOne(stores, letter, { by, edit }));
  onResult(result);
  return [result];
}

async function discardCommand(args: string[]): Promise<void> {
  const { values, positionals: ids } = parse(args, { reason: text, by: text, json: flag });
  if (ids.length === 0) throw invalid('Say which ones: crossdock dead discard ID --reason "…"');
  const by = values.by ?? localUser();
  const results = await withStores((stores) => discard(stores, ids, { by, reason: values.reason ?? '' }));
  if (!values.json) for (const result of results) write(resultText(result, 'discarded'));
  conclude(results, 'discarded', values.json);
}

/** Prints the results. The command fails where one letter stays as it was. */
function conclude(results: readonly LetterResult[], done: string, json = false): void {
  const refused = results.filter((result) => !result.done);
  const count = results.length - refused.length;
  if (json) print({ [done]: count, refused: refused.length, results });
  else write(`${count} ${done}${refused.length > 0 ? `, ${refused.length} as before` : ''}`);
  if (refused.length > 0) process.exitCode = 1;
}

/** The filter of `--flow --code --since --until`. Throws CodedError REQUEST_INVALID. */
export function filterOf({ flow, code, since, until }: Record<string, unknown>): LetterFilter {
  return {
    ...(typeof flow === 'string' && { flow }),
    ...(typeof code === 'string' && { code }),
    ...(typeof since === 'string' && { since: timeOf(since) }),
    ...(typeof until === 'string' && { until: timeOf(until) }),
  };
}

/** A time: `2h` ago, or a date with or without time and zone; without a zone it is the time of this machine. */
export function timeOf(given: string): string {
  const [, amount, unit = ''] = /^(\d+)([smhd])$/.exec(given) ?? [];
  const seconds = { s: 1, m: 60, h: 3600, d: 86_400 }[unit];
  if (seconds !== undefined) return new Date(Date.now() - Number(amount) * seconds * 1000).toISOString();
  const date = /^\d{4}-\d\d-\d\d$/.test(given) ? `${given}T00:00` : given;
  if (!/^\d{4}-\d\d-\d\dT/.test(date) || Number.isNaN(Date.parse(date)))
    throw invalid(`${given} is no time: 2h, 2026-11-25 or 2026-11-25T10:00`);
  return new Date(date).toISOString();
}

async function letterWith(journal: Journal, id: string): Promise<DeadLetter> {
  const [letter] = await journal.letters({ ids: [id] });
  if (!letter) throw new CodedError('LETTER_UNKNOWN', 'There is no such exception', { id });
  return letter;
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch (cause) {
    throw new CodedError('REQUEST_INVALID', `${file} can not be read as JSON`, { file }, { cause });
  }
}

function parse<Options extends ParseArgsOptionsConfig>(args: string[], options: Options) {
  return parseArgs({ args, options, allowPositionals: true });
}

async function withStores<Result>(work: (stores: Stores) => Promise<Result>): Promise<Result> {
  const stores = await openStores(storesHere());
  try {
    return await work(stores);
  } finally {
    await stores.close();
  }
}

function tell<One>(all: readonly One[], textOf: (one: One) => string, json = false): void {
  if (json) print(all);
  else write(all.length > 0 ? all.map(textOf).join('\n').trimEnd() : 'No exception waits');
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}

function invalid(message: string): CodedError {
  return new CodedError('REQUEST_INVALID', message);
}
