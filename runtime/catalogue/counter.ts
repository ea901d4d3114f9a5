/** The catalogue of a running hub: what there is, what it has, and what is taken runs at once. */
import { rm } from 'node:fs/promises';
import { CodedError } from '../errors/coded-error.ts';
import { readFiles } from '../flow-file/disk.ts';
import { carryOut, planAdd, type Plan } from './bring.ts';
import { fileOf, forget, put, readBase, readLock, textsHere, writeBase, type Where } from './hub-files.ts';
import type { Knowledge } from './knowledge.ts';
import { openShelf, type Item } from './shelf.ts';
import { variablesOf } from './variables.ts';

export interface CounterOptions extends Knowledge {
  /** What came with Crossdock. */
  root: string;
  where: Where;
  /** Whether `${NAME}` has a value here. */
  given(name: string): boolean;
}

export interface Offer extends Pick<Item, 'kind' | 'title' | 'summary'> {
  name: string;
  needs: string[];
  taken: boolean;
}

export interface Offers {
  version: string;
  /** This is a hub of its own, or has no flow yet: it can take. */
  own: boolean;
  /** Its flows. */
  flows: number;
  items: Offer[];
}

export interface Taken {
  /** Files that are new or were changed. */
  written: string[];
  /** Files of this hub's own that stand where one of the catalogue would. */
  kept: string[];
  /** Names that have no value here, and what each is. */
  missing: { name: string; what: string }[];
}

export interface Counter {
  offers(): Promise<Offers>;
  /** `run` takes the files as they are then; what it refuses is put back. Throws what planAdd throws, and HUB_MISSING. */
  add(name: string, run: () => Promise<void>): Promise<Taken>;
}

export function openCounter({ root, where, facts, titleOf, given }: CounterOptions): Counter {
  let shelf: ReturnType<typeof openShelf> | undefined;
  const opened = (): ReturnType<typeof openShelf> => (shelf ??= openShelf(root));
  let adding: Promise<unknown> = Promise.resolve();
  const flowsHere = async (): Promise<string[]> =>
    [...(await readFiles(where.flowsDir)).keys()].filter((path) => !path.startsWith('connections.'));

  async function add(name: string, run: () => Promise<void>): Promise<Taken> {
    const stock = await opened();
    if (!readLock(where) && (await flowsHere()).length > 0)
      throw new CodedError('HUB_MISSING', 'This is no hub of its own: it has flows that were not taken');
    const plan = await planAdd(stock, where, [name], facts);
    const undo = await remembered(where, plan);
    await carryOut(stock, where, plan, titleOf);
    try {
      await run();
    } catch (error) {
      await undo();
      await run().catch(() => {});
      throw error;
    }
    const variables = variablesOf((await readFiles(where.flowsDir)).values(), titleOf);
    return {
      written: [...plan.writes.keys()],
      kept: plan.conflicts.map(({ path }) => path),
      missing: [...variables].filter(([one]) => !given(one)).map(([one, what]) => ({ name: one, what })),
    };
  }

  return {
    async offers() {
      const { version, items } = await opened();
      const [lock, flows] = [readLock(where), await flowsHere()];
      const has = (item: Item): boolean => (item.flows ?? []).every((flow) => flows.includes(`${flow}.yaml`));
      return {
        version,
        own: lock !== undefined || flows.length === 0,
        flows: flows.length,
        items: [...items].map(([name, item]) => ({
          name,
          kind: item.kind,
          title: item.title,
          summary: item.summary,
          needs: item.needs ?? [],
          taken: lock ? lock.taken.includes(name) : has(item),
        })),
      };
    },
    add(name, run) {
      const mine = adding.then(() => add(name, run));
      adding = mine.catch(() => {});
      return mine;
    },
  };
}

/** Returns what puts everything back. */
async function remembered(where: Where, { writes }: Plan): Promise<() => Promise<void>> {
  const lock = readLock(where);
  const base = lock ? await readBase(where, lock) : undefined;
  const texts = await textsHere(where, writes.keys());
  return async () => {
    for (const path of writes.keys()) {
      const text = texts.get(path);
      if (text === undefined) await rm(fileOf(where, path), { force: true });
      else await put(fileOf(where, path), text);
    }
    if (lock && base) await writeBase(where, lock.crossdock, lock.taken, base);
    else await forget(where);
  };
}
