/** The table of rights that the user of the hub needs in Odoo, by what the flows do there. */
import { reads } from '../../authority/reads.ts';

export const rights = ['read', 'write', 'create', 'unlink'] as const;
export type Right = (typeof rights)[number];

/** Rights by model, separated by spaces. */
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

/** Odoo's own groups, by external id. All versions from 14 to 19 have them. */
export const groups = {
  'base.group_user': 'Role / User (before 19: Internal User)',
  'sales_team.group_sale_salesman_all_leads': 'Sales / User: All Documents',
  'stock.group_stock_user': 'Inventory / User',
  'stock.group_stock_manager': 'Inventory / Administrator',
  'account.group_account_invoice': 'Accounting / Invoicing (before 19: Billing)',
} as const;
export type Group = keyof typeof groups;

/** The last version in which Odoo requires the group. Up to then only its members may apply a count. */
export const neededUntil: Partial<Record<Group, number>> = { 'stock.group_stock_manager': 17 };

/** The groups that an Odoo of this version requires for all works. */
export function groupsOf(major: number): Group[] {
  return (Object.keys(groups) as Group[]).filter((one) => major <= (neededUntil[one] ?? major));
}

/**
 * The hub's own group, with rights that Odoo's groups give only together with much more: only users who may create
 * users may read external ids, and only users who may delete articles may create them.
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
  /** Rights for the hub's own calls, where `load` needs write and create. Without one of them the work fails. */
  needs: Needs;
  /** Rights that are needed only if a record is missing. */
  sometimes?: Needs;
  /** When the rights in `sometimes` are needed. */
  when?: string;
}

/** Needed for every message: external ids, company and currencies. */
const always: Needs = { 'ir.model.data': 'read', 'res.company': 'read', 'res.currency': 'read' };
/** Needed to attach a message to its record. */
const noted: Needs = { 'ir.attachment': 'read write create' };
/** Needed to move goods. */
const moved: Needs = {
  'product.product': 'read',
  'uom.uom': 'read',
  'stock.picking': 'read write create',
  'stock.move': 'read write create',
  'stock.move.line': 'read write create',
};
/** Needed for lots, under the model names of all versions. */
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

/** Rights that an odoo call needs. Empty if the method is unknown: a working hub is not held back for a guess. */
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

/** Empty for a method that only its model knows: it may read, write, or act as another user. */
export function rightsOfCall(method: string): readonly Right[] {
  return reads(method) ? ['read'] : (changing.get(method) ?? []);
}

/** Merges needs: rights by model. */
export function together(all: Iterable<Needs>): Map<string, Set<Right>> {
  const sum = new Map<string, Set<Right>>();
  for (const needs of all)
    for (const [model, text] of Object.entries(needs))
      for (const right of text.split(' ') as Right[])
        sum.set(model, (sum.get(model) ?? new Set<Right>()).add(right));
  return sum;
}
