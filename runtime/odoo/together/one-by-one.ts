/** Work of one key runs one after the other, in the order it came; that of different keys side by side. */

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
