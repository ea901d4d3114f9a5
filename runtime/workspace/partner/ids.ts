/** Which values of a message tell it from another, and which is the number that people use. */
import { called, isOwn, withoutOrder, wordsOf } from './names.ts';
import type { Seen } from './sample.ts';

export interface Ids {
  /** All that could be, the best first, as names. */
  id: string[][];
  number: string[][];
  /** The ones that the message calls so. Without one a person chooses: it is never somebody else's. */
  chosen: { id?: string[]; number?: string[] };
}

const most = 50;

/** `ofOrder`: the message is about an order that was there before, whose id is not its own. */
export function idsIn({ leaves }: Seen, ofOrder: boolean): Ids {
  const own = leaves
    .filter(({ list, value }) => list === 0 && (typeof value === 'string' || typeof value === 'number'))
    .filter(({ value }) => value !== '')
    .map(({ names }) => [...names]);
  const tails = called.get('id')!.tails;
  const id = ranked(ofOrder ? withoutOrder(tails) : tails, own);
  const number = ranked(called.get('number')!.tails, own);
  const chosen = { ...(id.best && { id: id.best }), ...(number.best && { number: number.best }) };
  return { id: id.all, number: number.all, chosen };
}

function ranked(
  tails: readonly string[],
  own: readonly string[][],
): { all: string[][]; best: string[] | undefined } {
  const fits = (names: readonly string[]): number => {
    const words = names.flatMap(wordsOf);
    return tails.findIndex((tail) =>
      words.some((_, at) => words.slice(at).join('') === tail && isOwn(words.slice(0, at))),
    );
  };
  const rank = (names: readonly string[]): number => {
    const found = fits(names);
    return (found === -1 ? tails.length : found) + names.length / 10;
  };
  const all = own.toSorted((a, b) => rank(a) - rank(b)).slice(0, most);
  return { all, best: all.find((names) => fits(names) !== -1) };
}
