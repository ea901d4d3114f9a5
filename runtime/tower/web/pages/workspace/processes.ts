/** All processes: who owns each, and how many steps it has. */
import type { OpenFile } from '../../../../workspace/files.ts';
import type { ProcessFile } from '../../../../process/definition.ts';
import { get, type ApiError } from '../../kit/api.ts';
import { html, useEffect, useState } from '../../kit/html.ts';
import { Fault, Loading, Title, type Page } from '../../kit/page.ts';
import { Table, type Column } from '../../kit/table.ts';
import { t } from '../../kit/text.ts';

const folder = 'definitions/processes';

export const page: Page = {
  path: '/workspace/processes',
  nav: { text: 'process.all', order: 50 },
  view() {
    const [rows, setRows] = useState<ProcessFile[]>();
    const [error, fail] = useState<ApiError>();
    useEffect(() => {
      allOf().then(setRows, fail);
    }, []);
    if (!rows) return error ? html`<${Fault} error=${error} />` : html`<${Loading} />`;
    const columns: Column<ProcessFile>[] = [
      { id: 'process', text: t('process.one'), value: ({ process }) => process },
      { id: 'summary', text: t('process.summary'), value: ({ summary }) => summary },
      { id: 'owner', text: t('process.owner'), value: ({ owner }) => owner },
      { id: 'version', text: t('process.version'), value: ({ version }) => version },
      {
        id: 'steps',
        text: t('process.steps'),
        value: ({ steps }) => Object.keys(steps).length,
        numeric: true,
      },
    ];
    return html`<${Title} text=${t('process.all')} />
      <p>${t('process.lead')}</p>
      <${Table}
        caption=${t('process.all')}
        columns=${columns}
        rows=${rows}
        rowKey=${({ process }: ProcessFile) => process}
        href=${({ process }: ProcessFile) => `/workspace/processes/${process}`}
        empty=${t('process.none')}
      />`;
  },
};

async function allOf(): Promise<ProcessFile[]> {
  const { paths } = await get<{ paths: string[] }>(`/files?under=${folder}`);
  const files = await Promise.all(
    paths.map((path) => get<OpenFile>(`/files/one?path=${encodeURIComponent(path)}`)),
  );
  return files.flatMap(({ value }) => (value ? [value as ProcessFile] : []));
}
