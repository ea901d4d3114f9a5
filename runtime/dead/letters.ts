/** Goes through dead letters one after the other, and tells what became of each. */
import { asCoded, CodedError } from '../errors/coded-error.ts';
import type { DeadLetter, Journal, LetterFilter } from '../journal/journal.ts';

/** The letters with these ids, or all that fit. */
export type Which = readonly string[] | LetterFilter;

/** What became of a letter: done, or why not; then it is as it was. */
export interface LetterResult {
  id: string;
  /** The order number; empty for an unknown letter. */
  subject: string;
  done: boolean;
  code?: string;
  message?: string;
}

const page = 100;

/** Oldest failure first, each letter once, though it fails again meanwhile. An id that is not known comes as it is. */
export async function* lettersOf(
  journal: Pick<Journal, 'letters'>,
  which: Which,
): AsyncGenerator<DeadLetter | string> {
  if (isIds(which)) {
    for (const id of new Set(which)) yield (await journal.letters({ ids: [id] }))[0] ?? id;
    return;
  }
  const seen = new Set<string>();
  for (let after: DeadLetter | undefined; ;) {
    const query = { ...which, order: 'oldest' as const, limit: page, ...(after && { after }) };
    const letters: DeadLetter[] = await journal.letters(query);
    for (const letter of letters) {
      if (seen.has(letter.id)) continue;
      seen.add(letter.id);
      yield letter;
    }
    after = letters.at(-1);
    if (letters.length < page) return;
  }
}

/** As text, for the next page. */
export function placeText({ lastFailed, id }: Pick<DeadLetter, 'id' | 'lastFailed'>): string {
  return `${lastFailed}/${id}`;
}

/** Throws CodedError REQUEST_INVALID. */
export function placeOf(text: string): Pick<DeadLetter, 'id' | 'lastFailed'> {
  const slash = text.indexOf('/');
  if (slash === -1) throw new CodedError('REQUEST_INVALID', `${text} is no place in the list of exceptions`);
  return { lastFailed: text.slice(0, slash), id: text.slice(slash + 1) };
}

/** `stop`: operations have to repair something before it makes sense to go on. */
export async function attempt(
  found: DeadLetter | string,
  work: (letter: DeadLetter) => Promise<unknown>,
): Promise<{ result: LetterResult; stop: boolean }> {
  const known =
    typeof found === 'string' ? { id: found, subject: '' } : { id: found.id, subject: found.message.subject };
  try {
    if (typeof found === 'string')
      throw new CodedError('LETTER_UNKNOWN', 'There is no such exception', { id: found });
    await work(found);
    return { result: { ...known, done: true }, stop: false };
  } catch (error) {
    const { code, message, row } = asCoded(error);
    return { result: { ...known, done: false, code, message }, stop: row.owner === 'operations' };
  }
}

export function isIds(which: Which): which is readonly string[] {
  return Array.isArray(which);
}
