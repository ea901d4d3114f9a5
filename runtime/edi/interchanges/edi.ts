/** EDI of whatever standard: which it is, who sent it, and what it says. */
import { createHash } from 'node:crypto';
import { CodedError } from '../../errors/coded-error.ts';
import type { Journal } from '../../journal/journal.ts';
import type { Partner, Partners } from '../../partners/partners.ts';
import { invalid, type Interchange, type Segment } from '../document.ts';
import type { DocumentTypes } from '../document-types.ts';
import { readEdifact, writeEdifact } from '../edifact.ts';
import { interchangesOf } from '../lines.ts';
import type { Taken } from '../takes.ts';
import { readX12, writeX12 } from '../x12.ts';

/** One interchange of what a partner sent, or why it is none that anybody can be answered for. */
export type Read =
  | { interchange: Interchange & { partner: Partner }; digest: string }
  | { error: CodedError; digest: string; text: string };

export interface Readers {
  partners: Partners;
  documentTypes: DocumentTypes;
  /** Those that somebody works on; undefined: all that a partner sends. */
  types?: readonly string[];
}

/**
 * The interchanges of a text, each for itself. What is wrong inside of one is no error: it stands in its `findings` and
 * in its `answer`.
 */
export function readInterchanges(text: string, by: Readers): Read[] {
  return interchangesOf(text.replace(/^\uFEFF/, '').trimStart()).map((one): Read => {
    const digest = createHash('sha256')
      .update(one.replaceAll(/[\r\n]/g, ''))
      .digest('base64url');
    try {
      return { interchange: readInterchange(one, by), digest };
    } catch (error) {
      if (error instanceof CodedError) return { error, digest, text: one };
      throw error;
    }
  });
}

/** Throws EDI_INVALID, and EDI_PARTNER_UNKNOWN. */
function readInterchange(
  text: string,
  { partners, documentTypes: known, types: handled }: Readers,
): Interchange & { partner: Partner } {
  const standard = text.startsWith('ISA') ? 'x12' : /^UN[AB]/.test(text) ? 'edifact' : undefined;
  if (!standard) throw invalid('The text begins neither with ISA nor with UNA or UNB');
  const taken: Taken = (ends) => {
    const { sends, test = false } = partners.ofInterchange(standard, ends).edi;
    const types = [...sends.filter((type) => handled?.includes(type) ?? true), '997', 'CONTRL'];
    return { types, test, known };
  };
  const read = standard === 'x12' ? readX12(text, taken) : readEdifact(text, taken);
  // An answer is not answered: without one, what is wrong would be known to nobody.
  if (!read.answer && read.findings.length > 0) throw invalid(read.findings.join('; ').slice(0, 500));
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
