/**
 * Runs work with the same key one after the other, in the order of the calls. Work with different keys runs in
 * parallel.
 */

export type OneByOne = <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;

export function oneByOne(): OneByOne {
  const last = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const mine = (last.get(key) ?? Promise.resolve()).then(work, work);
    last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (last.get(key) === mine) last.delete(key);
    }
  };
}
