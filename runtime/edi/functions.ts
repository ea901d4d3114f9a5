/** What mappings of EDI need beside JSONata: loops of segments, ids behind their qualifiers, and that nothing is left out. */
import { Big } from 'big.js';
import { CodedError } from '../errors/coded-error.ts';
import type { EdiDocument } from './document.ts';
import type { DocumentTypes } from './document-types.ts';
import { before, coded, loops, qualified } from './loops.ts';
import { understood } from './understood.ts';

export function ediFunctions(types: () => DocumentTypes): Record<string, (...args: never[]) => unknown> {
  return {
    before,
    coded,
    loops,
    qualified,
    figure,
    numbered,
    agreed,
    understood: (document: EdiDocument) => {
      const { standard, type } = document;
      const known = types().get(standard, type);
      if (!known)
        throw new CodedError('UNSUPPORTED', `${type} of ${standard} is not described in definitions/edi`);
      return understood(known, document);
    },
  };
}

/**
 * The decimal number of an element, with a dot. `name` is what a person calls it: `PRI01 of line 3`. `marks` are the
 * decimal marks that its standard has; without, the dot. Throws CodedError MAPPING_FAILED that names it.
 */
function figure(text: unknown, name: unknown, marks: unknown): string | undefined {
  if (text === undefined || text === null || text === '') return undefined;
  const [, sign = '', whole, mark, part] =
    /^ *([+-]?)(\d{0,18})(?:([.,])(\d{0,9}))? *$/.exec(String(text)) ?? [];
  const known = mark === undefined || String(marks ?? '.').includes(mark);
  if (!known || !(whole || part))
    throw new CodedError('MAPPING_FAILED', `${String(name)} is no decimal number`, { element: String(name) });
  return new Big(`${sign === '-' ? '-' : ''}${whole || 0}.${part || 0}`).toFixed();
}

/** The numbers of lines as ids: where one is missing its place, and where one comes again a number behind it. */
function numbered(list: unknown): string[] {
  const given = [list].flat().map((id) => (typeof id === 'string' ? id.trim() : ''));
  const taken = new Set<string>();
  const free = (id: string, isOwn: boolean, again = 1): string => {
    const wanted = again === 1 ? id : `${id}.${again}`;
    const isFree = !taken.has(wanted) && ((isOwn && again === 1) || !given.includes(wanted));
    return isFree ? wanted : free(id, isOwn, again + 1);
  };
  return given.map((id, at) => {
    const one = free(id || String(at + 1), id !== '');
    taken.add(one);
    return one;
  });
}

/**
 * The first of these amounts that is there; those after it must say the same to the cent. Throws CodedError TOTALS_DIFFER
 * that names `what` and both.
 */
function agreed(amounts: unknown, what: unknown): string | undefined {
  const [first, ...others] = [amounts]
    .flat()
    .filter((amount) => typeof amount === 'string' && amount !== '') as string[];
  for (const other of others)
    if (Big(first!).minus(other).abs().gt('0.01'))
      throw new CodedError(
        'TOTALS_DIFFER',
        `${String(what)}: its amount, and what its percentage or rate comes to, are not the same: ${first} and ${other}`,
        {
          said: first!,
          computed: other,
        },
      );
  return first;
}
