/** The models and fields of Odoo 19 that the sandbox has, with Odoo's labels where its sentences quote them. */

export interface Field {
  type: 'char' | 'integer' | 'float' | 'boolean' | 'datetime' | 'many2one' | 'many2many' | 'one2many';
  /** The model a relation leads to. */
  to?: string;
  /** Of a one2many: the field of the other model that leads back. */
  by?: string;
  label?: string;
  required?: boolean;
  /** Decimals a float is stored with. */
  digits?: number;
}

const char: Field = { type: 'char' };
const integer: Field = { type: 'integer' };
const float: Field = { type: 'float' };
const boolean: Field = { type: 'boolean' };
const many2one = (to: string, label?: string): Field => ({ type: 'many2one', to, label });

export const models: Record<string, Record<string, Field>> = {
  'ir.model.data': { module: char, name: char, model: char, res_id: integer, noupdate: boolean },
  'res.company': {
    name: char,
    currency_id: many2one('res.currency'),
    tax_calculation_rounding_method: char,
  },
  'res.users': { name: char, login: char, company_id: many2one('res.company') },
  'res.currency': { name: char, decimal_places: integer },
  'res.country': { name: char, code: char },
  'res.country.state': { name: char, code: char, country_id: many2one('res.country') },
  'res.partner': {
    name: char,
    email: char,
    phone: char,
    company_name: char,
    vat: char,
    type: char,
    parent_id: many2one('res.partner', 'Related Company'),
    street: char,
    street2: char,
    city: char,
    zip: char,
    country_id: many2one('res.country', 'Country'),
    state_id: many2one('res.country.state', 'State'),
  },
  'account.tax': {
    name: char,
    amount: float,
    type_tax_use: char,
    price_include: boolean,
    company_id: many2one('res.company'),
  },
  'account.payment.term': { name: char, company_id: many2one('res.company') },
  'uom.uom': { name: char },
  'stock.warehouse': { name: char, code: char, company_id: many2one('res.company') },
  'product.pricelist': {
    name: char,
    sequence: integer,
    currency_id: many2one('res.currency', 'Currency'),
    company_id: many2one('res.company'),
  },
  'product.product': {
    name: char,
    default_code: char,
    barcode: char,
    type: char,
    list_price: float,
    invoice_policy: char,
    uom_id: many2one('uom.uom', 'Unit'),
    /** Always 0: the sandbox keeps no stock. */
    free_qty: float,
  },
  'sale.order': {
    name: char,
    state: char,
    partner_id: { ...many2one('res.partner', 'Customer'), required: true },
    partner_invoice_id: many2one('res.partner', 'Invoice Address'),
    partner_shipping_id: many2one('res.partner', 'Delivery Address'),
    pricelist_id: many2one('product.pricelist', 'Pricelist'),
    payment_term_id: many2one('account.payment.term', 'Payment Terms'),
    warehouse_id: many2one('stock.warehouse', 'Warehouse'),
    client_order_ref: char,
    origin: char,
    date_order: { type: 'datetime', label: 'Order Date' },
    note: char,
    order_line: { type: 'one2many', to: 'sale.order.line', by: 'order_id', label: 'Order Lines' },
    amount_untaxed: float,
    amount_tax: float,
    amount_total: float,
    invoice_ids: { type: 'one2many', to: 'account.move', by: 'sale_id' },
    invoice_status: char,
  },
  'sale.order.line': {
    order_id: many2one('sale.order'),
    name: char,
    product_id: many2one('product.product', 'Product'),
    product_uom_id: many2one('uom.uom', 'Unit'),
    product_uom_qty: { type: 'float', label: 'Quantity', digits: 2 },
    price_unit: { type: 'float', label: 'Unit Price' },
    discount: { type: 'float', label: 'Discount (%)', digits: 2 },
    tax_ids: { type: 'many2many', to: 'account.tax', label: 'Taxes' },
    price_subtotal: float,
    price_total: float,
    qty_delivered: float,
    qty_invoiced: float,
  },
  'stock.picking': {
    name: char,
    state: char,
    sale_id: many2one('sale.order'),
    picking_type_code: char,
    return_id: many2one('stock.picking'),
    note: char,
  },
  'stock.location': { name: char },
  'stock.move': {
    name: char,
    state: char,
    picking_id: many2one('stock.picking'),
    sale_line_id: many2one('sale.order.line'),
    product_id: many2one('product.product'),
    product_uom: many2one('uom.uom'),
    product_uom_qty: float,
    product_qty: float,
    quantity: float,
    picked: boolean,
    location_id: many2one('stock.location'),
    location_dest_id: many2one('stock.location'),
    origin_returned_move_id: many2one('stock.move'),
    move_line_ids: { type: 'one2many', to: 'stock.move.line', by: 'move_id' },
  },
  'stock.move.line': { name: char, move_id: many2one('stock.move') },
  'stock.return.picking': { vals: char },
  'account.account': { name: char, account_type: char },
  'account.journal': {
    name: char,
    code: char,
    type: char,
    sequence: integer,
    company_id: many2one('res.company'),
  },
  'account.move': {
    name: char,
    state: char,
    move_type: char,
    ref: char,
    invoice_date: char,
    amount_untaxed: float,
    amount_tax: float,
    amount_total: float,
    amount_residual: float,
    payment_state: char,
    journal_id: many2one('account.journal'),
    company_id: many2one('res.company'),
    currency_id: many2one('res.currency'),
    reversed_entry_id: many2one('account.move'),
    /** In Odoo by way of the lines. */
    sale_id: many2one('sale.order'),
  },
  'account.move.line': {
    name: char,
    move_id: many2one('account.move'),
    sale_line_id: many2one('sale.order.line'),
    product_id: many2one('product.product'),
    quantity: float,
    price_unit: float,
    price_subtotal: float,
    display_type: char,
    account_id: many2one('account.account'),
    reconciled: boolean,
  },
  'account.payment': { name: char, state: char, amount: float, memo: char },
  'account.move.reversal': { vals: char },
  'account.payment.register': { vals: char },
  'sale.advance.payment.inv': { vals: char },
  'ir.attachment': {
    name: char,
    description: char,
    res_model: char,
    res_id: integer,
    mimetype: char,
    datas: char,
  },
};
