/** All mappings: what each gives, its tests, and who uses it. */
import type { MappingRow } from '../../../../workspace/studio/mappings.ts';
import { html } from '../../kit/html.ts';
import { Fault, Loading, Title, type Page } from '../../kit/page.ts';
import { usePolled } from '../../kit/poll.ts';
import { useFilter } from '../../kit/route.ts';
import { may, useMe } from '../../kit/session.ts';
import { Table, type Column } from '../../kit/table.ts';
import { t } from '../../kit/text.ts';
import { NewMapping } from '../../workspace/studio/new-mapping.ts';

const usesOf = ({ uses }: MappingRow): string =>
  [...new Set(uses.map(({ flow }) => flow))].join(', ') || t('studio.unused');

export const page: Page = {
  path: '/workspace/mappings',
  nav: { text: 'studio.nav', order: 10 },
  view() {
    const [{ new: wanted }] = useFilter('new');
    const makes = useMe()?.authored && may('crossdock.author');
    const { data, error } = usePolled<{ rows: MappingRow[] }>('/studio', 60);
    if (!data) return error ? html`<${Fault} error=${error} />` : html`<${Loading} />`;
    const columns: Column<MappingRow>[] = [
      { id: 'name', text: t('studio.name'), value: ({ name }) => name },
      { id: 'about', text: t('studio.about'), value: ({ about }) => about },
      { id: 'schema', text: t('studio.schema'), value: ({ schema }) => schema },
      { id: 'tests', text: t('studio.tests'), value: ({ tests }) => tests, numeric: true },
      { id: 'uses', text: t('studio.uses'), value: usesOf },
    ];
    return html`<${Title} text=${t('studio.title')} />
      ${
        makes &&
        html`<${NewMapping} known=${data.rows.map(({ name }) => name)} key=${wanted} wanted=${wanted} />`
      }
      <${Table}
        caption=${t('studio.title')}
        columns=${columns}
        rows=${data.rows}
        rowKey=${({ name }: MappingRow) => name}
        href=${({ name }: MappingRow) => `/workspace/mappings/${encodeURIComponent(name)}`}
        empty=${t('studio.none')}
      />`;
  },
};
