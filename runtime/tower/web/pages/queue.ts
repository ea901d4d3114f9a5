/** The work queue: what somebody has to do something about, what is due first comes first. */
import type { Teams } from '../../../node-red/tower/issues.ts';
import type { Issue } from '../../issues.ts';
import { ago, dateTime } from '../kit/format.ts';
import { html, type View } from '../kit/html.ts';
import { useList } from '../kit/list.ts';
import { Fault, Loading, Title, type Page } from '../kit/page.ts';
import { usePolled } from '../kit/poll.ts';
import { hrefOf } from '../kit/address.ts';
import { useFilter, type Filter } from '../kit/route.ts';
import { useMe } from '../kit/session.ts';
import { Table, type Column } from '../kit/table.ts';
import { t, teamName } from '../kit/text.ts';
import { happened, moneyOf, nextStep, partnerOf, StateBadge, stateText } from '../issue/words.ts';

const names = ['team', 'state', 'person', 'flow', 'code', 'partner', 'late'] as const;
type Wanted = Filter<(typeof names)[number]>;

export const page: Page = {
  path: '/tower/queue',
  nav: { text: 'issues.queue', order: 10 },
  view: Queue,
};

function Queue(): View {
  const [filter, setFilter] = useFilter(...names);
  const path = hrefOf('/issues', filter);
  const { rows, error, more, refresh } = useList<Issue>(path);
  const { data } = usePolled<Teams>('/issues/teams', 600);
  return html`<${Title} text=${t('issues.queue')} />
    <${Filters} filter=${filter} set=${setFilter} teams=${data?.rows ?? []} />
    <${Fault} error=${error} retry=${refresh} />
    ${
      rows
        ? html`<div class="queue">
            <${Table}
              caption=${t('issues.queue')}
              columns=${columns()}
              rows=${rows}
              rowKey=${({ id }: Issue) => id}
              href=${({ id }: Issue) => `/tower/issues/${id}`}
              empty=${t('issues.emptyQueue')}
              more=${more}
            />
          </div>`
        : !error && html`<${Loading} />`
    }`;
}

interface FiltersProps {
  filter: Wanted;
  set(change: Partial<Wanted>): void;
  teams: Teams['rows'];
}

const states = ['active', 'open', 'acknowledged', 'waiting', 'muted', 'resolved', 'all'] as const;

function Filters({ filter, set, teams }: FiltersProps): View {
  const me = useMe();
  const mine = me?.teams ?? [];
  const value = (event: Event): string => (event.currentTarget as HTMLInputElement).value.trim();
  const field = (name: 'code' | 'partner' | 'flow' | 'person') =>
    html`<label>
      ${t(`issues.${name}`)}
      <input name=${name} value=${filter[name]} onChange=${(event: Event) => set({ [name]: value(event) })} />
    </label>`;
  const person = filter.person === me?.user ? '' : me?.user;
  return html`<form class="filters" onSubmit=${(event: Event) => event.preventDefault()}>
    <label>
      ${t('issues.team')}
      <select
        name="team"
        value=${filter.team || 'mine'}
        onChange=${(event: Event) => set({ team: value(event) })}
      >
        <option value="mine">
          ${t('issues.mine')}${mine.length > 0 && ` (${mine.map(teamName).join(', ')})`}
        </option>
        <option value="all">${t('issues.everyTeam')}</option>
        ${teams.map(({ team }) => html`<option key=${team} value=${team}>${teamName(team)}</option>`)}
      </select>
    </label>
    <label>
      ${t('issues.state')}
      <select
        name="state"
        value=${filter.state || 'active'}
        onChange=${(event: Event) => set({ state: value(event) })}
      >
        ${states.map((state) => html`<option key=${state} value=${state}>${stateText(state)}</option>`)}
      </select>
    </label>
    ${field('partner')} ${field('code')} ${field('flow')} ${field('person')}
    <button
      type="button"
      aria-pressed=${filter.late === 'yes'}
      onClick=${() => set({ late: filter.late === 'yes' ? '' : 'yes' })}
    >
      ${t('issues.onlyLate')}
    </button>
    <button type="button" aria-pressed=${!person} onClick=${() => set({ person: person ?? '' })}>
      ${t('issues.onlyMine')}
    </button>
  </form>`;
}

/** Never broken within a word. */
const named = (value: (issue: Issue) => string) => (issue: Issue) =>
  html`<span class="name">${value(issue)}</span>`;

function columns(): Column<Issue>[] {
  return [
    { id: 'what', text: t('issues.what'), value: happened },
    {
      id: 'state',
      text: t('issues.state'),
      value: ({ state }) => stateText(state),
      view: (issue) => html`<${StateBadge} issue=${issue} />`,
    },
    { id: 'partner', text: t('issues.partner'), value: partnerOf, view: named(partnerOf) },
    { id: 'orders', text: t('issues.orders'), value: ({ orders }) => orders, numeric: true },
    {
      id: 'money',
      text: t('issues.money'),
      value: ({ money }) => money.map(({ currency, amount }) => `${amount} ${currency}`).join('; '),
      view: moneyOf,
      numeric: true,
    },
    {
      id: 'oldest',
      text: t('issues.oldest'),
      value: ({ oldest }) => oldest,
      view: ({ oldest }) => html`<time datetime=${oldest} title=${dateTime(oldest)}>${ago(oldest)}</time>`,
    },
    {
      id: 'due',
      text: t('issues.due'),
      value: ({ due }) => due,
      view: ({ due, late }) =>
        html`<time datetime=${due} title=${dateTime(due)} class=${late ? 'late' : undefined}
          >${ago(due)}</time
        >`,
    },
    {
      id: 'team',
      text: t('issues.team'),
      value: ({ team }) => teamName(team),
      view: named(({ team }) => teamName(team)),
    },
    { id: 'person', text: t('issues.person'), value: ({ person = '' }) => person },
    { id: 'next', text: t('issues.next'), value: nextStep },
  ];
}
