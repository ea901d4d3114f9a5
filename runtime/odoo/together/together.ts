/** What many messages ask of Odoo at the same moment is one call. */
import { CodedError } from '../../errors/coded-error.ts';
import type { Odoo } from '../client.ts';
import { reads, type CallArgs } from '../protocol/protocol.ts';
import { isOfRecords } from '../protocol/faults.ts';
import { mergeReads, readKey } from './read.ts';

/** One outcome an item, in their order; a throw is the failure of all. `odoo` is the plain one: the shared one waits for it. */
export type RunAll<Item, Result> = (items: Item[], odoo: Odoo) => Promise<PromiseSettledResult<Result>[]>;

export interface Together extends Odoo {
  /** What is to be done under the same key in one round goes to one `run`: that of the first. It counts as a write. */
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
  key: string;
  run: Run<CallArgs>;
}

/** Methods that treat each record by itself, whatever others they are called on: one call for the ids of all. */
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

/** Calls side by side in one round. Writes of the same stock or journal wait for each other inside Odoo anyway. */
const atOnce = { reads: 4, writes: 2 };

/**
 * An Odoo for messages that are worked on side by side, each by code of its own that knows of no other: make one for
 * each batch, and give it to that code in place of `odoo`. It goes in rounds. A round begins when nobody has more to
 * say in this turn, and its answers are given all at once, so that messages that began together stay in step. Those that
 * are behind catch up before a write: a round of writes begins when nobody reads.
 *
 * Merged in a round, where model, method, context and other arguments are the same:
 * - `search_read`: the same question is asked once; questions that differ only in the values of `[field, '=' or 'in', …]`
 *   are asked once with all the values, and each gets its own rows, in order and up to its limit. A field behind a dot,
 *   an `offset` or a domain with `|` is asked for itself.
 * - methods that treat each record by itself (`write` with the same values, `button_validate`, `action_post`, …): the ids of all.
 * - `create`: all of `vals_list`; each gets its own ids. `load` without nested lines: all rows.
 * Anything else is a call of its own in the round. What is to be merged in a way of its own goes through `asOne`.
 *
 * What Odoo refuses for the records is halved until the bad ones are alone, as a refused call has done nothing; each message
 * fails or succeeds by itself. A fault of the connection is that of everybody in the call.
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

  function shapeOf(model: string, method: string, { ids, ...args }: CallArgs): Shape {
    const key = (of: unknown) => `${model} ${method} ${JSON.stringify(of)}`;
    const send = (all: CallArgs) => odoo.call<unknown>(model, method, all);
    if (method === 'search_read')
      return {
        key: key(readKey(args)),
        run: (all) => apart(all, (some) => mergeReads(some, (one) => send(one) as Promise<object[]>)),
      };
    if (reads.has(method))
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
    return { key: `${++alone}`, run: ([one]) => apart([one!], async () => [await send(one!)]) };
  }

  return {
    url: odoo.url,
    database: odoo.database,
    version: () => odoo.version(),
    dialect: () => odoo.dialect(),
    user: () => odoo.user(),
    ready: () => odoo.ready(),
    call<T>(model: string, method: string, args: CallArgs = {}) {
      const { key, run } = shapeOf(model, method, args);
      return ask(key, reads.has(method), args, run) as Promise<T>;
    },
    asOne<Item, Result>(key: string, item: Item, run: RunAll<Item, Result>) {
      return ask(`one ${key}`, false, item, (all: Item[]) => run(all, odoo)) as Promise<Result>;
    },
  };
}

/**
 * Runs all at once; what Odoo refuses for its records is halved, so that the others still succeed. `run` gives one result
 * an item.
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

/** Everything that follows from the answers given so far has been asked. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Every outcome is known before the first is given, so that all go on in the same turn. */
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
  /** Of the argument that holds one entry a record. */
  name: 'vals_list' | 'data';
  /** The ids in the answer. */
  idsOf(answer: unknown): number[] | false;
  answerWith(ids: number[]): unknown;
}

/** With lines below a record its rows are not one a record. */
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
