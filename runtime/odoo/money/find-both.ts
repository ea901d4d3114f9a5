/** Looks up the order of a message and what the message became in Odoo, in parallel. */
import { findBinding, type Binding, type Document } from '../binding.ts';
import type { Odoo } from '../client.ts';
import { findOrder, type FoundOrder, type OrderModel, type OrderReference } from '../find-order.ts';

/** Returns the order and the binding of a message. Throws what `findOrder` throws, then what `findBinding` throws. */
export async function findBoth(
  odoo: Odoo,
  model: OrderModel,
  document: Document,
  reference: OrderReference,
): Promise<{ order: FoundOrder; before: Binding | undefined }> {
  const binding = findBinding(odoo, document);
  binding.catch(() => {});
  const order = await findOrder(odoo, model, reference);
  return { order, before: await binding };
}
