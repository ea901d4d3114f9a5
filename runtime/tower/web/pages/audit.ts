/** The audit: who did what, from where and when, whether the chain is whole, and all of it as a file. */
import type { AuditRow } from '../../../audit/chain.ts';
import { Chain, Export } from '../audit/chain.ts';
import { actName, actNames, outcomes } from '../audit/words.ts';
import { hrefOf } from '../kit/address.ts';
import { dateTime } from '../kit/format.ts';
import { html, type View } from '../kit/html.ts';
import { useList } from '../kit/list.ts';
import { Fault, Loading, Title, type Page } from '../kit/page.ts';
import { useFilter } from '../kit/route.ts';
import { may } from '../kit/session.ts';
import { Table, type Column } from '../kit/table.ts';
import { t } from '../kit/text.ts';
import { Choice } from './board/choice.ts';

export const page: Page = {
  path: '/tower/audit',
  nav: { text: 'audit.nav', order: 70 },
  needs: 'crossdock.audit',
  view: () =>
    html`<${Title} text=${t('audit.nav')} />
      <p>${t('audit.explained')}</p>
      ${may('crossdock.audit') ? html`<${Chain} /><${Rows} />` : html`<p class="empty">${t('audit.notYours')}</p>`}`,
};

function Rows(): View {
  const [filter, setFilter] = useFilter('who', 'act', 'object', 'from', 'outcome', 'since', 'until');
  const { who, act, object, from, outcome, since, until } = filter;
  const asked = {
    who,
    act,
    object,
    from,
    outcome,
    ...(since && { since: dayBegins(since, 0) }),
    ...(until && { until: dayBegins(until, 1) }),
  };
  const { rows, error, more, refresh } = useList<AuditRow>(hrefOf('/audit', asked), 15);
  const text = (name: 'who' | 'object' | 'from', value: string): View =>
    html`<label>
      ${t(`audit.${name}`)}
      <input type="search" value=${value} onChange=${(event: Event) => setFilter({ [name]: typed(event) })} />
    </label>`;
  const day = (name: 'since' | 'until', value: string): View =>
    html`<label>
      ${t(`audit.${name}`)}
      <input type="date" value=${value} onChange=${(event: Event) => setFilter({ [name]: typed(event) })} />
    </label>`;
  return html`<section>
    <h2>${t('audit.rows')}</h2>
    <div class="filters">
      ${text('who', who)}
      <${Choice}
        label=${t('audit.act')}
        value=${act}
        options=${[['', t('audit.any')], ...actNames().map((one) => [one, actName(one)])]}
        onChoose=${(act: string) => setFilter({ act })}
      />
      ${text('object', object)} ${text('from', from)}
      <${Choice}
        label=${t('audit.outcome')}
        value=${outcome}
        options=${[['', t('audit.any')], ...outcomes.map((one) => [one, t(`audit.is-${one}`)])]}
        onChoose=${(outcome: string) => setFilter({ outcome })}
      />
      ${day('since', since)} ${day('until', until)}
      <${Export} asked=${asked} />
    </div>
    <${Fault} error=${error} retry=${refresh} />
    ${
      rows
        ? html`<${Table}
            caption=${t('audit.rows')}
            columns=${columns()}
            rows=${rows}
            rowKey=${({ sequence }: AuditRow) => String(sequence)}
            href=${({ sequence }: AuditRow) => `/tower/audit/${sequence}`}
            empty=${t('audit.none')}
            more=${more}
          />`
        : !error && html`<${Loading} />`
    }
  </section>`;
}

function columns(): Column<AuditRow>[] {
  return [
    { id: 'sequence', text: t('audit.sequence'), value: ({ sequence }) => sequence, numeric: true },
    { id: 'time', text: t('audit.time'), value: ({ time }) => time, view: ({ time }) => dateTime(time) },
    { id: 'who', text: t('audit.who'), value: ({ who }) => who },
    { id: 'act', text: t('audit.act'), value: ({ act }) => act, view: ({ act }) => actName(act) },
    {
      id: 'object',
      text: t('audit.object'),
      value: ({ object }) => object,
      view: ({ object }) => html`<span class="audit-object">${object}</span>`,
    },
    {
      id: 'outcome',
      text: t('audit.outcome'),
      value: ({ outcome }) => outcome,
      view: ({ outcome }) =>
        html`<span class=${`badge${outcome === 'failed' ? ' bad' : ''}`}>${t(`audit.is-${outcome}`)}</span>`,
    },
    {
      id: 'from',
      text: t('audit.from'),
      value: ({ from }) => from,
      view: ({ from }) => html`<span class="audit-object small">${from}</span>`,
    },
  ];
}

function typed(event: Event): string {
  return (event.currentTarget as HTMLInputElement).value.trim();
}

/** Of the one who reads. */
function dayBegins(day: string, later: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}
