/** Marks of two orders, one of whose customers is erased, and what looked odd by them. */
import type { Journal } from '../runtime/journal/journal.ts';

export async function putMarks({ documents }: Pick<Journal, 'documents'>): Promise<void> {
  const print = { same: 'mark-of-jane', reference: 'purchase-of-jane', lines: [['CHAIR', '2', '5']] };
  await documents.put('order-kept', 'shopify/5001', JSON.stringify({ content: 'x', print }));
  await documents.put('order-kept', 'shopify/9', JSON.stringify({ print: { same: 'mark-of-other' } }));
  const suspected = (id: string, key: string, mark: string) => {
    const cause = `duplicate-order/shopify/${mark}`;
    const orders = [{ key, number: 'N' }];
    const body = { kind: 'duplicate-order', partner: 'shopify', cause, orders };
    return documents.put('suspicion', id, JSON.stringify(body));
  };
  await suspected('s1', 'shopify/5001', 'mark-of-jane');
  await suspected('s2', 'shopify/9', 'mark-of-other');
}
