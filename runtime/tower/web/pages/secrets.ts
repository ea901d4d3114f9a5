/** The secrets of the hub: whose each is, how old, and when it ends. Names only. */
import type { SecretRow } from '../../../secrets/list.ts';
import { dateTime } from '../kit/format.ts';
import { html, type View } from '../kit/html.ts';
import { Fault, Loading, Title, type Page } from '../kit/page.ts';
import { usePolled } from '../kit/poll.ts';
import { Table, type Column } from '../kit/table.ts';
import { t, teamName } from '../kit/text.ts';

function Secrets(): View {
  const { data, error, refresh } = usePolled<{ rows: SecretRow[] }>('/secrets', 60);
  return html`<${Title} text=${t('secrets.nav')} />
    <p>${t('secrets.explained')}</p>
    <${Fault} error=${error} retry=${refresh} />
    ${!data && !error && html`<${Loading} />`}
    ${
      data &&
      html`<${Table}
        caption=${t('secrets.nav')}
        columns=${columns()}
        rows=${data.rows}
        rowKey=${({ name }: SecretRow) => name}
        empty=${t('secrets.none')}
      />`
    }`;
}

const columns = (): Column<SecretRow>[] => [
  {
    id: 'name',
    text: t('secrets.name'),
    value: ({ name }) => name,
    view: ({ name, what }) =>
      html`<code>${name}</code>${what && html`<br /><span class="small">${what}</span>`}`,
  },
  { id: 'owner', text: t('secrets.owner'), value: ({ owner }) => (owner ? teamName(owner) : '') },
  {
    id: 'source',
    text: t('secrets.source'),
    value: ({ source }) => sourceText(source),
    view: sourceView,
  },
  {
    id: 'since',
    text: t('secrets.since'),
    value: ({ since = '' }) => since,
    view: ({ since }) => (since ? dateTime(since) : ''),
  },
  { id: 'ends', text: t('secrets.ends'), value: ({ ends = '' }) => ends, view: endView },
];

function sourceText(source: SecretRow['source']): string {
  if (source === undefined) return t('secrets.unset');
  return t(source === '.env' ? 'secrets.from.dotenv' : `secrets.from.${source}`);
}

function endView({ ends, endsBy, daysLeft = 0, soon }: SecretRow): View {
  if (!ends || !endsBy) return t('secrets.endless');
  const left = daysLeft < 0 ? t('secrets.over') : t('secrets.daysLeft', { count: daysLeft });
  return html`${dateTime(ends)}<br />
    ${soon ? html`<strong>${left}</strong>` : html`<span class="small">${left}</span>`}
    <br /><span class="small">${t(`secrets.by.${endsBy}`)}</span>`;
}

function sourceView({ source, trouble, overlap }: SecretRow): View {
  const text = sourceText(source);
  const both = overlap && t('secrets.overlapUntil', { time: dateTime(overlap), left: leftOf(overlap) });
  return html`${source ? text : html`<strong>${text}</strong>`}
  ${trouble && html`<br /><strong class="small">${t('secrets.trouble', { why: trouble })}</strong>`}
  ${both && html`<br /><span class="small">${both}</span>`}`;
}

/** In hours, so that it can be said in one word. */
function leftOf(time: string): string {
  return String(Math.max(0, Math.ceil((Date.parse(time) - Date.now()) / 3_600_000)));
}

export const page: Page = {
  path: '/tower/secrets',
  view: Secrets,
};
