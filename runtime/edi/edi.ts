/** EDI of whatever standard: which it is, who sent it, and what it says. */
import { CodedError } from '../errors/coded-error.ts';
import type { Journal } from '../journal/journal.ts';
import type { Partner, Partners } from '../partners/partners.ts';
import { invalid, type Interchange, type Segment, type Taken } from './document.ts';
import { readEdifact, writeEdifact } from './edifact.ts';
import { readX12, writeX12 } from './x12.ts';

/**
 * What a partner sent. Throws EDI_INVALID, and EDI_PARTNER_UNKNOWN. What is wrong inside is no error: it stands in
 * `findings` and in the `answer`.
 */
export async function readInterchange(
  text: string,
  partners: Partners,
): Promise<Interchange & { partner: Partner }> {
  const given = text.replace(/^\uFEFF/, '').trimStart();
  const standard = given.startsWith('ISA') ? 'x12' : /^UN[AB]/.test(given) ? 'edifact' : undefined;
  if (!standard) throw invalid('The text begins neither with ISA nor with UNA or UNB');
  const taken: Taken = (ends) => {
    const { sends, test = false } = partners.ofInterchange(standard, ends).edi;
    return { types: [...sends, '997', 'CONTRL'], test };
  };
  const read = await (standard === 'x12' ? readX12(given, taken) : readEdifact(given, taken));
  return { ...read, partner: partners.ofInterchange(standard, read) };
}

/** The text of one document for a partner. `number`: the control number of its interchange. Throws EDI_VALUE_INVALID. */
export function writeInterchange(
  { edi }: Partner,
  document: { type: string; segments: readonly Segment[] },
  number: number,
  time: Date,
): string {
  const { standard, version, ours, theirs, test = false } = edi;
  const write = standard === 'x12' ? writeX12 : writeEdifact;
  return write(document.type, document.segments, { ours, theirs, version, test, number, time });
}

const kind = 'edi-number';

/** The control number of a message to a partner: the next one, and for the same message again the same. From 1 to 999,999,999, then from 1. */
export async function controlNumber(
  { documents }: Journal,
  partner: string,
  message: string,
): Promise<number> {
  const id = `${partner}/${message}`;
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const given = await documents.get(kind, id);
    if (given !== undefined) return Number(given);
    const last = await documents.get(kind, partner);
    const next = (Number(last ?? 0) % 999_999_999) + 1;
    const mine =
      last === undefined
        ? await documents.add(kind, partner, String(next))
        : await documents.swap(kind, partner, last, String(next));
    // Another one with the same message was quicker: its number counts, and this one is never used.
    if (mine) await documents.add(kind, id, String(next));
  }
  throw new CodedError('STORE_UNAVAILABLE', 'No control number could be had', { partner });
}
