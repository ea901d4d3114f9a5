/** What could be sent again, and the replays that were planned and run. */
import type { LetterGroup } from '../../../journal/journal.ts';
import type { ReplayShort } from '../../../replay/view.ts';
import { ago, dateTime, number } from '../kit/format.ts';
import { html, type View } from '../kit/html.ts';
import { useList } from '../kit/list.ts';
import { Fault, Loading, Title, type Page } from '../kit/page.ts';
import { usePolled } from '../kit/poll.ts';
import { Table, type Column } from '../kit/table.ts';
import { t } from '../kit/text.ts';
import { StateBadge } from './replay-parts.ts';
import { PlanReplay } from './replay-plan.ts';

export const page: Page = {
  path: '/tower/replays',
  nav: { text: 'replay.nav', order: 40 },
  view: () =>
    html`<${Title} text=${t('replay.title')} />
      <${Open} />
      <${Runs} />`,
};

function Open(): View {
  const { data, error, refresh } = usePolled<{ rows: LetterGroup[] }>('/replays/groups', 30);
  const columns: Column<LetterGroup>[] = [
    { id: 'flow', text: t('replay.flow'), value: ({ flow }) => flow },
    { id: 'code', text: t('replay.failedWith'), value: ({ code }) => code, view: codeLink },
    {
      id: 'count',
      text: t('replay.letters'),
      value: ({ count }) => count,
      view: ({ count }) => number(count),
      numeric: true,
    },
    {
      id: 'oldest',
      text: t('replay.oldest'),
      value: ({ oldest }) => oldest,
      view: ({ oldest }) => ago(oldest),
    },
    {
      id: 'plan',
      text: t('replay.include'),
      value: () => undefined,
      view: ({ flow, code, queue }) => html`<${PlanReplay} filter=${{ flow, code, queue }} />`,
    },
  ];
  return html`<section>
    <h2>${t('replay.open')}</h2>
    <${Fault} error=${error} retry=${refresh} />
    ${
      data
        ? html`<${Table}
            caption=${t('replay.open')}
            columns=${columns}
            rows=${data.rows}
            rowKey=${({ flow, code, queue }: LetterGroup) => `${queue} ${flow} ${code}`}
            empty=${t('replay.openNone')}
            sortAs="open"
          />`
        : !error && html`<${Loading} />`
    }
  </section>`;
}

function codeLink({ code }: LetterGroup): View {
  return html`<a href=${`/tower/codes/${code}`}>${code}</a>`;
}

function Runs(): View {
  const { rows, error, more, refresh } = useList<ReplayShort>('/replays', 5);
  const columns: Column<ReplayShort>[] = [
    { id: 'made', text: t('replay.made'), value: ({ made }) => made, view: ({ made }) => dateTime(made) },
    { id: 'of', text: t('replay.what'), value: ({ of }) => of || t('replay.chosen') },
    {
      id: 'state',
      text: t('replay.state'),
      value: ({ state }) => t(`replay.at-${state}`),
      view: ({ state }) => html`<${StateBadge} state=${state} />`,
    },
    {
      id: 'letters',
      text: t('replay.letters'),
      value: ({ run, letters }) => run?.letters ?? letters,
      numeric: true,
    },
    { id: 'landed', text: t('replay.landed'), value: ({ counts }) => counts.landed, numeric: true },
    { id: 'failed', text: t('replay.failed'), value: ({ counts }) => counts.failed, numeric: true },
    { id: 'by', text: t('replay.by'), value: ({ run, by }) => run?.by ?? by },
  ];
  return html`<section>
    <h2>${t('replay.runs')}</h2>
    <${Fault} error=${error} retry=${refresh} />
    ${
      rows
        ? html`<${Table}
            caption=${t('replay.runs')}
            columns=${columns}
            rows=${rows}
            rowKey=${({ id }: ReplayShort) => id}
            href=${({ id }: ReplayShort) => `/tower/replays/${id}`}
            empty=${t('replay.none')}
            more=${more}
          />`
        : !error && html`<${Loading} />`
    }
  </section>`;
}
