/** `/workspace/values`: all value maps, and which of them somebody waits for. */
import type { MapRow } from '../../../../workspace/values.ts';
import { html } from '../../kit/html.ts';
import { Fault, Loading, Title, type Page } from '../../kit/page.ts';
import { usePolled } from '../../kit/poll.ts';
import { useFilter } from '../../kit/route.ts';
import { may, useMe } from '../../kit/session.ts';
import { Table, type Column } from '../../kit/table.ts';
import { t } from '../../kit/text.ts';
import { NewMap } from '../../workspace/values/new-map.ts';

export const page: Page = {
  path: '/workspace/values',
  nav: { text: 'values.nav', order: 20 },
  view() {
    const [{ new: wanted }] = useFilter('new');
    const makes = useMe()?.authored && may('crossdock.author');
    const { data, error, refresh } = usePolled<{ rows: MapRow[] }>('/values', 30);
    const columns: Column<MapRow>[] = [
      { id: 'name', text: t('values.map'), value: ({ name }) => name },
      { id: 'summary', text: t('values.summary'), value: ({ summary }) => summary },
      { id: 'owner', text: t('values.owner'), value: ({ owner }) => owner },
      { id: 'entries', text: t('values.entries'), value: ({ entries }) => entries, numeric: true },
      {
        id: 'waiting',
        text: t('values.waitingShort'),
        value: ({ waiting }) => waiting,
        view: ({ waiting }) => (waiting > 0 ? html`<b class="late">${waiting}</b>` : '0'),
        numeric: true,
      },
    ];
    return html`<${Title} text=${t('values.nav')} />
      <p>${t('values.lead')}</p>
      <${Fault} error=${error} retry=${refresh} />
      ${
        data &&
        makes &&
        html`<${NewMap} known=${data.rows.map(({ name }) => name)} key=${wanted} wanted=${wanted} />`
      }
      ${
        data
          ? html`<${Table}
              caption=${t('values.nav')}
              columns=${columns}
              rows=${data.rows}
              rowKey=${({ name }: MapRow) => name}
              href=${({ name }: MapRow) => `/workspace/values/${name}`}
              empty=${t('values.none')}
            />`
          : html`<${Loading} />`
      }`;
  },
};
