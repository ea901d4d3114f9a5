/** The table of every model, field, method and value of Odoo that the hub names, and the versions that have it. */

export const majors = [14, 15, 16, 17, 18, 19] as const;
export type Major = (typeof majors)[number];

/** A range such as `16-19`, or one version. */
export type Versions = `${Major}` | `${Major}-${Major}`;

/** What the hub names of one model. Names are separated by spaces; among fields, a method has brackets. */
export interface Part {
  /** Versions that have the model. Default: all. Its fields and methods have the same versions. */
  model?: Versions;
  fields?: string;
  methods?: string;
  /** Fields and methods that only some of these versions have. */
  only?: Record<string, Versions>;
  /** By field: the values that the hub writes or searches for, each with its versions unless it is in all. */
  values?: Record<string, string>;
  /** Fields that are required and that Odoo does not fill itself. */
  must?: Record<string, Versions>;
  /** Fields with plain text; in other versions they contain HTML. */
  plain?: Record<string, Versions>;
  /** By name: other differences between the versions. */
  notes?: Record<string, string>;
  /** No test suite with a real Odoo uses it. */
  unrun?: true;
}

export type Topic =
  | 'connection'
  | 'order'
  | 'stock'
  | 'counts'
  | 'invoice'
  | 'payment'
  | 'purchases'
  | 'EDI-out'
  | 'master data'
  | 'finance'
  | 'reconciliation';

/** Whether the test suites run on a real Odoo of this version, or only its source was read. */
export const known: Record<Major, 'run' | 'read'> = {
  14: 'run',
  15: 'read',
  16: 'read',
  17: 'read',
  18: 'read',
  19: 'run',
};

/** What every model has. */
export const common: Part = {
  fields: 'id display_name create_date write_date',
  methods: 'search_read search_count read load create write unlink fields_get',
  only: { 'check_access_rights()': '14-19', 'has_access()': '18-19' },
  notes: {
    'search_count()': 'argument args in 14 and 15, domain from 16 on; the hub passes it by position',
    'create()': 'before 19 Odoo expects its first argument by position',
    'write()': 'argument vals, before 19 values in some models; the hub passes it by position',
  },
};

/** Keys of the context, and the versions that use them. */
export const contexts: Record<string, Versions> = {
  active_test: '14-19',
  lang: '14-19',
  tz: '14-19',
  noupdate: '14-19',
  tracking_disable: '14-19',
  active_model: '14-19',
  active_id: '14-19',
  active_ids: '14-19',
  disable_cancel_warning: '14-18',
  no_reset_password: '14-19',
  mail_create_nosubscribe: '14-19',
  mail_activity_automation_skip: '14-19',
  skip_backorder: '14-19',
  picking_ids_not_to_backorder: '14-19',
  skip_immediate: '14-16',
  skip_sms: '14-19',
  skip_expired: '14-19',
  inventory_mode: '14-19',
  inventory_name: '15-19',
  warehouse: '14-17',
  warehouse_id: '18-19',
};

export const names: Record<Topic, Record<string, Part>> = {
  connection: {
    'res.users': {
      fields: 'company_id id name login password email active',
      methods: 'context_get search_read create write fields_get',
      only: { groups_id: '14-18', group_ids: '19' },
      notes: { 'context_get()': 'returns the uid from 16 on; before, only the login returns it' },
    },
    'res.company': {
      fields: 'currency_id tax_calculation_rounding_method account_sale_tax_id',
      values: { tax_calculation_rounding_method: 'round_per_line, round_globally' },
    },
    'ir.model.data': {
      fields: 'module name model res_id create_date',
      notes: { name: 'in 15 to 19 only administrators may read external ids that others created' },
    },
    'res.groups': { fields: 'name', methods: 'load' },
    'ir.model.access': {
      fields: 'name model_id group_id perm_read perm_write perm_create perm_unlink',
      methods: 'search_read load',
    },
    'ir.attachment': { fields: 'name res_model res_id mimetype description datas', methods: 'load' },
    'ir.model': {
      fields: 'model name transient',
      notes: { model: 'readable without administration rights only in 14' },
    },
  },
  order: {
    'res.currency': { fields: 'name rounding rate date' },
    'product.pricelist': { fields: 'name currency_id company_id sequence', methods: 'load' },
    'product.product': {
      fields: 'default_code barcode uom_id type name list_price invoice_policy taxes_id',
      methods: 'load',
      only: { detailed_type: '15-17' },
      values: {
        type: 'product 14-17, consu, service, combo 18-19',
        detailed_type: 'product 15-17, consu 15-17, service 15-17',
      },
      notes: {
        type: 'goods kept in stock have type product up to 17 (in detailed_type from 15 on), and consu with is_storable from 18 on',
      },
    },
    'account.tax': {
      fields: 'name amount amount_type price_include children_tax_ids type_tax_use company_id',
      values: { amount_type: 'percent, group', type_tax_use: 'sale' },
    },
    'account.payment.term': { fields: 'name company_id' },
    'uom.uom': {
      fields: 'name factor',
      only: { factor_inv: '14-18', parent_path: '19', category_id: '14-18' },
      notes: {
        factor:
          'from 19 on the number of reference units in this unit; before, the number of this unit in a reference unit',
      },
    },
    'stock.warehouse': { fields: 'code name company_id' },
    'res.country': { fields: 'code' },
    'res.country.state': { fields: 'code name country_id' },
    'res.partner': {
      fields: 'name email phone company_name vat parent_id type street street2 city zip country_id state_id',
      methods: 'load',
      values: { type: 'invoice, delivery' },
    },
    'sale.order': {
      fields: `
        name state partner_id partner_invoice_id partner_shipping_id pricelist_id client_order_ref
        origin date_order note warehouse_id payment_term_id order_line amount_untaxed amount_total
        currency_id picking_ids invoice_ids`,
      methods: 'load write action_confirm action_cancel',
      values: { state: 'draft, sent, sale, done 14-16, cancel' },
      must: { pricelist_id: '14-16' },
      plain: { note: '14' },
      notes: {
        'write()':
          'argument values up to 17, in 18 with the stock app, vals in 19; the hub passes it by position',
        'action_confirm()':
          'sets date_order to the current time in every version; the hub leaves it, because with another date a raised line would get a move of its own',
        'action_cancel()': 'in 14 to 18 opens a dialog unless the context has disable_cancel_warning',
      },
    },
    'sale.order.line': {
      fields: `
        order_id name product_id product_updatable product_uom_qty price_unit discount qty_delivered
        qty_invoiced`,
      methods: 'fields_get write unlink search_count',
      only: { product_uom: '14-18', product_uom_id: '19', tax_id: '14-18', tax_ids: '19' },
      notes: {
        'write()': 'argument values up to 18, vals in 19; the hub passes it by position',
        'search_count()': 'argument args in 14 and 15, domain from 16 on; the hub passes it by position',
        product_uom_qty: '14 raises the open moves with the line and never lowers them',
        product_id:
          '14 accepts another product after confirmation and ships the first one; the hub checks product_updatable and refuses',
      },
    },
  },
  stock: {
    'stock.picking': {
      fields: `
        name state picking_type_code sale_id purchase_id partner_id note origin picking_type_id
        location_id location_dest_id`,
      methods: 'create load write action_confirm action_assign action_cancel button_validate message_post',
      only: { move_lines: '14-15', move_ids: '16-19' },
      values: { state: 'draft, done, cancel' },
      plain: { note: '14' },
      notes: { 'create()': 'creates a single record in 14 and 15, although it takes a list' },
    },
    'stock.move': {
      fields: `
        picking_id product_id product_uom_qty product_qty product_uom location_id location_dest_id
        move_line_ids state origin_returned_move_id sale_line_id`,
      methods: 'write',
      only: { name: '14-18', quantity_done: '14-16', quantity: '17-19', picked: '17-19' },
      values: { state: 'done, cancel' },
      must: { name: '14-18', product_uom: '14-15' },
    },
    'stock.move.line': {
      fields: 'picking_id product_id product_uom_id location_id location_dest_id lot_name lot_id',
      only: { qty_done: '14-16', quantity: '17-19', picked: '17-19' },
      must: { product_uom_id: '14-15' },
    },
    'stock.production.lot': {
      model: '14-15',
      fields: 'name product_id company_id',
      must: { company_id: '14-15' },
    },
    'stock.lot': {
      model: '16-19',
      fields: 'name product_id company_id',
      must: { company_id: '16-17' },
    },
    'stock.return.picking': {
      fields: 'picking_id product_return_moves',
      methods: 'create',
      only: { location_id: '14-17', 'create_returns()': '14-17', 'action_create_returns()': '18-19' },
      notes: { location_id: 'up to 16 only the form fills it, in 17 Odoo does' },
    },
    'stock.return.picking.line': { fields: 'move_id product_id quantity to_refund' },
    'stock.warehouse': { fields: 'lot_stock_id int_type_id' },
    'stock.location': { fields: 'complete_name usage', values: { usage: 'internal, customer' } },
  },
  counts: {
    'stock.quant': {
      fields: 'product_id location_id lot_id inventory_quantity',
      methods: 'create',
      only: { 'action_apply_inventory()': '15-19' },
      notes: { 'create()': 'with inventory_mode in the context 14 applies the count at once' },
    },
    'stock.move': {
      fields: 'reference',
      only: { inventory_id: '14' },
      notes: { reference: 'from 15 on the name of the count, taken from inventory_name in the context' },
    },
    'stock.inventory': {
      model: '14',
      fields: 'name state location_ids line_ids',
      methods: 'load action_start action_validate',
      values: { state: 'draft 14, confirm 14, done 14, cancel 14' },
    },
    'stock.inventory.line': {
      model: '14',
      fields: 'inventory_id product_id location_id prod_lot_id product_qty product_uom_id',
      methods: 'action_refresh_quantity',
      notes: {
        product_qty:
          'Odoo stores its own quantity when the line is created, and again at action_refresh_quantity',
      },
    },
  },
  invoice: {
    'sale.order': { fields: 'invoice_status', values: { invoice_status: 'to invoice, invoiced' } },
    'account.move': {
      fields: `
        name state move_type amount_total amount_untaxed amount_tax amount_residual journal_id
        company_id currency_id reversed_entry_id invoice_date invoice_line_ids ref`,
      methods: 'write action_post js_assign_outstanding_line search_count',
      values: { move_type: 'entry, out_invoice, out_refund, in_invoice', state: 'draft, posted, cancel' },
    },
    'account.move.line': {
      fields: `
        move_id name product_id quantity price_unit price_subtotal display_type tax_ids reconciled
        account_id`,
      only: { exclude_from_invoice_tab: '14-15' },
      values: { display_type: 'product 16-19, line_section, line_note' },
      notes: {
        display_type:
          'up to 15 empty for goods, which exclude_from_invoice_tab tells from taxes; product from 16 on',
      },
    },
    'account.account': {
      fields: 'internal_group code',
      only: { internal_type: '14-15', account_type: '16-19' },
      values: {
        account_type: 'asset_receivable 16-19, liability_payable 16-19',
        internal_type: 'receivable 14-15, payable 14-15',
        internal_group: 'income, expense',
      },
    },
    'sale.advance.payment.inv': {
      fields: 'advance_payment_method',
      methods: 'create create_invoices',
      only: { sale_order_ids: '16-19', consolidated_billing: '17-19' },
      values: { advance_payment_method: 'delivered' },
      notes: { 'create_invoices()': 'in 14 and 15 invoices the orders in the context' },
    },
    'account.move.reversal': {
      fields: 'reason journal_id',
      methods: 'create reverse_moves',
      only: { refund_method: '14-16', date_mode: '14-16', 'refund_moves()': '17-19' },
      values: {
        refund_method: 'refund 14-16, cancel 14-16, modify 14-16',
        date_mode: 'custom 14-16, entry 14-16',
      },
      notes: { 'reverse_moves()': 'also takes is_modify from 17 on' },
    },
  },
  payment: {
    'account.payment': {
      fields: 'name state amount',
      only: { ref: '14-17', memo: '18-19' },
      values: {
        state:
          'draft, posted 14-17, cancel 14-17, canceled 18-19, rejected 18-19, in_process 18-19, paid 18-19',
      },
    },
    'account.payment.register': {
      fields: 'line_ids amount currency_id communication journal_id payment_date group_payment',
      methods: 'create action_create_payments',
    },
    'account.journal': {
      fields: 'code type company_id sequence name',
      values: { type: 'bank, cash, credit 18-19' },
    },
  },
  purchases: {
    'purchase.order': {
      fields: 'name state partner_ref invoice_status invoice_ids amount_total currency_id',
      methods: 'action_create_invoice',
      values: { state: 'purchase, done 14-18', invoice_status: 'to invoice, invoiced' },
      notes: { state: 'up to 18 a locked order has state done' },
    },
    'account.move': {
      fields: 'invoice_date_due payment_state invoice_origin',
      values: { payment_state: 'paid, in_payment' },
    },
  },
  'EDI-out': {
    'product.product': { fields: 'free_qty qty_available', only: { is_storable: '18-19' } },
    'stock.quant': { fields: 'quantity reserved_quantity', only: { warehouse_id: '16-19' } },
    'stock.warehouse': { fields: 'view_location_id' },
    'stock.location': {
      fields: 'parent_path',
      only: { warehouse_id: '15-19' },
      notes: { warehouse_id: 'computed in 15, so no domain can filter by it' },
    },
  },
  'master data': {
    'res.partner': { fields: 'ref is_company commercial_partner_id active customer_rank' },
    'product.product': { fields: 'display_name tracking categ_id weight active' },
    'delivery.carrier': { fields: 'name', unrun: true },
  },
  finance: {
    'account.journal': {
      methods: 'default_get',
      notes: {
        'default_get()': 'argument fields_list up to 18, fields in 19; the hub passes it by position',
      },
    },
    'account.move.line': {
      fields: 'move_name date journal_id partner_id debit credit company_id parent_state',
      only: { analytic_distribution: '16-19', analytic_account_id: '14-15', analytic_tag_ids: '14-15' },
    },
    'account.move': { fields: 'partner_shipping_id' },
    'res.company': { fields: 'fiscalyear_lock_date', only: { hard_lock_date: '18-19' } },
  },
  reconciliation: {
    'sale.order': { fields: 'create_date' },
    'sale.order.line': {
      fields: 'price_subtotal price_total qty_delivered_method display_type is_downpayment',
      values: { qty_delivered_method: 'stock_move' },
    },
    'res.partner': { methods: 'name_search' },
    'purchase.order': { fields: 'partner_id date_approve' },
    'purchase.order.line': {
      fields: `
        order_id product_id name product_qty price_subtotal price_total qty_received qty_received_method
        display_type`,
      only: { product_uom: '14-18', product_uom_id: '19' },
      values: { qty_received_method: 'stock_moves' },
    },
    'product.product': {
      fields: 'purchase_method uom_id standard_price currency_id',
      values: { purchase_method: 'purchase' },
    },
    'stock.move': { fields: 'to_refund date purchase_line_id' },
    'stock.location': { values: { usage: 'supplier' } },
    'stock.move.line': { fields: 'date state', values: { state: 'done' } },
    'stock.quant': { fields: 'write_date' },
    'account.move': {
      fields: 'date commercial_partner_id create_date',
      values: { move_type: 'in_refund' },
    },
    'account.move.line': {
      fields: `
        price_total product_uom_id sale_line_ids purchase_line_id ref payment_id create_date amount_currency
        amount_residual_currency`,
    },
    'account.partial.reconcile': {
      fields:
        'debit_move_id credit_move_id debit_amount_currency credit_amount_currency max_date create_date',
    },
  },
};
