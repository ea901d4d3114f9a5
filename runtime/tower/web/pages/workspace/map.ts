/** `/workspace/map`: all flows and the events and queues between them, as a picture and as a table. */
import type { FlowMap, MapFlow, Passage } from '../../../../workspace/flow-map.ts';
import { editorOf } from '../../kit/address.ts';
import { html, useMemo, type View } from '../../kit/html.ts';
import { Fault, Loading, Title, type Page } from '../../kit/page.ts';
import { usePolled } from '../../kit/poll.ts';
import { useFilter } from '../../kit/route.ts';
import { Table, type Column } from '../../kit/table.ts';
import { t } from '../../kit/text.ts';
import { Drawing } from '../../workspace/map/drawing.ts';
import { placed } from '../../workspace/map/place.ts';

export const page: Page = {
  path: '/workspace/map',
  nav: { text: 'map.nav', order: 5 },
  view: MapPage,
};

interface Row {
  event: string;
  from: string;
  queue: string;
  to: string;
}

function MapPage(): View {
  const { data, error, refresh } = usePolled<FlowMap>('/map', 60);
  const [{ find, partner, team }, setFilter] = useFilter('find', 'partner', 'team');
  const shown = useMemo(() => data && only(data, partner, team), [data, partner, team]);
  const drawn = useMemo(() => shown && placed(shown), [shown]);
  if (!data || !shown || !drawn)
    return error ? html`<${Fault} error=${error} retry=${refresh} />` : html`<${Loading} />`;
  const words = find.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const passages = shown.passages.filter((one) => holds(words, said(one)));
  const asked = words.length > 0;
  const rows = shown.passages.flatMap(rowsOf).filter((row) => holds(words, Object.values(row).join(' ')));
  const found = new Set([
    ...passages.flatMap(({ from, to }) => [...from, ...to.map(({ flow }) => flow)]),
    ...shown.flows.filter((flow) => holds(words, told(flow))).map(({ flow }) => flow),
  ]);
  const set = (name: string) => (event: Event) =>
    setFilter({ [name]: (event.currentTarget as HTMLInputElement).value });
  return html`<${Title} text=${t('map.title')} />
    <p>${t('map.lead')}</p>
    <p class="map-filter">
      <label>${t('map.find')} <input type="search" value=${find} onInput=${set('find')} /></label>
      <${Choice} text=${t('map.partner')} value=${partner} all=${partnersOf(data)} change=${set('partner')} />
      <${Choice} text=${t('map.team')} value=${team} all=${teamsOf(data)} change=${set('team')} />
    </p>
    <p role="status">
      ${t('map.count', { flows: asked ? found.size : shown.flows.length, events: passages.length })}
    </p>
    <${Drawing}
      drawn=${drawn}
      found=${asked ? found : undefined}
      events=${asked ? new Set(passages.map(({ event }) => event)) : undefined}
    />
    <h2>${t('map.table')}</h2>
    <${Table}
      caption=${t('map.table')}
      columns=${columns()}
      rows=${rows}
      rowKey=${({ event, from, queue, to }: Row) => `${event} ${from} ${queue} ${to}`}
      empty=${t('map.none')}
    />`;
}

interface ChoiceProps {
  text: string;
  value: string;
  all: readonly string[];
  change(event: Event): void;
}

function Choice({ text, value, all, change }: ChoiceProps): View {
  return html`<label>
    ${text}${' '}
    <select value=${value} onChange=${change}>
      <option value="">${t('map.all')}</option>
      ${all.map((one) => html`<option key=${one} value=${one}>${one}</option>`)}
    </select>
  </label>`;
}

function columns(): Column<Row>[] {
  const flow = (name: 'from' | 'to') => (row: Row) =>
    row[name] ? html`<a href=${editorOf(row[name])}>${row[name]}</a>` : t('map.nobody');
  return [
    { id: 'event', text: t('map.event'), value: ({ event }) => event },
    { id: 'from', text: t('map.from'), value: ({ from }) => from, view: flow('from') },
    { id: 'queue', text: t('map.queue'), value: ({ queue }) => queue },
    { id: 'to', text: t('map.to'), value: ({ to }) => to, view: flow('to') },
  ];
}

const rowsOf = ({ event, from, to }: Passage): Row[] =>
  (from.length > 0 ? from : ['']).flatMap((one) =>
    (to.length > 0 ? to : [{ flow: '', queue: '' }]).map(({ flow, queue }) => ({
      event,
      from: one,
      queue,
      to: flow,
    })),
  );

/** The flows of this partner and team, and what passes them. */
function only({ flows, passages }: FlowMap, partner: string, team: string): FlowMap {
  if (!partner && !team) return { flows, passages };
  const meant = flows.filter(
    (one) => (!partner || one.partners.includes(partner)) && (!team || one.team === team),
  );
  const names = new Set(meant.map(({ flow }) => flow));
  const passing = passages.filter(
    ({ from, to }) => from.some((one) => names.has(one)) || to.some(({ flow }) => names.has(flow)),
  );
  const near = new Set([
    ...names,
    ...passing.flatMap(({ from, to }) => [...from, ...to.map(({ flow }) => flow)]),
  ]);
  return { flows: flows.filter(({ flow }) => near.has(flow)), passages: passing };
}

const holds = (words: readonly string[], text: string): boolean => words.every((word) => text.includes(word));
const said = ({ event, from, to }: Passage): string =>
  [event, ...from, ...to.flatMap(({ flow, queue }) => [flow, queue])].join(' ').toLowerCase();
const told = ({ flow, summary, sources, targets }: MapFlow): string =>
  [flow, summary, ...sources, ...targets].join(' ').toLowerCase();
const partnersOf = ({ flows }: FlowMap): string[] =>
  [...new Set(flows.flatMap(({ partners }) => partners))].toSorted();
const teamsOf = ({ flows }: FlowMap): string[] =>
  [...new Set(flows.map(({ team }) => team))].filter(Boolean).toSorted();
