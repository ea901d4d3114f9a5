/** Orders by EDI as test suites write them: their segments alone, mapped with the project's own definitions. */
import { join, resolve } from 'node:path';
import { loadDocumentTypes } from '../runtime/edi/document-types.ts';
import type { EdiDocument } from '../runtime/edi/document.ts';
import { readEdifact } from '../runtime/edi/edifact.ts';
import { readX12 } from '../runtime/edi/x12.ts';
import { compileMapping } from '../runtime/map/mapping.ts';
import { loadPartners } from '../runtime/partners/partners.ts';
import { loadValueMaps } from '../runtime/values/value-maps.ts';

export const definitions = resolve(import.meta.dirname, '../definitions');
export const known = loadDocumentTypes(join(definitions, 'edi'));
const values = loadValueMaps(join(definitions, 'values'));
const partners = loadPartners(join(definitions, 'partners'));

export type Order = Record<string, any>;

export function x12(lines: string): EdiDocument {
  const body = lines
    .trim()
    .split(/\s*~\s*/)
    .filter(Boolean);
  const text = [
    'ISA*00*          *00*          *01*0079611234     *ZZ*CROSSDOCK      *261102*0905*U*00401*000000317*0*P*>',
    'GS*PO*0079611234*CROSSDOCK*20261102*0905*317*X*004010',
    'ST*850*0001',
    ...body,
    `SE*${body.length + 2}*0001`,
    'GE*1*317',
    'IEA*1*000000317',
    '',
  ].join('~');
  return only(readX12(text, { types: ['850'], known }));
}

export function edifact(lines: string): EdiDocument {
  const body = lines
    .trim()
    .split(/\s*'\s*/)
    .filter(Boolean);
  const text = [
    'UNB+UNOC:3+5412345000013:14+4012345000009:14+261102:0905+881',
    'UNH+1+ORDERS:D:96A:UN:EAN008',
    ...body,
    `UNT+${body.length + 2}+1`,
    'UNZ+1+881',
    '',
  ].join("'");
  return only(readEdifact(text, { types: ['ORDERS'], known }));
}

function only({ documents, findings }: ReturnType<typeof readX12>): EdiDocument {
  if (findings.length > 0) throw new Error(findings.join('; '));
  return documents[0]!;
}

const mappings = new Map<string, ReturnType<typeof compileMapping>>();

export function mapped(document: EdiDocument): Promise<Order> {
  const name = `${document.standard}.order`;
  const file = `mappings/${name}.jsonata`;
  const schema = 'schemas/order.v1.json';
  const mapping =
    mappings.get(name) ??
    compileMapping({ dir: definitions, file, schema, values, partners, documentTypes: known });
  mappings.set(name, mapping);
  const partner = document.standard === 'x12' ? 'midmart' : 'brookfield';
  return mapping.run(
    { partner, ...document },
    { event: { time: '2026-11-03T08:00:00.000Z' } },
  ) as Promise<Order>;
}

/** What of an order money and quantity hang on. */
export const shown = ({ lines, shipping = [], totals }: Order) => ({
  lines: lines.map((line: Order) =>
    [line.id, line.quantity, line.unitPrice, ...(line.discount ? [`-${line.discount}`] : [])].join(' '),
  ),
  ...(shipping.length > 0 && { charges: shipping.map(({ code, price }: Order) => `${code} ${price}`) }),
  gross: totals.gross,
});
