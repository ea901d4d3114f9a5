/** Entries that people proposed for value maps: those that wait here, and those of other hubs that are taken over. */
import type { ProposalRow, ProposalState } from '../../../journal/tables.ts';
import type { OfEnvironment } from '../../elsewhere.ts';
import { post, type ApiError } from '../kit/api.ts';
import { dateTime } from '../kit/format.ts';
import { html, useState, type View } from '../kit/html.ts';
import { useList } from '../kit/list.ts';
import { Fault, Loading, Title, type Page } from '../kit/page.ts';
import { usePolled } from '../kit/poll.ts';
import { useFilter } from '../kit/route.ts';
import { may } from '../kit/session.ts';
import { Table, type Column } from '../kit/table.ts';
import { t } from '../kit/text.ts';

const states: ProposalState[] = ['waiting', 'live', 'other', 'withdrawn'];

export const page: Page = {
  path: '/tower/proposals',
  nav: { text: 'mend.nav', order: 70 },
  view() {
    const [{ state: asked }, setFilter] = useFilter('state');
    const state = states.find((one) => one === asked) ?? 'waiting';
    const { rows, error, more, refresh } = useList<ProposalRow>(`/mend/proposals?state=${state}`);
    const choose = (event: Event): void =>
      setFilter({ state: (event.currentTarget as HTMLSelectElement).value });
    return html`<${Title} text=${t('mend.nav')} />
      <p>${t('mend.explained')}</p>
      <div class="filters">
        <label>
          ${t('mend.state')}
          <select value=${state} onChange=${choose}>
            ${states.map((one) => html`<option key=${one} value=${one}>${t(`mend.state-${one}`)}</option>`)}
          </select>
        </label>
      </div>
      <${Fault} error=${error} retry=${refresh} />
      ${rows ? html`<${Proposals} ...${{ rows, more, refresh }} />` : html`<${Loading} />`}
      <${Elsewhere} />`;
  },
};

interface ProposalsProps {
  rows: ProposalRow[];
  more?: (() => Promise<void>) | undefined;
  refresh(): Promise<void>;
  /** Where they wait, when that is another hub. */
  environment?: string;
}

function Proposals({ rows, more, refresh, environment }: ProposalsProps): View {
  const [failed, fail] = useState<ApiError>();
  const act = async (path: string, body: object): Promise<void> => {
    fail(undefined);
    try {
      await post(path, body);
    } catch (error) {
      fail(error as ApiError);
    }
    await refresh();
  };
  const button = ({ id, state }: ProposalRow): View => {
    if (state !== 'waiting' || !may('crossdock.replay')) return null;
    return environment
      ? html`<button type="button" onClick=${() => act('/mend/take', { environment, id })}>
          ${t('mend.take')}
        </button>`
      : html`<button type="button" onClick=${() => act('/mend/withdraw', { id })}>
          ${t('mend.withdraw')}
        </button>`;
  };
  const columns: Column<ProposalRow>[] = [
    { id: 'value', text: t('mend.value'), value: ({ value }) => value },
    { id: 'map', text: t('mend.map'), value: ({ map }) => map },
    {
      id: 'to',
      text: t('mend.to'),
      value: ({ target, factor }) => (factor ? `${factor} × ${target}` : target),
    },
    {
      id: 'source',
      text: t('mend.for'),
      value: ({ source, article }) => [source, article].filter(Boolean).join(', '),
    },
    { id: 'by', text: t('mend.by'), value: ({ made_by: by }) => by },
    { id: 'made', text: t('mend.made'), value: ({ made }) => made, view: ({ made }) => dateTime(made) },
  ];
  if (rows.some((row) => button(row) !== null))
    columns.push({ id: 'act', text: t('mend.act'), value: () => undefined, view: button });
  return html`<${Fault} error=${failed} />
    <${Table}
      caption=${environment ? t('mend.of', { environment }) : t('mend.nav')}
      columns=${columns}
      rows=${rows}
      rowKey=${({ id }: ProposalRow) => id}
      href=${({ letter }: ProposalRow) => (letter && !environment ? `/tower/letters/${encodeURIComponent(letter)}` : undefined)}
      more=${more}
      empty=${t('mend.none')}
      sortAs=${environment ? `sort-${environment}` : 'sort'}
    />`;
}

/** Where flows are made. */
function Elsewhere(): View {
  const { data, refresh } = usePolled<{ rows: OfEnvironment[] }>('/mend/elsewhere', 30);
  return html`${data?.rows.map(
    ({ environment, proposals, away }) =>
      html`<section key=${environment}>
        <h2>${t('mend.of', { environment })}</h2>
        ${away ? html`<p class="notice">${away}</p>` : html`<${Proposals} rows=${proposals} ...${{ refresh, environment }} />`}
      </section>`,
  )}`;
}
