/** What the user of the hub must be allowed in Odoo, by what the flows do there: one table. */
import { reads } from '../../authority/authority.ts';

export const rights = ['read', 'write', 'create', 'unlink'] as const;
export type Right = (typeof rights)[number];

/** Model → rights, with blanks between. */
export type Needs = Readonly<Record<string, string>>;

export const works = [
  'orders',
  'shipments',
  'receipts',
  'transfers',
  'counts',
  'invoices',
  'payments',
  'bills',
  'reconciliation',
] as const;
export type Work = (typeof works)[number];

/** Odoo's own groups, by external id; all versions 14 to 19 have them. */
export const groups = {
  'base.group_user': 'Role / User (before 19: Internal User)',
  'sales_team.group_sale_salesman_all_leads': 'Sales / User: All Documents',
  'stock.group_stock_user': 'Inventory / User',
  'stock.group_stock_manager': 'Inventory / Administrator',
  'account.group_account_invoice': 'Accounting / Invoicing (before 19: Billing)',
} as const;
export type Group = keyof typeof groups;

/** The last version whose Odoo asks for it, which lets only its holders apply a count: a later one does without. */
export const neededUntil: Partial<Record<Group, number>> = { 'stock.group_stock_manager': 17 };

/** Those that an Odoo of this version needs for all works. */
export function groupsOf(major: number): Group[] {
  return (Object.keys(groups) as Group[]).filter((one) => major <= (neededUntil[one] ?? major));
}

/**
 * What no group of Odoo gives without much more: a group of the hub's own has it. External ids only those may read who may
 * also make users, and articles only those may make who may also delete them.
 */
export const own = {
  id: 'crossdock.group_hub',
  name: 'Crossdock hub',
  needs: {
    'ir.model.data': 'read',
    'ir.model': 'read',
    'res.partner': 'read write create',
    'product.product': 'read write create',
    'product.template': 'read write create',
    'product.pricelist': 'read write create',
  } as Needs,
};

export interface Rights {
  title: string;
  groups: readonly Group[];
  /** What the hub itself calls: `load` makes and changes. Without one of them the work comes to nothing. */
  needs: Needs;
  /** Besides, when something is not there yet; and when that is. */
  sometimes?: Needs;
  when?: string;
}

/** Of every message: external ids, the document that it was, and the money of the company. */
const always: Needs = { 'ir.model.data': 'read', 'res.company': 'read', 'res.currency': 'read' };
/** The message, attached to what came of it. */
const noted: Needs = { 'ir.attachment': 'read write create' };
/** Goods that move. */
const moved: Needs = {
  'product.product': 'read',
  'uom.uom': 'read',
  'stock.picking': 'read write create',
  'stock.move': 'read write create',
  'stock.move.line': 'read write create',
};
/** Their lots, whatever the model is called in this Odoo. */
const lots: Needs = { 'stock.lot': 'read create', 'stock.production.lot': 'read create' };
const sold: Needs = { 'sale.order': 'read', 'sale.order.line': 'read' };

export const table: Record<Work, Rights> = {
  orders: {
    title: 'orders: written, updated, confirmed, cancelled',
    groups: ['sales_team.group_sale_salesman_all_leads'],
    needs: {
      ...always,
      'product.product': 'read',
      'product.pricelist': 'read',
      'account.tax': 'read',
      'account.payment.term': 'read',
      'uom.uom': 'read',
      'stock.warehouse': 'read',
      'res.country': 'read',
      'res.country.state': 'read',
      'res.partner': 'read write create',
      'sale.order': 'read write create',
      'sale.order.line': 'read write create unlink',
      'stock.picking': 'read write',
      'stock.move': 'read write',
      'account.move': 'read',
    },
    sometimes: {
      'product.product': 'write create',
      'product.template': 'write create',
      'product.pricelist': 'write create',
    },
    when: 'an article for shipping, discount or rounding is missing, or a price list of the currency',
  },
  shipments: {
    title: 'shipments, tracking numbers and returns',
    groups: ['stock.group_stock_user'],
    needs: {
      ...always,
      ...noted,
      ...sold,
      ...moved,
      ...lots,
      'stock.return.picking': 'read write create',
      'stock.return.picking.line': 'read write create',
    },
  },
  receipts: {
    title: 'receipts of purchase orders',
    groups: ['stock.group_stock_user'],
    needs: {
      ...always,
      ...noted,
      'purchase.order': 'read',
      ...moved,
      ...lots,
    },
  },
  transfers: {
    title: 'transfers from place to place',
    groups: ['stock.group_stock_user'],
    needs: {
      ...always,
      ...noted,
      ...moved,
      'stock.warehouse': 'read',
      'stock.location': 'read',
    },
  },
  counts: {
    title: 'counts',
    groups: ['stock.group_stock_user', 'stock.group_stock_manager'],
    needs: {
      ...always,
      ...noted,
      'product.product': 'read',
      'uom.uom': 'read',
      'stock.warehouse': 'read',
      'stock.location': 'read',
      'stock.move': 'read',
      'stock.quant': 'read write create',
      ...lots,
      'stock.inventory': 'read write create',
      'stock.inventory.line': 'read write create',
    },
  },
  invoices: {
    title: 'invoices and credit notes',
    groups: ['account.group_account_invoice', 'sales_team.group_sale_salesman_all_leads'],
    needs: {
      ...always,
      ...noted,
      ...sold,
      'product.product': 'read',
      'account.account': 'read',
      'account.move': 'read write create',
      'account.move.line': 'read write create unlink',
      'account.move.reversal': 'read write create',
      'sale.advance.payment.inv': 'read write create',
    },
  },
  payments: {
    title: 'payments and refunds',
    groups: ['account.group_account_invoice'],
    needs: {
      ...always,
      ...noted,
      ...sold,
      'account.move': 'read write',
      'account.move.line': 'read write',
      'account.account': 'read',
      'account.journal': 'read',
      'account.payment': 'read write create',
      'account.payment.register': 'read write create',
    },
  },
  bills: {
    title: 'bills of suppliers',
    groups: ['account.group_account_invoice'],
    needs: {
      ...always,
      ...noted,
      'purchase.order': 'read write',
      'account.move': 'read write create',
      'account.move.line': 'read write create unlink',
    },
  },
  reconciliation: {
    title: '`crossdock reconcile`',
    groups: ['account.group_account_invoice', 'sales_team.group_sale_salesman_all_leads'],
    needs: {
      ...always,
      ...sold,
      'product.product': 'read',
      'uom.uom': 'read',
      'stock.move': 'read',
      'account.move': 'read',
      'account.move.line': 'read',
      'account.payment': 'read',
      'account.partial.reconcile': 'read',
    },
  },
};

export function needsOf(work: Work): Needs {
  return table[work].needs;
}

/** Of a node that calls a method of its own choice: nothing where its right is not known, for a hub that works is not held back. */
export function needsOfCall(model: string, method: string): Needs {
  const known = rightsOfCall(method);
  return known.length > 0 ? { [model]: known.join(' ') } : {};
}

const changing: ReadonlyMap<string, readonly Right[]> = new Map([
  ['create', ['create']],
  ['copy', ['create']],
  ['name_create', ['create']],
  ['write', ['write']],
  ['unlink', ['unlink']],
  ['load', ['write', 'create']],
]);

/** None of a method that only its model knows: it may read, write, or do so as another user. */
export function rightsOfCall(method: string): readonly Right[] {
  return reads(method) ? ['read'] : (changing.get(method) ?? []);
}

/** All of several, each once. */
export function together(all: Iterable<Needs>): Map<string, Set<Right>> {
  const sum = new Map<string, Set<Right>>();
  for (const needs of all)
    for (const [model, text] of Object.entries(needs))
      for (const right of text.split(' ') as Right[])
        sum.set(model, (sum.get(model) ?? new Set<Right>()).add(right));
  return sum;
}
