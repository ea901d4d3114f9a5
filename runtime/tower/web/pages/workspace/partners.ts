/** `/workspace/partners`: who sends what, when they were last heard of, and what of theirs waits. */
import type { PartnerRow } from '../../../../workspace/partner/list.ts';
import { dateTime } from '../../kit/format.ts';
import { html } from '../../kit/html.ts';
import { Fault, Loading, Title, type Page } from '../../kit/page.ts';
import { usePolled } from '../../kit/poll.ts';
import { may, useMe } from '../../kit/session.ts';
import { Table, type Column } from '../../kit/table.ts';
import { t } from '../../kit/text.ts';

export const page: Page = {
  path: '/workspace/partners',
  nav: { text: 'partner.nav', order: 40 },
  view() {
    const me = useMe();
    const { data, error, refresh } = usePolled<{ rows: PartnerRow[] }>('/partners', 30);
    const columns: Column<PartnerRow>[] = [
      { id: 'partner', text: t('partner.name'), value: ({ partner }) => partner },
      { id: 'summary', text: t('partner.summary'), value: ({ summary }) => summary },
      { id: 'by', text: t('partner.by'), value: ({ by }) => t(`partner.by-${by}`) },
      { id: 'sends', text: t('partner.sends'), value: ({ sends }) => sends.join(', ') },
      { id: 'takes', text: t('partner.takes'), value: ({ takes }) => takes.join(', ') },
      {
        id: 'seen',
        text: t('partner.seen'),
        value: ({ seen }) => seen,
        view: ({ seen }) => (seen ? dateTime(seen) : t('partner.never')),
      },
      { id: 'open', text: t('partner.exceptions'), value: ({ open }) => open, numeric: true },
    ];
    const makes = me?.authored && may('crossdock.author');
    return html`<${Title} text=${t('partner.nav')}>
        ${makes && html`<a class="button primary" href="/workspace/partners/new">${t('partner.add')}</a>`}
      <//>
      <${Fault} error=${error} retry=${refresh} />
      ${
        data
          ? html`<${Table}
              caption=${t('partner.nav')}
              columns=${columns}
              rows=${data.rows}
              rowKey=${({ partner }: PartnerRow) => partner}
              href=${({ partner }: PartnerRow) => `/workspace/partners/${partner}`}
              empty=${t('partner.none')}
            />`
          : !error && html`<${Loading} />`
      }`;
  },
};
