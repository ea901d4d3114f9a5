/** The address of a record in Odoo's own pages. */

/**
 * Undefined where ODOO_URL is no http address, or what it names is no record. The form is that of Odoo 14 to 17; 18 and
 * later turn it into theirs (`/odoo/sale.order/42`) when the page opens.
 */
export function odooLink(odooUrl: string | undefined, model: string, id: number): string | undefined {
  const base = URL.canParse(odooUrl ?? '') ? new URL(odooUrl!) : undefined;
  if (!base || !/^https?:$/.test(base.protocol)) return undefined;
  if (!/^[a-z][a-z0-9_.]*$/.test(model) || !Number.isSafeInteger(id) || id < 1) return undefined;
  return `${base.origin}/web#id=${id}&model=${model}&view_type=form`;
}

/** As steps name the effect: `sale.order/42`. */
export function recordOf(reference: string | null): { model: string; id: number } | undefined {
  const [, model, id] = /^([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+)\/(\d+)$/.exec(reference ?? '') ?? [];
  return model === undefined ? undefined : { model, id: Number(id) };
}
