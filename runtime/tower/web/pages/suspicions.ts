/** What looks odd, before a person notices: each with its numbers, what it is about, and whether it was worth a look. */
import type { Suspicion, Told } from '../../../suspicions/decide.ts';
import type { Kind } from '../../../suspicions/finding.ts';
import type { Detector } from '../../../suspicions/kept.ts';
import { hrefOf } from '../kit/address.ts';
import { dateTime, number, percent } from '../kit/format.ts';
import { html, type View } from '../kit/html.ts';
import { Fault, Loading, Title, type Page } from '../kit/page.ts';
import { usePolled } from '../kit/poll.ts';
import { useFilter } from '../kit/route.ts';
import { Table, type Column } from '../kit/table.ts';
import { t } from '../kit/text.ts';
import { Choice } from './board/choice.ts';
import { Muted, Verdict } from './suspicions-decide.ts';

const every: Record<Kind, true> = {
  volume: true,
  silence: true,
  drift: true,
  'error-share': true,
  'duplicate-order': true,
  'reused-reference': true,
  price: true,
  quantity: true,
};
const kinds = Object.keys(every) as Kind[];

interface Answer {
  rows: Suspicion[];
  muted: Detector[];
}

function Suspicions(): View {
  const [{ show, kind, partner }, setFilter] = useFilter('show', 'kind', 'partner');
  const { data, error, refresh } = usePolled<Answer>('/suspicions', 60);
  const open = data?.rows.filter(({ ended }) => show === 'all' || ended === undefined) ?? [];
  const rows = open.filter((one) => (!kind || one.kind === kind) && (!partner || one.partner === partner));
  const partners = [...new Set(data?.rows.map((one) => one.partner))].toSorted();
  return html`<${Title} text=${t('suspicions.nav')} />
    <p>${t('suspicions.explained')}</p>
    <div class="filters">
      <${Choice}
        label=${t('suspicions.show')}
        value=${show}
        options=${[
          ['', t('suspicions.show.open')],
          ['all', t('suspicions.show.all')],
        ]}
        onChoose=${(show: string) => setFilter({ show })}
      />
      <${Choice}
        label=${t('suspicions.kind')}
        value=${kind}
        options=${[['', t('suspicions.anyKind')], ...kinds.map((one) => [one, t(`suspicions.kind.${one}`)])]}
        onChoose=${(kind: string) => setFilter({ kind })}
      />
      <${Choice}
        label=${t('suspicions.partner')}
        value=${partner}
        options=${[['', t('suspicions.anyPartner')], ...partners.map((one) => [one, one])]}
        onChoose=${(partner: string) => setFilter({ partner })}
      />
    </div>
    <${Fault} error=${error} retry=${refresh} />
    ${!data && !error && html`<${Loading} />`}
    ${data && html`<${Muted} muted=${data.muted} refresh=${refresh} />`}
    ${
      data &&
      html`<${Table}
        caption=${t('suspicions.nav')}
        columns=${columns(refresh)}
        rows=${rows}
        rowKey=${({ id }: Suspicion) => id}
        empty=${open.length > 0 ? t('suspicions.noneLike') : t('suspicions.none')}
      />`
    }`;
}

function columns(refresh: () => Promise<void>): Column<Suspicion>[] {
  return [
    {
      id: 'kind',
      text: t('suspicions.kind'),
      value: ({ kind }) => t(`suspicions.kind.${kind}`),
      view: ({ kind }) =>
        html`<strong>${t(`suspicions.kind.${kind}`)}</strong><br />
          <span class="small">${t(`suspicions.says.${kind}`)}</span>`,
    },
    { id: 'partner', text: t('suspicions.partner'), value: ({ partner }) => partner },
    { id: 'metric', text: t('suspicions.metric'), value: aboutOf, view: aboutView },
    {
      id: 'observed',
      text: t('suspicions.observed'),
      value: ({ observed }) => observed,
      view: (one) => shown(one, one.observed),
      numeric: true,
    },
    {
      id: 'expected',
      text: t('suspicions.expected'),
      value: ({ expected }) => expected,
      view: (one) => shown(one, one.expected),
      numeric: true,
    },
    {
      id: 'points',
      text: t('suspicions.basis'),
      value: ({ points }) => points,
      view: ({ points, score }) =>
        html`${t('suspicions.points', { count: points })}<br />
          <span class="small">${t('suspicions.scored', { score: number(score, 1) })}</span>`,
      numeric: true,
    },
    {
      id: 'since',
      text: t('suspicions.since'),
      value: ({ since }) => since,
      view: ({ since, ended }) =>
        html`${dateTime(since)}<br />
          <span class="small"
            >${ended ? t('suspicions.over', { time: dateTime(ended) }) : t('suspicions.lasts')}</span
          >`,
    },
    {
      id: 'orders',
      text: t('suspicions.orders'),
      value: ({ orders }) => orders.map((one) => one.number).join(' '),
      view: ordersView,
    },
    {
      id: 'verdict',
      text: t('suspicions.verdict'),
      value: ({ judged }) => judged && t(judged.useful ? 'suspicions.useful' : 'suspicions.useless'),
      view: (one) => html`<${Verdict} one=${one} refresh=${refresh} /><${History} told=${one.history} />`,
    },
  ];
}

function aboutOf({ metric, subject }: Suspicion): string {
  return [t(`suspicions.metric.${metric}`), subject].filter(Boolean).join(' ');
}

function aboutView({ kind, metric, subject }: Suspicion): View {
  if (!subject) return t(`suspicions.metric.${metric}`);
  const name = kind === 'error-share' ? html`<a href=${`/tower/codes/${subject}`}>${subject}</a>` : subject;
  return html`${t(`suspicions.metric.${metric}`)}<br />${name}`;
}

/** Of an error code it is a share. */
function shown({ kind }: Suspicion, value: number): string {
  return kind === 'error-share' ? percent(value, 1) : number(value, kind === 'price' ? 2 : 1);
}

/** Of counts no single one is odd. */
function ordersView({ orders, partner }: Suspicion): View {
  if (orders.length === 0)
    return html`<a href=${hrefOf('/tower/orders', { partner })}>${t('suspicions.ordersOf', { partner })}</a>`;
  return orders.map(
    ({ key, number: called }, at) =>
      html`${at > 0 && ' '}<a key=${key} href=${`/tower/search?q=${encodeURIComponent(called)}`}
          >${called}</a
        >`,
  );
}

function History({ told }: { told: Told[] }): View {
  return html`<details class="small">
    <summary>${t('suspicions.history')}</summary>
    <ul>
      ${told.map(
        ({ at, by, what }) =>
          html`<li key=${`${at} ${what}`}>${dateTime(at)}: ${t(`suspicions.told.${what}`, { by })}</li>`,
      )}
    </ul>
  </details>`;
}

export const page: Page = {
  path: '/tower/suspicions',
  nav: { text: 'suspicions.nav', order: 56 },
  view: Suspicions,
};
