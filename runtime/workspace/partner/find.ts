/** Which value of a sample a field is, by its name and by whose it is. */
import { wordsOf, roles, type Called, type Role } from './names.ts';
import { seenIn, type Leaf, type List, type Seen } from './sample.ts';

export interface Found {
  leaf: Leaf;
  /** Nothing else fits as well. */
  alone: boolean;
  /** Its name is one of the first, which mean nothing else. */
  close: boolean;
  /** What stands before its name. */
  head: readonly string[];
}

/** The best of the leaves; undefined where no name fits. `fits` refuses by value. */
export function find(
  leaves: readonly Leaf[],
  { role, tails }: Called,
  fits: (leaf: Leaf) => boolean = () => true,
): Found | undefined {
  const ranked = leaves
    .filter(({ value }) => value !== null && value !== '')
    .flatMap((leaf) => {
      const words = wordsIn(leaf);
      const rank = rankOf(words, role, tails);
      if (rank === undefined || !fits(leaf)) return [];
      return [{ leaf, rank, head: headOf(words, tails[rank]!) }];
    })
    .toSorted(inOrder);
  const [best, next] = ranked;
  if (!best) return undefined;
  const alone = !next || inOrder(best, next) < 0;
  return { leaf: best.leaf, alone, close: best.rank < 3, head: best.head };
}

/** `total` is nearer to a total than `discount_total`, and both than one further down. */
function inOrder(a: Ranked, b: Ranked): number {
  return a.rank - b.rank || a.leaf.names.length - b.leaf.names.length || a.head.length - b.head.length;
}

interface Ranked {
  leaf: Leaf;
  rank: number;
  head: readonly string[];
}

function headOf(words: readonly string[], tail: string): readonly string[] {
  return words.slice(
    0,
    words.findLastIndex((_, at) => words.slice(at).join('') === tail),
  );
}

function wordsIn({ names, list }: Leaf): string[] {
  const words = names.slice(list).flatMap(wordsOf);
  return /^(cents?|minor)$/.test(words.at(-1) ?? '') ? words.slice(0, -1) : words;
}

function rankOf(
  words: readonly string[],
  role: Role | undefined,
  tails: readonly string[],
): number | undefined {
  for (const [rank, tail] of tails.entries())
    for (let from = words.length - 1; from >= 0; from -= 1) {
      if (words.slice(from).join('') !== tail) continue;
      if (isOf(role, words.slice(0, from))) return rank;
    }
  return undefined;
}

function isOf(role: Role | undefined, head: readonly string[]): boolean {
  // The last word that says whose it is counts: a customer's delivery address is a delivery address.
  const whose = head
    .flatMap((word) => (Object.keys(roles) as Role[]).filter((one) => roles[one].has(word)))
    .at(-1);
  return whose === role;
}

/** The list whose items look like lines: they count something, and say what. */
export function linesOf({ lists }: Seen): List | undefined {
  const scored = lists.map((list) => {
    const words = new Set(
      seenIn(list.items[0]).leaves.map(({ names }) => wordsOf(names.at(-1) ?? '').join('')),
    );
    const has = (names: string): number => (names.split(' ').some((name) => words.has(name)) ? 1 : 0);
    const named = /line|item|position|product|article|entr/.test((list.names.at(-1) ?? '').toLowerCase())
      ? 1
      : 0;
    const score =
      2 * has('quantity qty count units pieces amount orderedquantity menge') +
      has(
        'sku code article articlenumber articleno itemno itemnumber productcode partnumber ean gtin productid',
      ) +
      has('price unitprice priceeach unitnet unitgross pricegross pricenet unitpricegross unitpricenet') +
      named;
    return { list, score };
  });
  const best = scored.toSorted((a, b) => b.score - a.score)[0];
  return best && best.score >= 2 ? best.list : undefined;
}
