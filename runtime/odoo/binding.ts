/** Binds a message to its record in Odoo: the message is an attachment of the record, with an external id. */
import { CodedError } from '../errors/coded-error.ts';
import type { Odoo } from './client.ts';
import { externalId, findExternal } from './external-id.ts';
import { load } from './load.ts';

/** The identity of a message, with its order and content. */
export interface Document {
  source: string;
  id: string;
  /** Kind of the message, such as `shipment`; part of the external id. */
  kind: string;
  /** The order that the message is about. The same message about another order is a conflict. */
  order: object;
  /** The message, which is attached as JSON. */
  content: object;
}

export interface Binding {
  model: string;
  id: number;
}

interface Attachment {
  description: string | false;
  res_model: string | false;
  res_id: number;
}

/**
 * Returns the record of a message, or undefined if it has none yet. Throws CodedError CLAIM_CONFLICT if the record is
 * of another order, ODOO_NOT_FOUND if it was deleted, or what a call to Odoo throws.
 */
export async function findBinding(odoo: Odoo, document: Document): Promise<Binding | undefined> {
  const row = await attachmentOf(odoo, document);
  return row === undefined ? undefined : readBinding(odoo, document, row);
}

/** Returns the order that a message was about and its record, or undefined if it has none yet. */
export async function boundBy(
  odoo: Odoo,
  identity: Pick<Document, 'source' | 'kind' | 'id'>,
): Promise<{ order: object; id: number } | undefined> {
  const row = await attachmentOf(odoo, identity);
  if (row === undefined) return undefined;
  const [attachment] = await odoo.call<Attachment[]>('ir.attachment', 'search_read', {
    domain: [['id', '=', row]],
    fields: ['res_model', 'res_id', 'description'],
  });
  if (!attachment?.description || attachment.res_model === false) return undefined;
  return { order: JSON.parse(attachment.description) as object, id: attachment.res_id };
}

async function attachmentOf(
  odoo: Odoo,
  { source, kind, id }: Pick<Document, 'source' | 'kind' | 'id'>,
): Promise<number | undefined> {
  const name = externalId(source, kind, id);
  return (await findExternal(odoo, 'ir.attachment', [name])).get(name);
}

/**
 * Binds the message to its record. Safe to call again: returns the existing binding. Throws CodedError CLAIM_CONFLICT
 * if the message is bound to a record of another order, and what `load` throws.
 */
export async function bind(odoo: Odoo, document: Document, { model, id }: Binding): Promise<Binding> {
  const { kind, source, id: message, content } = document;
  const row = {
    id: externalId(source, kind, message),
    name: `${kind} ${source} ${message}.json`,
    res_model: model,
    res_id: String(id),
    mimetype: 'application/json',
    description: aboutOf(document),
    datas: Buffer.from(JSON.stringify(content, null, 2)).toString('base64'),
  };
  const [outcome] = await load(odoo, 'ir.attachment', [{ externalId: row.id, rows: [row] }]);
  if (outcome!.status === 'rejected') throw outcome!.reason;
  return (await readBinding(odoo, document, outcome!.value)) ?? { model, id };
}

/** Returns which of these records already belong to messages of this kind. */
export async function bound(odoo: Odoo, model: string, ids: number[], kind: string): Promise<Set<number>> {
  if (ids.length === 0) return new Set();
  const rows = await odoo.call<{ res_id: number }[]>('ir.attachment', 'search_read', {
    domain: [
      ['res_model', '=', model],
      ['res_id', 'in', ids],
      ['name', '=like', `${kind} %.json`],
    ],
    fields: ['res_id'],
  });
  return new Set(rows.map(({ res_id: id }) => id));
}

async function readBinding(odoo: Odoo, document: Document, attachment: number): Promise<Binding | undefined> {
  const [row] = await odoo.call<Attachment[]>('ir.attachment', 'search_read', {
    domain: [['id', '=', attachment]],
    fields: ['res_model', 'res_id', 'description'],
  });
  if (!row) return undefined;
  if (row.res_model === false)
    throw new CodedError('ODOO_NOT_FOUND', 'The record of this message was deleted in Odoo', {});
  if (row.description !== aboutOf(document))
    throw new CodedError('CLAIM_CONFLICT', `This ${document.kind} came before, about another order`, {
      id: document.id,
    });
  return { model: String(row.res_model), id: row.res_id };
}

function aboutOf({ order }: Document): string {
  return JSON.stringify(Object.fromEntries(Object.entries(order).toSorted()));
}
