/** What was found for a number: what it is, and where it leads. */
import type { Found } from '../../../node-red/tower/search.ts';
import type { Hit } from '../../hit.ts';
import { ago, dateTime } from '../kit/format.ts';
import { html, type View } from '../kit/html.ts';
import { Fault, Loading, Title, type Page } from '../kit/page.ts';
import { usePolled } from '../kit/poll.ts';
import { useFilter } from '../kit/route.ts';
import { Table, type Column } from '../kit/table.ts';
import { t, textOf } from '../kit/text.ts';

export const page: Page = {
  path: '/tower/search',
  view: Search,
};

const most = 20;

function Search(): View {
  const [{ q }] = useFilter('q');
  const wanted = q.trim();
  const path = wanted === '' ? undefined : `/search?q=${encodeURIComponent(wanted.slice(0, 1000))}`;
  const { data, error, refresh } = usePolled<Found>(path, 30);
  return html`
    <${Title} text=${wanted === '' ? t('search.title') : t('search.found', { wanted })} />
    <${Fault} error=${error} retry=${refresh} />
    ${wanted === '' && html`<div class="empty"><p>${t('search.help')}</p></div>`}
    ${path && !data && !error && html`<${Loading} />`}
    ${data && html`<${Hits} hits=${data.rows} wanted=${wanted} />`}
  `;
}

function Hits({ hits, wanted }: { hits: Hit[]; wanted: string }): View {
  const columns: Column<Hit>[] = [
    { id: 'value', text: t('search.value'), value: ({ value }) => value },
    { id: 'kind', text: t('search.kind'), value: ({ kind }) => kindText(kind) },
    { id: 'what', text: t('search.what'), value: whatText, view: What },
    { id: 'partner', text: t('search.partner'), value: ({ order }) => order?.partner ?? undefined },
    {
      id: 'time',
      text: t('search.time'),
      value: ({ time }) => time,
      view: ({ time }) => time && html`<time datetime=${time} title=${dateTime(time)}>${ago(time)}</time>`,
    },
  ];
  return html`
    <${Table}
      caption=${t('search.found', { wanted })}
      columns=${columns}
      rows=${hits}
      rowKey=${(hit: Hit) => `${hit.kind} ${hit.href}`}
      href=${(hit: Hit) => hit.href}
      empty=${html`<p>${t('search.nothing', { wanted })}</p>
        <p>${t('search.nothingHelp')}</p>`}
    />
    ${hits.length === most && html`<p class="small">${t('search.moreExact')}</p>`}
  `;
}

/** A kind of an analyst's own is shown as it is called. */
function kindText(kind: string): string {
  return textOf(`search.kind.${kind}`) ?? kind;
}

const stateText = (state: string): string => textOf(`search.state.${state}`) ?? state;

function whatText({ order, exception, last }: Hit): string {
  if (order) {
    const where = order.step ? `${stateText(order.state)}: ${order.step}` : stateText(order.state);
    return t('search.order', { number: order.number || order.key, where });
  }
  if (exception)
    return t('search.exception', { state: stateText(`letter.${exception.state}`), code: exception.code });
  return last ? t('search.transaction', { flow: last.flow, step: last.step }) : '';
}

function What(hit: Hit): View {
  const open = hit.order?.attention || hit.exception?.state === 'open';
  return html`${whatText(hit)} ${open && html`<span class="badge warning">${t('search.attention')}</span>`}`;
}
