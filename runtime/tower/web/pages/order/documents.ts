/** What an order became in Odoo, with the way there. */
import type { OrderDocument } from '../../../order/documents.ts';
import { date, money } from '../../kit/format.ts';
import { html, type View } from '../../kit/html.ts';
import { Table, type Column } from '../../kit/table.ts';
import { t, textOf } from '../../kit/text.ts';

export function Documents({ documents }: { documents: readonly OrderDocument[] }): View {
  const columns: Column<OrderDocument>[] = [
    { id: 'kind', text: t('orders.documentKind'), value: kindName },
    { id: 'name', text: t('orders.documentName'), value: ({ name }) => name, view: nameView },
    { id: 'state', text: t('orders.documentState'), value: ({ state }) => state },
    { id: 'date', text: t('orders.documentDate'), value: (one) => one.date, view: dateView },
    { id: 'tracking', text: t('orders.documentTracking'), value: trackingOf },
    {
      id: 'total',
      text: t('orders.documentTotal'),
      value: (one) => one.total,
      view: totalView,
      numeric: true,
    },
  ];
  return html`<section aria-label=${t('orders.documents')}>
    <h2>${t('orders.documents')}</h2>
    <${Table}
      caption=${t('orders.documents')}
      columns=${columns}
      rows=${documents}
      rowKey=${({ kind, model, id }: OrderDocument) => `${kind} ${model}/${id}`}
      empty=${t('orders.noDocuments')}
      sortAs="documents"
    />
  </section>`;
}

function kindName({ kind, model }: OrderDocument): string {
  return textOf(`orders.document.${kind === 'other' ? model : kind}`) ?? model;
}

function nameView({ name, model, id, link }: OrderDocument): View {
  const shown = name || `${model}/${id}`;
  if (!link) return shown;
  return html`<a
    href=${link}
    target="_blank"
    rel="noopener noreferrer"
    aria-label=${t('orders.openInOdoo', { name: shown })}
    >${shown} ↗</a
  >`;
}

const dateView = (one: OrderDocument): View => (one.date ? date(one.date) : '');
const totalView = (one: OrderDocument): View => (one.total ? money(one.total, one.currency) : '');
const trackingOf = ({ carrier, tracking }: OrderDocument): string | undefined =>
  [carrier, tracking].filter(Boolean).join(' ') || undefined;
