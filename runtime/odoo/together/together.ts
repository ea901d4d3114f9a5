/** Merges what many messages ask of Odoo at the same moment into one call. */
import { CodedError } from '../../errors/coded-error.ts';
import type { Odoo } from '../client.ts';
import type { CallArgs } from '../protocol/protocol.ts';
import { isOfRecords } from '../protocol/faults.ts';
import { mergeReads, readKey } from './read.ts';

/**
 * Returns one outcome for each item, in order; if it throws, all items fail. `odoo` is the plain connection: a call
 * through the shared one would never end.
 */
export type RunAll<Item, Result> = (items: Item[], odoo: Odoo) => Promise<PromiseSettledResult<Result>[]>;

export interface Together extends Odoo {
  /** Passes all items of one key and round to one `run`, that of the first item. Counts as a write. */
  asOne<Item, Result>(key: string, item: Item, run: RunAll<Item, Result>): Promise<Result>;
}

type Run<Item> = (items: Item[]) => Promise<PromiseSettledResult<unknown>[]>;

interface Asked {
  key: string;
  isRead: boolean;
  item: unknown;
  run: Run<unknown>;
  resolve(result: unknown): void;
  reject(reason: unknown): void;
}

interface Shape {
  /** Undefined for a call that is sent alone. */
  key?: string;
  run: Run<CallArgs>;
}

/** Methods that process each record independently: one call takes the ids of all messages. */
const byRecord = new Set([
  'write',
  'unlink',
  'action_assign',
  'action_cancel',
  'action_confirm',
  'action_post',
  'button_confirm',
  'button_draft',
  'button_validate',
]);

const reading = new Set(['search_read', 'search_count', 'read', 'fields_get', 'context_get', 'name_search']);

/** Most parallel calls in one round. Writes of the same stock or journal wait for each other inside Odoo anyway. */
const atOnce = { reads: 4, writes: 2 };

/**
 * An Odoo for messages that are processed in parallel, each by code that knows of no other. Create one for each batch
 * and pass it to that code as `odoo`. Calls go to Odoo in rounds. A round starts when no message has more to ask in
 * this turn, and all answers of a round are given at once, so that messages that started together stay together. A
 * round of writes starts only when no message reads, so that slower messages catch up.
 *
 * A round merges calls with the same model, method, context and other arguments:
 * - `search_read`: identical searches are sent once. Searches that differ only in the values of
 *   `[field, '=' or 'in', …]` are sent once with all values, and each gets its own rows, in order and up to its limit.
 *   A condition on a field behind a dot, an `offset` or a domain with `|` is not merged.
 * - Methods that process each record independently (`write` with the same values, `button_validate`, `action_post`, …):
 *   the ids of all calls.
 * - `create`: the `vals_list` of all calls; each gets its own ids. `load` without nested lines: the rows of all calls.
 * Any other call is sent alone. `asOne` merges what needs its own way of merging.
 *
 * If Odoo refuses a merged call for its records, the call has changed nothing and is halved until the bad records are
 * found; each message fails or succeeds by itself. A fault of the connection fails every message of the call.
 */
export function together(odoo: Odoo): Together {
  let waiting: Asked[] = [];
  let running = false;
  let alone = 0;

  function ask(key: string, isRead: boolean, item: unknown, run: Run<never>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      waiting.push({ key, isRead, item, run: run as Run<unknown>, resolve, reject });
      if (running) return;
      running = true;
      void rounds();
    });
  }

  async function rounds(): Promise<void> {
    for (await turn(); waiting.length > 0; await turn()) {
      const { true: reads = [], false: writes = [] } = Object.groupBy(waiting, ({ isRead }) => `${isRead}`);
      waiting = reads.length > 0 ? writes : [];
      await (reads.length > 0 ? settle(reads, atOnce.reads) : settle(writes, atOnce.writes));
    }
    running = false;
  }

  return {
    url: odoo.url,
    database: odoo.database,
    version: () => odoo.version(),
    dialect: () => odoo.dialect(),
    user: () => odoo.user(),
    ready: () => odoo.ready(),
    call<T>(model: string, method: string, args: CallArgs = {}) {
      const { key = `${++alone}`, run } = shapeOf(odoo, model, method, args);
      return ask(key, reading.has(method), args, run) as Promise<T>;
    },
    asOne<Item, Result>(key: string, item: Item, run: RunAll<Item, Result>) {
      return ask(`one ${key}`, false, item, (all: Item[]) => run(all, odoo)) as Promise<Result>;
    },
  };
}

/** How a call merges with others. */
function shapeOf(odoo: Odoo, model: string, method: string, { ids, ...args }: CallArgs): Shape {
  const key = (of: unknown) => `${model} ${method} ${JSON.stringify(of)}`;
  const send = (all: CallArgs) => odoo.call<unknown>(model, method, all);
  if (method === 'search_read')
    return {
      key: key(readKey(args)),
      run: (all) => apart(all, (some) => mergeReads(some, (one) => send(one) as Promise<object[]>)),
    };
  if (reading.has(method))
    return {
      key: key({ ids, ...args }),
      run: (all) => apart(all, (some) => forAll(some, () => send(some[0]!))),
    };
  if (ids && byRecord.has(method))
    return {
      key: key(args),
      run: (all) =>
        apart(all, (some) =>
          forAll(some, () => send({ ids: [...new Set(some.flatMap((one) => one.ids!))], ...args })),
        ),
    };
  const list = listOf(method, args);
  if (list)
    return {
      key: key({ ...args, [list.name]: undefined }),
      run: (all) => apart(all, (some) => sendList(send, some, list)),
    };
  return { run: ([one]) => apart([one!], async () => [await send(one!)]) };
}

/**
 * Runs all items at once. If Odoo refuses their records, halves them, so that the good ones still succeed. `run`
 * returns one result for each item.
 */
export async function apart<Item, Result>(
  items: Item[],
  run: (items: Item[]) => Promise<Result[]>,
): Promise<PromiseSettledResult<Result>[]> {
  try {
    return (await run(items)).map((value) => ({ status: 'fulfilled', value }));
  } catch (reason) {
    if (items.length === 1 || !isOfRecords(reason)) return items.map(() => ({ status: 'rejected', reason }));
    const half = Math.ceil(items.length / 2);
    const first = await apart(items.slice(0, half), run);
    const rest = items.slice(half);
    const fault = first.find((one) => one.status === 'rejected' && !isOfRecords(one.reason));
    return [...first, ...(fault ? rest.map(() => fault) : await apart(rest, run))];
  }
}

/** Resolves when all work that follows from the answers given so far has asked its calls. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Collects every outcome before it gives the first one, so that all messages continue in the same turn. */
async function settle(asked: Asked[], sideBySide: number): Promise<void> {
  const groups = [...Map.groupBy(asked, ({ key }) => key).values()];
  const given: (() => void)[] = [];
  const next = groups.values();
  async function work(): Promise<void> {
    for (const group of next) given.push(await outcomesOf(group));
  }
  await Promise.all(Array.from({ length: Math.min(sideBySide, groups.length) }, work));
  for (const give of given) give();
}

async function outcomesOf(group: Asked[]): Promise<() => void> {
  try {
    const outcomes = await group[0]!.run(group.map(({ item }) => item));
    return () => {
      for (const [index, { resolve, reject }] of group.entries()) {
        const outcome = outcomes[index];
        if (outcome?.status === 'fulfilled') resolve(outcome.value);
        else reject(outcome?.reason ?? new Error('What was asked as one has no outcome for this'));
      }
    };
  } catch (error) {
    return () => group.forEach(({ reject }) => reject(error));
  }
}

async function forAll<Result>(all: readonly unknown[], ask: () => Promise<Result>): Promise<Result[]> {
  const answer = await ask();
  return all.map(() => answer);
}

interface List {
  /** Name of the argument with one entry for each record. */
  name: 'vals_list' | 'data';
  /** Reads the ids from the answer. */
  idsOf(answer: unknown): number[] | false;
  answerWith(ids: number[]): unknown;
}

/**
 * Returns the list argument of a call. Undefined for `load` with nested lines, where rows and records differ in number.
 */
function listOf(method: string, { fields, vals_list: list }: CallArgs): List | undefined {
  if (method === 'create' && Array.isArray(list))
    return { name: 'vals_list', idsOf: (answer) => answer as number[], answerWith: (ids) => ids };
  if (method !== 'load' || !(fields as string[]).every((field) => /^[^/]+(\/\.?id)?$/.test(field)))
    return undefined;
  return {
    name: 'data',
    idsOf: (answer) => (answer as { ids: number[] | false }).ids,
    answerWith: (ids) => ({ ids, messages: [] }),
  };
}

async function sendList(
  send: (args: CallArgs) => Promise<unknown>,
  some: CallArgs[],
  { name, idsOf, answerWith }: List,
): Promise<unknown[]> {
  const lists = some.map((one) => one[name] as unknown[]);
  const answer = await send({ ...some[0]!, [name]: lists.flat() });
  if (some.length === 1) return [answer];
  const ids = idsOf(answer);
  if (!ids || ids.length !== lists.flat().length)
    throw new CodedError('ODOO_REFUSED', 'Odoo refused one of several records', {});
  let from = 0;
  return lists.map(({ length }) => answerWith(ids.slice(from, (from += length))));
}
