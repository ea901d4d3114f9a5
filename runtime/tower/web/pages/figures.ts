/** How the business does: all figures beside their objectives, then each with its formula, its days and its parts. */
import type { Figure, Figures } from '../../../figures/figures.ts';
import { One } from '../figures/one.ts';
import { aimOf, colourOf, stateOf, valueOf } from '../figures/words.ts';
import { dateTime, number } from '../kit/format.ts';
import { html, type View } from '../kit/html.ts';
import { Fault, Loading, Title, type Page } from '../kit/page.ts';
import { usePolled } from '../kit/poll.ts';
import { useFilter } from '../kit/route.ts';
import { Table, type Column } from '../kit/table.ts';
import { t, teamName } from '../kit/text.ts';

const spans = ['7', '30', '90'] as const;

export const page: Page = {
  path: '/tower/figures',
  nav: { text: 'figures.title', order: 55 },
  view: FiguresPage,
};

function FiguresPage(): View {
  const [filter, setFilter] = useFilter('days');
  const days = spans.find((one) => one === filter.days) ?? '30';
  const { data, error, refresh } = usePolled<Figures>(`/figures?days=${days}`, 60);
  const choose = (event: Event) => setFilter({ days: (event.target as HTMLSelectElement).value });
  return html`<${Title} text=${t('figures.title')}>
      <label class="unprinted">
        ${t('figures.span')}${' '}
        <select value=${days} onChange=${choose}>
          ${spans.map((one) => html`<option key=${one} value=${one}>${t(`figures.span.${one}`)}</option>`)}
        </select>
      </label>
      <button type="button" class="unprinted" onClick=${printAll}>${t('figures.print')}</button>
    <//>
    <${Fault} error=${error} retry=${refresh} />
    ${data ? html`<${All} all=${data} />` : !error && html`<${Loading} />`}`;
}

/** What is folded would not be on the paper. */
function printAll(): void {
  for (const folded of document.querySelectorAll<HTMLDetailsElement>('main details')) folded.open = true;
  print();
}

function All({ all }: { all: Figures }): View {
  const { figures, from, to, process } = all;
  if (figures.length === 0) return html`<p class="empty">${t('figures.none')}</p>`;
  return html`<p class="small">
      ${t('figures.printed', { from: dateTime(from), to: dateTime(to), process })} ${t('figures.lead')}
    </p>
    <section class="panel">
      <${Table}
        caption=${t('figures.all')}
        columns=${columns()}
        rows=${figures}
        rowKey=${({ indicator }: Figure) => indicator}
        href=${({ indicator }: Figure) => `#${indicator}`}
        empty=""
      />
    </section>
    ${figures.map((figure) => html`<${One} key=${figure.indicator} figure=${figure} days=${all.days} />`)}`;
}

const columns = (): Column<Figure>[] => [
  { id: 'figure', text: t('figures.figure'), value: ({ indicator }) => t(`figures.${indicator}.title`) },
  {
    id: 'value',
    text: t('figures.value'),
    value: ({ value }) => value ?? undefined,
    view: valueOf,
    numeric: true,
  },
  { id: 'target', text: t('figures.target'), value: aimOf },
  {
    id: 'state',
    text: t('figures.state'),
    value: stateOf,
    view: (one) => html`<span class=${`badge ${colourOf(one)}`}>${stateOf(one)}</span>`,
  },
  {
    id: 'count',
    text: t('figures.counted'),
    value: ({ count }) => count,
    view: ({ count }) => number(count),
    numeric: true,
  },
  { id: 'owner', text: t('figures.owner'), value: ({ owner }) => teamName(owner) },
];
