/** Marks of orders: nobody can read them, and they still say that two orders went to the same place. */
import type { Suspicion } from '../suspicions/decide.ts';

/** By the kind of a document: what it becomes without them. */
const unmarking: Record<string, (body: string, marker: string) => string> = {
  'order-kept': withoutPrint,
  suspicion: withoutMark,
};

export function unmarkedBy(kind: string): ((body: string, marker: string) => string) | undefined {
  return Object.hasOwn(unmarking, kind) ? unmarking[kind] : undefined;
}

function withoutPrint(body: string): string {
  const { print, ...kept } = JSON.parse(body) as { print?: unknown };
  return print === undefined ? body : JSON.stringify(kept);
}

/** The last part of its cause is the mark. */
function withoutMark(body: string, marker: string): string {
  const one = JSON.parse(body) as Suspicion;
  if (!isByMark(one) || /\/erased-[0-9a-f]{8}$/.test(one.cause)) return body;
  return JSON.stringify({ ...one, cause: `${one.kind}/${one.partner}/${marker}` });
}

function isByMark({ kind }: Suspicion): boolean {
  return kind === 'duplicate-order' || kind === 'reused-reference';
}

/** The orders that a suspicion names, and itself. */
export function suspectedOrders(id: string, body: string): string[] {
  return [id, ...(JSON.parse(body) as Suspicion).orders.map(({ key }) => key)];
}
