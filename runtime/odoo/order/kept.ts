/**
 * Writes orders and stores about each what Odoo does not have: its content, its hold and the partner's last snapshot.
 */
import type { Documents } from '../../journal/documents.ts';
import type { CanonicalOrder } from '../canonical-order.ts';
import type { OrderReference } from '../find-order.ts';
import { contentOf, otherContent, type Before } from './content.ts';
import { printOf, type Print } from './print.ts';
import { isQuotation, type ConfirmedOrder } from './state.ts';
import type { PartnerSnapshot, UpdatedOrder } from './update.ts';
import type { Hold, OrderWriter, WriteOptions, WrittenOrder } from './order.ts';

/** What the hub stores about an order, as JSON. */
interface Kept {
  /** Digest of the content that was written. */
  content: string;
  /** `quotation`: the flow does not confirm its orders. */
  held?: Hold | 'quotation' | undefined;
  /** Print of the first message, for suspicions. */
  print?: Print | undefined;
}

export interface KeptOrders {
  /** Writes an order as the order writer does. Throws CodedError CLAIM_CONFLICT for other content under the same id. */
  write(
    order: CanonicalOrder,
    how: Required<Pick<WriteOptions, 'confirm' | 'limit' | 'tier'>>,
  ): Promise<WrittenOrder>;
  /** Updates an order as the order writer does. `ready` is true only if no hold is left on the quotation. */
  update(order: CanonicalOrder): Promise<Omit<UpdatedOrder, 'partnerSnapshot'>>;
  /** Confirms an order as the order writer does. */
  confirm(order: OrderReference, limit: string): Promise<ConfirmedOrder>;
}

const kind = 'order-kept';
/** Holds that wait for a person, whatever the partner sends next. */
const forPeople: ReadonlySet<string> = new Set(['test', 'credit']);

/** `markKey`: returns the key of the marks in prints. */
export function keptOrders(
  documents: Documents,
  orders: OrderWriter,
  markKey: () => Promise<Buffer>,
): KeptOrders {
  const read = async <T>(of: string, key: string): Promise<T | undefined> => {
    const body = await documents.get(of, key);
    return body === undefined ? undefined : (JSON.parse(body) as T);
  };

  async function write(
    order: CanonicalOrder,
    how: Required<Pick<WriteOptions, 'confirm' | 'limit' | 'tier'>>,
  ): Promise<WrittenOrder> {
    const key = keyOf(order);
    const content = contentOf(order);
    const [kept, updated, secret] = await Promise.all([read<Kept>(kind, key), updatedBefore(key), markKey()]);
    const written = await orders.write(order, {
      ...how,
      before: kept ? beforeOf(kept, content, order) : updated,
      held: forPeople.has(kept?.held ?? '') ? (kept!.held as Hold) : undefined,
    });
    const held = written.held ?? (!how.confirm && isQuotation(written) ? 'quotation' : undefined);
    const print = kept ? kept.print : printOf(order, new Date(), secret);
    const body = JSON.stringify({ content, held, print } satisfies Kept);
    if (kept) {
      if (kept.content !== content || kept.held !== held) await documents.put(kind, key, body);
    } else if (!(await documents.add(kind, key, body))) {
      // Another worker wrote the same order meanwhile.
      if ((await read<Kept>(kind, key))?.content !== content) throw otherContent(order, written.name);
    }
    return written;
  }

  /**
   * For orders from before contents were stored. An updated order counts as `same`: Odoo no longer has its first
   * content.
   */
  async function updatedBefore(key: string): Promise<'same' | undefined> {
    return (await documents.get('order-said', key)) === undefined ? undefined : 'same';
  }

  async function update(order: CanonicalOrder): Promise<Omit<UpdatedOrder, 'partnerSnapshot'>> {
    const key = keyOf(order);
    const before = await read<PartnerSnapshot>('order-said', key);
    const { partnerSnapshot, ...updated } = await orders.update(order, before);
    if (partnerSnapshot && partnerSnapshot !== before)
      await documents.put('order-said', key, JSON.stringify(partnerSnapshot));
    if (!updated.ready) return updated;
    const { held = '' } = (await read<Kept>(kind, key)) ?? {};
    return { ...updated, ready: held !== 'quotation' && !forPeople.has(held) };
  }

  async function confirm(reference: OrderReference, limit: string): Promise<ConfirmedOrder> {
    const confirmed = await orders.confirm(reference, limit);
    const { order, held } = confirmed;
    const kept = held && order.id !== undefined ? await read<Kept>(kind, keyOf(order)) : undefined;
    if (kept) await documents.put(kind, keyOf(order), JSON.stringify({ ...kept, held } satisfies Kept));
    return confirmed;
  }

  return { write, update, confirm };
}

function beforeOf({ content: first, held }: Kept, content: string, { hold }: CanonicalOrder): Before {
  if (first === content) return 'same';
  return held === 'unpaid' && hold === undefined ? 'unpaid' : 'other';
}

function keyOf({ source, id }: OrderReference): string {
  return `${source}/${id}`;
}
