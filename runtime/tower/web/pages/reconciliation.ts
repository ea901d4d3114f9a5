/** What a reconciliation found: the sums of its equations, and each break with both sides, for the screen and for paper. */
import type { Break } from '../../../reconcile/breaks.ts';
import type { Run } from '../../../reconcile/run.ts';
import type { Listed } from '../../../reconcile/kept-runs.ts';
import { dateTime, money, number } from '../kit/format.ts';
import { html, type View } from '../kit/html.ts';
import { Fault, Loading, Title, type Page } from '../kit/page.ts';
import { usePolled } from '../kit/poll.ts';
import { useFilter } from '../kit/route.ts';
import { Table, type Column } from '../kit/table.ts';
import { t, teamName } from '../kit/text.ts';
import { Decide, type Decided } from './reconciliation-decide.ts';

/** With the issue of the work queue that it belongs to. */
type Row = Omit<Break, 'lines'> & Decided & { issue?: string };
type Shown = Pick<Run, 'scope' | 'orders' | 'totals' | 'counts'> & { breaks: Row[] };

export const page: Page = {
  path: '/tower/reconciliation',
  nav: { text: 'reconciliation.nav', order: 55 },
  view() {
    const [{ run: asked, issue, break: only }, setFilter] = useFilter('run', 'issue', 'break');
    const { data, error, refresh } = usePolled<{ rows: Listed[] }>('/reconciliation', 60);
    const id = asked || data?.rows[0]?.id;
    const choose = (event: Event): void =>
      setFilter({ run: (event.currentTarget as HTMLSelectElement).value, break: '' });
    const isShown = (one: Row): boolean => (!issue || one.issue === issue) && (!only || one.id === only);
    return html`<${Title} text=${t('reconciliation.nav')}>
        <button type="button" onClick=${() => print()}>${t('reconciliation.print')}</button>
      <//>
      <p>${t('reconciliation.explained')}</p>
      <${Fault} error=${error} retry=${refresh} />
      ${!data && !error && html`<${Loading} />`}
      ${data?.rows.length === 0 && html`<div class="empty">${t('reconciliation.none')}</div>`}
      ${
        data &&
        id &&
        html`<div class="filters">
          <label>
            ${t('reconciliation.run')}
            <select value=${id} onChange=${choose}>
              ${data.rows.map((one) => html`<option key=${one.id} value=${one.id}>${nameOf(one)}</option>`)}
            </select>
          </label>
          ${
            (issue || only) &&
            html`<button type="button" onClick=${() => setFilter({ issue: '', break: '' })}>
              ${t('reconciliation.all')}
            </button>`
          }
        </div>`
      }
      ${id && html`<${Whole} key=${id} id=${id} isShown=${isShown} />`}`;
  },
};

function nameOf({ scope, counts, id }: Listed): string {
  const count = Object.values(counts).reduce((all, one) => all + one, 0);
  const named = [
    t(`reconciliation.books-${scope.books ?? 'sales'}`),
    ...(scope.partner ? [scope.partner] : []),
  ];
  return `${named.join(', ')}, ${dateTime(scope.cutOff)}, ${t('reconciliation.breaks', { count })}, ${id.split(/[/-]/).at(-1)}`;
}

function Whole({ id, isShown }: { id: string; isShown(one: Row): boolean }): View {
  const { data, error, refresh } = usePolled<Shown>(`/reconciliation/run?id=${encodeURIComponent(id)}`, 60);
  if (!data) return html`<${Fault} error=${error} retry=${refresh} />${!error && html`<${Loading} />`}`;
  const { scope, orders, breaks } = data;
  return html`<p>
      ${t(`reconciliation.scope-${scope.books ?? 'sales'}`, {
        since: dateTime(scope.since),
        cutOff: dateTime(scope.cutOff),
        looked: scope.looked?.join(', ') ?? '',
        hub: number(orders.hub),
        matched: number(orders.matched),
      })}
    </p>
    <${Sums} totals=${data.totals} books=${scope.books ?? 'sales'} />
    <${Table}
      caption=${t('reconciliation.nav')}
      columns=${columns(refresh)}
      rows=${breaks.filter(isShown)}
      rowKey=${(one: Row) => one.id}
      empty=${t(breaks.length > 0 ? 'reconciliation.gone' : 'reconciliation.agree')}
    />`;
}

/** Stock has no sums of money. */
const moneyOf = {
  sales: 'reconciliation.money-sales',
  purchases: 'reconciliation.money-purchases',
  stock: 'reconciliation.money-sales',
} as const;

interface SumsProps extends Pick<Shown, 'totals'> {
  books: 'sales' | 'purchases' | 'stock';
}

function Sums({ totals: { pieces, money: sums }, books }: SumsProps): View {
  return html`<ul class="sums">
    <li>${t(`reconciliation.pieces-${books}`, { ...pieces })}</li>
    ${Object.entries(sums).map(([currency, one]) => {
      const shown = Object.entries(one).map(([name, amount]) => [name, money(amount, currency)]);
      return html`<li key=${currency}>${t(moneyOf[books], Object.fromEntries(shown))}</li>`;
    })}
  </ul>`;
}

function sideOf({ what, amount }: Row['left']): string {
  return `${what}: ${amount}`;
}

/** Of stock the article, with its warehouse and lot. */
function placeOf({ stage, partner, order, about }: Row): string {
  if (stage === 'stock') return about;
  return `${partner} ${stage === 'channel' ? about : order}`;
}

function columns(refresh: () => Promise<void>): Column<Row>[] {
  return [
    {
      id: 'class',
      text: t('reconciliation.class'),
      value: (one) => `${t(`reconciliation.class-${one.class}`)}, ${t(`reconciliation.stage-${one.stage}`)}`,
      view: (one) =>
        html`<a href=${`/tower/codes/${one.code}`}>${t(`reconciliation.class-${one.class}`)}</a><br />
          ${t(`reconciliation.stage-${one.stage}`)}`,
    },
    {
      id: 'order',
      text: t('reconciliation.order'),
      value: (one) => [placeOf(one), ...one.documents].join(' '),
      view: (one) =>
        html`<a href=${`/tower/search?q=${encodeURIComponent(one.order)}`}>${placeOf(one)}</a><br />
          <span class="small">${one.documents.join(' ')}</span>`,
    },
    {
      id: 'sides',
      text: t('reconciliation.sides'),
      value: ({ left, right }) => `${sideOf(left)}; ${sideOf(right)}`,
      view: ({ left, right }) => html`${sideOf(left)}<br />${sideOf(right)}`,
    },
    {
      id: 'difference',
      text: t('reconciliation.difference'),
      value: ({ difference }) => difference,
      view: ({ difference, unit }) =>
        unit === 'pieces' ? t('reconciliation.inPieces', { amount: difference }) : money(difference, unit),
      numeric: true,
    },
    {
      id: 'stake',
      text: t('reconciliation.stake'),
      value: ({ stake }) => stake?.amount,
      view: ({ stake }) => stake && money(stake.amount, stake.currency),
      numeric: true,
    },
    { id: 'days', text: t('reconciliation.days'), value: ({ days }) => days, numeric: true },
    {
      id: 'state',
      text: t('reconciliation.state'),
      value: ({ state }) => t(`reconciliation.at-${state}`),
      view: (one) => html`<${Decide} one=${one} refresh=${refresh} />`,
    },
    {
      id: 'team',
      text: t('reconciliation.team'),
      value: ({ team }) => (team ? teamName(team) : ''),
      view: ({ team, issue }) =>
        html`${team && html`<span class="name">${teamName(team)}</span>`}${
          issue && html`<br /><a href=${`/tower/issues/${issue}`}>${t('reconciliation.issue')}</a>`
        }`,
    },
    { id: 'cause', text: t('reconciliation.cause'), value: ({ cause }) => cause },
    { id: 'repair', text: t('reconciliation.repair'), value: ({ repair }) => repair },
  ];
}
