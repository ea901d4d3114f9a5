/** One piece of work after the other, also after one that failed. */
export function serial(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };
}

/** Of those who change files at once each sees what the one before has written. */
export const inTurn = serial();
