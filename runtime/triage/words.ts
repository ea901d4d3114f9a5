/** What is left of an error text before it leaves the house: words of the project's own, and nothing else. */
import { codes } from '../errors/codes.ts';

/** Stands for all that is no such word: names, numbers, addresses, values, what a partner wrote. */
const gone = '…';
const longest = 60;

const common = new Set(
  (
    'a an and are as at be been but by can cannot could did does for from had has have if in into is it its more no ' +
    'nor not of off on one only or other out over so some such than that the their them then there these they this ' +
    'to too two under until up was were what when where which who with without would ' +
    'amount array barcode boolean company connection currency date decimal digits document duplicate empty entry ' +
    'expected field fields format found given integer invalid key large length line lines match matches missing ' +
    'mandatory model must negative null number object order orders parse partner payment pattern picking price ' +
    'product property quantity record reference refund required row server shipment sku stock string tax taxes text ' +
    'timeout total totals type unexpected unique unit unknown value values version warehouse zero'
  ).split(' '),
);
/** As they are written. */
const names = new Set('API CSV EDI EDIFACT HTTP JSON Odoo SKU URL UTC VAT X12 XML'.split(' '));
/** With a capital they begin a sentence. */
const openings = new Set('A An It No Not The There This These'.split(' '));

let known: ReadonlySet<string> | undefined;

/** Small words of the table of error codes, which nobody outside has written. */
function vocabulary(): ReadonlySet<string> {
  known ??= new Set([
    ...common,
    ...Object.values(codes).flatMap(({ meaning, action }) =>
      `${meaning} ${action}`.split(/\s+/).flatMap((word) => /^[a-z]{3,}(?=[.,;:]?$)/.exec(word) ?? []),
    ),
  ]);
  return known;
}

/** `The value map tax has no entry for 'Jane Roe'`: the value map tax has no entry for … */
export function wordsOnly(text: string): string {
  const kept = text
    .slice(0, 2000)
    .normalize('NFKC')
    .split(/\s+/)
    .filter((word) => word !== '')
    .map(wordOf)
    .filter((word, at, all) => word !== gone || all[at - 1] !== gone);
  return kept.slice(0, longest).join(' ');
}

function wordOf(given: string): string {
  const [, word = ''] = /^[("'“„‘]?([\p{L}\d]+)[)"'”’.,;:!?]*$/u.exec(given) ?? [];
  if (names.has(word) || vocabulary().has(word)) return word;
  return openings.has(word) ? word.toLowerCase() : gone;
}
