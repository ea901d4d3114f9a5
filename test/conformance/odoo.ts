/** What the hub does with an Odoo, whether the real one or the sandbox: errors, and orders that land once and to the cent. */
import { odooErrors } from './odoo-errors.ts';
import { odooInvoices } from './odoo-invoices.ts';
import { odooKit, type Access } from './odoo-kit.ts';
import { odooMoney } from './odoo-money.ts';
import { odooOnce } from './odoo-once.ts';
import { odooOrders } from './odoo-orders.ts';
import { odooRules } from './odoo-rules.ts';
import { odooPurchases } from './odoo-purchases.ts';
import { odooStock } from './odoo-stock.ts';
import { odooTogether } from './odoo-together.ts';
import { odooTotals } from './odoo-totals.ts';
import { odooUpdates } from './odoo-updates.ts';
import { odooWarehouse } from './odoo-warehouse.ts';

export function odooConformance(access: () => Promise<Access>, admin = access): void {
  const kit = odooKit(access, admin);
  odooErrors(kit);
  odooOrders(kit);
  odooTotals(kit);
  odooRules(kit);
  odooOnce(kit);
  odooStock(kit);
  odooTogether(kit);
  odooInvoices(kit);
  odooMoney(kit);
  odooPurchases(kit);
  odooWarehouse(kit);
  odooUpdates(kit);
}
