/** Every interface of the hub: its state, its owner, whose data it carries, and when it was used last. */
import type { Listed } from '../../../interfaces/use/listed.ts';
import { ago, dateTime } from '../kit/format.ts';
import { html, type View } from '../kit/html.ts';
import { Fault, Loading, Title, type Page } from '../kit/page.ts';
import { usePolled } from '../kit/poll.ts';
import { useFilter } from '../kit/route.ts';
import { Table, type Column } from '../kit/table.ts';
import { t, textOf } from '../kit/text.ts';
import { Choice } from './board/choice.ts';

const kinds = ['webhook', 'event', 'edi', 'api', 'file'] as const;
const states = ['unlisted', 'proposed', 'approved', 'live', 'deprecated', 'retired'] as const;

export function StateBadge({ one: { state, overused } }: { one: Listed }): View {
  const looks = { unlisted: 'bad', proposed: 'warning', deprecated: 'warning', retired: '' };
  const how = state in looks ? looks[state as keyof typeof looks] : 'good';
  return html`<span class=${`badge ${how}`}>${t(`interfaces.state.${state}`)}</span>${
      overused && html` <span class="badge bad">${t('interfaces.overused')}</span>`
    }`;
}

export function Seen({ seen }: { seen: string | undefined }): View {
  if (seen === undefined) return t('interfaces.never');
  return html`<time datetime=${seen} title=${dateTime(seen)}>${ago(seen)}</time>`;
}

export function teamText(team: string | undefined): string {
  return team === undefined ? t('interfaces.nobody') : (textOf(`teams.${team}`) ?? team);
}

function Interfaces(): View {
  const [{ find, kind, state, owner }, setFilter] = useFilter('find', 'kind', 'state', 'owner');
  const { data, error, refresh } = usePolled<{ rows: Listed[]; asks: boolean }>('/interfaces', 60);
  const sought = find.trim().toLowerCase();
  const rows = data?.rows.filter(
    (one) =>
      (!kind || one.kind === kind) &&
      (!state || one.state === state) &&
      (!owner || one.entry?.owner === owner) &&
      [one.id, one.summary, ...one.flows, ...one.consumers].join(' ').toLowerCase().includes(sought),
  );
  const owners = [...new Set(data?.rows.flatMap(({ entry }) => entry?.owner ?? []))].toSorted();
  return html`<${Title} text=${t('interfaces.nav')} />
    <p>${t('interfaces.lead')}${data?.asks && html` ${t('interfaces.asks')}`}</p>
    <div class="filters">
      <label
        >${t('interfaces.find')}
        <input
          type="search"
          value=${find}
          onInput=${(event: Event) => setFilter({ find: (event.currentTarget as HTMLInputElement).value })}
      /></label>
      <${Choice}
        label=${t('interfaces.kind')}
        value=${kind}
        options=${[['', t('interfaces.anyKind')], ...kinds.map((one) => [one, t(`interfaces.kind.${one}`)])]}
        onChoose=${(kind: string) => setFilter({ kind })}
      />
      <${Choice}
        label=${t('interfaces.state')}
        value=${state}
        options=${[
          ['', t('interfaces.anyState')],
          ...states.map((one) => [one, t(`interfaces.state.${one}`)]),
        ]}
        onChoose=${(state: string) => setFilter({ state })}
      />
      <${Choice}
        label=${t('interfaces.owner')}
        value=${owner}
        options=${[['', t('interfaces.anyOwner')], ...owners.map((one) => [one, teamText(one)])]}
        onChoose=${(owner: string) => setFilter({ owner })}
      />
    </div>
    <${Fault} error=${error} retry=${refresh} />
    ${!data && !error && html`<${Loading} />`}
    ${
      rows &&
      html`<${Table}
        caption=${t('interfaces.nav')}
        columns=${columns()}
        rows=${rows}
        rowKey=${({ id }: Listed) => id}
        href=${({ id }: Listed) => `/tower/interfaces/${encodeURIComponent(id)}`}
        empty=${t('interfaces.none')}
      />`
    }`;
}

function columns(): Column<Listed>[] {
  return [
    { id: 'id', text: t('interfaces.name'), value: ({ id }) => id },
    {
      id: 'state',
      text: t('interfaces.state'),
      value: ({ state }) => t(`interfaces.state.${state}`),
      view: (one) => html`<${StateBadge} one=${one} />`,
    },
    { id: 'owner', text: t('interfaces.owner'), value: ({ entry }) => teamText(entry?.owner) },
    {
      id: 'class',
      text: t('interfaces.class'),
      value: ({ entry }) => entry && t(`interfaces.class.${entry.class}`),
    },
    { id: 'tier', text: t('interfaces.tier'), value: ({ tier }) => t(`interfaces.tier.${tier}`) },
    { id: 'version', text: t('interfaces.version'), value: ({ version }) => version },
    {
      id: 'seen',
      text: t('interfaces.seen'),
      value: ({ seen }) => seen ?? '',
      view: ({ seen }) => html`<${Seen} seen=${seen} />`,
    },
  ];
}

export const page: Page = {
  path: '/tower/interfaces',
  nav: { text: 'interfaces.nav', order: 65 },
  view: Interfaces,
};
