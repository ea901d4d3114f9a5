/** Queues, outages and hubs: how they are now, and how they were. */
import type { Health } from '../../health.ts';
import type { Pictures } from '../../pictures.ts';
import { ago, dateTime, duration, number, percent } from '../kit/format.ts';
import { html, useMemo, type View } from '../kit/html.ts';
import type { PictureLine } from './picture.ts';
import { Table, type Column } from '../kit/table.ts';
import { t } from '../kit/text.ts';
import { Drawn, MOST_LINES } from './drawn.ts';

interface Shown {
  now: Health;
  pictures: Pictures | undefined;
}

type Queue = Health['queues'][number];
export const waiting = ({ ready, delayed, working }: Queue): number => ready + delayed + working;
export const ageOf = (time: string): number => Math.max(0, (Date.now() - Date.parse(time)) / 1000);

export function Queues({ now, pictures }: Shown): View {
  const columns: Column<Queue>[] = [
    { id: 'queue', text: t('health.queue'), value: ({ queue }) => queue },
    {
      id: 'waiting',
      text: t('health.waiting'),
      value: waiting,
      view: (one) => number(waiting(one)),
      numeric: true,
    },
    {
      id: 'oldest',
      text: t('health.oldest'),
      value: ({ oldest }) => oldest && Math.round(ageOf(oldest)),
      view: ({ oldest, oldestUnknown }) => {
        if (oldest)
          return html`<time datetime=${oldest} title=${dateTime(oldest)}>${duration(ageOf(oldest))}</time>`;
        return oldestUnknown ? t('health.notKnown') : t('health.nothingWaits');
      },
    },
    { id: 'working', text: t('health.working'), value: ({ working }) => working, numeric: true },
    { id: 'delayed', text: t('health.delayed'), value: ({ delayed }) => delayed, numeric: true },
    {
      id: 'takers',
      text: t('health.takers'),
      value: ({ consumers }) => consumers,
      view: ({ consumers: count }) => (count > 0 ? t('health.takersOf', { count }) : t('health.nobody')),
    },
  ];
  const lines = useMemo(() => pictures?.queues.slice(0, MOST_LINES) ?? [], [pictures]);
  return html`<section class="panel" id="queues">
    <h2>${t('health.queues')}</h2>
    <p class="small">${t('health.queuesHelp')}</p>
    ${
      !now.away.broker &&
      html`<${Parted}
        caption=${t('health.queues')}
        columns=${columns}
        rows=${now.queues}
        rowKey=${({ queue }: Queue) => queue}
        first=${(one: Queue) => waiting(one) > 0}
        none=${now.queues.length > 0 ? t('health.noneWaits') : t('health.noQueues')}
        rest=${(count: number) => t('health.quietQueues', { count })}
        sortAs="queues"
      />`
    }
    ${now.queues.some(({ oldestUnknown }) => oldestUnknown) && html`<p class="small">${t('health.notKnownHelp')}</p>`}
    <div class="pictures">
      <${Drawn}
        pictures=${pictures}
        title=${t('health.picWaiting')}
        value=${whole}
        of=${lines}
        line=${queueWaiting}
      />
      <${Drawn}
        pictures=${pictures}
        title=${t('health.picOldest')}
        value=${duration}
        of=${lines}
        line=${queueOldest}
        top=${60}
        marks=${ages}
      />
    </div>
  </section>`;
}

export const whole = (value: number): string => number(value, value < 10 ? 2 : 0);
/** Seconds that are a round number of minutes, hours or days. */
const ages = [10, 30, 60, 300, 600, 1800, 3600, 7200, 21_600, 43_200, 86_400, 172_800, 604_800];
const queueWaiting = ({ queue, waiting }: Pictures['queues'][number]): PictureLine => ({
  name: queue,
  values: waiting,
});
const queueOldest = ({ queue, oldest }: Pictures['queues'][number]): PictureLine => ({
  name: queue,
  values: oldest,
});

type Outage = Health['outages'][number];

export function Outages({ now, pictures }: Shown): View {
  const columns: Column<Outage>[] = [
    { id: 'flow', text: t('health.flow'), value: ({ flow }) => flow },
    { id: 'code', text: t('health.code'), value: ({ code }) => code, view: ({ code }) => codeLink(code) },
    { id: 'since', text: t('health.since'), value: ({ since }) => since, view: ({ since }) => moment(since) },
    {
      id: 'next',
      text: t('health.nextTry'),
      value: ({ nextTry }) => nextTry,
      view: ({ nextTry }) => ago(nextTry),
    },
    { id: 'queue', text: t('health.queue'), value: ({ queue }) => queue },
    { id: 'hub', text: t('health.hub'), value: ({ hub }) => hub },
  ];
  return html`<section class="panel" id="outages">
    <h2>${t('health.outages')}</h2>
    <p class="small">${t('health.outagesHelp')}</p>
    <${Table}
      caption=${t('health.outages')}
      columns=${columns}
      rows=${now.outages}
      rowKey=${({ flow, queue, hub }: Outage) => `${flow} ${queue} ${hub}`}
      empty=${t('health.noOutages')}
      sortAs="outages"
    />
    ${
      pictures &&
      pictures.outages.length > 0 &&
      html`<${Drawn}
        pictures=${pictures}
        title=${t('health.picOutages')}
        value=${percent}
        of=${pictures.outages}
        line=${outageAway}
      />`
    }
  </section>`;
}

const outageAway = ({ flow, away }: Pictures['outages'][number]): PictureLine => ({
  name: flow,
  values: away,
});
const codeLink = (code: string): View => html`<a href=${`/tower/codes/${code}`}>${code}</a>`;
const moment = (iso: string): View => html`<time datetime=${iso} title=${dateTime(iso)}>${ago(iso)}</time>`;

type HubRow = Health['hubs'][number];
type ConsumerRow = Health['consumers'][number];

export function Hubs({ now, pictures }: Shown): View {
  const hubs: Column<HubRow>[] = [
    {
      id: 'hub',
      text: t('health.hub'),
      value: ({ hub, here }) => (here ? t('health.thisHub', { hub }) : hub),
    },
    {
      id: 'started',
      text: t('health.started'),
      value: ({ started }) => started,
      view: ({ started }) => moment(started),
    },
    {
      id: 'seen',
      text: t('health.seen'),
      value: ({ seen }) => seen,
      view: ({ seen }) => (seen ? moment(seen) : t('shell.now')),
    },
    { id: 'runs', text: t('health.runs'), value: runsOf },
    { id: 'consumers', text: t('health.consumers'), value: ({ consumers }) => consumers, numeric: true },
  ];
  const consumers: Column<ConsumerRow>[] = [
    { id: 'flow', text: t('health.flow'), value: ({ flow }) => flow },
    { id: 'queue', text: t('health.queue'), value: ({ queue }) => queue },
    {
      id: 'state',
      text: t('health.state'),
      value: stateOf,
      view: (one) => html`<span class=${`badge ${colourOf(one)}`}>${stateOf(one)}</span>`,
    },
  ];
  const line = useMemo(() => (pictures ? [pictures.hubs] : []), [pictures]);
  return html`<section class="panel" id="hubs">
    <h2>${t('health.hubs')}</h2>
    <${Table}
      caption=${t('health.hub')}
      columns=${hubs}
      rows=${now.hubs}
      rowKey=${({ hub }: HubRow) => hub}
      empty=""
      sortAs="hubs"
    />
    <${Parted}
      caption=${t('health.consumers')}
      columns=${consumers}
      rows=${now.consumers}
      rowKey=${({ flow, queue }: ConsumerRow) => `${flow} ${queue}`}
      first=${(one: ConsumerRow) => colourOf(one) !== 'good'}
      none=${now.consumers.length === 0 && t('health.noConsumers')}
      rest=${(count: number) => t('health.wellConsumers', { count })}
      sortAs="consumers"
    />
    <${Drawn}
      pictures=${pictures}
      title=${t('health.picHubs')}
      value=${whole}
      of=${line}
      line=${hubLine}
      marks=${[1, 2, 5, 10, 20, 50, 100]}
    />
  </section>`;
}

const hubLine = (values: Pictures['hubs']): PictureLine => ({ name: t('health.picHubs'), values });

function runsOf({ runs }: HubRow): string {
  if (!runs) return t('health.notKnown');
  if (runs.state === 'switching') return t('health.runsSwitching');
  if (runs.state === 'failed') return t('health.runsFailed');
  return t('health.runsSince', { what: contentName(runs), since: ago(runs.since) });
}

export const contentName = ({ version }: { version?: string }): string => version ?? t('health.runsWorking');

function stateOf({ consuming, outage, failed, code = '' }: ConsumerRow): string {
  if (failed > 0) return t('health.failed', { code });
  if (outage > 0) return t('health.outage');
  return consuming > 0 ? t('health.consuming') : t('health.paused');
}

function colourOf({ consuming, outage, failed }: ConsumerRow): string {
  if (failed > 0) return 'bad';
  if (outage > 0) return 'warning';
  return consuming > 0 ? 'good' : '';
}

interface PartedProps<Row> {
  caption: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  rowKey(row: Row): string;
  /** Whether a row is worth to be seen at once; the others are folded. */
  first(row: Row): boolean;
  /** Where there is none of those. */
  none: View;
  rest(count: number): string;
  sortAs: string;
}

function Parted<Row>({ rows, first, none, rest, ...table }: PartedProps<Row>): View {
  const seen = rows.filter(first);
  const folded = rows.filter((row) => !first(row));
  return html`${(seen.length > 0 || none) && html`<${Table} ...${table} rows=${seen} empty=${none} />`}
  ${
    folded.length > 0 &&
    html`<details>
      <summary>${rest(folded.length)}</summary>
      <${Table} ...${table} rows=${folded} empty="" />
    </details>`
  }`;
}
