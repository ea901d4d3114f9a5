/** `/workspace/samples`: the messages that are kept, and the last webhooks, of which one can be kept. */
import type { SeenRow } from '../../../../node-red/tower/samples.ts';
import type { SampleRow } from '../../../../workspace/samples.ts';
import { dateTime } from '../../kit/format.ts';
import { html, useState, type View } from '../../kit/html.ts';
import { Fault, Loading, Title, type Page } from '../../kit/page.ts';
import { usePolled } from '../../kit/poll.ts';
import { may, useMe } from '../../kit/session.ts';
import { Table, type Column } from '../../kit/table.ts';
import { t } from '../../kit/text.ts';
import { KeepDialog } from '../../workspace/samples/keep.ts';

export const page: Page = {
  path: '/workspace/samples',
  nav: { text: 'samples.nav', order: 70 },
  view() {
    const { data, error, refresh } = usePolled<{ rows: SampleRow[] }>('/samples', 15);
    return html`<${Title} text=${t('samples.nav')} />
      <p>${t('samples.explained')}</p>
      <h2>${t('samples.kept')}</h2>
      <${Fault} error=${error} retry=${refresh} />
      ${data ? html`<${Kept} rows=${data.rows} />` : html`<${Loading} />`}
      <h2>${t('samples.seen')}</h2>
      ${may('crossdock.data') ? html`<${Seen} refresh=${refresh} />` : html`<p>${t('samples.noData')}</p>`}`;
  },
};

function Kept({ rows }: { rows: SampleRow[] }): View {
  const columns: Column<SampleRow>[] = [
    { id: 'name', text: t('samples.name'), value: ({ name }) => name },
    { id: 'source', text: t('samples.flow'), value: ({ source, problem }) => source ?? problem },
    { id: 'event', text: t('samples.event'), value: ({ event }) => event },
    {
      id: 'taken',
      text: t('samples.taken'),
      value: ({ taken }) => taken,
      view: ({ taken }) => taken && dateTime(taken),
    },
    { id: 'masked', text: t('samples.masked'), value: ({ masked }) => masked, numeric: true },
  ];
  return html`<${Table}
    caption=${t('samples.kept')}
    columns=${columns}
    rows=${rows}
    rowKey=${({ name }: SampleRow) => name}
    empty=${t('samples.noneKept')}
  />`;
}

function Seen({ refresh }: { refresh(): Promise<void> }): View {
  const me = useMe();
  const { data, error, refresh: again } = usePolled<{ seeing: boolean; rows: SeenRow[] }>('/samples/seen', 5);
  const [chosen, choose] = useState<SeenRow>();
  const [name, setName] = useState('');
  if (!data) return error ? html`<${Fault} error=${error} retry=${again} />` : html`<${Loading} />`;
  if (!data.seeing) return html`<p>${t('samples.notSeeing')}</p>`;
  const columns: Column<SeenRow>[] = [
    { id: 'at', text: t('samples.came'), value: ({ at }) => at, view: ({ at }) => dateTime(at) },
    { id: 'path', text: t('samples.path'), value: ({ path }) => path },
    { id: 'flow', text: t('samples.flow'), value: ({ flow }) => flow },
    { id: 'event', text: t('samples.event'), value: ({ event }) => event },
    {
      id: 'bytes',
      text: t('samples.size'),
      value: ({ bytes }) => bytes,
      view: ({ bytes }) => t('samples.bytes', { count: bytes }),
      numeric: true,
    },
  ];
  const button = (row: SeenRow): View =>
    html`<button type="button" onClick=${() => choose(row)}>${t('samples.look')}</button>`;
  if (me?.authored && may('crossdock.author'))
    columns.push({ id: 'act', text: t('samples.act'), value: () => undefined, view: button });
  const kept = (called: string): void => {
    choose(undefined);
    setName(called);
    void refresh();
  };
  return html`<p>${t('samples.seenHelp')}</p>
    <p role="status">${name && t('samples.done', { name })}</p>
    <${Table}
      caption=${t('samples.seen')}
      columns=${columns}
      rows=${data.rows}
      rowKey=${({ id }: SeenRow) => id}
      empty=${t('samples.noneSeen')}
      sortAs="sort-seen"
    />
    ${chosen && html`<${KeepDialog} row=${chosen} kept=${kept} close=${() => choose(undefined)} />`}`;
}
