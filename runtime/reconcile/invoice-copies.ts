/** Invoices of an order that say the same twice, or that no line of the order is linked to. */
import Big from 'big.js';
import type { Found } from './breaks.ts';
import { sum, text } from './decimal.ts';
import type { OdooInvoice, OdooOrder } from './facts.ts';
import { movedOf } from './goods-check.ts';
import type { Checked } from './order-check.ts';
import { duration } from '../process/definition.ts';

/** What is invoiced beside the order in the same invoice, such as rounding, belongs to it. */
export function isLinked({ lines }: OdooInvoice): boolean {
  return lines.some(({ line }) => line !== undefined);
}

/** They name the order and no line is linked: a copy of one that is, or one that counts for nothing. */
export function findUnlinked(odoo: OdooOrder, invoices: readonly OdooInvoice[]): Found[] {
  const linked = invoices.filter(isLinked);
  return invoices
    .filter((one) => !isLinked(one) && one.type === 'invoice')
    .map((one): Found => {
      const first = linked.find(
        (other) => other.type === 'invoice' && invoiceContent(other) === invoiceContent(one),
      );
      if (first) return twice(odoo, first, one);
      return {
        situation: 'invoice unlinked',
        about: one.name,
        documents: [`account.move/${one.id}`],
        left: { what: 'linked to the order', amount: '0' },
        right: { what: 'invoiced', amount: text(one.total) },
        unit: odoo.currency,
        since: one.made,
      };
    });
}

/** Of two that are linked and say the same, the second, where both are more than has left or was ordered. */
export function findTwice(
  odoo: OdooOrder,
  invoices: readonly OdooInvoice[],
  cutOff: string,
): { second: OdooInvoice; found: Found }[] {
  const linked = invoices
    .filter((one) => one.type === 'invoice' && isLinked(one))
    .toSorted((a, b) => a.id - b.id);
  const seen = new Map<string, OdooInvoice>();
  const found: { second: OdooInvoice; found: Found }[] = [];
  for (const one of linked) {
    const first = seen.get(invoiceContent(one));
    if (first && isTooMuch(odoo, one, linked, cutOff))
      found.push({ second: one, found: twice(odoo, first, one) });
    else seen.set(invoiceContent(one), one);
  }
  return found;
}

/** Copies that name no order: of one customer, the same, and made soon after. */
export function findStrays({ odoo, cutOff, tolerances }: Checked): Found[] {
  const invoices = odoo.invoices.filter((one) => one.type === 'invoice' && one.state !== 'cancel');
  return odoo.strays.flatMap((one) => {
    if (one.state === 'cancel' || one.made > cutOff) return [];
    const first = invoices.find(
      (other) =>
        invoiceContent(other) === invoiceContent(one) &&
        Math.abs(Date.parse(other.made) - Date.parse(one.made)) <= duration(tolerances.duplicate),
    );
    return first ? [twice(odoo, first, one)] : [];
  });
}

function isTooMuch(
  odoo: OdooOrder,
  one: OdooInvoice,
  linked: readonly OdooInvoice[],
  cutOff: string,
): boolean {
  return one.lines.some(({ line: id }) => {
    const line = odoo.lines.find((other) => other.id === id);
    if (!line) return false;
    const all = sum(
      linked.flatMap(({ lines }) =>
        lines.filter((other) => other.line === id).map((other) => other.quantity),
      ),
    );
    const { out } = movedOf(line, cutOff);
    return all.gt(line.goods && !line.byOrder ? out : out.gt(line.quantity) ? out : line.quantity);
  });
}

function twice(odoo: OdooOrder, first: OdooInvoice, second: OdooInvoice): Found {
  return {
    situation: 'invoice twice',
    about: second.name,
    documents: [`account.move/${first.id}`, `account.move/${second.id}`],
    left: { what: 'invoiced once', amount: text(first.total) },
    right: { what: 'invoiced in all', amount: text(Big(first.total).plus(second.total)) },
    unit: odoo.currency,
    since: second.made,
  };
}

/** What it says: articles, pieces, amounts. */
export function invoiceContent({ lines, total }: Pick<OdooInvoice, 'lines' | 'total'>): string {
  const each = lines.map(({ sku, quantity, subtotal }) => `${sku}|${text(quantity)}|${text(subtotal)}`);
  return [...each.toSorted(), text(total)].join('\n');
}
