/** All error codes. */
import type { ErrorCode } from '../../../errors/row.ts';
import { html } from '../kit/html.ts';
import { Fault, Loading, Title, type Page } from '../kit/page.ts';
import { usePolled } from '../kit/poll.ts';
import { useFilter } from '../kit/route.ts';
import { Table, type Column } from '../kit/table.ts';
import { t, textOf } from '../kit/text.ts';

type Row = ErrorCode & { code: string };

export const page: Page = {
  path: '/tower/codes',
  view() {
    const { data, error } = usePolled<{ rows: Row[] }>('/codes', 600);
    const [{ find }, setFilter] = useFilter('find');
    if (!data) return error ? html`<${Fault} error=${error} />` : html`<${Loading} />`;
    const wanted = find.trim().toLowerCase();
    const rows = data.rows.filter(({ code, meaning }) => `${code} ${meaning}`.toLowerCase().includes(wanted));
    const columns: Column<Row>[] = [
      { id: 'code', text: t('runbook.one'), value: ({ code }) => code },
      { id: 'meaning', text: t('runbook.meaning'), value: ({ meaning }) => meaning },
      {
        id: 'owner',
        text: t('runbook.acts'),
        value: ({ owner }) => textOf(`runbook.owner-${owner}`) ?? owner,
      },
    ];
    const typed = (event: Event): void =>
      setFilter({ find: (event.currentTarget as HTMLInputElement).value });
    return html`<${Title} text=${t('runbook.all')} />
      <p>
        <label>${t('runbook.find')} <input type="search" value=${find} onInput=${typed} /></label>
      </p>
      <${Table}
        caption=${t('runbook.all')}
        columns=${columns}
        rows=${rows}
        rowKey=${({ code }: Row) => code}
        href=${({ code }: Row) => `/tower/codes/${code}`}
        empty=${t('runbook.none', { find })}
      />`;
  },
};
